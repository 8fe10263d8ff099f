//! The last step: the code of the mail.

use std::time::Duration;

use imegha_worker::protocol::{ErrorCode, Failure, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::SigningUp;
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, Field, StepHeading};
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
                    let seconds =
                        failed.ms.filter(|_| failed.code == ErrorCode::TooManyTries).unwrap_or_default().div_ceil(1000);
                    failure.try_set(Some(failed));
                    rest.try_set(u32::try_from(seconds).unwrap_or(REST));
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
    let resend_label = move || match rest.get() {
        0 => "Send the code again".to_owned(),
        seconds => format!("Send the code again (in {seconds} s)"),
    };
    let on_terminal = move || signing_up.code_on_terminal.get();
    let email = move || signing_up.form.email.get().trim().to_owned();
    view! {
        <StepHeading text="Enter the code"/>
        <div data-testid="code-where">
            <Show
                when=on_terminal
                fallback=move || view! {
                    <p>
                        "We sent a mail with six digits to " <strong><bdi>{email}</bdi></strong>
                        ". If it does not come in a minute or two, look among the unwanted mail."
                    </p>
                }
            >
                <p>
                    "This server has no mail set up. The mail for " <strong><bdi>{email}</bdi></strong>
                    ", with its code of six digits, is printed on the terminal where the server runs."
                </p>
            </Show>
            <p class="fine">
                "Does the address have an account already? Then the mail says so instead. For the sake of people's privacy this page cannot."
            </p>
        </div>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                confirm.run(());
            }
        >
            <Field
                id="code"
                label="Code of six digits"
                value=code
                autocomplete="one-time-code"
                inputmode="numeric"
                maxlength=12
                problem
            />
            {move || view! { <FailureNotice failure doing=doing.get() go/> }}
            <BusyButton label="Open my cloud" busy_label="Opening your cloud…" busy testid="confirm"/>
        </form>
        <div class="below">
            <button type="button" class="button quiet" data-testid="resend" disabled=move || rest.get() != 0 on:click=move |_| resend.run(())>
                {resend_label}
            </button>
            <button type="button" class="button quiet" on:click=move |_| signing_up.restart()>"Wrong address? Begin again"</button>
        </div>
        <p class="fine" aria-live="polite">{said}</p>
    }
}

/// Counts down to 0, a second at a time, as long as the step is on the screen.
fn count_down(rest: RwSignal<u32>) {
    let second = move || {
        if rest.try_get_untracked().is_some_and(|left| left > 0) {
            rest.update(|rest| *rest -= 1);
        }
    };
    if let Ok(running) = set_interval_with_handle(second, Duration::from_secs(1)) {
        on_cleanup(move || running.clear());
    }
}

/// The six digits, without the spaces that a mail may show them with.
fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// How many seconds lie between two codes at least, as on the server.
const REST: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!(digits(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(digits("123-456").as_deref(), Some("123456"));
        for typed in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }
}
