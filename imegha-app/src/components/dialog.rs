//! A question that has to be answered before anything else.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog: the browser keeps the keyboard inside, and Escape closes it.
#[component]
pub(crate) fn Dialog(
    /// The id of its heading.
    id: &'static str,
    /// Its heading.
    #[prop(into)]
    title: Signal<&'static str>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Whether what it asked for is being done: then Escape does not close it.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// What it asks.
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        match (open.get(), element.open()) {
            (true, false) => _ = element.show_modal(),
            (false, true) => element.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=element
            aria-labelledby=id
            on:cancel=move |event: web_sys::Event| {
                if busy.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| open.set(false)
        >
            <h2 id=id>{title}</h2>
            {children()}
        </dialog>
    }
}

/// Has what a dialog asks forgotten once it is closed, by Escape too.
pub(crate) fn forget_when_closed<T>(open: RwSignal<bool>, asked: RwSignal<T>)
where
    T: Default + PartialEq + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if !open.get() && asked.with_untracked(|asked| *asked != T::default()) {
            asked.set(T::default());
        }
    });
}
