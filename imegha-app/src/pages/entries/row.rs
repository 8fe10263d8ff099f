//! One entry of a list, as a row or as a tile.

use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::A;
use web_sys::{HtmlElement, HtmlInputElement};

use super::action::Shelf;
use super::desk::{About, Desk, Item, row_id};
use super::kind::{kind, kind_words, shape};
use super::pointer::open_menu;
use crate::bridge::page;
use crate::components::{FileName, Icon, Shape, Spot, Thumb, file_size, shown_name};

/// An entry.
#[component]
pub(crate) fn Row(item: Item, index: Signal<Option<usize>>) -> impl IntoView {
    let desk = Desk::expect();
    let Item { entry, about } = item;
    let id = StoredValue::new(entry.id.clone());
    let is_folder = entry.folder && !entry.damaged;
    let chosen = Memo::new(move |_| desk.selection.with(|selection| id.with_value(|id| selection.has(id))));
    let current =
        Memo::new(move |_| desk.selection.with(|selection| id.with_value(|id| selection.current() == Some(id))));
    // The first entry takes the keyboard while no other has it.
    let reachable = Memo::new(move |_| {
        let nobody = desk.selection.with(|selection| selection.current().is_none());
        current.get() || (nobody && index.get() == Some(0))
    });
    let busy = Memo::new(move |_| desk.busy.with(|busy| id.with_value(|id| busy.contains(id))));
    let place = move || index.get().map(|index| desk.frame.with(|frame| (frame.place(index), frame.columns)));
    let top = move || place().map(|((top, _), _)| format!("{top}px"));
    let left = move || place().map(|((_, column), columns)| format!("{}%", 100.0 * column as f64 / columns as f64));
    let width = move || place().map(|(_, columns)| format!("{}%", 100.0 / columns as f64));

    let lands = move || desk.above.with(|above| id.with_value(|id| above.as_ref() == Some(id)));
    let name = entry.name.clone();
    let shown = if entry.damaged { "a damaged entry".to_owned() } else { shown_name(&entry.name) };
    let (kind, shape, words, size) = (kind(&entry), shape(&entry), kind_words(&entry), entry.size);
    let (is_damaged, modified_ms) = (entry.damaged, entry.modified_ms);
    let picture = entry.thumbnail.map(|revision| (entry.id.clone(), revision));
    let is_pictured = picture.is_some();
    let near = Signal::derive(move || index.get().is_some_and(|index| desk.frame.with(|frame| frame.is_near(index))));
    let file_name = entry.name.clone();
    let label = if entry.damaged {
        view! {
            <span class="entry-damaged">
                <strong>"Damaged"</strong>
                <code>{entry.id.clone()}</code>
            </span>
        }
        .into_any()
    } else if is_folder && desk.shelf == Shelf::Files {
        view! {
            <A
                href=format!("/files/{}", entry.id)
                attr:class="entry-link"
                attr:data-testid="open"
                attr:tabindex="-1"
                attr:draggable="false"
            >
                <FileName name=file_name/>
            </A>
        }
        .into_any()
    } else {
        view! { <FileName name=file_name/> }.into_any()
    };
    let is_file = !entry.folder && !entry.damaged && desk.shelf == Shelf::Files;
    view! {
        <div
            id=row_id(&entry.id)
            class="entry"
            class:drop-here=lands
            role="row"
            tabindex=move || if reachable.get() { "0" } else { "-1" }
            aria-selected=move || if chosen.get() { "true" } else { "false" }
            aria-busy=move || busy.get().then_some("true")
            aria-rowindex=move || index.get().map(|index| (index + 2).to_string())
            draggable=if desk.shelf == Shelf::Files && !entry.damaged { "true" } else { "false" }
            data-testid="entry"
            data-name=name
            data-kind=kind
            style:top=top
            style:left=left
            style:width=width
        >
            <span class="entry-mark" role="gridcell">
                <label class="entry-check">
                    <input
                        type="checkbox"
                        tabindex="-1"
                        data-testid="select"
                        aria-label=format!("Select {shown}")
                        prop:checked=chosen
                        on:change=move |event: ev::Event| {
                            let wanted = event_target::<HtmlInputElement>(&event).checked();
                            if wanted != chosen.get_untracked() {
                                id.with_value(|id| {
                                    desk.selection.update(|selection| selection.toggle(id));
                                    desk.focus(id);
                                });
                            }
                        }
                    />
                    <span class="entry-icon" class:folder=is_folder class:bad=is_damaged class:pictured=is_pictured><Thumb picture shape near/></span>
                </label>
            </span>
            <span class="entry-name" role="gridcell">{label}<span class="spinner" hidden=move || !busy.get()></span></span>
            <Columns about modified_ms words size is_file/>
            <span class="col-act" role="gridcell">
                {is_file.then(|| {
                    let entry = entry.clone();
                    view! {
                        <button
                            type="button"
                            class="icon-button"
                            tabindex="-1"
                            data-testid="download"
                            aria-label=format!("Download {shown}")
                            title="Download"
                            on:click=move |_| desk.client.download(&entry)
                        >
                            <Icon shape=Shape::Download/>
                        </button>
                    }
                })}
                <button
                    type="button"
                    class="icon-button"
                    tabindex="-1"
                    data-testid="more"
                    aria-haspopup="menu"
                    aria-label=format!("More for {shown}")
                    title="More"
                    on:click=move |event| {
                        let at = Spot::under(&event_target::<HtmlElement>(&event));
                        open_menu(desk, &id.get_value(), at);
                    }
                >
                    <Icon shape=Shape::More/>
                </button>
            </span>
        </div>
    }
}

/// The columns between the name and the buttons.
#[component]
fn Columns(about: About, modified_ms: u64, words: &'static str, size: u64, is_file: bool) -> impl IntoView {
    match about {
        About::Here => view! {
            <span class="col-kind" role="gridcell">{words}</span>
            <span class="col-size" role="gridcell">{is_file.then(|| file_size(size))}</span>
            <span class="col-date" role="gridcell">{date(modified_ms)}</span>
        }
        .into_any(),
        About::In { folder, path } => view! {
            <span class="col-where" role="gridcell">
                <A href=format!("/files/{folder}") attr:class="entry-where" attr:data-testid="found-in" attr:tabindex="-1" attr:draggable="false">
                    <Icon shape=Shape::Folder/>
                    <FileName name=path.last().cloned().unwrap_or_else(|| "My files".to_owned())/>
                </A>
            </span>
            <span class="col-date" role="gridcell">{date(modified_ms)}</span>
        }
        .into_any(),
        About::Trashed { trashed_ms, purged_ms, origin } => {
            let origin = match origin {
                None => view! { <span class="fine">"A folder that is gone"</span> }.into_any(),
                Some(path) => {
                    view! { <FileName name=path.last().cloned().unwrap_or_else(|| "My files".to_owned())/> }.into_any()
                }
            };
            view! {
                <span class="col-where" role="gridcell"><span class="unseen">"From "</span>{origin}</span>
                <span class="col-date" role="gridcell"><span class="unseen">"Deleted "</span>{date(trashed_ms)}</span>
                <span class="col-until" role="gridcell"><span class="unseen">"Gone for good "</span>{date(purged_ms)}</span>
            }
            .into_any()
        }
    }
}

#[component]
fn Moment(ms: u64) -> impl IntoView {
    view! { <time title=page::moment(ms)>{page::day(ms)}</time> }
}

/// A date; none where there is none.
fn date(ms: u64) -> impl IntoView {
    (ms != 0).then(|| view! { <Moment ms/> })
}
