//! What was just done, said for a while, with the way back.

use std::time::Duration;

use imegha_worker::protocol::Failure;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{FileName, Icon, Shape};
use crate::bridge::{Client, Undo};
use crate::words::{Doing, Words};

/// Something to say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Toast {
    number: u32,
    lead: String,
    /// A file's name, told apart from the words since somebody else may have chosen it.
    name: Option<String>,
    bad: bool,
    undo: Option<Undo>,
}

/// What is being said. One for all pages, so that going on to another one does not take the way back away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toaster {
    said: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
    /// Counts what was taken back, for pages to read again what they show.
    pub(crate) undone: RwSignal<u32>,
}

impl Toaster {
    /// Makes it, and provides it to every page.
    pub(crate) fn provide() -> Self {
        let toaster = Self { said: RwSignal::new(vec![]), last: StoredValue::new(0), undone: RwSignal::new(0) };
        provide_context(toaster);
        toaster
    }

    /// The one that [`Toaster::provide`] made.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Says what was done to `names`, and how to take it back.
    pub(crate) fn did(self, what: &str, names: &[String], undo: Option<Undo>) {
        let (lead, name) = lead(what, names);
        self.say(lead, name, false, undo);
    }

    /// Says what became of a file otherwise than was meant.
    pub(crate) fn note(self, lead: &str, name: String) {
        self.say(lead.to_owned(), Some(name), false, None);
    }

    /// Says what failed.
    pub(crate) fn failed(self, failure: &Failure, doing: Doing) {
        let Words { title, text, .. } = Words::of(failure, doing);
        self.say(format!("{title}. {text}"), None, true, None);
    }

    /// Takes back what was done last, while that is offered.
    pub(crate) fn undo_last(self, client: Client) {
        let last = self.said.with_untracked(|said| said.iter().rev().find(|toast| toast.undo.is_some()).cloned());
        if let Some(last) = last {
            self.undo(client, last);
        }
    }

    fn say(self, lead: String, name: Option<String>, bad: bool, undo: Option<Undo>) {
        self.last.update_value(|last| *last += 1);
        let number = self.last.get_value();
        self.said.update(|said| {
            said.push(Toast { number, lead, name, bad, undo });
            // More than that nobody reads.
            let surplus = said.len().saturating_sub(MOST);
            said.drain(..surplus);
        });
    }

    fn undo(self, client: Client, toast: Toast) {
        self.drop(toast.number);
        let Some(undo) = toast.undo else { return };
        spawn_local(async move {
            match client.undo(undo).await {
                Ok(()) => {
                    self.say("Undone".to_owned(), None, false, None);
                    self.undone.update(|undone| *undone += 1);
                }
                Err(failure) => self.failed(&failure, Doing::Changing),
            }
        });
    }

    fn drop(self, number: u32) {
        self.said.update(|said| said.retain(|toast| toast.number != number));
    }
}

/// Where it is said. The region is always there: what is put into it later is read out.
#[component]
pub(crate) fn Toasts() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    Effect::new(move |_| {
        // Names outlive neither the session nor the lock.
        if client.session.with(Option::is_none) || client.locked.with(Option::is_some) {
            toaster.said.update(Vec::clear);
        }
    });
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="What was done" data-testid="toasts">
            <For each=move || toaster.said.get() key=|toast| toast.number let:toast>
                <Said toast/>
            </For>
        </div>
    }
}

#[component]
fn Said(toast: Toast) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let Toast { number, lead, name, bad, undo } = toast.clone();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hold = move || {
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            timer.clear();
        }
    };
    let count = move || {
        hold();
        let over = set_timeout_with_handle(move || toaster.drop(number), if bad { LONGER } else { LONG });
        timer.set_value(over.ok());
    };
    Effect::new(move |_| count());
    on_cleanup(hold);
    view! {
        <div
            class="toast"
            class:bad=bad
            data-testid="toast"
            on:pointerenter=move |_| hold()
            on:pointerleave=move |_| count()
            on:focusin=move |_| hold()
            on:focusout=move |_| count()
        >
            <Icon shape=if bad { Shape::Warning } else { Shape::Check }/>
            <p class="toast-words"><span>{lead}</span>{name.map(|name| view! { <FileName name/> })}</p>
            {undo.map(|_| view! {
                <button type="button" class="button small quiet" data-testid="undo" on:click=move |_| toaster.undo(client, toast.clone())>
                    "Undo"
                </button>
            })}
            <button type="button" class="icon-button" data-testid="toast-close" aria-label="Dismiss" title="Dismiss" on:click=move |_| toaster.drop(number)>
                <Icon shape=Shape::Close/>
            </button>
        </div>
    }
}

/// The words, and the name where there is only one.
fn lead(what: &str, names: &[String]) -> (String, Option<String>) {
    match names {
        [] => (what.to_owned(), None),
        [name] => (format!("{what}:"), Some(name.clone())),
        names => (format!("{what}: {} items", names.len()), None),
    }
}

const LONG: Duration = Duration::from_secs(10);
const LONGER: Duration = Duration::from_secs(20);
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_named_and_several_are_counted() {
        let names = |count: usize| vec!["a.txt".to_owned(); count];
        assert_eq!(lead("Emptied", &names(0)), ("Emptied".to_owned(), None));
        assert_eq!(lead("Moved", &names(1)), ("Moved:".to_owned(), Some("a.txt".to_owned())));
        assert_eq!(lead("Moved", &names(12)), ("Moved: 12 items".to_owned(), None));
    }
}
