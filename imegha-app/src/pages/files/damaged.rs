//! What can be said of an entry that cannot be opened.

use leptos::prelude::*;

use crate::components::Dialog;

/// Says it, while there is one.
#[component]
pub(super) fn Damaged(entry: RwSignal<Option<String>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let id = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(damaged) = entry.get() {
            id.set(damaged);
            open.set(true);
            entry.set(None);
        }
    });
    view! {
        <Dialog id="damaged-title" title="Damaged" open>
            <div data-testid="damaged">
                <p>
                    "It cannot be opened: the storage lost part of it, or it was tampered with. Nothing of it is shown. A copy of the storage \
                     may still have it whole; whoever runs this server needs its number:"
                </p>
                <p><code class="number">{id}</code></p>
                <div class="dialog-buttons">
                    <button type="button" class="button" on:click=move |_| open.set(false)>"Close"</button>
                </div>
            </div>
        </Dialog>
    }
}
