//! Making something new in the middle of a question about others.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use crate::bridge::page;

/// What is made, in words and for tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Making {
    /// The button that asks for it, and its icon.
    pub(crate) new: (&'static str, Shape),
    /// What the field asks for. It has an id of its own, by which tests know it too.
    pub(crate) label: &'static str,
    pub(crate) field: &'static str,
    /// The button while it is made.
    pub(crate) busy: &'static str,
    /// For tests: the button that asks, and the one that makes.
    pub(crate) testids: [&'static str; 2],
}

impl Making {
    /// Shows the field, and gives it the keyboard.
    pub(crate) fn ask(self, asked: RwSignal<bool>) {
        asked.set(true);
        request_animation_frame(move || page::focus(self.field));
    }
}

/// A button, and in its place, once it is pressed, a field for a name.
#[component]
pub(crate) fn MakeHere(
    /// What is made.
    making: Making,
    /// Whether the name is asked for.
    asked: RwSignal<bool>,
    /// The name.
    name: RwSignal<String>,
    /// What is wrong with it.
    problem: RwSignal<String>,
    /// Whether it is being made.
    busy: RwSignal<bool>,
    /// Makes it.
    make: Callback<()>,
) -> impl IntoView {
    let Making { new: (new, shape), label, field, busy: busy_label, testids } = making;
    let problem_id = format!("{field}-problem");
    view! {
        <Show
            when=move || asked.get()
            fallback=move || view! {
                <button type="button" class="button small quiet mover-new" data-testid=testids[0] on:click=move |_| making.ask(asked)>
                    <Icon shape/>
                    {new}
                </button>
            }
        >
            <form
                class="mover-make"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    make.run(());
                }
            >
                <div class="field" class:has-problem=move || !problem.with(String::is_empty)>
                    <input
                        id=field
                        type="text"
                        autocomplete="off"
                        aria-label=label
                        aria-describedby=problem_id.clone()
                        aria-invalid=move || (!problem.with(String::is_empty)).then_some("true")
                        placeholder=label
                        data-testid=field
                        prop:value=name
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                    <p id=problem_id.clone() class="field-problem" aria-live="polite">{problem}</p>
                </div>
                <button type="submit" class="button small" disabled=move || busy.get() data-testid=testids[1]>
                    {move || if busy.get() { busy_label } else { "Make" }}
                </button>
            </form>
        </Show>
    }
}
