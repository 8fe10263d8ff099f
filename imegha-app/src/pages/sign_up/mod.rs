//! Signing up, in four steps: the account, the 24 words, three of them asked back, the code of the mail.

mod account;
mod code;
mod form;

use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;

use account::AccountStep;
use code::CodeStep;
use form::Form;

use crate::bridge::Client;
use crate::pages::phrase::{RecallPhrase, ShowPhrase};

/// Which step is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Account,
    Phrase,
    Recall,
    Code,
}

/// What the steps share. The words are in memory only as long as this page is open.
#[derive(Clone, Copy, Debug)]
struct SigningUp {
    step: RwSignal<Step>,
    form: Form,
    words: RwSignal<Vec<String>>,
    code_on_terminal: RwSignal<bool>,
}

impl SigningUp {
    /// Begins again with the account; what was typed stays, but for the password.
    fn restart(self) {
        self.form.password.set(String::new());
        self.words.set(Vec::new());
        self.step.set(Step::Account);
    }
}

/// The page to sign up on.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    let client = Client::expect();
    let signing_up = SigningUp {
        step: RwSignal::new(Step::Account),
        form: Form::new(),
        words: RwSignal::new(Vec::new()),
        code_on_terminal: RwSignal::new(false),
    };
    let step = signing_up.step;
    // A reload now would lose the words, and the account with them.
    let guard = window_event_listener(ev::beforeunload, move |event| {
        let unfinished = step.try_get_untracked().is_some_and(|step| step != Step::Account);
        if unfinished && client.session.with_untracked(Option::is_none) {
            event.prevent_default();
        }
    });
    on_cleanup(move || guard.remove());
    view! {
        <Title text="Sign up · iMegha"/>
        <section class="narrow">
            <Progress step/>
            {move || match step.get() {
                Step::Account => view! { <AccountStep signing_up/> }.into_any(),
                Step::Phrase => view! {
                    <ShowPhrase words=signing_up.words email=signing_up.form.email kept=move |()| step.set(Step::Recall)/>
                }.into_any(),
                Step::Recall => view! {
                    <RecallPhrase words=signing_up.words right=move |_| step.set(Step::Code) again=move |()| step.set(Step::Phrase)/>
                }.into_any(),
                Step::Code => view! { <CodeStep signing_up/> }.into_any(),
            }}
        </section>
    }
}

/// Where one is on the way.
#[component]
fn Progress(step: RwSignal<Step>) -> impl IntoView {
    let part = |name: &'static str, number: u8, this: Step| {
        let place = move || match (step.get() as u8).cmp(&(this as u8)) {
            std::cmp::Ordering::Greater => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Less => "",
        };
        view! {
            <li class=place aria-current=move || (step.get() == this).then_some("step")>
                <span class="way-number" aria-hidden="true">{number}</span>
                <span class="way-name">{name}</span>
            </li>
        }
    };
    view! {
        <ol class="way" aria-label="Steps">
            {part("Account", 1, Step::Account)}
            {part("24 words", 2, Step::Phrase)}
            {part("Check", 3, Step::Recall)}
            {part("Code", 4, Step::Code)}
        </ol>
    }
}
