//! Finding somebody by iMTag.

use imegha_worker::protocol::{ErrorCode, Failure, Person};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::bridge::Client;
use crate::components::{BusyButton, FailureNotice, Field};
use crate::pages::deed::Deed;
use crate::pages::gate::way_on;
use crate::pages::loaded::Loaded;
use crate::words::{Doing, short};

/// Leads to the page of who has exactly the iMTag that was typed.
#[component]
pub(super) fn Find(people: RwSignal<Loaded<Vec<Person>>>) -> impl IntoView {
    let client = Client::expect();
    let (tag, problem, finding) = (RwSignal::new(String::new()), RwSignal::new(String::new()), Deed::new());
    // What was said of what was typed before.
    Effect::new(move |_| {
        tag.track();
        problem.set(String::new());
    });
    let navigate = use_navigate();
    let find = Callback::new(move |()| {
        let typed = tag.with_untracked(|tag| bare(tag));
        let own = client.session.with_untracked(|session| session.as_ref().map(|session| session.tag.clone()));
        problem.set(String::new());
        if typed.is_empty() {
            return problem.set("Enter an iMTag.".to_owned());
        }
        if own.is_some_and(|own| own == typed) {
            return problem.set("This is you.".to_owned());
        }
        let navigate = navigate.clone();
        let open = move |id: &str| navigate(&format!("/people/{id}"), NavigateOptions::default());
        // Whoever is listed need not be looked up.
        let listed = people.with_untracked(|people| {
            people.shown().into_iter().flatten().find(|person| person.tag == typed).map(|person| person.id.clone())
        });
        if let Some(id) = listed {
            return open(&id);
        }
        let look_up = async move {
            match client.find_person(typed).await {
                Ok(view) => Ok(Some(view.person.id)),
                Err(failed @ Failure { code: ErrorCode::NotFound | ErrorCode::TagInvalid, .. }) => {
                    problem.try_set(short(&failed, Doing::FindingPerson));
                    Ok(None)
                }
                Err(failed) => Err(failed),
            }
        };
        finding.run(look_up, move |id: Option<String>| {
            if let Some(id) = id {
                open(&id);
            }
        });
    });
    let go = way_on(move || find.run(()));
    view! {
        <form
            class="find-person"
            novalidate
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                find.run(());
            }
        >
            <Field
                id="find-tag"
                label="Find somebody by iMTag"
                value=tag
                maxlength=40
                hint="The whole iMTag, such as @alice. It is not searched by parts."
                problem
            />
            <BusyButton label="Find" busy_label="Looking…" busy=finding.busy testid="find-person"/>
        </form>
        <FailureNotice failure=finding.failure doing=Doing::FindingPerson go/>
    }
}

/// An iMTag as it is stored, whichever way it was typed.
fn bare(typed: &str) -> String {
    let typed = typed.trim();
    typed.strip_prefix('@').unwrap_or(typed).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imtag_is_the_same_whichever_way_it_is_typed() {
        for typed in ["alice", "@alice", " @Alice\n", "ALICE"] {
            assert_eq!(bare(typed), "alice");
        }
        assert_eq!(bare(" @ "), "");
    }
}
