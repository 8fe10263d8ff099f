//! One person.

use imegha_worker::protocol::{Card, Keys, PersonView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::acts::standing;
use super::changed::ChangedKeys;
use super::doer::{Acts, AskFirst, Doer, KEYBOARD_AFTER};
use super::line::{keys_name, standing_name};
use super::read_when_new;
use super::safety::SafetyNumber;
use crate::bridge::{Client, page};
use crate::components::{FailureNotice, Icon, Notice, Places, Shape, Tone};
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::{Loaded, reader};
use crate::words::Doing;

/// The page of one person: who it is, what can be done, and the number to compare. Its address has the account's id, never the iMTag.
#[component]
pub(crate) fn OnePerson() -> impl IntoView {
    let client = Client::expect();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("person")).unwrap_or_default());
    let shown = RwSignal::new(Loaded::<PersonView>::Loading);
    let (busy, read) = reader(shown, move || client.person(id.get_untracked()));
    let open = move || {
        shown.set(Loaded::Loading);
        read();
    };
    gate(Memo::new(move |_| format!("/people/{}", id.get())), open);
    let again = Callback::new(move |()| read());
    read_when_new(again);
    let doer = Doer::new(again);
    let navigate = use_navigate();
    let taken = Callback::new(move |now: String| {
        if id.with_untracked(|id| *id == now) {
            open();
        } else {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(&format!("/people/{now}"), options);
        }
    });
    let (anew, meanwhile) = (
        way_on(open),
        way_on(move || {
            doer.deed.failure.set(None);
            read();
        }),
    );
    // What was asked for before the address changed may come behind it.
    let view = Memo::new(move |_| {
        let id = id.get();
        shown.with(|shown| shown.shown().filter(|view| view.person.id == id).cloned())
    });
    let title = move || {
        view.with(|view| view.as_ref().map_or_else(|| "Person".to_owned(), |view| format!("@{}", view.person.tag)))
    };
    view! {
        <Title text="Person · iMegha"/>
        <section class="desk files" aria-busy=move || if busy.get() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main people-page">
                <A href="/people" attr:class="button quiet small album-back" attr:data-testid="people-back">
                    <span class="turned"><Icon shape=Shape::ChevronRight/></span>
                    "People"
                </A>
                <div class="files-head">
                    <h1 class="place-title" id=KEYBOARD_AFTER tabindex="-1" data-testid="person-title"><bdi>{title}</bdi></h1>
                </div>
                <Show when=move || shown.with(Loaded::is_loading)><Skeleton words="This person is being looked up."/></Show>
                <FailureNotice failure=Signal::derive(move || shown.with(Loaded::failure)) doing=Doing::ReadingPeople go=anew/>
                <FailureNotice failure=doer.deed.failure doing=Doing::ChangingConnection go=meanwhile/>
                // Built anew only when something is otherwise than it was.
                {move || view.get().map(|view| view! { <About view doer taken again/> })}
                <AskFirst doer/>
            </div>
        </section>
    }
}

#[component]
fn About(view: PersonView, doer: Doer, taken: Callback<String>, again: Callback<()>) -> impl IntoView {
    let person = view.person.clone();
    let (what, means) = standing(&person);
    let (tag, is, keys) = (person.tag.clone(), standing_name(&person), keys_name(person.keys));
    let since = person.since_ms.map(|ms| format!(" Since {}.", page::day(ms)));
    let renewed = (person.keys == Keys::Renewed).then(|| {
        view! {
            <Notice tone=Tone::Plain>
                <p data-testid="keys-renewed">
                    <strong>"This person has new keys"</strong>
                    ", signed by the ones before. The safety number is another one now: compare it again."
                </p>
            </Notice>
        }
    });
    let refused = (person.keys == Keys::CardRefused).then(|| {
        view! {
            <Notice tone=Tone::Bad>
                <p data-testid="card-refused">
                    <strong>"The contact card of this person is refused"</strong>
                    ": it does not open, or is older than the one that this device knows. Nothing was taken from it."
                </p>
            </Notice>
        }
    });
    // It comes before everything else that can be done.
    let changed = (person.keys == Keys::Changed).then(|| view! { <ChangedKeys view=view.clone() taken again/> });
    let number = view.safety.clone().filter(|_| person.keys != Keys::Changed);
    let number = number.map(|safety| view! { <SafetyNumber view=view.clone() safety after=again/> });
    view! {
        <div
            class="about-person"
            data-testid="about-person"
            data-tag=tag
            data-standing=is
            data-keys=keys
        >
            <p class="lead"><strong data-testid="person-standing">{what}"."</strong> " " {means} {since}</p>
            {renewed}
            {refused}
            {changed}
            {view.card.map(|card| view! { <TheirCard card/> })}
            <Acts person doer told=true/>
            {number}
        </div>
    }
}

/// What the person's card says.
#[component]
fn TheirCard(card: Card) -> impl IntoView {
    let Card { gateway, made_ms } = card;
    let place = match gateway {
        Some(gateway) => view! { <bdi class="person-gateway" data-testid="person-gateway">{gateway}</bdi> }.into_any(),
        None => "no cloud yet".into_any(),
    };
    view! {
        <dl class="person-card">
            <div><dt>"Cloud"</dt><dd>{place}</dd></div>
            <div><dt>"Card of"</dt><dd>{page::day(made_ms)}</dd></div>
        </dl>
    }
}
