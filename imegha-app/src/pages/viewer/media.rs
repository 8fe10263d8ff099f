//! A sound or a film.

use leptos::prelude::*;

/// A sound or a film that the browser plays with its own controls. It reads as much as it plays, and from where one jumps to.
#[component]
pub(super) fn Media(
    /// What the service worker answers.
    address: String,
    /// Whether there is something to see.
    film: bool,
    /// What it is called.
    name: String,
    /// It cannot be played.
    broken: Callback<()>,
) -> impl IntoView {
    if film {
        view! {
            <div class="viewer-media">
                <video
                    src=address
                    controls
                    playsinline
                    preload="metadata"
                    tabindex="0"
                    aria-label=name
                    data-testid="viewer-media"
                    on:error=move |_| broken.run(())
                ></video>
            </div>
        }
        .into_any()
    } else {
        view! {
            <div class="viewer-media">
                <audio
                    src=address
                    controls
                    preload="metadata"
                    tabindex="0"
                    aria-label=name
                    data-testid="viewer-media"
                    on:error=move |_| broken.run(())
                ></audio>
            </div>
        }
        .into_any()
    }
}
