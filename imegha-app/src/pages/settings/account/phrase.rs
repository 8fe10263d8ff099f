//! A new recovery phrase.

use leptos::ev;
use leptos::prelude::*;

use super::current::{CurrentField, CurrentPassword};
use super::{UP, email};
use crate::bridge::Client;
use crate::components::{BusyButton, FailureNotice, Notice, Tone};
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

/// The page on which a new recovery phrase takes the place of the old one.
#[component]
pub(crate) fn ChangePhrase() -> impl IntoView {
    let client = Client::expect();
    gate(Memo::new(|_| "/settings/account/phrase".to_owned()), || {});
    let (step, words) = (RwSignal::new(Step::Ask), RwSignal::new(Vec::new()));
    let keeping = Deed::new();
    let right = move |recalled| {
        keeping.run(client.keep_phrase(recalled), move |()| {
            words.set(Vec::new());
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
            Step::Ask => view! { <Frame title="Recovery phrase" up=UP><Ask words shown=move || step.set(Step::Show)/></Frame> }.into_any(),
            Step::Show => view! {
                <section class="narrow"><ShowPhrase words email=email(client) kept=move |()| step.set(Step::Recall)/></section>
            }.into_any(),
            Step::Recall => view! {
                <section class="narrow">
                    <RecallPhrase words right again=move |()| step.set(Step::Show) busy=keeping.busy failure=keeping.failure/>
                </section>
            }.into_any(),
            Step::Done => view! {
                <Frame title="Recovery phrase" up=UP>
                    <div data-testid="phrase-changed">
                        <p class="lead">"From now on the new words open your account, and the old ones open nothing. Destroy the old paper."</p>
                        <p class="fine">
                            "Backups of your cloud that were made before still open with the old words, as they would with the old password."
                        </p>
                    </div>
                </Frame>
            }.into_any(),
        }}
    }
}

/// Asks for the password, and draws the words.
#[component]
fn Ask(words: RwSignal<Vec<String>>, shown: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let client = Client::expect();
    let (current, deed) = (CurrentPassword::new(), Deed::new());
    let draw = Callback::new(move |()| {
        let Some(password) = current.take() else { return };
        deed.run(client.new_phrase(password), move |drawn| {
            words.set(drawn);
            shown();
        });
    });
    let go = way_on(move || draw.run(()));
    view! {
        <p class="lead">
            "You get 24 new words, and the old ones stop to open anything: for when the old paper is lost, or somebody has seen it."
        </p>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                draw.run(());
            }
        >
            <Notice tone=Tone::Care>
                <p>"Have pen and paper at hand. The old words count until three of the new ones were asked back: stop before that, and keep the old paper."</p>
            </Notice>
            <CurrentField current/>
            <FailureNotice failure=deed.failure doing=Doing::ChangingPhrase go/>
            <BusyButton label="Show me new words" busy_label="Drawing the words…" busy=deed.busy testid="phrase-new"/>
        </form>
    }
}
