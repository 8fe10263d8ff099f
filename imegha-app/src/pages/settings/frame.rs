//! What the pages of the settings stand in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::components::{Icon, Places, Shape};

/// A page of the settings, with the way back to all of them.
#[component]
pub(super) fn Frame(
    /// What it is called.
    title: &'static str,
    /// Whether it is the first of them.
    #[prop(optional)]
    top: bool,
    /// What is on it.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} · iMegha")/>
        <section class="desk files">
            <Places/>
            <div class="desk-main settings-page">
                <div class="files-head">
                    {(!top).then(|| view! {
                        <A href="/settings" attr:class="button quiet small" attr:data-testid="settings-back">
                            <span class="turned"><Icon shape=Shape::ChevronRight/></span>
                            "Settings"
                        </A>
                    })}
                    <h1 class="place-title">{title}</h1>
                </div>
                {children()}
            </div>
        </section>
    }
}
