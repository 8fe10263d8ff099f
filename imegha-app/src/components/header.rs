//! The bar on top of every page.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{AccountMenu, Icon, Logo, Shape, ThemeToggle};
use crate::bridge::Client;

/// The name; the ways in, or who is in and the way out.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let client = Client::expect();
    let signed_in = move || client.session.with(Option::is_some);
    let is_locked = move || client.locked.with(Option::is_some);
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="bar">
            <div class="bar-inner">
                <A href="/" attr:class="brand" attr:aria-label="iMegha, first page">
                    <Logo/>
                    <span class="brand-name">"iMegha"</span>
                </A>
                <nav class="bar-end" aria-label="Account">
                    <ThemeToggle/>
                    // Locked, the page itself is the way in.
                    <Show when=move || !is_locked()>
                        <Show when=signed_in fallback=Outside>
                            <Inside/>
                        </Show>
                    </Show>
                </nav>
            </div>
        </header>
    }
}

#[component]
fn Outside() -> impl IntoView {
    view! {
        <A href="/sign-in" attr:class="button quiet" attr:data-testid="nav-sign-in">"Sign in"</A>
        <A href="/sign-up" attr:class="button" attr:data-testid="nav-sign-up">"Sign up"</A>
    }
}

#[component]
fn Inside() -> impl IntoView {
    let client = Client::expect();
    let tag = move || client.session.get().map(|session| session.tag).unwrap_or_default();
    view! {
        <A href="/files" attr:class="button quiet" attr:data-testid="nav-files">
            <Icon shape=Shape::Folder/>
            <span class="wide-only">"My files"</span>
        </A>
        <button type="button" class="button quiet who" popovertarget="account-menu" data-testid="who">
            <span class="unseen">"Account "</span>
            <bdi class="who-tag">"@"{tag}</bdi>
            <Icon shape=Shape::ChevronRight/>
        </button>
        <AccountMenu/>
    }
}
