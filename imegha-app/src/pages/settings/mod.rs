//! The settings: what is not about one file.

mod account;
mod activity;
mod check;
mod cloud;
mod frame;
mod profile;
mod storage;
mod underway;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::gate::gate;
use crate::bridge::Client;
use crate::components::{Icon, Shape};
pub(super) use account::DeleteForm;
pub(crate) use account::{
    Account, ChangeEmail, ChangePassword, ChangePhrase, DeleteAccount, RenewKeys, Sessions, Strengthen,
};
pub(crate) use activity::Activity;
pub(crate) use check::Check;
pub(crate) use cloud::YourCloud;
use frame::{Frame, Line, Way};
pub(crate) use profile::EditProfile;
pub(crate) use storage::Storage;

/// The way to each of them.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let client = Client::expect();
    gate(Memo::new(|_| "/settings".to_owned()), || {});
    view! {
        <Frame title="Settings" top=true>
            <ul class="settings" data-testid="settings">
                {LINES.iter().map(|line| view! { <Line line=*line/> }).collect_view()}
                <li>
                    <button type="button" class="setting" data-testid="settings-lock" on:click=move |_| spawn_local(client.lock())>
                        <Icon shape=Shape::Lock/>
                        <span class="setting-words">
                            <strong>"Lock now"</strong>
                            <span class="fine">"Wipes the keys from this page. Your password opens it again."</span>
                        </span>
                    </button>
                </li>
            </ul>
        </Frame>
    }
}

const LINES: &[Way] = &[
    (
        "/settings/account",
        "to-account",
        Shape::Keys,
        "Account",
        "Password, recovery phrase, address, sessions, and the end of it.",
    ),
    (
        "/settings/profile",
        "to-profile",
        Shape::User,
        "Profile",
        "Your name, a few words, a number and a picture. Only in your cloud.",
    ),
    (
        "/settings/cloud",
        "to-cloud",
        Shape::Cloud,
        "Your cloud",
        "Where it is, and how it comes to your own AWS account.",
    ),
    ("/settings/storage", "to-storage", Shape::Storage, "Storage", "What your cloud holds, and what that would cost."),
    ("/settings/check", "to-check", Shape::Shield, "Check", "Whether everything is there and can be opened."),
    ("/settings/activity", "to-activity", Shape::Activity, "Activity", "Every change that was made to your cloud."),
];
