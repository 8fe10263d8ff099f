//! Everything anew, for who thinks that somebody has seen the password, the phrase or a device.

use leptos::ev;
use leptos::prelude::*;

use super::current::{CurrentField, CurrentPassword};
use super::{UP, email, tag};
use crate::bridge::{Client, page};
use crate::components::{BusyButton, ChosenPassword, FailureNotice, Notice, PasswordToBe, Tone};
use crate::pages::deed::Deed;
use crate::pages::gate::{gate, way_on};
use crate::pages::phrase::{RecallPhrase, ShowPhrase};
use crate::pages::settings::frame::Frame;
use crate::words::Doing;

/// Which step is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ask,
    Show,
    Recall,
    Done,
}

/// The page that leads through it: another password, another phrase, and behind them other keys.
#[component]
pub(crate) fn RenewKeys() -> impl IntoView {
    let client = Client::expect();
    gate(Memo::new(|_| "/settings/account/renew".to_owned()), || {});
    let (step, words, password) = (RwSignal::new(Step::Ask), RwSignal::new(Vec::new()), RwSignal::new(String::new()));
    let renewing = Deed::new();
    let right = move |recalled| {
        renewing.run(client.renew_keys(password.get_untracked(), recalled), move |()| {
            words.set(Vec::new());
            password.set(String::new());
            step.set(Step::Done);
        });
    };
    // A reload now would lose words that open the account.
    let guard = window_event_listener(ev::beforeunload, move |event| {
        if step.try_get_untracked().is_some_and(|step| matches!(step, Step::Show | Step::Recall)) {
            event.prevent_default();
        }
    });
    on_cleanup(move || guard.remove());
    view! {
        {move || match step.get() {
            Step::Ask => view! {
                <Frame title="Somebody has seen it" up=UP><Ask words password shown=move || step.set(Step::Show)/></Frame>
            }.into_any(),
            Step::Show => view! {
                <section class="narrow"><ShowPhrase words email=email(client) kept=move |()| step.set(Step::Recall)/></section>
            }.into_any(),
            Step::Recall => view! {
                <section class="narrow">
                    <RecallPhrase words right again=move |()| step.set(Step::Show) busy=renewing.busy failure=renewing.failure/>
                </section>
            }.into_any(),
            Step::Done => view! { <Frame title="Somebody has seen it" up=UP><Done/></Frame> }.into_any(),
        }}
    }
}

/// Says what it is for, and asks for the old password and a new one. A new phrase comes with the answer.
#[component]
fn Ask(
    words: RwSignal<Vec<String>>,
    /// The new password, which is asked for again behind the phrase.
    password: RwSignal<String>,
    shown: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let client = Client::expect();
    let (current, deed, tried) = (CurrentPassword::new(), Deed::new(), RwSignal::new(false));
    // A line that broke behind the first of two changes must not have the old password asked for.
    let changed = RwSignal::new(String::new());
    let chosen = ChosenPassword::new(password, email(client), tag(client));
    let problem = Signal::derive(move || if tried.get() { chosen.problem().to_owned() } else { String::new() });
    let begin = Callback::new(move |()| {
        let Some(old) = current.take() else { return };
        tried.set(true);
        if !problem.get_untracked().is_empty() {
            return page::focus("password-new");
        }
        let new = password.get_untracked();
        let both = async move {
            if changed.get_untracked() != new {
                client.change_password(old, new.clone()).await?;
                changed.set(new.clone());
            }
            client.new_phrase(new).await
        };
        deed.run(both, move |drawn| {
            current.clear();
            words.set(drawn);
            shown();
        });
    });
    let go = way_on(move || begin.run(()));
    view! {
        <p class="lead">
            "For when somebody may have seen your password or your recovery phrase, or has one of your devices. You choose another password, write down \
             24 other words, and your account and your cloud go on under keys that nobody has seen."
        </p>
        <Notice tone=Tone::Care>
            <ul>
                <li>"What they have copied by then stays readable to them. What you write from now on is not."</li>
                <li>"Everywhere else you are signed out, and the old words open nothing."</li>
                <li>"Your safety number changes: the people you are connected with are told, and compare it anew."</li>
            </ul>
        </Notice>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                begin.run(());
            }
        >
            <CurrentField current/>
            <PasswordToBe
                id="password-new"
                label="New password"
                chosen
                hint="One that you have never used. Four or five unrelated words are strong."
                problem
            />
            <FailureNotice failure=deed.failure doing=Doing::ChangingAccount go/>
            <BusyButton label="Go on to the new words" busy_label="Changing the password, a few seconds…" busy=deed.busy testid="renew-begin"/>
        </form>
        <p class="fine">"Have pen and paper at hand. If you stop half-way, the new password is the one that counts, and both papers do: begin again here."</p>
    }
}

/// Says that it is done, and what is left to do.
#[component]
fn Done() -> impl IntoView {
    view! {
        <div data-testid="keys-renewed">
            <p class="lead">"Everything is new: the password, the words, and the keys behind them. Destroy the old paper."</p>
            <p>"Sign in again on your other devices. Whoever has a lost one is shut out of your account and your cloud."</p>
            <p class="fine">
                "Your files were not sealed anew. Each folder gets a new key when something is next written in it, and every new file has keys of its own."
            </p>
        </div>
    }
}
