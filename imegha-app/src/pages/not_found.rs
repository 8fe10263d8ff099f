//! For addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// Says that there is no such page, and where to go.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <Title text="No such page"/>
        <section class="narrow">
            <h1>"There is no page at this address"</h1>
            <p>"Perhaps it was mistyped. Your files are not affected."</p>
            <p><A href="/" attr:class="button">"To the first page"</A></p>
        </section>
    }
}
