//! The account: what opens it, where it is open, and its end.

mod current;
mod delete;
mod email;
mod password;
mod phrase;
mod renew;
mod sessions;
mod strength;

use leptos::prelude::*;

use super::frame::{Frame, Line};
use crate::bridge::Client;
use crate::components::{LockAfter, Shape, Stay};
use crate::pages::gate::gate;
pub(crate) use delete::DeleteAccount;
pub(in crate::pages) use delete::DeleteForm;
pub(crate) use email::ChangeEmail;
pub(crate) use password::ChangePassword;
pub(crate) use phrase::ChangePhrase;
pub(crate) use renew::RenewKeys;
pub(crate) use sessions::Sessions;
pub(crate) use strength::Strengthen;

/// The way to each of them, and how this device treats the keys.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let client = Client::expect();
    gate(Memo::new(|_| "/settings/account".to_owned()), || {});
    let (email, tag) = (email(client), tag(client));
    view! {
        <Frame title="Account">
            <p class="lead"><bdi>{email}</bdi> ", @" <bdi>{tag}</bdi></p>
            <ul class="settings" data-testid="account">
                {LINES.iter().map(|line| view! { <Line line=*line/> }).collect_view()}
            </ul>
            <h2 class="cloud-part">"This device"</h2>
            <div class="this-device">
                <Stay testid="account-stay" words="account-stay-words"/>
                <LockAfter testid="account-lock-after"/>
            </div>
        </Frame>
    }
}

/// Where the pages below this one lead back to.
const UP: (&str, &str) = ("/settings/account", "Account");

/// The address that the account has.
fn email(client: Client) -> Signal<String> {
    Signal::derive(move || {
        client.session.with(|session| session.as_ref().map(|session| session.email.clone())).unwrap_or_default()
    })
}

/// The account's iMTag.
fn tag(client: Client) -> Signal<String> {
    Signal::derive(move || {
        client.session.with(|session| session.as_ref().map(|session| session.tag.clone())).unwrap_or_default()
    })
}

const LINES: &[super::frame::Way] = &[
    ("/settings/account/password", "to-password", Shape::Keys, "Password", "Choose another one."),
    (
        "/settings/account/phrase",
        "to-phrase",
        Shape::Text,
        "Recovery phrase",
        "Get 24 new words in place of the old ones.",
    ),
    ("/settings/account/email", "to-email", Shape::User, "Email address", "Move the account to another one."),
    (
        "/settings/account/strength",
        "to-strength",
        Shape::Shield,
        "Key derivation",
        "How much each guess of your password costs.",
    ),
    (
        "/settings/account/sessions",
        "to-sessions",
        Shape::Screen,
        "Sessions",
        "Where you are signed in, and how to end it.",
    ),
    (
        "/settings/account/renew",
        "to-renew",
        Shape::Warning,
        "Somebody has seen it",
        "New password, new words and new keys, after a leak or a loss.",
    ),
    ("/settings/account/delete", "to-delete", Shape::Trash, "Delete account", "What goes, what stays, and the end."),
];
