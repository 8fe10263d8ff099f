//! Some lines to type in.

use leptos::prelude::*;

use super::FieldProblem;

/// A labelled field of several lines, with a hint and what is wrong with what was typed. As [`Field`](super::Field) it has no `name`.
#[component]
pub(crate) fn TextArea(
    /// The id of the field.
    id: &'static str,
    /// What to type.
    label: &'static str,
    /// What was typed.
    value: RwSignal<String>,
    /// What helps to get it right.
    hint: &'static str,
    /// What is wrong; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    let (hint_id, problem_id) = (format!("{id}-hint"), format!("{id}-problem"));
    view! {
        <div class="field" class:has-problem=move || !problem.get().is_empty()>
            <label for=id>{label}</label>
            <textarea
                id=id
                rows="4"
                autocomplete="off"
                data-testid=id
                aria-describedby=format!("{hint_id} {problem_id}")
                aria-invalid=move || (!problem.get().is_empty()).then_some("true")
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <p id=hint_id class="field-hint">{hint}</p>
            <FieldProblem id problem/>
        </div>
    }
}
