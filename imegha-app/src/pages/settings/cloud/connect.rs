//! Taking a gateway for the cloud, and moving there what is elsewhere.

use imegha_worker::protocol::{Amount, Before, ErrorCode, Failure, Place, Taken};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::super::underway::Underway;
use super::own::Line;
use crate::bridge::{Client, page};
use crate::components::{BusyButton, FailureNotice, Field, Notice, Tone, file_size, percent};
use crate::pages::gate::way_on;
use crate::pages::loaded::Loaded;
use crate::words::Doing;

/// How far it has come.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// An address is typed.
    Typing,
    /// The cloud has something in it, and is asked to move.
    Asking(Amount),
    /// It moves.
    Moving,
    /// It is there.
    Done {
        /// Where it was before.
        before: Option<Before>,
    },
}

/// The form, and what comes of it.
#[component]
pub(super) fn Connect(
    /// Where the cloud is.
    place: RwSignal<Loaded<Place>>,
    /// Reads that again.
    read: Callback<()>,
) -> impl IntoView {
    let client = Client::expect();
    let (address, problem) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let step = RwSignal::new(Step::Typing);
    // What was asked last: only that is moved to, whatever is typed since.
    let asked = RwSignal::new(String::new());
    let take = Callback::new(move |moves: bool| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        if !moves {
            asked.set(address.get_untracked().trim().to_owned());
            step.set(Step::Typing);
        }
        let refused = refused(&asked.get_untracked(), client.transfers.with_untracked(|queue| queue.is_busy()));
        problem.set(refused.to_owned());
        if !refused.is_empty() {
            return page::focus("gateway-address");
        }
        busy.set(true);
        if moves {
            step.set(Step::Moving);
        }
        spawn_local(async move {
            let address = asked.get_untracked();
            let taken = if moves { client.move_cloud(address).await } else { client.connect(address).await };
            if busy.try_set(false).is_some() {
                return;
            }
            match taken {
                Ok(Taken::Yes { before }) => {
                    step.set(Step::Done { before });
                    read.run(());
                }
                Ok(Taken::MovesFirst { holds }) => step.set(Step::Asking(holds)),
                Ok(_) => failure.set(Some(Failure { code: ErrorCode::Version, ms: None })),
                Err(failed) => {
                    step.set(Step::Typing);
                    failure.set(Some(failed));
                    // It may be elsewhere by now, or half way.
                    read.run(());
                }
            }
        });
    });
    // Whether a move was asked last, which is what is done again.
    let moves = RwSignal::new(false);
    let go = way_on(move || take.run(moves.get_untracked()));
    let leave = move |_| step.set(Step::Typing);
    on_cleanup(move || {
        if busy.try_get_untracked() == Some(true) && client.session.with_untracked(Option::is_some) {
            client.stop_moving();
        }
    });
    let now = move || place.with(|place| place.shown().and_then(|place| Some(place.cloud.as_ref()?.address.clone())));
    let before = Memo::new(move |_| place.with(|place| place.shown().and_then(|place| place.before.clone())));
    let shown = move || match step.get() {
        // What was taken while nobody looked at this page.
        Step::Typing if failure.with(Option::is_none) => {
            before.get().map(|before| view! { <Done before=Some(before)/> }).into_any()
        }
        Step::Typing => ().into_any(),
        Step::Asking(holds) => {
            let start = move |_| {
                moves.set(true);
                take.run(true);
            };
            view! {
                <div data-testid="moves-first">
                    <Notice tone=Tone::Care>
                        <p><strong>"Your files are not there yet"</strong></p>
                        <p>{held(&holds, &now().unwrap_or_default())}</p>
                        <p>
                            "Moving copies all of it as it is: nothing is decrypted, and where it is now everything stays. Once the new place has \
                             all of it, your cloud is there, and the old place takes no changes any more."
                        </p>
                        <p>"It needs this page to stay open. For a lot of data a terminal is better; it does the same and goes on where it was stopped:"</p>
                        <Line id="migrate-line" what="command" text=format!("imegha migrate --to {}", asked.get_untracked())/>
                        <div class="dialog-buttons">
                            <button type="button" class="button quiet" data-testid="move-not" on:click=leave>"Leave it where it is"</button>
                            <button type="button" class="button" data-testid="move-cloud" on:click=start>"Move it now"</button>
                        </div>
                    </Notice>
                </div>
            }
            .into_any()
        }
        Step::Moving => view! { <Moving/> }.into_any(),
        Step::Done { before } => view! { <Done before/> }.into_any(),
    };
    view! {
        <h2 class="cloud-part">"Connect a cloud"</h2>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                moves.set(false);
                take.run(false);
            }
        >
            <Field
                id="gateway-address"
                label="Address of its gateway"
                value=address
                inputmode="url"
                maxlength=2_000
                hint="The output GatewayUrl of the stack, or the https address of a gateway that you run yourself. It has to prove that it is yours."
                problem
            />
            <BusyButton label="Connect" busy_label="Asking the gateway…" busy testid="connect"/>
        </form>
        <FailureNotice failure doing=Doing::Connecting go/>
        <div role="status">{shown}</div>
    }
}

#[component]
fn Moving() -> impl IntoView {
    let client = Client::expect();
    let stopping = RwSignal::new(false);
    let part = Signal::derive(move || client.moved.get().map(|(done, total)| percent(done, total)));
    let words = Signal::derive(move || match client.moved.get() {
        None => "The records are being copied…".to_owned(),
        Some((done, total)) => format!("{} of {} are there", file_size(done), file_size(total)),
    });
    let stop = Callback::new(move |()| client.stop_moving());
    view! {
        <Underway testids=["moving", "move-stop"] label="How far the move is" part words stopping stop>
            {move || if stopping.get() { "Stopping…" } else { "Stop" }}
        </Underway>
    }
}

#[component]
fn Done(before: Option<Before>) -> impl IntoView {
    view! {
        <div data-testid="connected">
            <Notice tone=Tone::Plain>
                <p><strong>"Connected"</strong></p>
                <p>"From now on your files go there, and this app asks nobody else for them. " <A href="/files">"To my files"</A></p>
                {before.map(|Before { address, left }| view! {
                    <p data-testid="before-says" data-left=if left { "true" } else { "false" }>{was(left)}</p>
                    <Line id="before" what="old address" text=address/>
                })}
            </Notice>
        </div>
    }
}

/// What is known of the place that the cloud was in.
fn was(has_left: bool) -> &'static str {
    if has_left {
        "Where your cloud was, everything stays as it is and takes no changes any more. Keep that address as long as you want it to \
         stay; other devices that are signed in go on reading there until they open the page of your cloud or sign in again:"
    } else {
        "Your cloud was there already, so nothing was moved. Either it is the same storage at another address, or a copy of it: this app \
         cannot tell. Of a copy use only one: what is changed in the other is not in it. The address until now:"
    }
}

/// Why an address is not asked; empty when it is.
fn refused(address: &str, is_transferring: bool) -> &'static str {
    if address.is_empty() {
        "Enter the address of a gateway."
    } else if is_transferring {
        "Something is being uploaded or downloaded. Wait for it, or stop it, and connect then."
    } else {
        ""
    }
}

/// What would have to move, and from where.
fn held(holds: &Amount, at: &str) -> String {
    let contents = match holds.count {
        0 => "folders and no files".to_owned(),
        1 => format!("1 stored content, {}", file_size(holds.bytes)),
        count => format!("{count} stored contents, {}", file_size(holds.bytes)),
    };
    format!("Your cloud at {at} holds {contents}. Connecting does not bring that along, so nothing was done yet.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_while_nothing_is_on_its_way() {
        assert_eq!(refused("cloud.example", false), "");
        assert!(refused("", false).contains("Enter"));
        assert!(refused("cloud.example", true).contains("Wait"));
    }

    #[test]
    fn only_a_place_that_was_left_is_said_to_take_no_changes() {
        assert!(was(true).contains("takes no changes") && !was(false).contains("takes no changes"));
        assert!(was(false).contains("cannot tell"));
    }

    #[test]
    fn what_would_move_is_said_with_its_place() {
        for (count, expected) in
            [(0, "folders and no files"), (1, "1 stored content, 1.5 kB"), (2, "2 stored contents, 1.5 kB")]
        {
            let words = held(&Amount { count, bytes: 1_500 }, "https://old.example/");
            assert!(words.contains(expected) && words.contains("https://old.example/"), "{words}");
        }
    }
}
