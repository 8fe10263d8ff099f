//! The places that a signed-in person has.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Icon, Shape};

/// Beside the list on a desk, above it on a phone.
#[component]
pub(crate) fn Places() -> impl IntoView {
    view! {
        <nav class="places" aria-label="Places">
            <A href="/files" attr:class="place" attr:data-testid="place-files"><Icon shape=Shape::Folder/>"Files"</A>
            <A href="/photos" attr:class="place" attr:data-testid="place-photos"><Icon shape=Shape::Image/>"Photos"</A>
            <A href="/people" attr:class="place" attr:data-testid="place-people"><Icon shape=Shape::People/>"People"</A>
            <A href="/trash" attr:class="place" attr:data-testid="place-trash"><Icon shape=Shape::Trash/>"Trash"</A>
            <A href="/settings" attr:class="place" attr:data-testid="place-settings"><Icon shape=Shape::Settings/>"Settings"</A>
        </nav>
    }
}
