//! How long guessing a password takes.

use imegha_worker::protocol::Openers;
use leptos::prelude::*;

use super::UP;
use super::current::{CurrentField, CurrentPassword};
use crate::bridge::Client;
use crate::components::{BusyButton, FailureNotice, Toaster};
use crate::pages::deed::Deed;
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::{Loaded, reader};
use crate::pages::settings::frame::Frame;
use crate::words::Doing;

/// The page on which keys are derived more slowly.
#[component]
pub(crate) fn Strengthen() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let openers = RwSignal::new(Loaded::<Openers>::Loading);
    let (_, read) = reader(openers, move || client.openers());
    gate(Memo::new(|_| "/settings/account/strength".to_owned()), read);
    let (current, deed) = (CurrentPassword::new(), Deed::new());
    let now = Memo::new(move |_| openers.with(|openers| openers.shown().map(|openers| openers.iterations)));
    let wanted = RwSignal::new(None::<u32>);
    let chosen = move || {
        wanted
            .get()
            .filter(|wanted| stronger(now.get()).contains(wanted))
            .or_else(|| stronger(now.get()).first().copied())
    };
    let change = Callback::new(move |()| {
        let (Some(password), Some(iterations)) = (current.take(), chosen()) else { return };
        deed.run(client.strengthen(password, iterations), move |()| {
            current.clear();
            wanted.set(None);
            read();
            toaster.did("Guessing your password takes longer now", &[], None);
        });
    });
    let again = way_on(move || {
        openers.set(Loaded::Loading);
        read();
    });
    let go = way_on(move || change.run(()));
    let options = move || {
        let option = |iterations: u32| view! { <option value=iterations.to_string() selected=move || chosen() == Some(iterations)>{thousands(iterations)}</option> };
        stronger(now.get()).into_iter().map(option).collect_view()
    };
    let can_be_stronger = Memo::new(move |_| !stronger(now.get()).is_empty());
    view! {
        <Frame title="Key derivation" up=UP>
            <p class="lead">
                "Your password is turned into keys by many rounds of computing. More rounds make each guess of a thief cost more, and each of your \
                 own sign-ins a little longer."
            </p>
            <Show when=move || openers.with(Loaded::is_loading)><Skeleton words="Your settings are being read."/></Show>
            <FailureNotice failure=Signal::derive(move || openers.with(Loaded::failure)) doing=Doing::Reading go=again/>
            {move || now.get().map(|now| view! {
                <p data-testid="iterations" data-count=now.to_string()>"There are " <strong>{thousands(now)}</strong> " rounds of PBKDF2-SHA256 now."</p>
            })}
            <form
                class="form"
                novalidate
                hidden=move || !can_be_stronger.get()
                on:submit=move |event| {
                    event.prevent_default();
                    change.run(());
                }
            >
                <label class="chosen">
                    <span>"Rounds from now on"</span>
                    <select data-testid="iterations-new" on:change=move |event| wanted.set(event_target_value(&event).parse().ok())>{options}</select>
                </label>
                <CurrentField current/>
                <FailureNotice failure=deed.failure doing=Doing::ChangingAccount go/>
                <BusyButton label="Make it stronger" busy_label="Deriving your keys anew…" busy=deed.busy testid="strengthen"/>
            </form>
            <Show when=move || now.get().is_some() && !can_be_stronger.get()>
                <p data-testid="strongest">"That is as strong as it gets here."</p>
            </Show>
            <p class="fine">"It is never made weaker again. Wherever else the account is open, it is signed out."</p>
        </Frame>
    }
}

/// What is stronger than `now`.
fn stronger(now: Option<u32>) -> Vec<u32> {
    let Some(now) = now else { return Vec::new() };
    OFFERED.into_iter().filter(|offered| *offered > now).collect()
}

/// A number with its thousands set apart.
fn thousands(number: u32) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

/// The platform takes these and no others: settings that few have would tell accounts apart.
const OFFERED: [u32; 4] = [100_000, 300_000, 600_000, 900_000];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_stronger_is_offered() {
        assert_eq!(stronger(Some(100_000)), [300_000, 600_000, 900_000]);
        assert_eq!(stronger(Some(599_999)), [600_000, 900_000]);
        assert!(stronger(Some(900_000)).is_empty() && stronger(None).is_empty());
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            (thousands(600_000), thousands(999), thousands(10_050)),
            ("600,000".into(), "999".into(), "10,050".into())
        );
    }
}
