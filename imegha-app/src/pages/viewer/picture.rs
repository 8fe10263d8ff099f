//! An image, fitted or at its own size.

use leptos::prelude::*;

/// An image that the browser decodes. A press on it changes between fitting the window and its own size.
#[component]
pub(super) fn Picture(
    /// The blob's address.
    address: String,
    /// In pixels.
    width: u32,
    /// In pixels.
    height: u32,
    /// What it is called.
    name: String,
    /// It could not be decoded.
    broken: Callback<()>,
) -> impl IntoView {
    let whole = RwSignal::new(false);
    let label = move || if whole.get() { "Fit to the window" } else { "Show at its own size" };
    view! {
        <div class="viewer-image" class:whole=whole tabindex="0" role="group" aria-label="The image">
            <img
                src=address
                alt=name
                width=width
                height=height
                data-testid="viewer-image"
                on:error=move |_| broken.run(())
                on:dblclick=move |_| whole.update(|whole| *whole = !*whole)
            />
        </div>
        <button
            type="button"
            class="button small viewer-zoom"
            data-testid="viewer-zoom"
            aria-pressed=move || if whole.get() { "true" } else { "false" }
            on:click=move |_| whole.update(|whole| *whole = !*whole)
        >
            {label}
        </button>
    }
}
