//! What stands where there would be something, and is nothing yet.

use leptos::prelude::*;

/// A drawing, words, and what can be done about it.
#[component]
pub(crate) fn EmptyPlace(
    /// For tests.
    testid: &'static str,
    /// What is drawn in front of the cloud: its paper.
    sheet: &'static str,
    /// And its lines.
    line: &'static str,
    /// What is not there.
    title: &'static str,
    /// What comes here, and how.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty" data-testid=testid>
            <svg class="drawing" viewBox="0 0 200 140" aria-hidden="true" focusable="false">
                <path class="d-soft" d="M52 118a32 32 0 0 1-5-63.5A48 48 0 0 1 137 40a40 40 0 0 1 12 78Z"/>
                <path class="d-sheet" d=sheet/>
                <path class="d-line" d=line/>
            </svg>
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
