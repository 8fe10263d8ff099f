//! The whole page takes files that are dropped on it.

use leptos::ev;
use leptos::prelude::*;
use web_sys::DragEvent;

use crate::bridge::{Picked, dropped};
use crate::components::{Icon, Shape};

/// Shows where to drop while files are dragged over the page, and hands on what is dropped.
#[component]
pub(super) fn DropZone(
    /// Takes what was dropped.
    take: Callback<Picked>,
    /// Whether there is a folder to drop into.
    ready: Signal<bool>,
) -> impl IntoView {
    // Every element that is entered and left says so: only the difference tells whether the page was left.
    let depth = RwSignal::new(0_i32);
    let over = move || depth.get() > 0;
    let listeners = [
        window_event_listener(ev::dragenter, move |event| {
            if has_files(&event) {
                event.prevent_default();
                depth.update(|depth| *depth += 1);
            }
        }),
        window_event_listener(ev::dragleave, move |event| {
            if has_files(&event) {
                depth.update(|depth| *depth = (*depth - 1).max(0));
            }
        }),
        window_event_listener(ev::dragover, move |event| {
            if let Some(data) = event.data_transfer().filter(|_| has_files(&event)) {
                // Otherwise the browser would leave the page to show the file.
                event.prevent_default();
                data.set_drop_effect(if ready.get_untracked() { "copy" } else { "none" });
            }
        }),
        window_event_listener(ev::drop, move |event| {
            if let Some(data) = event.data_transfer().filter(|_| has_files(&event)) {
                event.prevent_default();
                depth.set(0);
                if ready.get_untracked() {
                    take.run(dropped(&data));
                }
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    view! {
        <Show when=over>
            <div class="drop-zone" data-testid="drop-zone">
                <p>
                    <Icon shape=Shape::Upload/>
                    {move || if ready.get() { "Drop to seal and upload" } else { "Wait until the folder is open" }}
                </p>
            </div>
        </Show>
    }
}

/// Whether files are dragged, and not a text or a link of the page.
fn has_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}
