//! The button that sends a form, and shows that it was sent.

use leptos::prelude::*;

use crate::bridge::Client;

/// A button of a form. Until the page has come to life it cannot be pressed, so that no form is sent by the browser alone.
#[component]
pub(crate) fn BusyButton(
    /// What it does.
    label: &'static str,
    /// What it says while it does it.
    busy_label: &'static str,
    /// Whether it does it now.
    #[prop(into)]
    busy: Signal<bool>,
    /// For tests.
    testid: &'static str,
) -> impl IntoView {
    let client = Client::expect();
    let idle = move || client.alive.get() && !busy.get();
    let words = move || match (client.alive.get(), busy.get()) {
        (false, _) => "Loading…",
        (true, true) => busy_label,
        (true, false) => label,
    };
    view! {
        <button type="submit" class="button wide" disabled=move || !idle() data-testid=testid>
            <span class="spinner" hidden=idle aria-hidden="true"></span>
            <span>{words}</span>
        </button>
    }
}
