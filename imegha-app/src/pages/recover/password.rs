//! The last step: a new password, with which everything is sent.

use imegha_worker::protocol::{ErrorCode, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Recovering, Step};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, ChosenPassword, FailureNotice, PasswordToBe, StepHeading, words_of};
use crate::pages::code::digits;
use crate::words::{Doing, Way};

/// Asks for the password, and gets in.
#[component]
pub(super) fn PasswordStep(recovering: Recovering) -> impl IntoView {
    let client = Client::expect();
    let Recovering { code, words, password, failure, step, .. } = recovering;
    let chosen = ChosenPassword::new(password, recovering.email.into(), Signal::stored(String::new()));
    let (busy, tried) = (RwSignal::new(false), RwSignal::new(false));
    let problem = Signal::derive(move || if tried.get() { chosen.problem().to_owned() } else { String::new() });
    let recover = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        failure.set(None);
        if !problem.get_untracked().is_empty() {
            return page::focus("recover-password");
        }
        busy.set(true);
        let request = Request::Recover {
            code: digits(&code.get_untracked()).unwrap_or_default(),
            words: words_of(&words.get_untracked()),
            password: password.get_untracked(),
        };
        spawn_local(async move {
            let Err(failed) = client.enter(request).await else { return };
            if busy.try_set(false).is_some() {
                return;
            }
            let mended_there =
                matches!(failed.code, ErrorCode::WrongCode | ErrorCode::CodeExpired | ErrorCode::KeyRefused);
            let step = if mended_there { Step::Proof } else { Step::Password };
            recovering.fail(step, Doing::Recovering, failed);
        });
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { recover.run(()) };
    view! {
        <StepHeading text="A new password"/>
        <p>"It takes the place of the one that is lost. Wherever the account is open now, on any device, it is signed out."</p>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                recover.run(());
            }
        >
            // For password managers: whose it is.
            <input type="email" autocomplete="username" prop:value=recovering.address() readonly hidden aria-hidden="true" tabindex="-1"/>
            <PasswordToBe
                id="recover-password"
                label="New password"
                chosen
                hint="It never leaves this device. Four or five unrelated words are strong."
                problem
            />
            <FailureNotice failure doing=Doing::Recovering go/>
            <BusyButton label="Recover my account" busy_label="Opening your keys, a few seconds…" busy testid="recover-send"/>
        </form>
        <button
            type="button"
            class="button quiet wide"
            data-testid="recover-back"
            disabled=busy
            on:click=move |_| {
                failure.set(None);
                step.set(Step::Proof);
            }
        >
            "Back to the code and the words"
        </button>
    }
}
