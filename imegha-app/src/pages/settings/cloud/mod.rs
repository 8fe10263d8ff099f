//! Where the cloud is, and how it comes to storage of one's own.

mod connect;
mod now;
mod own;

use imegha_worker::protocol::Place;
use leptos::prelude::*;

use super::frame::Frame;
use crate::bridge::Client;
use crate::components::FailureNotice;
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::{Loaded, reader};
use crate::words::Doing;
use connect::Connect;
use now::Now;
use own::Own;

/// The page of the cloud's place. It is where somebody lands whose server gives no cloud.
#[component]
pub(crate) fn YourCloud() -> impl IntoView {
    let client = Client::expect();
    let place = RwSignal::new(Loaded::<Place>::Loading);
    let (_, read) = reader(place, move || client.place());
    gate(Memo::new(|_| "/settings/cloud".to_owned()), read);
    let go = way_on(move || {
        place.set(Loaded::Loading);
        read();
    });
    let failure = Signal::derive(move || place.with(Loaded::failure));
    let is_shown = Memo::new(move |_| place.with(|place| place.shown().is_some()));
    let now =
        move || place.with(|place| place.shown().map(|place| place.cloud.clone())).map(|cloud| view! { <Now cloud/> });
    let own = move || place.with(|place| place.shown().cloned()).map(|place| view! { <Own place/> });
    view! {
        <Frame title="Your cloud">
            <p class="lead">"Where what you keep lies, always sealed; and how it comes to storage of your own."</p>
            <FailureNotice failure doing=Doing::Reading go/>
            <Show when=move || place.with(Loaded::is_loading)><Skeleton words="Your cloud is being looked for."/></Show>
            {now}
            // What was typed stays when the place is read again.
            <div hidden=move || !is_shown.get()>
                <Connect place read=Callback::new(move |()| read())/>
            </div>
            {own}
        </Frame>
    }
}
