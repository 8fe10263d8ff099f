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
    /// The page above it, and what that is called.
    #[prop(default = ("/settings", "Settings"))]
    up: (&'static str, &'static str),
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
                        <A href=up.0 attr:class="button quiet small" attr:data-testid="settings-back">
                            <span class="turned"><Icon shape=Shape::ChevronRight/></span>
                            {up.1}
                        </A>
                    })}
                    <h1 class="place-title">{title}</h1>
                </div>
                {children()}
            </div>
        </section>
    }
}

/// The way to a page: its address, the name for tests, an icon, what it is called, and what is there.
pub(super) type Way = (&'static str, &'static str, Shape, &'static str, &'static str);

/// A line that leads to a page.
#[component]
pub(super) fn Line(
    /// Where to.
    line: Way,
) -> impl IntoView {
    let (address, testid, shape, title, words) = line;
    view! {
        <li>
            <A href=address attr:class="setting" attr:data-testid=testid>
                <Icon shape/>
                <span class="setting-words"><strong>{title}</strong><span class="fine">{words}</span></span>
                <Icon shape=Shape::ChevronRight/>
            </A>
        </li>
    }
}
