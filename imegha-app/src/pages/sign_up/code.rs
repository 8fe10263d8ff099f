//! The last step: the code of the mail.

use imegha_worker::protocol::{Failure, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::SigningUp;
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, StepHeading};
use crate::pages::code::{CodeField, CodeWhere, REST, SendAgain, count_down, digits, rest_after};
use crate::words::{Doing, Way};

/// Asks for the code, and signs in when it is right.
#[component]
pub(super) fn CodeStep(signing_up: SigningUp) -> impl IntoView {
    let client = Client::expect();
    let code = RwSignal::new(String::new());
    let problem = RwSignal::new(String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let doing = RwSignal::new(Doing::Confirming);
    let said = RwSignal::new("");
    // A code has been sent when this step appears.
    let rest = RwSignal::new(REST);
    Effect::new(move |_| count_down(rest));

    let navigate = use_navigate();
    let confirm = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        said.set("");
        doing.set(Doing::Confirming);
        let Some(digits) = digits(&code.get_untracked()) else {
            problem.set("The code has six digits.".to_owned());
            page::focus("code");
            return;
        };
        problem.set(String::new());
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            match client.enter(Request::Confirm { code: digits }).await {
                Ok(()) => {
                    // The words have done their part in this page.
                    signing_up.words.try_set(Vec::new());
                    navigate(client.start_page(), NavigateOptions { replace: true, ..Default::default() });
                }
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
            busy.try_set(false);
        });
    });
    let resend = Callback::new(move |()| {
        failure.set(None);
        said.set("");
        doing.set(Doing::AskingForCode);
        rest.set(REST);
        spawn_local(async move {
            match client.ask(Request::ResendCode).await {
                Ok(_) => _ = said.try_set("A new code is on its way. The old one no longer counts."),
                Err(failed) => {
                    rest.try_set(rest_after(&failed));
                    failure.try_set(Some(failed));
                }
            }
        });
    });
    let go = move |way: Way| match way {
        Way::NewCode => resend.run(()),
        Way::Reload => page::reload(),
        _ if doing.get_untracked() == Doing::AskingForCode => resend.run(()),
        _ => confirm.run(()),
    };
    let email = Signal::derive(move || signing_up.form.email.get().trim().to_owned());
    view! {
            <StepHeading text="Enter the code"/>
            <CodeWhere email on_terminal=signing_up.code_on_terminal.into()>
                "Does the address have an account already? Then the mail says so instead. For the sake of people's privacy this page cannot."
            </CodeWhere>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    confirm.run(());
                }
            >
    <CodeField id="code" code problem/>
                {move || view! { <FailureNotice failure doing=doing.get() go/> }}
                <BusyButton label="Open my cloud" busy_label="Opening your cloud…" busy testid="confirm"/>
            </form>
            <div class="below">
    <SendAgain rest resend/>
                <button type="button" class="button quiet" on:click=move |_| signing_up.restart()>"Wrong address? Begin again"</button>
            </div>
            <p class="fine" aria-live="polite">{said}</p>
        }
}
