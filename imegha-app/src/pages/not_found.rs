//! For addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// Says that there is no such page, and where to go.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <Title text="No such page · iMegha"/>
        <section class="narrow centred" data-testid="not-found">
            <svg class="drawing" viewBox="0 0 160 110" aria-hidden="true" focusable="false">
                <path class="d-soft" d="M40 92a26 26 0 0 1-4-51.5A38 38 0 0 1 108 28a32 32 0 0 1 12 64Z"/>
                <path class="d-line" d="M66 52a14 14 0 1 1 20 12.5c-4 2-6 5-6 9.5M80 82v1"/>
            </svg>
            <h1>"There is no page at this address"</h1>
            <p>"It may have been mistyped. Your files are not affected."</p>
            <p><A href="/" attr:class="button">"To the first page"</A></p>
        </section>
    }
}
