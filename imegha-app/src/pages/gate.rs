//! The pages of who is signed in.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::bridge::{Client, page};
use crate::components::Toaster;
use crate::words::Way;

/// Runs `open` when somebody is signed in, and again whenever `address` changes. Everybody else is sent to where one signs in, and
/// comes back to `address` from there.
pub(super) fn gate(address: Memo<String>, open: impl Fn() + 'static) {
    let client = Client::expect();
    let navigate = use_navigate();
    // What else changes about the session is no reason to open anything anew.
    let is_in = Memo::new(move |_| client.session.with(Option::is_some));
    let waits = Memo::new(move |_| client.taking_up.get() || client.locked.with(Option::is_some));
    Effect::new(move |was_in: Option<bool>| {
        let address = address.get();
        let is_in = is_in.get();
        let options = NavigateOptions { replace: true, ..Default::default() };
        if waits.get() {
            // The keys may be there in a moment; and what is locked shows no page.
        } else if is_in {
            open();
        } else if was_in == Some(true) && !client.ended.get_untracked() {
            // The person has just signed out.
            navigate("/", options);
        } else {
            navigate(&format!("/sign-in?next={address}"), options);
        }
        is_in
    });
}

/// Goes the way that a failure offers, where all but these are to do the same again.
pub(super) fn way_on(again: impl Fn() + 'static) -> impl Fn(Way) + 'static {
    let navigate = use_navigate();
    move |way| match way {
        Way::Reload => page::reload(),
        Way::SignIn => navigate("/sign-in", NavigateOptions::default()),
        Way::Connect | Way::Cloud => navigate("/settings/cloud", NavigateOptions::default()),
        Way::People => navigate("/people", NavigateOptions::default()),
        _ => again(),
    }
}

/// Reads again what a page shows when others changed the cloud, when something was taken back, and when the network is back.
pub(super) fn reread_when_changed(read: Callback<()>) {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    Effect::new(move |before: Option<(u32, u32, bool)>| {
        let now = (client.changed.get(), toaster.undone.get(), client.online.get());
        if before.is_some_and(|before| before != now) && now.2 {
            read.run(());
        }
        now
    });
}
