//! Other people: finding them, and what they are to the account.

mod acts;
mod changed;
mod doer;
mod find;
mod line;
mod person;
mod safety;

use imegha_worker::protocol::{Person, Standing};
use leptos::prelude::*;
use leptos_meta::Title;

use super::files::Skeleton;
use super::gate::{gate, way_on};
use super::loaded::{Loaded, reader};
use crate::bridge::{Client, page};
use crate::components::{EmptyPlace, FailureNotice, Places};
use crate::words::Doing;
use doer::{AskFirst, Doer, KEYBOARD_AFTER};
use find::Find;
use line::PersonLine;
pub(crate) use person::OnePerson;

/// The page of all of them.
#[component]
pub(crate) fn People() -> impl IntoView {
    let client = Client::expect();
    let people = RwSignal::new(Loaded::<Vec<Person>>::Loading);
    let (busy, read) = reader(people, move || client.people());
    gate(Memo::new(|_| "/people".to_owned()), read);
    read_when_new(Callback::new(move |()| read()));
    let doer = Doer::new(Callback::new(move |()| read()));
    let again = way_on(move || {
        people.set(Loaded::Loading);
        read();
    });
    let meanwhile = way_on(move || {
        doer.deed.failure.set(None);
        read();
    });
    let is_empty = Memo::new(move |_| people.with(|people| people.shown().is_some_and(Vec::is_empty)));
    view! {
        <Title text="People · iMegha"/>
        <section class="desk files" aria-busy=move || if busy.get() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main people-page">
                <div class="files-head"><h1 class="place-title" id=KEYBOARD_AFTER tabindex="-1">"People"</h1></div>
                <Find people/>
                <Show when=move || people.with(Loaded::is_loading)><Skeleton words="Your connections are being read."/></Show>
                <FailureNotice failure=Signal::derive(move || people.with(Loaded::failure)) doing=Doing::ReadingPeople go=again/>
                <FailureNotice failure=doer.deed.failure doing=Doing::ChangingConnection go=meanwhile/>
                <Show when=move || is_empty.get()><Nobody/></Show>
                {GROUPS.iter().map(|(standing, title)| view! { <Group people standing=*standing title doer/> }).collect_view()}
                <AskFirst doer/>
            </div>
        </section>
    }
}

/// Those who are the same to the account.
#[component]
fn Group(people: RwSignal<Loaded<Vec<Person>>>, standing: Standing, title: &'static str, doer: Doer) -> impl IntoView {
    let of_it = Memo::new(move |_| {
        people.with(|people| {
            let all = people.shown().into_iter().flatten();
            all.filter(|person| person.standing == standing).cloned().collect::<Vec<_>>()
        })
    });
    let count = move || of_it.with(Vec::len).to_string();
    view! {
        <Show when=move || of_it.with(|of_it| !of_it.is_empty())>
            <h2 class="people-part">{title}</h2>
            <ul class="people" data-testid="people" data-count=count>
                // What has not changed stays as it is, with the keyboard in it.
                <For each=move || of_it.get() key=Clone::clone let:person><PersonLine person doer/></For>
            </ul>
        </Show>
    }
}

#[component]
fn Nobody() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="people-empty"
            sheet="M80 60h36v56H80Z"
            line="M98 66a11 11 0 1 0 0 22 11 11 0 0 0 0-22ZM76 116c2-14 10-20 22-20s20 6 22 20"
            title="Nobody yet"
        >
            <p>"Ask somebody for an iMTag, find it here, and ask to connect. Who is looked for is not told of it, and nobody can look through who is here."</p>
        </EmptyPlace>
    }
}

/// Reads again what a page shows of people: when others did something, when one comes back to it, and when the network is back.
fn read_when_new(read: Callback<()>) {
    let client = Client::expect();
    Effect::new(move |before: Option<(u32, bool)>| {
        let now = (client.people_news.get(), client.online.get());
        if before.is_some_and(|before| before != now) && now.1 {
            read.run(());
        }
        now
    });
    let look = move || {
        if page::is_visible() && client.session.with_untracked(Option::is_some) {
            read.run(());
        }
    };
    let listening = ["focus", "visibilitychange"].map(|event| window_event_listener_untyped(event, move |_| look()));
    on_cleanup(move || listening.into_iter().for_each(|listening| listening.remove()));
}

const GROUPS: &[(Standing, &str)] = &[
    (Standing::Incoming, "Waiting for your answer"),
    (Standing::Connected, "Connected"),
    (Standing::Asked, "Asked by you"),
    (Standing::Blocked, "Blocked"),
];
