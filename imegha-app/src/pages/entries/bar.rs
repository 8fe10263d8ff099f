//! What can be done with what is selected, above the list.

use leptos::prelude::*;

use super::desk::Desk;
use crate::components::{Icon, SelectedBar};

/// How many are selected, and what can be done with them; `children` while none is.
#[component]
pub(crate) fn SelectionBar(children: ChildrenFn) -> impl IntoView {
    let desk = Desk::expect();
    let count = Memo::new(move |_| desk.selection.with(|selection| selection.count()));
    let offered = move || desk.offered().into_iter().filter(|action| action.is_in_bar()).collect::<Vec<_>>();
    let busy = Memo::new(move |_| {
        desk.selection.with(|selection| desk.busy.with(|busy| busy.iter().any(|id| selection.has(id))))
    });
    let clear = Callback::new(move |()| {
        desk.selection.update(|selection| selection.clear());
        desk.focus_again();
    });
    let actions = move || {
        view! {
            <For each=offered key=|action| *action let:action>
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
        }
    };
    view! {
        <SelectedBar count class="selection-bar" clear actions>
            {children()}
        </SelectedBar>
    }
}
