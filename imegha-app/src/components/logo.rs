//! The mark: a cloud with a keyhole.

use leptos::prelude::*;

/// The mark alone. It is decoration: the name stands beside it in words.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 40 32" aria-hidden="true" focusable="false">
            <path
                class="logo-cloud"
                d="M11 29A9 9 0 0 1 8.6 11.3 12 12 0 0 1 31 10.1 9.6 9.6 0 0 1 30.4 29Z"
            />
            <path class="logo-keyhole" d="M20 12.6a3.9 3.9 0 0 1 1.9 7.3l1.2 4.6a.7.7 0 0 1-.7.9h-4.8a.7.7 0 0 1-.7-.9l1.2-4.6A3.9 3.9 0 0 1 20 12.6Z"/>
        </svg>
    }
}
