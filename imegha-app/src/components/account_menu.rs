//! Who is signed in, how this device treats the keys, and the ways out.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::{Dialog, Icon, Shape};
use crate::bridge::{Client, Patience};
use crate::words::{Doing, Words};

/// The menu that the button with `popovertarget="account-menu"` opens. The browser closes it by Escape and by a press elsewhere.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
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
        let busy = client.transfers.with_untracked(|queue| queue.is_busy()) || client.is_at_work();
        if busy { asking.set(true) } else { leave.run(()) }
    };
    let email = move || client.session.get().map(|session| session.email).unwrap_or_default();
    view! {
        <div id="account-menu" class="account-menu" popover="auto" data-testid="account-menu">
            <p class="account-email"><bdi>{email}</bdi></p>
            <Stay testid="stay-signed-in" words="stay-words"/>
            <LockAfter testid="lock-after"/>
            <button
                type="button"
                class="button quiet"
                data-testid="export-open"
                popovertarget="account-menu"
                popovertargetaction="hide"
                on:click=move |_| client.export_shown.set(true)
            >
                <Icon shape=Shape::Download/>
                "Export everything…"
            </button>
            <button type="button" class="button quiet" data-testid="lock-now" on:click=move |_| spawn_local(client.lock())>
                <Icon shape=Shape::Lock/>
                "Lock now"
            </button>
            <button type="button" class="button quiet" data-testid="sign-out" disabled=leaving on:click=ask>
                <Icon shape=Shape::SignOut/>
                {move || if leaving.get() { "Signing out…" } else { "Sign out" }}
            </button>
        </div>
        <Dialog id="leave-title" title="Sign out now?" open=asking>
            <p>"Something is still under way, and signing out stops it. Large uploads can go on when you sign in again in this browser."</p>
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

/// Whether this device keeps the keys.
#[component]
pub(crate) fn Stay(
    /// For tests.
    testid: &'static str,
    /// The id of what it says.
    words: &'static str,
) -> impl IntoView {
    let client = Client::expect();
    let stays = move || client.session.with(|session| session.as_ref().is_some_and(|session| session.stays));
    let failure = RwSignal::new(None::<Failure>);
    let turn = move |stay: bool| {
        failure.set(None);
        spawn_local(async move {
            if let Err(failed) = client.stay(stay).await {
                failure.try_set(Some(failed));
                // The box shows what is, not what was wished.
                client.session.try_update(|_| ());
            }
        });
    };
    let problem = move || {
        failure.get().map(|failure| {
            let Words { title, text, .. } = Words::of(&failure, Doing::SigningIn);
            format!("{title}. {text}")
        })
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                data-testid=testid
                prop:checked=stays
                aria-describedby=words
                on:change=move |event| turn(event_target_checked(&event))
            />
            <span>"Stay signed in on this device"</span>
        </label>
        <p id=words class="fine">"Whoever can use this browser can then open your files, until you lock or sign out."</p>
        <p class="field-problem" role="alert">{problem}</p>
    }
}

/// After how long without anybody it locks.
#[component]
pub(crate) fn LockAfter(
    /// For tests.
    testid: &'static str,
) -> impl IntoView {
    let client = Client::expect();
    let options = Patience::ALL.map(|patience| {
        view! { <option value=patience.name() selected=move || client.patience.get() == patience>{patience.words()}</option> }
    });
    view! {
        <label class="account-choice">
            <span>"Lock when nobody is here for"</span>
            <select data-testid=testid on:change=move |event| client.wait_for(Patience::named(&event_target_value(&event)))>
                {options.into_iter().collect_view()}
            </select>
        </label>
    }
}
