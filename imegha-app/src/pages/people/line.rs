//! One person of the list.

use imegha_worker::protocol::{Compared, Keys, Person};
use leptos::prelude::*;
use leptos_router::components::A;

use super::acts::standing;
use super::doer::{Acts, Doer};
use crate::bridge::page;
use crate::components::{Icon, Shape};

/// The way to somebody's page, what he is to the account, and what can be done about it.
#[component]
pub(super) fn PersonLine(person: Person, doer: Doer) -> impl IntoView {
    let (title, text) = standing(&person);
    let since = person.since_ms.map(|ms| format!(" Since {}.", page::day(ms)));
    let is_bad = matches!(person.keys, Keys::Changed | Keys::CardRefused);
    let shown = format!("@{}", person.tag);
    let (tag, is, keys) = (person.tag.clone(), standing_name(&person), keys_name(person.keys));
    let compared = (person.compared == Compared::Yes && !is_bad).then(|| {
        view! { <span class="person-compared" data-testid="person-compared"><Icon shape=Shape::Shield/>"Compared"</span> }
    });
    view! {
        <li
            class="person"
            class:bad=is_bad
            data-testid="person"
            data-tag=tag
            data-standing=is
            data-keys=keys
        >
            <div class="person-words">
                <p class="person-named">
                    <A href=format!("/people/{}", person.id) attr:class="person-tag" attr:data-testid="person-open">
                        <bdi>{shown}</bdi>
                    </A>
                    {compared}
                </p>
                <p class="fine">
                    {is_bad.then(|| view! { <Icon shape=Shape::Warning/> })}
                    <strong>{title}"."</strong> " " {text} {since}
                </p>
            </div>
            <Acts person doer/>
        </li>
    }
}

/// What somebody is, for tests: `unproven` where it is the server's word only.
pub(super) fn standing_name(person: &Person) -> String {
    if person.proved { format!("{:?}", person.standing).to_lowercase() } else { "unproven".to_owned() }
}

/// How it stands with his keys, for tests.
pub(super) fn keys_name(keys: Keys) -> &'static str {
    match keys {
        Keys::Hold => "hold",
        Keys::Renewed => "renewed",
        Keys::Changed => "changed",
        _ => "card-refused",
    }
}
