//! The heading of a step that replaces another on the same page.

use leptos::html;
use leptos::prelude::*;

/// A heading that takes the keyboard when it appears, so that who listens hears where they are.
#[component]
pub(crate) fn StepHeading(
    /// Its words.
    text: &'static str,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            _ = heading.focus();
        }
    });
    view! { <h1 node_ref=heading tabindex="-1">{text}</h1> }
}
