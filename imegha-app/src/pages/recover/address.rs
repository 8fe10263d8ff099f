//! The first step: whose account it is.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Recovering, Step};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, Field, email_problem};
use crate::pages::code::REST;
use crate::pages::deed::Deed;
use crate::words::{Doing, Way};

/// Asks for the address, and has a code sent there.
#[component]
pub(super) fn AddressStep(recovering: Recovering) -> impl IntoView {
    let client = Client::expect();
    let email = recovering.email;
    let (deed, tried) = (Deed::new(), RwSignal::new(false));
    let problem =
        Signal::derive(move || if tried.get() { email_problem(&email.get()).to_owned() } else { String::new() });
    let send = Callback::new(move |()| {
        if deed.busy.get_untracked() {
            return;
        }
        tried.set(true);
        deed.failure.set(None);
        if !problem.get_untracked().is_empty() {
            return page::focus("recover-email");
        }
        deed.run(client.begin_recovery(email.get_untracked()), move |on_terminal| {
            recovering.code_on_terminal.set(on_terminal);
            recovering.rest.set(REST);
            recovering.failure.set(None);
            recovering.step.set(Step::Proof);
        });
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { send.run(()) };
    view! {
        <h1>"Recover your account"</h1>
        <p>
            "With your 24 words and a code that is sent to your address you choose a new password. Without the words nobody can open what you \
             stored: we cannot, either."
        </p>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                send.run(());
            }
        >
            <Field
                id="recover-email"
                label="Email address of your account"
                value=email
                kind="email"
                autocomplete="username"
                inputmode="email"
                problem
            />
            <FailureNotice failure=deed.failure doing=Doing::Recovering go/>
            <BusyButton label="Send me a code" busy_label="Asking for a code…" busy=deed.busy testid="recover-begin"/>
        </form>
        <p class="fine">"Do you know your password after all? " <A href="/sign-in">"Sign in"</A> "."</p>
    }
}
