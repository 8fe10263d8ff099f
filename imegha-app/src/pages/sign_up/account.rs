//! The first step: email, iMTag, password.

use std::time::Duration;

use imegha_worker::protocol::{ErrorCode, Failure, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::form::{email_problem, password_problem, tag_problem};
use super::{SigningUp, Step};
use crate::bridge::meter::{self, Strength};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, Check, FailureNotice, Field};
use crate::pages::privacy::POLICY_VERSION;
use crate::words::{Doing, Way, Words};

/// Asks for what an account needs.
#[component]
pub(super) fn AccountStep(signing_up: SigningUp) -> impl IntoView {
    let client = Client::expect();
    let form = signing_up.form;
    let strength = RwSignal::new(Measured::default());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    // Nobody is told what is wrong before they said that they are ready, but for the tag, which is checked as it is typed.
    let tried = RwSignal::new(false);
    let taken = RwSignal::new(None::<(String, ErrorCode)>);

    let shown_email =
        Signal::derive(move || if tried.get() { email_problem(&form.email.get()).to_owned() } else { String::new() });
    let shown_tag = Signal::derive(move || {
        let tag = form.tag.get();
        match taken.get() {
            Some((refused, code)) if refused == tag => {
                Words::of(&Failure { code, ms: None }, Doing::SigningUp).text.into_owned()
            }
            _ if tag.is_empty() && !tried.get() => String::new(),
            _ => tag_problem(&tag).to_owned(),
        }
    });
    let judged_password = move || {
        password_problem(&form.password.get(), strength.with(|measured| measured.of(&form.password.get())).as_ref())
    };
    let shown_password = Signal::derive(move || if tried.get() { judged_password().to_owned() } else { String::new() });
    let ticked = move |box_: RwSignal<bool>, words: &'static str| {
        Signal::derive(move || if tried.get() && !box_.get() { words.to_owned() } else { String::new() })
    };
    let over_13_problem = ticked(form.over_13, "iMegha is for people of 13 or older.");
    let policy_problem = ticked(form.policy, "Read the policy and accept it to go on.");

    let send = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        failure.set(None);
        let problems = [
            ("email", shown_email),
            ("tag", shown_tag),
            ("password", shown_password),
            ("over-13", over_13_problem),
            ("policy", policy_problem),
        ];
        if let Some((field, _)) = problems.iter().find(|(_, problem)| !problem.get_untracked().is_empty()) {
            page::focus(field);
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let request = Request::SignUp {
                email: form.email.get_untracked(),
                tag: form.tag.get_untracked(),
                password: form.password.get_untracked(),
                over_13: form.over_13.get_untracked(),
                policy_version: POLICY_VERSION,
            };
            let tag = form.tag.get_untracked();
            let answer = client.ask(request).await;
            busy.try_set(false);
            match answer {
                Ok(Reply::SignUpStarted { words, code_on_terminal }) => {
                    form.password.try_set(String::new());
                    signing_up.words.try_set(words);
                    signing_up.code_on_terminal.try_set(code_on_terminal);
                    signing_up.step.try_set(Step::Phrase);
                }
                Ok(_) => _ = failure.try_set(Some(Failure { code: ErrorCode::Version, ms: None })),
                Err(Failure { code: code @ (ErrorCode::TagTaken | ErrorCode::TagInvalid), .. }) => {
                    taken.try_set(Some((tag, code)));
                    page::focus("tag");
                }
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
        });
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { send.run(()) };

    Effect::new(move |_| client.wake());
    view! {
        <h1>"Create your cloud"</h1>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                send.run(());
            }
        >
            <Field
                id="email"
                label="Email address"
                value=form.email
                kind="email"
                autocomplete="username"
                inputmode="email"
                hint="A code is sent there."
                problem=shown_email
            />
            <Field
                id="tag"
                label="iMTag"
                value=form.tag
                maxlength=40
                hint="Your public name: 3 to 30 of a to z, digits, dots and underscores, beginning with a letter."
                problem=shown_tag
            />
            <Field
                id="password"
                label="Password"
                value=form.password
                kind="password"
                autocomplete="new-password"
                hint="It never leaves this device, so nobody can reset it for you. Four or five unrelated words are strong."
                problem=shown_password
            />
            <Meter signing_up strength/>
            <Check id="over-13" ticked=form.over_13 problem=over_13_problem>"I am 13 or older."</Check>
            <Check id="policy" ticked=form.policy problem=policy_problem>
                "I have read the " <A href="/privacy" attr:target="_blank">"privacy policy"</A> " (version " {POLICY_VERSION} ", opens in a new tab) and accept it."
            </Check>
            <FailureNotice failure doing=Doing::SigningUp go/>
            <BusyButton label="Make my keys" busy_label="Making your keys, a few seconds…" busy testid="sign-up"/>
        </form>
        <p class="fine">"Already have an account? " <A href="/sign-in">"Sign in"</A> "."</p>
    }
}

/// Shows how strong the password is, as it is typed.
#[component]
fn Meter(signing_up: SigningUp, strength: RwSignal<Measured>) -> impl IntoView {
    let form = signing_up.form;
    let measure = move |password: String| {
        spawn_local(async move {
            let (email, tag) = (form.email.get_untracked(), form.tag.get_untracked());
            let outcome = meter::measure(&password, &email, &tag).await;
            strength.try_update(|measured| measured.take(password, outcome));
        });
    };
    let mut later = debounce(PAUSE, move |password: String| {
        // The person may have gone on meanwhile.
        if form.password.try_get_untracked().is_some_and(|now| now == password) {
            measure(password);
        }
    });
    Effect::new(move |_| {
        let password = form.password.get();
        // What a password is measured against changes with email and tag.
        form.email.track();
        form.tag.track();
        if !password.is_empty() {
            later(password);
        }
    });
    let measured = move || strength.with(|measured| measured.of(&form.password.get()));
    let empty = move || form.password.with(String::is_empty);
    let failed = move || strength.with(|measured| measured.failed);
    let score = move || measured().map(|strength| strength.score.to_string());
    let words = move || match measured() {
        _ if empty() => "",
        Some(strength) => strength.words(),
        None if failed() => "",
        None => "Measuring…",
    };
    let advice = move || measured().filter(|strength| !strength.is_enough()).map(|strength| strength.advice.join(" "));
    view! {
        <div class="strength" data-testid="strength" data-score=score hidden=empty>
            <span class="strength-bar" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
            <p aria-live="polite"><strong>{words}</strong> " " {advice}</p>
            <Show when=move || failed() && measured().is_none()>
                <p class="strength-failed">
                    "The part that measures passwords could not be loaded, and without it no password is accepted. "
                    <button type="button" class="button small" on:click=move |_| measure(form.password.get_untracked())>
                        "Load it again"
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// What was last measured. It counts only for the password that it was measured for.
#[derive(Clone, Debug, Default)]
struct Measured {
    password: String,
    strength: Option<Strength>,
    failed: bool,
}

impl Measured {
    fn take(&mut self, password: String, outcome: Option<Strength>) {
        *self = Self { password, failed: outcome.is_none(), strength: outcome };
    }

    fn of(&self, password: &str) -> Option<Strength> {
        self.strength.clone().filter(|_| self.password == password)
    }
}

/// How long the keys must rest before the password is measured.
const PAUSE: Duration = Duration::from_millis(150);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_counts_for_its_password_only() {
        let mut measured = Measured::default();
        measured.take("long one".to_owned(), Some(Strength { score: 4, advice: vec![] }));
        assert!(measured.of("long one").is_some());
        assert!(measured.of("long on").is_none());
        measured.take("long one".to_owned(), None);
        assert!(measured.of("long one").is_none() && measured.failed);
    }
}
