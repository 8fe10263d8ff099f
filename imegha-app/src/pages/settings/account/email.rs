//! Another address.

use leptos::prelude::*;

use super::UP;
use super::current::{CurrentField, CurrentPassword};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, Field, Toaster, email_problem};
use crate::pages::code::{CodeField, CodeWhere, digits};
use crate::pages::deed::Deed;
use crate::pages::gate::{gate, way_on};
use crate::pages::settings::frame::Frame;
use crate::words::{Doing, Way};

/// The page on which the address is changed.
#[component]
pub(crate) fn ChangeEmail() -> impl IntoView {
    let client = Client::expect();
    gate(Memo::new(|_| "/settings/account/email".to_owned()), || {});
    let email = RwSignal::new(String::new());
    // Whether the code is printed on the server's terminal, once there is one.
    let sent = RwSignal::new(None::<bool>);
    let is_sent = Memo::new(move |_| sent.get().is_some());
    let now = super::email(client);
    view! {
        <Frame title="Email address" up=UP>
            <p class="lead">"You sign in with " <strong><bdi data-testid="email-now">{now}</bdi></strong> " now, and codes are sent there."</p>
            {move || if is_sent.get() {
                view! { <Code email sent/> }.into_any()
            } else {
                view! { <Address email sent/> }.into_any()
            }}
        </Frame>
    }
}

/// Asks for the new address, and has a code sent there.
#[component]
fn Address(email: RwSignal<String>, sent: RwSignal<Option<bool>>) -> impl IntoView {
    let client = Client::expect();
    let (current, deed, tried) = (CurrentPassword::new(), Deed::new(), RwSignal::new(false));
    let problem =
        Signal::derive(move || if tried.get() { email_problem(&email.get()).to_owned() } else { String::new() });
    let begin = Callback::new(move |()| {
        tried.set(true);
        if !problem.get_untracked().is_empty() {
            return page::focus("email-new");
        }
        let Some(password) = current.take() else { return };
        deed.run(client.begin_email_change(password, email.get_untracked()), move |on_terminal| {
            sent.set(Some(on_terminal));
        });
    });
    let go = way_on(move || begin.run(()));
    view! {
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                begin.run(());
            }
        >
            <Field id="email-new" label="New address" value=email kind="email" autocomplete="email" inputmode="email" hint="A code is sent there." problem/>
            <CurrentField current/>
            <FailureNotice failure=deed.failure doing=Doing::ChangingAccount go/>
            <BusyButton label="Send a code there" busy_label="Asking for a code…" busy=deed.busy testid="email-begin"/>
        </form>
    }
}

/// Asks for the code, and moves the account.
#[component]
fn Code(email: RwSignal<String>, sent: RwSignal<Option<bool>>) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let (code, deed, problem) = (RwSignal::new(String::new()), Deed::new(), RwSignal::new(String::new()));
    let begin_again = move || {
        deed.failure.set(None);
        sent.set(None);
    };
    let confirm = Callback::new(move |()| {
        let Some(digits) = digits(&code.get_untracked()) else {
            problem.set("The code has six digits.".to_owned());
            return page::focus("email-code");
        };
        problem.set(String::new());
        deed.run(client.confirm_email_change(digits), move |()| {
            email.set(String::new());
            sent.set(None);
            toaster.did("Address changed", &[], None);
        });
    });
    let other = way_on(move || confirm.run(()));
    // Another code is asked for with the password, as the first was.
    let go = move |way: Way| if way == Way::NewCode { begin_again() } else { other(way) };
    view! {
        <CodeWhere email=email.into() on_terminal=Signal::derive(move || sent.get().unwrap_or_default())>
            "Does the address have an account already? Then the mail says so instead. Until the code is entered nothing changes."
        </CodeWhere>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                confirm.run(());
            }
        >
            <CodeField id="email-code" code problem/>
            <FailureNotice failure=deed.failure doing=Doing::ChangingAccount go/>
            <BusyButton label="Change the address" busy_label="Moving your account, a few seconds…" busy=deed.busy testid="email-confirm"/>
        </form>
        <button type="button" class="button quiet" data-testid="email-again" disabled=deed.busy on:click=move |_| begin_again()>
            "Another address, or another code"
        </button>
    }
}
