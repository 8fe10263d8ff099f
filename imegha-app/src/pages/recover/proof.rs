//! The second step: the code of the mail and the words from the paper.

use imegha_worker::protocol::PhraseProblem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Recovering, Step};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, PhraseField, StepHeading, words_of};
use crate::pages::code::{CodeField, CodeWhere, REST, SendAgain, count_down, digits, rest_after};
use crate::words::{Doing, Way, phrase_problem};

/// Asks for both. Whether the words can be a phrase is seen here; whether they are the account's, and whether the code is right, when all is
/// sent.
#[component]
pub(super) fn ProofStep(recovering: Recovering) -> impl IntoView {
    let client = Client::expect();
    let Recovering { code, words, failure, doing, rest, step, .. } = recovering;
    let (code_problem, words_problem) = (RwSignal::new(String::new()), RwSignal::new(None::<PhraseProblem>));
    let (busy, said) = (RwSignal::new(false), RwSignal::new(""));
    Effect::new(move |_| count_down(rest));
    let shown_words_problem =
        Signal::derive(move || words_problem.get().map(|problem| phrase_problem(&problem)).unwrap_or_default());

    let check = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        said.set("");
        words_problem.set(None);
        let has_digits = digits(&code.get_untracked()).is_some();
        code_problem.set(if has_digits { String::new() } else { "The code has six digits.".to_owned() });
        busy.set(true);
        spawn_local(async move {
            let checked = client.check_phrase(words_of(&words.get_untracked())).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match checked {
                Ok(None) if has_digits => step.set(Step::Password),
                Ok(problem) => {
                    words_problem.set(problem);
                    page::focus(if has_digits { "recover-words" } else { "recover-code" });
                }
                Err(failed) => recovering.fail(Step::Proof, Doing::Recovering, failed),
            }
        });
    });
    let resend = Callback::new(move |()| {
        failure.set(None);
        said.set("");
        rest.set(REST);
        spawn_local(async move {
            match client.begin_recovery(recovering.email.get_untracked()).await {
                Ok(_) => {
                    code.try_set(String::new());
                    said.try_set("A new code is on its way. The old one no longer counts.");
                }
                Err(failed) => {
                    rest.try_set(rest_after(&failed));
                    if failure.try_get_untracked().is_some() {
                        recovering.fail(Step::Proof, Doing::AskingForCode, failed);
                    }
                }
            }
        });
    });
    let go = move |way: Way| match way {
        Way::NewCode => resend.run(()),
        Way::Reload => page::reload(),
        _ if doing.get_untracked() == Doing::AskingForCode => resend.run(()),
        _ => check.run(()),
    };
    view! {
        <StepHeading text="The code and your words"/>
        <CodeWhere email=recovering.address() on_terminal=recovering.code_on_terminal.into()>
            "No mail comes to an address that has no account. For the sake of people's privacy this page does not say which it is."
        </CodeWhere>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                check.run(());
            }
        >
            <CodeField id="recover-code" code problem=code_problem/>
            <PhraseField id="recover-words" value=words problem=shown_words_problem/>
            {move || view! { <FailureNotice failure doing=doing.get() go/> }}
            <BusyButton label="Go on" busy_label="Looking at the words…" busy testid="recover-prove"/>
        </form>
        <div class="below">
            <SendAgain rest resend/>
            <button
                type="button"
                class="button quiet"
                data-testid="recover-restart"
                on:click=move |_| {
                    recovering.forget();
                    failure.set(None);
                    step.set(Step::Address);
                }
            >
                "Wrong address? Begin again"
            </button>
        </div>
        <p class="fine" aria-live="polite">{said}</p>
    }
}
