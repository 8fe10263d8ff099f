//! The end of every page.

use leptos::prelude::*;
use leptos_router::components::A;

/// Where to read on.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    view! {
        <footer class="foot">
            <p>"iMegha " {env!("CARGO_PKG_VERSION")}</p>
            <nav aria-label="About">
                <A href="/privacy">"Privacy policy"</A>
                <a href=env!("CARGO_PKG_REPOSITORY") rel="noreferrer external">"Source code"</a>
                <span>{env!("CARGO_PKG_LICENSE").replace(" OR ", " or ")}" licence"</span>
            </nav>
        </footer>
    }
}
