//! The two ways to look at photos.

use leptos::prelude::*;
use leptos_router::components::A;

/// Links to the timeline and to the albums.
#[component]
pub(crate) fn Tabs() -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Photos">
            <A href="/photos" exact=true attr:class="tab" attr:data-testid="tab-timeline">"Timeline"</A>
            <A href="/photos/albums" exact=true attr:class="tab" attr:data-testid="tab-albums">"Albums"</A>
        </nav>
    }
}
