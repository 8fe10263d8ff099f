//! The first step: email, iMTag, password.

use imegha_worker::protocol::{ErrorCode, Failure, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::form::tag_problem;
use super::{SigningUp, Step};
use crate::bridge::{Client, PolicyInForce, page};
use crate::components::{BusyButton, Check, ChosenPassword, FailureNotice, Field, PasswordToBe, email_problem};
use crate::words::{Doing, Way, Words};

/// Asks for what an account needs.
#[component]
pub(super) fn AccountStep(signing_up: SigningUp) -> impl IntoView {
    let client = Client::expect();
    let form = signing_up.form;
    let policy = PolicyInForce::now().version;
    let chosen = ChosenPassword::new(form.password, form.email.into(), form.tag.into());
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
    let shown_password = Signal::derive(move || if tried.get() { chosen.problem().to_owned() } else { String::new() });
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
                policy_version: policy,
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
            <PasswordToBe
                id="password"
                chosen
                hint="It never leaves this device, so nobody can reset it for you. Four or five unrelated words are strong."
                problem=shown_password
            />
            <Check id="over-13" ticked=form.over_13 problem=over_13_problem>"I am 13 or older."</Check>
            <Check id="policy" ticked=form.policy problem=policy_problem>
                "I have read the " <A href="/privacy" attr:target="_blank">"privacy policy"</A> " (version " {policy} ", opens in a new tab) and accept it."
            </Check>
            <FailureNotice failure doing=Doing::SigningUp go/>
            <BusyButton label="Make my keys" busy_label="Making your keys, a few seconds…" busy testid="sign-up"/>
        </form>
        <p class="fine">"Already have an account? " <A href="/sign-in">"Sign in"</A> "."</p>
    }
}
