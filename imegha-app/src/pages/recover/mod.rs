//! Getting back in without the password, in three steps: the address, the code with the 24 words, the new password.

mod address;
mod password;
mod proof;

use imegha_worker::protocol::Failure;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::code::REST;
use crate::bridge::Client;
use crate::words::Doing;
use address::AddressStep;
use password::PasswordStep;
use proof::ProofStep;

/// Which step is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Address,
    Proof,
    Password,
}

/// What the steps share. The words are in memory only as long as this page is open.
#[derive(Clone, Copy, Debug)]
struct Recovering {
    step: RwSignal<Step>,
    email: RwSignal<String>,
    code: RwSignal<String>,
    words: RwSignal<String>,
    password: RwSignal<String>,
    code_on_terminal: RwSignal<bool>,
    /// In how many seconds another code may be asked for.
    rest: RwSignal<u32>,
    /// What failed, and at what. It is shown by the step in which it can be mended.
    failure: RwSignal<Option<Failure>>,
    doing: RwSignal<Doing>,
}

impl Recovering {
    fn new() -> Self {
        Self {
            step: RwSignal::new(Step::Address),
            email: RwSignal::new(String::new()),
            code: RwSignal::new(String::new()),
            words: RwSignal::new(String::new()),
            password: RwSignal::new(String::new()),
            code_on_terminal: RwSignal::new(false),
            rest: RwSignal::new(REST),
            failure: RwSignal::new(None),
            doing: RwSignal::new(Doing::AskingForCode),
        }
    }

    /// The address as it is shown.
    fn address(self) -> Signal<String> {
        Signal::derive(move || self.email.get().trim().to_owned())
    }

    /// Says what failed, in a step.
    fn fail(self, step: Step, doing: Doing, failed: Failure) {
        self.doing.set(doing);
        self.failure.set(Some(failed));
        if self.step.get_untracked() != step {
            self.step.set(step);
        }
    }

    /// Forgets what opens the account.
    fn forget(self) {
        for secret in [self.code, self.words, self.password] {
            secret.try_set(String::new());
        }
    }
}

/// The page to recover an account on.
#[component]
pub(crate) fn Recover() -> impl IntoView {
    let client = Client::expect();
    let recovering = Recovering::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        // Who is in has no business here.
        if client.session.with(Option::is_some) {
            recovering.forget();
            navigate(client.start_page(), NavigateOptions { replace: true, ..Default::default() });
        }
    });
    Effect::new(move |_| client.wake());
    let step = recovering.step;
    view! {
        <Title text="Recover your account · iMegha"/>
        <section class="narrow" data-testid="recover">
            {move || match step.get() {
                Step::Address => view! { <AddressStep recovering/> }.into_any(),
                Step::Proof => view! { <ProofStep recovering/> }.into_any(),
                Step::Password => view! { <PasswordStep recovering/> }.into_any(),
            }}
        </section>
    }
}
