//! A picture among others: a press looks at it, and its box selects it.

use imegha_worker::protocol::Entry;
use leptos::ev;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use super::picks::{Picks, tile_id};
use crate::components::{FileName, Thumb, shown_name};
use crate::pages::entries::shape;

/// A picture; a file that has none is shown by its icon and name.
#[component]
pub(crate) fn Tile(
    /// The file, always the same one.
    #[prop(into)]
    entry: Signal<Entry>,
    /// What it is called to who cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// From the left, in pixels.
    #[prop(into)]
    left: Signal<f64>,
    /// From the top, in pixels.
    #[prop(into)]
    top: Signal<f64>,
    /// Its side, in pixels.
    #[prop(into)]
    side: Signal<f64>,
    /// Whether it is near the screen.
    #[prop(into)]
    near: Signal<bool>,
    /// What is written on it, if anything is.
    #[prop(into, optional)]
    mark: Signal<Option<&'static str>>,
    /// What it is selected among.
    picks: Picks,
    /// Looks at it.
    open: Callback<()>,
) -> impl IntoView {
    let file_id = entry.with_untracked(|entry| entry.id.clone());
    let element_id = tile_id(&file_id);
    let id = StoredValue::new(file_id);
    let chosen = Memo::new(move |_| picks.selection.with(|selection| id.with_value(|id| selection.has(id))));
    let shown = Memo::new(move |_| entry.with(name_of));
    let name = Memo::new(move |_| entry.with(|entry| entry.name.clone()));
    let picture = Memo::new(move |_| entry.with(|entry| Some((entry.id.clone(), entry.thumbnail?))));
    let shape = Memo::new(move |_| entry.with(shape));
    let thumb = move || view! { <Thumb picture=picture.get() shape=shape.get() near/> };
    let caption = move || {
        let is_plain = picture.with(Option::is_none);
        is_plain.then(|| view! { <span class="photo-name"><FileName name=name.get()/></span> })
    };
    view! {
        <div
            class="photo-place"
            class:picked=chosen
            style:left=move || format!("{}px", left.get())
            style:top=move || format!("{}px", top.get())
            style:width=move || format!("{}px", side.get())
            style:height=move || format!("{}px", side.get())
        >
            <button
                type="button"
                class="photo"
                id=element_id
                data-testid="photo"
                data-name=name
                aria-label=label
                title=shown
                on:focus=move |_| {
                    let is_current = picks.selection.with_untracked(|selection| id.with_value(|id| selection.current() == Some(id)));
                    if !is_current {
                        id.with_value(|id| picks.selection.update(|selection| selection.go(id)));
                    }
                }
                on:click=move |event| {
                    if id.with_value(|id| picks.click(id, &event)) {
                        open.run(());
                    }
                }
                on:keydown=move |event| id.with_value(|id| picks.key(id, &event))
                on:keyup=move |event: ev::KeyboardEvent| {
                    // A button is pressed by the space bar when that comes up.
                    if event.key() == " " {
                        event.prevent_default();
                    }
                }
                on:pointerdown=move |event| id.with_value(|id| picks.down(id, &event))
                on:pointermove=move |event| picks.moved(&event)
                on:pointerup=move |_| picks.up()
                on:pointercancel=move |_| picks.up()
                on:contextmenu=move |event| picks.menu(&event)
            >
                {thumb}
                {caption}
            </button>
            // The button's own name says it too.
            {move || mark.get().map(|mark| view! { <span class="photo-mark" aria-hidden="true">{mark}</span> })}
            <label class="photo-check">
                <input
                    type="checkbox"
                    tabindex="-1"
                    data-testid="pick"
                    aria-label=move || format!("Select {}", shown.get())
                    prop:checked=chosen
                    on:change=move |event: ev::Event| {
                        let wanted = event_target::<HtmlInputElement>(&event).checked();
                        if wanted != chosen.get_untracked() {
                            id.with_value(|id| picks.toggle(id));
                        }
                    }
                />
            </label>
        </div>
    }
}

fn name_of(entry: &Entry) -> String {
    if entry.damaged { "a damaged file".to_owned() } else { shown_name(&entry.name) }
}
