//! What stands in the list's place.

use leptos::prelude::*;

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
        <div class="empty" data-testid="empty">
            <svg class="drawing" viewBox="0 0 200 140" aria-hidden="true" focusable="false">
                <path class="d-soft" d="M52 118a32 32 0 0 1-5-63.5A48 48 0 0 1 137 40a40 40 0 0 1 12 78Z"/>
                <path class="d-sheet" d="M78 66h30l14 14v40H78Z"/>
                <path class="d-line" d="M78 66h30l14 14v40H78ZM108 66v14h14M100 110V92M92 99l8-8 8 8"/>
            </svg>
            <h2>"Nothing here yet"</h2>
            <p>"Drop files anywhere on this page, or choose them with “Upload files”. They are sealed before they leave this device."</p>
        </div>
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
        <div class="empty" data-testid="nothing-found">
            <svg class="drawing" viewBox="0 0 200 140" aria-hidden="true" focusable="false">
                <path class="d-soft" d="M52 118a32 32 0 0 1-5-63.5A48 48 0 0 1 137 40a40 40 0 0 1 12 78Z"/>
                <circle class="d-sheet" cx="94" cy="78" r="24"/>
                <path class="d-line" d="M94 54a24 24 0 1 0 0 48 24 24 0 0 0 0-48ZM112 96l20 20M84 78h20"/>
            </svg>
            <h2>"Nothing of that name"</h2>
            {if everywhere {
                view! { <p>"No file or folder in your cloud has that in its name. What is in the trash is not looked through."</p> }.into_any()
            } else {
                view! {
                    <p>"Nothing in this folder has that in its name."</p>
                    <button type="button" class="button" data-testid="search-everywhere-instead" on:click=move |_| look.run(())>"Search everywhere"</button>
                }
                .into_any()
            }}
        </div>
    }
}
