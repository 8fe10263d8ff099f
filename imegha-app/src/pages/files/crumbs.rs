//! The way from the uppermost folder to the one on the screen.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::bridge::Client;
use crate::components::{FileName, Icon, Shape};
use crate::pages::entries::{Desk, drag};

/// The way, each step of it a link but the last. What is dragged can be let go on a step.
#[component]
pub(super) fn Crumbs() -> impl IntoView {
    let client = Client::expect();
    let path = Memo::new(move |_| {
        client.folder.with(|view| view.listing().map(|listing| listing.path.clone())).unwrap_or_default()
    });
    let steps = move || {
        let path = path.get();
        let last = path.len().saturating_sub(1);
        path.into_iter()
            .enumerate()
            .map(|(index, crumb)| {
                let step = if index == last {
                    view! { <h1 class="crumb" aria-current="page"><FileName name=crumb.name/></h1> }.into_any()
                } else {
                    view! {
                        <Step folder=Some(crumb.id.clone())>
                            <A href=format!("/files/{}", crumb.id) attr:class="crumb"><FileName name=crumb.name.clone()/></A>
                        </Step>
                    }
                    .into_any()
                };
                view! { <li><Icon shape=Shape::ChevronRight/>{step}</li> }
            })
            .collect_view()
    };
    let root = move || {
        if path.with(Vec::is_empty) {
            view! { <h1 class="crumb" aria-current="page">"My files"</h1> }.into_any()
        } else {
            view! { <Step folder=None><A href="/files" attr:class="crumb">"My files"</A></Step> }.into_any()
        }
    };
    view! {
        <nav class="crumbs" aria-label="Folder" data-testid="crumbs">
            <ol>
                <li>{root}</li>
                {steps}
            </ol>
        </nav>
    }
}

/// A folder on the way; the uppermost one without an id.
#[component]
fn Step(folder: Option<String>, children: Children) -> impl IntoView {
    let desk = Desk::expect();
    let folder = StoredValue::new(folder);
    let lands = move || {
        desk.above
            .with(|above| folder.with_value(|folder| above.as_deref() == Some(folder.as_deref().unwrap_or_default())))
    };
    view! {
        <span
            class="crumb-step"
            class:drop-here=lands
            on:dragover=move |event| folder.with_value(|folder| drag::over(desk, folder.as_deref(), &event))
            on:dragleave=move |_| drag::leave(desk)
            on:drop=move |event| folder.with_value(|folder| drag::land(desk, folder.as_deref(), &event))
        >
            {children()}
        </span>
    }
}
