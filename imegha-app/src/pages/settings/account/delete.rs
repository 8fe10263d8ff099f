//! The end of the account.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::UP;
use super::current::{CurrentField, CurrentPassword};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, Check, FailureNotice, Icon, Notice, Shape, Toaster, Tone};
use crate::pages::deed::Deed;
use crate::pages::gate::{gate, way_on};
use crate::pages::settings::frame::Frame;
use crate::words::Doing;

/// The page on which the account is deleted.
#[component]
pub(crate) fn DeleteAccount() -> impl IntoView {
    gate(Memo::new(|_| "/settings/account/delete".to_owned()), || {});
    view! { <Frame title="Delete account" up=UP><DeleteForm/></Frame> }
}

/// Says what goes and what stays, asks for the password, and deletes.
#[component]
pub(in crate::pages) fn DeleteForm() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let (current, deed) = (CurrentPassword::new(), Deed::new());
    let (ticked, tried, is_hosted) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None::<bool>));
    Effect::new(move |_| {
        if client.session.with(Option::is_some) && is_hosted.get_untracked().is_none() {
            spawn_local(async move {
                // Where it cannot be read, both are said.
                if let Ok(place) = client.place().await {
                    is_hosted.try_set(place.cloud.map(|cloud| cloud.hosted));
                }
            });
        }
    });
    let problem = Signal::derive(move || {
        if tried.get() && !ticked.get() { "Read what stays, and tick this to go on.".to_owned() } else { String::new() }
    });
    let navigate = use_navigate();
    let delete = Callback::new(move |()| {
        tried.set(true);
        let Some(password) = current.take() else { return };
        if !ticked.get_untracked() {
            return;
        }
        let navigate = navigate.clone();
        // This page is gone when it is done: nobody is in then.
        deed.run(
            async move {
                client.delete_account(password).await?;
                navigate("/", NavigateOptions { replace: true, ..Default::default() });
                // What is said to who was in goes with the session; this comes after it.
                page::sleep(Duration::ZERO).await;
                toaster.did("Your account is deleted", &[], None);
                Ok(())
            },
            |()| {},
        );
    });
    let go = way_on(move || delete.run(()));
    view! {
        <div data-testid="delete-says">
            <p>
                "At once and for good go: your email address, your iMTag, your keys with all that opens them, and every session. Others can take \
                 the iMTag then. Nobody can bring the account back."
            </p>
            <Notice tone=Tone::Care>
                <p><strong>"What stays is your cloud, sealed as it is."</strong></p>
                <Show when=move || is_hosted.get() != Some(false)>
                    <p data-testid="stays-hosted">
                        "A cloud that this server hosts stays in its folder there until whoever runs the server removes it. You have no way to it through \
                         this app any more; only your 24 words, together with that folder, still open it."
                    </p>
                </Show>
                <Show when=move || is_hosted.get() != Some(true)>
                    <p data-testid="stays-own">
                        "A cloud of your own stays in your AWS account, and costs what it costs, until you delete its stack there, and then the bucket and \
                         the table, which a deleted stack leaves behind. Your 24 words and access to that account still open it."
                    </p>
                </Show>
                <p>"Take along what you want to keep before you go on."</p>
                <button type="button" class="button quiet small" data-testid="delete-export" on:click=move |_| client.export_shown.set(true)>
                    <Icon shape=Shape::Download/>
                    "Export everything…"
                </button>
            </Notice>
        </div>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                delete.run(());
            }
        >
            <CurrentField current/>
            <Check id="delete-sure" ticked problem>"I have what I want to keep. Delete my account."</Check>
            <FailureNotice failure=deed.failure doing=Doing::DeletingAccount go/>
            <BusyButton label="Delete my account" busy_label="Deleting…" busy=deed.busy testid="delete-account"/>
        </form>
    }
}
