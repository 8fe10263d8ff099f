//! Keys that do not follow from those that this device knows.

use imegha_worker::protocol::{PersonView, Safety};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::doer::keep_keyboard;
use super::safety::Digits;
use crate::bridge::Client;
use crate::components::{BusyButton, Check, FailureNotice, Notice, Toaster, Tone};
use crate::pages::deed::Deed;
use crate::pages::gate::way_on;
use crate::words::Doing;

/// Says so, and takes the new ones once they were compared. `taken` hears who it is from then on, `again` has the page read anew.
#[component]
pub(super) fn ChangedKeys(view: PersonView, taken: Callback<String>, again: Callback<()>) -> impl IntoView {
    let tag = view.person.tag.clone();
    let below = match view.safety {
        Some(safety) => view! { <TakeKeys tag=tag.clone() safety taken again/> }.into_any(),
        None => view! {
            <p data-testid="keys-none">"The server shows no keys under this iMTag that hold by themselves, so there is nothing to compare. End the connection, or block the person."</p>
        }
        .into_any(),
    };
    view! {
        <div role="alert" data-testid="keys-changed">
            <Notice tone=Tone::Bad>
                <p><strong>"The keys of " <bdi>"@" {tag}</bdi> " have changed"</strong></p>
                <p>
                    "They do not follow from those that this device knows. It may be a new account under an old iMTag, or somebody, the server too, stands between \
                     you. Nothing is sent to this person until you have compared the new number and taken the new keys."
                </p>
            </Notice>
        </div>
        {below}
    }
}

#[component]
fn TakeKeys(tag: String, safety: Safety, taken: Callback<String>, again: Callback<()>) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let (ticked, tried, taking) = (RwSignal::new(false), RwSignal::new(false), Deed::new());
    let problem = Signal::derive(move || {
        if tried.get() && !ticked.get() { "Compare the number first, and tick this.".to_owned() } else { String::new() }
    });
    let digits = safety.digits();
    let take = move || {
        tried.set(true);
        if !ticked.get_untracked() {
            return;
        }
        taking.run(client.take_keys(tag.clone(), digits.clone()), move |view| {
            toaster.did("The new keys are taken", &[], None);
            taken.try_run(view.person.id);
            spawn_local(keep_keyboard());
        });
    };
    let go = way_on(move || {
        taking.failure.set(None);
        again.try_run(());
    });
    view! {
        <section class="safety" aria-labelledby="safety-title">
            <h2 id="safety-title">"The number of the new keys"</h2>
            <p>"Ask the person for it by a call or face to face, never by a message that comes through this app."</p>
            <Digits safety/>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    take();
                }
            >
                <Check id="keys-compared" ticked problem>"I compared all twelve groups with the person, and they are the same."</Check>
                <FailureNotice failure=taking.failure doing=Doing::Comparing go/>
                <BusyButton label="Take the new keys" busy_label="Taking them…" busy=taking.busy testid="keys-take"/>
            </form>
        </section>
    }
}
