//! The picture of the profile.

use imegha_worker::protocol::{Failure, PictureChange};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, HtmlInputElement};

use super::Change;
use crate::bridge::{Client, page};
use crate::components::{Icon, Shape};
use crate::words::{Doing, Words};

/// The picture that is there, and what was chosen in its place.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// The address of what is shown; revoked when something else is.
    address: RwSignal<Option<String>>,
    change: RwSignal<PictureChange>,
    /// The new one, made small.
    new: StoredValue<Option<Blob>, LocalStorage>,
}

impl Chosen {
    pub(super) fn new() -> Self {
        let chosen = Self {
            address: RwSignal::new(None),
            change: RwSignal::new(PictureChange::Keep),
            new: StoredValue::new_local(None),
        };
        on_cleanup(move || chosen.let_go());
        chosen
    }

    /// Shows what is there.
    pub(super) fn show(self, picture: Option<Blob>) {
        self.put(picture.as_ref().and_then(page::address), PictureChange::Keep, None);
    }

    /// What another device put there: shown where this one leaves the picture alone.
    pub(super) fn show_theirs(self, picture: Option<Blob>) {
        if self.change.get_untracked() == PictureChange::Keep {
            self.show(picture);
        }
    }

    /// What is to be done.
    pub(super) fn change(self) -> Change {
        (self.change.get_untracked(), self.new.get_value())
    }

    fn put(self, address: Option<String>, change: PictureChange, new: Option<Blob>) {
        self.let_go();
        self.address.set(address);
        self.change.set(change);
        self.new.set_value(new);
    }

    fn let_go(self) {
        if let Some(address) = self.address.try_update(Option::take).flatten() {
            page::revoke(&address);
        }
    }
}

/// The picture, with what can be done with it.
#[component]
pub(super) fn PictureField(chosen: Chosen) -> impl IntoView {
    let client = Client::expect();
    let input = NodeRef::<html::Input>::new();
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let take = move |_| {
        let element: Option<HtmlInputElement> = input.get_untracked();
        let Some(element) = element else { return };
        let file = element.files().and_then(|files| files.get(0));
        // So that the same can be chosen again.
        element.set_value("");
        let Some(file) = file.filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let made = client.make_picture(&file).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match made {
                Ok(picture) => chosen.put(page::address(&picture), PictureChange::Replace, Some(picture)),
                Err(failed) => failure.set(Some(failed)),
            }
        });
    };
    let problem = move || {
        failure.get().map(|failure| {
            let words = Words::of(&failure, Doing::EditingProfile);
            format!("{}. {}", words.title, words.text)
        })
    };
    let face = move || {
        match chosen.address.get() {
        Some(address) => view! { <img class="face" src=address alt="Your picture" width="96" height="96" data-testid="profile-picture"/> }.into_any(),
        None => view! { <span class="face" aria-hidden="true"><Icon shape=Shape::User/></span> }.into_any(),
    }
    };
    let any = move || chosen.address.with(Option::is_some);
    view! {
        <div class="field">
            <div class="portrait">
                {face}
                <div class="portrait-ways">
                    <button
                        type="button"
                        class="button quiet small"
                        data-testid="picture-choose"
                        disabled=busy
                        on:click=move |_| {
                            if let Some(input) = input.get_untracked() {
                                input.click();
                            }
                        }
                    >
                        <Icon shape=Shape::Image/>
                        {move || if busy.get() { "Making it small…" } else { "Choose a picture" }}
                    </button>
                    <button
                        type="button"
                        class="button quiet small"
                        data-testid="picture-remove"
                        hidden=move || !any()
                        on:click=move |_| chosen.put(None, PictureChange::Remove, None)
                    >
                        <Icon shape=Shape::Close/>
                        "Remove it"
                    </button>
                </div>
            </div>
            <input
                node_ref=input
                type="file"
                accept="image/jpeg,image/png,image/gif,image/webp"
                hidden
                tabindex="-1"
                aria-label="Picture"
                data-testid="picture-input"
                on:change=take
            />
            <p class="field-hint">"It is made small on this device. Where and when it was taken is left out."</p>
            <p class="field-problem" role="alert" data-testid="picture-problem">{problem}</p>
        </div>
    }
}
