//! Doing something about a connection, once it was asked about where that is due.

use std::time::Duration;

use imegha_worker::protocol::{ConnectionAct, Person};
use leptos::prelude::*;

use super::acts::{Act, acts};
use crate::bridge::{Client, page};
use crate::components::{Dialog, Toaster, forget_when_closed};
use crate::pages::deed::Deed;

/// What is being done on a page, and what is asked first.
#[derive(Clone, Copy)]
pub(super) struct Doer {
    pub(super) deed: Deed,
    asked: RwSignal<Option<(Person, ConnectionAct)>>,
    /// Runs when something was done, or was otherwise meanwhile.
    after: Callback<()>,
}

impl Doer {
    pub(super) fn new(after: Callback<()>) -> Self {
        Self { deed: Deed::new(), asked: RwSignal::new(None), after }
    }

    fn run(self, client: Client, toaster: Toaster, person: &Person, act: ConnectionAct) {
        let Person { id, tag, .. } = person.clone();
        let done = move |()| toaster.did(Act::of(act).done, &[format!("@{tag}")], None);
        self.deed.run_and_then(async move { client.act_on_connection(id, act).await }, done, async move || {
            self.after.try_run(());
            keep_keyboard().await;
        });
    }
}

/// Gives the keyboard to the page's heading when something was done: the button that was pressed is another one then, or gone.
pub(super) async fn keep_keyboard() {
    page::sleep(Duration::ZERO).await;
    if page::focus_is_nowhere() {
        page::focus_in_place(KEYBOARD_AFTER);
    }
}

/// The id of that heading.
pub(super) const KEYBOARD_AFTER: &str = "people-title";

/// The buttons of all that can be done about somebody.
#[component]
pub(super) fn Acts(
    /// Whom.
    person: Person,
    /// What does it.
    doer: Doer,
    /// Whether what each means stands beside it.
    #[prop(optional)]
    told: bool,
) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let button = |act: ConnectionAct, is_first: bool| {
        let Act { label, means, testid, .. } = Act::of(act);
        let said = format!("{label} @{}", person.tag);
        let person = person.clone();
        view! {
            <button
                type="button"
                class="button small"
                class:quiet=!is_first
                data-testid=testid
                aria-label=said
                title=means
                disabled=doer.deed.busy
                on:click=move |_| {
                    if Act::of(act).asks.is_some() {
                        doer.asked.set(Some((person.clone(), act)));
                    } else {
                        doer.run(client, toaster, &person, act);
                    }
                }
            >
                {label}
            </button>
        }
    };
    let first = |act: ConnectionAct| matches!(act, ConnectionAct::Ask | ConnectionAct::Accept);
    let one = |act| {
        let button = button(act, first(act));
        view! { <div class="person-act">{button} {told.then(|| view! { <span class="fine">{Act::of(act).means}</span> })}</div> }
    };
    view! { <div class="person-acts" class:told=told>{acts(&person).into_iter().map(one).collect_view()}</div> }
}

/// Asks before what cannot be taken back.
#[component]
pub(super) fn AskFirst(doer: Doer) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(doer.asked.with(Option::is_some)));
    forget_when_closed(open, doer.asked);
    let of = move |word: fn(Act) -> &'static str| {
        Signal::derive(move || doer.asked.get().map_or("", |(_, act)| word(Act::of(act))))
    };
    let title = of(|act| act.asks.map_or("", |(title, _)| title));
    let text = of(|act| act.asks.map_or("", |(_, text)| text));
    let label = of(|act| act.label.trim_end_matches('…'));
    let who = move || doer.asked.get().map(|(person, _)| format!("@{}", person.tag));
    let confirm = move |_| {
        if let Some((person, act)) = doer.asked.get_untracked() {
            doer.asked.set(None);
            doer.run(client, toaster, &person, act);
        }
    };
    view! {
        <Dialog id="person-ask-title" title open>
            <div data-testid="person-sure">
                <p><strong><bdi>{who}</bdi></strong></p>
                <p>{text}</p>
                <div class="dialog-buttons">
                    <button type="button" class="button quiet" data-testid="person-not" on:click=move |_| open.set(false)>"Leave it"</button>
                    <button type="button" class="button danger" data-testid="person-sure-confirm" on:click=confirm>{label}</button>
                </div>
            </div>
        </Dialog>
    }
}
