//! A box to tick.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// A box with its words, and what is wrong while it is not ticked.
#[component]
pub(crate) fn Check(
    /// The id of the box.
    id: &'static str,
    /// Whether it is ticked.
    ticked: RwSignal<bool>,
    /// What is wrong with it; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
    /// What ticking it says.
    children: Children,
) -> impl IntoView {
    let described = format!("{id}-problem");
    view! {
        <div class="field" class:has-problem=move || !problem.get().is_empty()>
            <label class="check" for=id>
                <input
                    id=id
                    type="checkbox"
                    data-testid=id
                    aria-describedby=described.clone()
                    aria-invalid=move || (!problem.get().is_empty()).then_some("true")
                    on:change=move |event| ticked.set(event_target::<HtmlInputElement>(&event).checked())
                />
                <span>{children()}</span>
            </label>
            <p id=described.clone() class="field-problem" aria-live="polite" data-testid=described>
                {problem}
            </p>
        </div>
    }
}
