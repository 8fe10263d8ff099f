//! The bar on top of every page.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Logo, ThemeToggle};

/// The name, and the ways in.
#[component]
pub(crate) fn Header() -> impl IntoView {
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="bar">
            <A href="/" attr:class="brand" attr:aria-label="iMegha, first page">
                <Logo/>
                <span class="brand-name">"iMegha"</span>
            </A>
            <nav class="bar-end" aria-label="Account">
                <ThemeToggle/>
                <A href="/sign-in" attr:class="button quiet" attr:data-testid="nav-sign-in">"Sign in"</A>
                <A href="/sign-up" attr:class="button" attr:data-testid="nav-sign-up">"Sign up"</A>
            </nav>
        </header>
    }
}
