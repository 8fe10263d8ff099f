//! The lock: no page is in the document, and the password opens it again where it was.

use imegha_worker::protocol::{Failure, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, Field, Icon, Shape};
use crate::words::{Doing, Way};

/// What stands in place of every page while it is locked.
#[component]
pub(crate) fn Lock() -> impl IntoView {
    let client = Client::expect();
    // It does not change while this is shown, and is gone a moment before this is.
    let Some(session) = client.locked.get_untracked() else { return ().into_any() };
    let password = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let (email, stay) = (session.email.clone(), session.stays);
    let unlock = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        let is_empty = password.with_untracked(String::is_empty);
        problem.set(if is_empty { "Enter your password.".to_owned() } else { String::new() });
        if is_empty {
            return page::focus("unlock-password");
        }
        busy.set(true);
        let request = Request::SignIn { email: email.clone(), password: password.get_untracked(), stay };
        spawn_local(async move {
            // Let in, this page is no more when the answer is here.
            if let Err(failed) = client.enter(request).await {
                failure.try_set(Some(failed));
            }
            busy.try_set(false);
        });
    });
    let navigate = use_navigate();
    let another = move |_| {
        let navigate = navigate.clone();
        spawn_local(async move {
            client.leave().await;
            navigate("/sign-in", NavigateOptions { replace: true, ..Default::default() });
        });
    };
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { unlock.run(()) };
    Effect::new(move |_| client.wake());
    view! {
        <Title text="Locked · iMegha"/>
        <section class="narrow lock" data-testid="locked">
            <p class="lock-sign"><Icon shape=Shape::Lock/></p>
            <h1>"Locked"</h1>
            <p>"The keys were wiped from this page. Your password opens it again where you were."</p>
            <p class="lock-who">"Signed in as " <strong><bdi data-testid="locked-email">{session.email}</bdi></strong></p>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    unlock.run(());
                }
            >
                <Field
                    id="unlock-password"
                    label="Password"
                    value=password
                    kind="password"
                    autocomplete="current-password"
                    focused=true
                    problem
                />
                <FailureNotice failure doing=Doing::Unlocking go/>
                <BusyButton label="Unlock" busy_label="Opening your keys…" busy testid="unlock"/>
            </form>
            <button type="button" class="button quiet" data-testid="lock-leave" disabled=move || busy.get() on:click=another>
                "Use another account"
            </button>
        </section>
    }
    .into_any()
}
