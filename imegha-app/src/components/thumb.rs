//! The small picture of a file, or its icon until that is there.

use leptos::prelude::*;

use super::{Icon, Shape};
use crate::bridge::{Client, Thumbnail};

/// Shows the picture while it is near the screen.
#[component]
pub(crate) fn Thumb(
    /// Which; a file without one is shown by its icon.
    picture: Option<Thumbnail>,
    /// What is shown until it is there.
    shape: Shape,
    /// Whether it is near the screen.
    #[prop(into)]
    near: Signal<bool>,
) -> impl IntoView {
    let client = Client::expect();
    let picture = StoredValue::new(picture);
    let near = Memo::new(move |_| near.get());
    let wanted = StoredValue::new(false);
    let leave = move || {
        if wanted.try_update_value(std::mem::take) == Some(true) {
            picture.with_value(|picture| picture.iter().for_each(|picture| client.leave_thumbnail(picture)));
        }
    };
    Effect::new(move |_| {
        if near.get() {
            if !wanted.get_value() {
                wanted.set_value(true);
                picture.with_value(|picture| picture.iter().for_each(|picture| client.want_thumbnail(picture)));
            }
        } else {
            leave();
        }
    });
    on_cleanup(leave);
    let broken = RwSignal::new(false);
    let address = Memo::new(move |_| {
        // Its address is taken back when it is far from the screen.
        let shown = near.get() && !broken.get();
        shown.then(|| picture.with_value(|picture| client.thumbnail(picture.as_ref()?))).flatten()
    });
    move || {
        match address.get() {
        // What it is of stands beside it.
        Some(address) => view! { <img class="thumb" src=address alt="" draggable="false" data-testid="thumb" on:error=move |_| broken.set(true)/> }.into_any(),
        None => view! { <Icon shape/> }.into_any(),
    }
    }
}
