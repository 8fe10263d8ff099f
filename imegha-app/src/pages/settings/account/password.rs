//! Another password.

use leptos::prelude::*;
use leptos_router::components::A;

use super::current::{CurrentField, CurrentPassword};
use super::{UP, email, tag};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, ChosenPassword, FailureNotice, PasswordToBe, Toaster};
use crate::pages::deed::Deed;
use crate::pages::gate::{gate, way_on};
use crate::pages::settings::frame::Frame;
use crate::words::Doing;

/// The page on which the password is changed.
#[component]
pub(crate) fn ChangePassword() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    gate(Memo::new(|_| "/settings/account/password".to_owned()), || {});
    let (current, deed, tried) = (CurrentPassword::new(), Deed::new(), RwSignal::new(false));
    let new = RwSignal::new(String::new());
    let chosen = ChosenPassword::new(new, email(client), tag(client));
    let problem = Signal::derive(move || if tried.get() { chosen.problem().to_owned() } else { String::new() });
    let change = Callback::new(move |()| {
        let Some(old) = current.take() else { return };
        tried.set(true);
        if !problem.get_untracked().is_empty() {
            return page::focus("password-new");
        }
        deed.run(client.change_password(old, new.get_untracked()), move |()| {
            current.clear();
            tried.set(false);
            new.set(String::new());
            toaster.did("Password changed", &[], None);
        });
    });
    let go = way_on(move || change.run(()));
    view! {
        <Frame title="Password" up=UP>
            <p class="lead">
                "Your files are not sealed anew: the key that opens them is. Wherever else the account is open, on any device, it is signed out."
            </p>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    change.run(());
                }
            >
                <CurrentField current/>
                <PasswordToBe
                    id="password-new"
                    label="New password"
                    chosen
                    hint="It never leaves this device. Four or five unrelated words are strong."
                    problem
                />
                <FailureNotice failure=deed.failure doing=Doing::ChangingAccount go/>
                <BusyButton label="Change the password" busy_label="Sealing your key anew, a few seconds…" busy=deed.busy testid="password-change"/>
            </form>
            <p class="fine">
                "Has somebody seen the old one? Then a new password alone does not keep them out: "
                <A href="/settings/account/renew">"have everything renewed"</A> "."
            </p>
        </Frame>
    }
}
