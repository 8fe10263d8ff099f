//! What can be done with what is selected, above the list.

use leptos::prelude::*;

use super::desk::Desk;
use crate::components::{Icon, Shape};

/// How many are selected, and what can be done with them; `children` while none is.
#[component]
pub(crate) fn SelectionBar(children: ChildrenFn) -> impl IntoView {
    let desk = Desk::expect();
    let count = Memo::new(move |_| desk.selection.with(|selection| selection.count()));
    let any = Memo::new(move |_| count.get() > 0);
    let actions = move || desk.offered().into_iter().filter(|action| action.is_in_bar()).collect::<Vec<_>>();
    let busy = Memo::new(move |_| {
        desk.selection.with(|selection| desk.busy.with(|busy| busy.iter().any(|id| selection.has(id))))
    });
    let children = StoredValue::new(children);
    view! {
        <div class="shelf-bar" class:selecting=any>
            <p class="unseen" role="status" data-testid="selected">
                {move || match count.get() {
                    0 => String::new(),
                    1 => "1 selected".to_owned(),
                    many => format!("{many} selected"),
                }}
            </p>
            <Show when=move || any.get() fallback=move || children.with_value(|children| children())>
                <div class="selection-bar" role="toolbar" aria-label="What is selected" data-testid="selection-bar">
                    <button
                        type="button"
                        class="icon-button"
                        data-testid="clear-selection"
                        aria-label="Select nothing"
                        title="Select nothing (Esc)"
                        on:click=move |_| {
                            desk.selection.update(|selection| selection.clear());
                            desk.focus_again();
                        }
                    >
                        <Icon shape=Shape::Close/>
                    </button>
                    <strong class="selection-count" aria-hidden="true">{count}<span class="wide-only">" selected"</span></strong>
                    <span class="selection-actions">
                        <For each=actions key=|action| *action let:action>
                            <button
                                type="button"
                                class="button small quiet"
                                data-testid=action.testid().replace("do-", "bar-")
                                title=action.label()
                                disabled=move || busy.get()
                                on:click=move |_| desk.try_act(action)
                            >
                                <Icon shape=action.shape()/>
                                <span class="action-label">{action.label()}</span>
                            </button>
                        </For>
                    </span>
                </div>
            </Show>
        </div>
    }
}
