//! What is wrong with a field, below it.

use leptos::prelude::*;

use super::{Icon, Shape};

/// A line, by the id of its field and `-problem`, that is there from the beginning, so that what comes into it is read out.
#[component]
pub(crate) fn FieldProblem(
    /// The id of the field.
    id: &'static str,
    /// What is wrong; empty while nothing is.
    problem: Signal<String>,
) -> impl IntoView {
    let line_id = format!("{id}-problem");
    view! {
        <p id=line_id.clone() class="field-problem" aria-live="polite" data-testid=line_id>
            <Show when=move || !problem.get().is_empty()>
                <Icon shape=Shape::Warning/>
                <span>{problem}</span>
            </Show>
        </p>
    }
}
