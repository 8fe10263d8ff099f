//! A line to type in.

use leptos::html;
use leptos::prelude::*;

use super::FieldProblem;

/// A labelled input with a hint and what is wrong with what was typed.
///
/// It has no `name`, so that no browser ever sends it on its own, and keeps what was typed before the page came to life.
#[component]
pub(crate) fn Field(
    /// The id of the input.
    id: &'static str,
    /// What to type.
    #[prop(into)]
    label: String,
    /// What was typed.
    value: RwSignal<String>,
    /// `text`, `email` or `password`. A password can be shown.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in (HTML, 4.10.18.7).
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The keyboard of a phone.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The most that may be typed.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// What helps to get it right.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
    /// Whether it gets the keyboard when it appears.
    #[prop(optional)]
    focused: bool,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let visible = RwSignal::new(false);
    Effect::new(move |before: Option<()>| {
        let Some(input) = input.get() else { return };
        let wanted = value.get();
        if before.is_none() {
            // Typed, or filled in by the browser, before the page came to life.
            if wanted.is_empty() && !input.value().is_empty() {
                value.set(input.value());
            }
            if focused {
                _ = input.focus();
            }
        }
        if before.is_some() || !wanted.is_empty() {
            let typed = input.value();
            if typed != wanted {
                input.set_value(&wanted);
            }
        }
    });
    let is_password = kind == "password";
    let kind = move || if is_password && visible.get() { "text" } else { kind };
    let toggle = move || if visible.get() { "Hide" } else { "Show" };
    let no_hint = hint.is_empty();
    let (hint_id, problem_id) = (format!("{id}-hint"), format!("{id}-problem"));
    view! {
        <div class="field" class:has-problem=move || !problem.get().is_empty()>
            <label for=id>{label}</label>
            <div class="field-line">
                <input
                    id=id
                    node_ref=input
                    type=kind
                    autocomplete=autocomplete
                    inputmode=inputmode
                    maxlength=maxlength
                    autocapitalize="none"
                    spellcheck="false"
                    data-testid=id
                    aria-describedby=format!("{hint_id} {problem_id}")
                    aria-invalid=move || (!problem.get().is_empty()).then_some("true")
                    on:input=move |event| value.set(event_target_value(&event))
                />
                {is_password.then(|| view! {
                    <button
                        type="button"
                        class="field-toggle"
                        aria-label=move || format!("{} the password", toggle())
                        aria-pressed=move || if visible.get() { "true" } else { "false" }
                        on:click=move |_| visible.update(|visible| *visible = !*visible)
                    >
                        {toggle}
                    </button>
                })}
            </div>
            <p id=hint_id class="field-hint" hidden=no_hint>{hint}</p>
            <FieldProblem id problem/>
        </div>
    }
}
