//! The profile: a name, a few words, a number, a picture.

mod clash;
mod picture;

use imegha_worker::protocol::{Failure, PictureChange, Profile};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::frame::Frame;
use crate::bridge::{Client, Portrait};
use crate::components::{BusyButton, FailureNotice, Field, TextArea, Toaster};
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::Loaded;
use crate::words::Doing;
use clash::Clash;
use picture::{Chosen, PictureField};

/// The page of the profile.
#[component]
pub(crate) fn EditProfile() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let read = RwSignal::new(Loaded::<Profile>::Loading);
    let (name, bio, phone) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let chosen = Chosen::new();
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let clash = RwSignal::new(None::<Profile>);

    // What is there now, in the fields.
    let show = move |portrait: Portrait| {
        let Portrait { profile, picture } = portrait;
        name.set(profile.name.clone());
        bio.set(profile.bio.clone());
        phone.set(profile.phone.clone());
        chosen.show(picture);
        read.set(Loaded::Shown(profile));
    };
    let load = move || {
        clash.set(None);
        failure.set(None);
        read.set(Loaded::Loading);
        spawn_local(async move {
            let portrait = client.profile().await;
            if read.try_get_untracked().is_none() {
                return;
            }
            match portrait {
                Ok(portrait) => show(portrait),
                Err(failed) => read.set(Loaded::Failed(failed)),
            }
        });
    };
    gate(Memo::new(|_| "/settings/profile".to_owned()), load);

    let save = move || {
        let before = read.with_untracked(|read| read.shown().cloned());
        let Some(before) = before.filter(|_| !busy.get_untracked()) else { return };
        let after = Profile {
            name: name.get_untracked().trim().to_owned(),
            bio: bio.get_untracked().trim().replace("\r\n", "\n"),
            phone: phone.get_untracked().trim().to_owned(),
            picture: None,
        };
        failure.set(None);
        busy.set(true);
        let (change, new) = chosen.change();
        spawn_local(async move {
            let written = client.edit_profile(before, after, change, new).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match written {
                Ok(Ok(portrait)) => {
                    clash.set(None);
                    show(portrait);
                    toaster.did("Profile saved", &[], None);
                }
                Ok(Err(theirs)) => {
                    clash.set(Some(theirs.profile.clone()));
                    chosen.show_theirs(theirs.picture);
                }
                Err(failed) => failure.set(Some(failed)),
            }
        });
    };
    let keep_mine = Callback::new(move |()| {
        if let Some(theirs) = clash.get_untracked() {
            // Now it was seen: what is written replaces it.
            read.set(Loaded::Shown(theirs));
            clash.set(None);
            save();
        }
    });
    let go = way_on(move || if read.with_untracked(|read| read.shown().is_some()) { save() } else { load() });
    let failed = Signal::derive(move || read.with(Loaded::failure).or(failure.get()));
    let is_shown = Memo::new(move |_| read.with(|read| read.shown().is_some()));
    let too_long = |text: RwSignal<String>, most: usize| {
        Signal::derive(move || {
            let over = text.with(|text| text.trim().len()).saturating_sub(most);
            match over {
                0 => String::new(),
                1 => "This is 1 byte too long.".to_owned(),
                _ => format!("This is {over} bytes too long."),
            }
        })
    };
    view! {
        <Frame title="Profile">
            <p class="lead">"It stands sealed in your cloud and nowhere else. The service that signs you in never has it."</p>
            <Show when=move || read.with(Loaded::is_loading)><Skeleton words="Your profile is being opened."/></Show>
            // Its fields stay while another device's changes are asked about.
            <form
                class="form"
                novalidate
                hidden=move || !is_shown.get()
                data-testid="profile"
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
            >
                <PictureField chosen/>
                <Field id="profile-name" label="Name" value=name autocomplete="name" hint="What you want to be called." problem=too_long(name, 200)/>
                <TextArea id="profile-bio" label="About you" value=bio hint="A few words, if you like." problem=too_long(bio, 4_096)/>
                <Field id="profile-phone" label="Phone" value=phone kind="tel" autocomplete="tel" inputmode="tel" problem=too_long(phone, 64)/>
                <Clash theirs=clash keep_mine take_theirs=Callback::new(move |()| load())/>
                <BusyButton label="Save" busy_label="Sealing and saving…" busy testid="profile-save"/>
            </form>
            <FailureNotice failure=failed doing=Doing::EditingProfile go/>
        </Frame>
    }
}

/// What is to become of the picture, and the new one.
type Change = (PictureChange, Option<web_sys::Blob>);
