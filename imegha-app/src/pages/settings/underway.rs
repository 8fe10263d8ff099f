//! What takes a while and can be stopped.

use leptos::prelude::*;

/// How far it is, and a way to stop it.
#[component]
pub(super) fn Underway(
    /// For tests: the whole, and the button.
    testids: [&'static str; 2],
    /// What is measured.
    label: &'static str,
    /// How far it is, of a hundred; nothing as long as that is not known.
    #[prop(into)]
    part: Signal<Option<u64>>,
    /// The same in words.
    #[prop(into)]
    words: Signal<String>,
    /// Whether it is being stopped.
    stopping: RwSignal<bool>,
    /// Stops it.
    stop: Callback<()>,
    /// What stands on the button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="quota" data-testid=testids[0]>
            // Without a value it says that it is not known how far it is.
            <progress max="100" value=move || part.get().map(|part| part.to_string()) aria-label=label></progress>
            <p>{words}</p>
            <button
                type="button"
                class="button quiet"
                data-testid=testids[1]
                disabled=stopping
                on:click=move |_| {
                    stopping.set(true);
                    stop.run(());
                }
            >
                {children()}
            </button>
        </div>
    }
}
