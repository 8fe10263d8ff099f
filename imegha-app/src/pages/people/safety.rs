//! The safety number.

use imegha_worker::protocol::{Code, Compared, PersonView, Safety};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::doer::keep_keyboard;
use crate::bridge::Client;
use crate::components::{FailureNotice, Icon, Notice, Shape, Toaster, Tone};
use crate::pages::deed::Deed;
use crate::pages::gate::way_on;
use crate::words::Doing;

/// The number, what it is for, and whether it was compared. `after` runs when that has changed.
#[component]
pub(super) fn SafetyNumber(view: PersonView, safety: Safety, after: Callback<()>) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let marking = Deed::new();
    let PersonView { person, .. } = view;
    let (id, digits, is_compared) = (person.id.clone(), safety.digits(), person.compared == Compared::Yes);
    let mark = Callback::new(move |()| {
        marking.run(client.compare(id.clone(), digits.clone(), !is_compared), move |()| {
            toaster.did(if is_compared { "The mark is taken back" } else { "Marked as compared" }, &[], None);
            after.try_run(());
            spawn_local(keep_keyboard());
        });
    });
    let go = way_on(move || {
        marking.failure.set(None);
        after.try_run(());
    });
    let state = match person.compared {
        Compared::Yes => view! {
            <p class="person-compared" data-testid="safety-compared"><Icon shape=Shape::Shield/>"You compared this number. It is kept on this device."</p>
        }
        .into_any(),
        Compared::Another => view! {
            <Notice tone=Tone::Care>
                <p data-testid="safety-another">
                    <strong>"You compared another number."</strong>
                    " The keys of one of you have changed since. Compare again before you trust this one."
                </p>
            </Notice>
        }
        .into_any(),
        _ => view! { <p data-testid="safety-never">"You have not compared it yet: whose keys these are, you have from the server only."</p> }.into_any(),
    };
    view! {
        <section class="safety" aria-labelledby="safety-title">
            <h2 id="safety-title">"Safety number"</h2>
            <p>
                "The other sees the same number under “People”, if nobody stands between you. Compare it by a call or face to face: read it aloud, or hold \
                 one code beside the other."
            </p>
            <Digits safety=safety.clone()/>
            {state}
            <FailureNotice failure=marking.failure doing=Doing::Comparing go/>
            <button
                type="button"
                class="button"
                class:quiet=is_compared
                data-testid=if is_compared { "safety-unmark" } else { "safety-mark" }
                disabled=marking.busy
                on:click=move |_| mark.run(())
            >
                {if is_compared { "Take the mark back" } else { "Mark as compared" }}
            </button>
        </section>
    }
}

/// Its twelve groups, and the code.
#[component]
pub(super) fn Digits(safety: Safety) -> impl IntoView {
    let Safety { groups, code: Code { side, path } } = safety;
    // As a list it would be read out with twelve counts in between.
    let digits = groups.join(" ");
    view! {
        <div class="safety-number">
            <p class="safety-digits" data-testid="safety-digits" data-digits=digits>
                {groups.into_iter().map(|group| view! { <span>{group}</span> " " }).collect_view()}
            </p>
            <svg
                class="safety-code"
                viewBox=format!("0 0 {side} {side}")
                shape-rendering="crispEdges"
                role="img"
                aria-label="The same number as a QR code"
                data-testid="safety-code"
            >
                <rect class="code-ground" width=side.to_string() height=side.to_string()/>
                <path class="code-dark" d=path/>
            </svg>
        </div>
    }
}
