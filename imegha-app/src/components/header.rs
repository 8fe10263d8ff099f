//! The bar on top of every page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::{Dialog, Icon, Logo, Shape, ThemeToggle};
use crate::bridge::Client;

/// The name; the ways in, or who is in and the way out.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let client = Client::expect();
    let signed_in = move || client.session.with(Option::is_some);
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
                    <Show when=signed_in fallback=Outside>
                        <Inside/>
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
    let navigate = use_navigate();
    let (asking, leaving) = (RwSignal::new(false), RwSignal::new(false));
    let leave = Callback::new(move |()| {
        let navigate = navigate.clone();
        leaving.set(true);
        spawn_local(async move {
            client.leave().await;
            navigate("/", NavigateOptions::default());
        });
    });
    let ask = move |_| {
        if client.transfers.with_untracked(|queue| queue.is_busy()) { asking.set(true) } else { leave.run(()) }
    };
    let tag = move || client.session.get().map(|session| session.tag).unwrap_or_default();
    let email = move || client.session.get().map(|session| session.email).unwrap_or_default();
    view! {
        <A href="/files" attr:class="button quiet" attr:data-testid="nav-files">
            <Icon shape=Shape::Folder/>
            <span class="wide-only">"My files"</span>
        </A>
        <span class="who" title=email data-testid="who"><bdi>"@"{tag}</bdi></span>
        <button type="button" class="button quiet" data-testid="sign-out" disabled=leaving on:click=ask>
            {move || if leaving.get() { "Signing out…" } else { "Sign out" }}
        </button>
        <Dialog id="leave-title" title="Sign out now?" open=asking>
            <p>"Files are still on their way. Signing out stops them; nothing half-done is kept."</p>
            <div class="dialog-buttons">
                <button type="button" class="button quiet" on:click=move |_| asking.set(false)>"Stay"</button>
                <button
                    type="button"
                    class="button"
                    data-testid="sign-out-anyway"
                    on:click=move |_| {
                        asking.set(false);
                        leave.run(());
                    }
                >
                    "Sign out"
                </button>
            </div>
        </Dialog>
    }
}
