//! How many are selected, above where they are.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// How many are selected, a way to select nothing, and what can be done with them; `children` while none is.
#[component]
pub(crate) fn SelectedBar(
    /// How many.
    count: Memo<usize>,
    /// How it looks.
    class: &'static str,
    /// Selects nothing.
    clear: Callback<()>,
    /// What can be done with them.
    #[prop(into)]
    actions: ViewFn,
    /// What stands there while nothing is selected.
    children: ChildrenFn,
) -> impl IntoView {
    let any = Memo::new(move |_| count.get() > 0);
    let (children, actions) = (StoredValue::new(children), StoredValue::new(actions));
    view! {
        <div class="shelf-bar" class:selecting=any>
            <p class="unseen" role="status" data-testid="selected">
                {move || match count.get() {
                    0 => String::new(),
                    many => format!("{many} selected"),
                }}
            </p>
            <Show when=move || any.get() fallback=move || children.with_value(|children| children())>
                <div class=class role="toolbar" aria-label="What is selected" data-testid="selection-bar">
                    <button
                        type="button"
                        class="icon-button"
                        data-testid="clear-selection"
                        aria-label="Select nothing"
                        title="Select nothing (Esc)"
                        on:click=move |_| clear.run(())
                    >
                        <Icon shape=Shape::Close/>
                    </button>
                    <strong class="selection-count" aria-hidden="true">{count}<span class="wide-only">" selected"</span></strong>
                    <span class="selection-actions">{actions.with_value(ViewFn::run)}</span>
                </div>
            </Show>
        </div>
    }
}
