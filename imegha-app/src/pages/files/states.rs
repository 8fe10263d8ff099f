//! What stands in the list's place.

use leptos::prelude::*;

use crate::components::EmptyPlace;

/// Until the list is there.
#[component]
pub(crate) fn Skeleton(
    /// What is being waited for.
    words: &'static str,
) -> impl IntoView {
    let row = |_| {
        view! {
            <li class="ghost-row">
                <span class="ghost square"></span>
                <span class="ghost line"></span>
                <span class="ghost short"></span>
            </li>
        }
    };
    view! {
        <div data-testid="loading">
            <p class="unseen" role="status">{words}</p>
            <ul class="ghosts" aria-hidden="true">{(0..6).map(row).collect_view()}</ul>
        </div>
    }
}

/// When a folder holds nothing.
#[component]
pub(super) fn Empty() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="empty"
            sheet="M78 66h30l14 14v40H78Z"
            line="M78 66h30l14 14v40H78ZM108 66v14h14M100 110V92M92 99l8-8 8 8"
            title="Nothing here yet"
        >
            <p>"Drop files anywhere on this page, or choose them with “Upload files”. They are sealed before they leave this device."</p>
        </EmptyPlace>
    }
}

/// When nothing is called what was looked for.
#[component]
pub(super) fn NothingFound(
    /// Whether all folders were looked through.
    everywhere: bool,
    /// Looks through all of them.
    look: Callback<()>,
) -> impl IntoView {
    view! {
        <EmptyPlace
            testid="nothing-found"
            sheet="M94 54a24 24 0 1 0 0 48 24 24 0 0 0 0-48Z"
            line="M94 54a24 24 0 1 0 0 48 24 24 0 0 0 0-48ZM112 96l20 20M84 78h20"
            title="Nothing of that name"
        >
            {if everywhere {
                view! { <p>"No file or folder in your cloud has that in its name. What is in the trash is not looked through."</p> }.into_any()
            } else {
                view! {
                    <p>"Nothing in this folder has that in its name."</p>
                    <button type="button" class="button" data-testid="search-everywhere-instead" on:click=move |_| look.run(())>"Search everywhere"</button>
                }
                .into_any()
            }}
        </EmptyPlace>
    }
}
