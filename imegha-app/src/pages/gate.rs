//! The pages of who is signed in.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::bridge::Client;

/// Runs `open` when somebody is signed in, and again whenever `address` changes. Everybody else is sent to where one signs in, and
/// comes back to `address` from there.
pub(crate) fn gate(address: Memo<String>, open: impl Fn() + 'static) {
    let client = Client::expect();
    let navigate = use_navigate();
    Effect::new(move |was_in: Option<bool>| {
        let address = address.get();
        let is_in = client.session.with(Option::is_some);
        let options = NavigateOptions { replace: true, ..Default::default() };
        if is_in {
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
