//! What concerns every page: no network, no cryptography.

use leptos::prelude::*;

use super::{Icon, Shape};
use crate::bridge::{Client, page};

/// The banners under the bar; none while all is well.
#[component]
pub(crate) fn Banners() -> impl IntoView {
    let client = Client::expect();
    let online = client.online;
    let is_stale = move || online.get() && client.stale.get().is_some();
    let as_of = move || client.stale.get().map(page::time_of_day).unwrap_or_default();
    Effect::new(move |_| {
        online.set(page::is_online());
        client.no_webcrypto.set(!page::has_webcrypto());
        for (event, now) in [("online", true), ("offline", false)] {
            let listening = window_event_listener_untyped(event, move |_| online.set(now));
            on_cleanup(move || listening.remove());
        }
    });
    view! {
        <div class="banners" aria-live="polite">
            <Show when=move || !online.get()>
                <p class="banner" data-testid="offline">
                    <Icon shape=Shape::Offline/>
                    <span>
                        "You are offline. What is on the screen stays; transfers go on by themselves when the network is back."
                        <Show when=move || client.stale.get().is_some()>" You see your files as of " {as_of} "."</Show>
                    </span>
                </p>
            </Show>
            <Show when=is_stale>
                <p class="banner" data-testid="stale">
                    <Icon shape=Shape::Offline/>
                    <span>"The server cannot be reached. You see your files as of " {as_of} "; they are read again as soon as it answers."</span>
                </p>
            </Show>
            <Show when=move || client.no_webcrypto.get()>
                <p class="banner strong" data-testid="no-webcrypto">
                    <Icon shape=Shape::Warning/>
                    <span>
                        <strong>"This address cannot encrypt. "</strong>
                        "Browsers give a page their cryptography only over https, or on the machine itself. Open iMegha by its https address, or, on the \
                         machine that runs it, as http://127.0.0.1:3000. If you run this server: set \
                         IMEGHA_TLS=self-signed and IMEGHA_ORIGIN to the https address that people type, or put a proxy with https before it."
                    </span>
                </p>
            </Show>
        </div>
    }
}
