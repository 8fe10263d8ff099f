//! The list: rows or tiles, of a long one only what is near the screen.

use std::collections::HashMap;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent};

use super::action::{Action, Shelf};
use super::desk::{Desk, Item};
use super::drag;
use super::keys::{Command, Key};
use super::pointer::{Pointer, open_menu};
use super::row::Row;
use super::window::Frame;
use crate::bridge::{By, Layout, page};
use crate::components::{Choice, Icon, Menu, Shape, Spot};

/// The list of the desk; nothing while it is empty.
#[component]
pub(crate) fn EntryList(
    /// What it is a list of.
    label: &'static str,
    /// Whether it was searched for, so that each entry says where it is.
    #[prop(into)]
    found: Signal<bool>,
) -> impl IntoView {
    let desk = Desk::expect();
    let any = Memo::new(move |_| desk.items.with(|items| !items.is_empty()));
    let choices = Signal::derive(move || {
        let none = desk.selection.with(|selection| selection.is_empty());
        let actions = if none { Action::of_background(desk.shelf) } else { desk.offered() };
        actions.into_iter().map(Action::choice).collect::<Vec<Choice<Action>>>()
    });
    // What goes takes its selection with it.
    Effect::new(move |before: Option<Vec<String>>| {
        let now = desk.items.with(|items| items.iter().map(|item| item.entry.id.clone()).collect::<Vec<_>>());
        if let Some(before) = before.filter(|before| *before != now) {
            desk.selection.update(|selection| selection.keep(&before, &now));
            desk.focus_again();
        }
        now
    });
    view! {
        <Show when=move || any.get()>
            <Grid label found/>
        </Show>
        <Menu label="What can be done" at=desk.menu choices take=Callback::new(move |action| desk.try_act(action))/>
    }
}

#[component]
fn Grid(label: &'static str, found: Signal<bool>) -> impl IntoView {
    let desk = Desk::expect();
    let grid = NodeRef::<html::Div>::new();
    let tiles = move || desk.look.with(|look| look.layout == Layout::Tiles);
    let count = Memo::new(move |_| desk.items.with(Vec::len));
    let drawn = Memo::new(move |_| desk.frame.with(|frame| frame.drawn(count.get())));
    let places = Memo::new(move |_| {
        desk.items.with(|items| {
            items.iter().enumerate().map(|(index, item)| (item.entry.id.clone(), index)).collect::<HashMap<_, _>>()
        })
    });
    // What has the keyboard is drawn wherever it is: else scrolling would take the keyboard away.
    let rows = move || {
        let drawn = drawn.get();
        let current = desk.selection.with(|selection| selection.current().map(str::to_owned));
        let current = current.and_then(|id| places.with(|places| places.get(&id).copied()));
        desk.items.with(|items| {
            let aside = |index: &usize| !drawn.contains(index);
            let before = current.filter(|index| aside(index) && *index < drawn.start);
            let after = current.filter(|index| aside(index) && *index >= drawn.end);
            let indices = before.into_iter().chain(drawn.clone()).chain(after);
            indices.filter_map(|index| items.get(index).cloned()).collect::<Vec<_>>()
        })
    };
    let measure = move || measure(desk, grid);
    let soon = move || request_animation_frame(measure);
    Effect::new(move |_| {
        desk.look.track();
        count.track();
        grid.track();
        soon();
    });
    let scrolled = window_event_listener(ev::scroll, move |_| measure());
    let resized = window_event_listener(ev::resize, move |_| soon());
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    let key = move |event: KeyboardEvent| keyboard(desk, &event);
    let pointer = Pointer::new(desk);
    view! {
        <div
            class="shelf"
            class:tiles=tiles
            class:found=found
            class:trashed=desk.shelf == Shelf::Trash
            class:selecting=move || desk.selection.with(|selection| !selection.is_empty())
            role="grid"
            aria-label=label
            aria-multiselectable="true"
            aria-rowcount=move || (count.get() + 1).to_string()
        >
            <Heads found/>
            <div
                node_ref=grid
                class="entries"
                role="rowgroup"
                data-testid="list"
                data-count=move || count.get().to_string()
                style:height=move || format!("{}px", desk.frame.get().height(count.get()))
                on:keydown=key
                on:click=move |event| pointer.click(&event)
                on:dblclick=move |event| pointer.double_click(&event)
                on:contextmenu=move |event| pointer.menu(&event)
                on:focusin=move |event| pointer.focused(&event)
                on:pointerdown=move |event| pointer.down(&event)
                on:pointermove=move |event| pointer.moved(&event)
                on:pointerup=move |_| pointer.up()
                on:pointercancel=move |_| pointer.up()
                on:dragstart=move |event| pointer.drag_start(&event)
                on:dragend=move |_| drag::end(desk)
                on:dragover=move |event| pointer.drag_over(&event)
                on:drop=move |event| pointer.drop(&event)
            >
                <For each=rows key=|item| fingerprint(item) let:item>
                    {
                        let id = item.entry.id.clone();
                        let index = Signal::derive(move || places.with(|places| places.get(&id).copied()));
                        view! { <Row item index/> }
                    }
                </For>
            </div>
        </div>
    }
}

/// The columns' heads, by which the list is sorted.
#[component]
fn Heads(found: Signal<bool>) -> impl IntoView {
    let desk = Desk::expect();
    let head = move |class: &'static str, words: &'static str, by: Option<By>| {
        let Some(by) = by else {
            return view! { <span class=class role="columnheader">{words}</span> }.into_any();
        };
        let sort = move || match desk.look.with(|look| (look.by == by, look.down)) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        view! {
            <span class=class role="columnheader" aria-sort=sort>
                <button type="button" class="sort" data-testid=format!("sort-{}", words.to_lowercase()) on:click=move |_| turn(desk, by)>
                    {words}
                    <Icon shape=Shape::ChevronRight/>
                </button>
            </span>
        }
        .into_any()
    };
    let heads = move || match (desk.shelf, found.get()) {
        (Shelf::Trash, _) => view! {
            {head("col-name", "Name", None)}
            {head("col-where", "From", None)}
            {head("col-date", "Deleted", None)}
            {head("col-until", "Gone for good", None)}
        }
        .into_any(),
        (_, true) => view! {
            {head("col-name", "Name", Some(By::Name))}
            {head("col-where", "Folder", None)}
            {head("col-date", "Modified", Some(By::Modified))}
        }
        .into_any(),
        (_, false) => view! {
            {head("col-name", "Name", Some(By::Name))}
            {head("col-kind", "Kind", Some(By::Kind))}
            {head("col-size", "Size", Some(By::Size))}
            {head("col-date", "Modified", Some(By::Modified))}
        }
        .into_any(),
    };
    let all = move || {
        let whole = desk.items.with(|items| items.iter().filter(|item| !item.entry.damaged).count());
        whole > 0 && desk.selection.with(|selection| selection.count() == whole)
    };
    view! {
        <div class="entries-head" role="row" aria-rowindex="1">
            <span class="entry-mark" role="columnheader">
                <label class="entry-check">
                    <input
                        type="checkbox"
                        data-testid="select-all"
                        aria-label="Select all"
                        prop:checked=all
                        on:change=move |_| {
                            if untrack(all) { desk.selection.update(|selection| selection.clear()) } else { desk.select_all() }
                        }
                    />
                </label>
            </span>
            {heads}
            <span class="col-act" role="columnheader"><span class="unseen">"Actions"</span></span>
        </div>
    }
}

/// Learns where the list stands, and again until that has changed nothing: how high a row is shows only once it is drawn.
fn measure(desk: Desk, grid: NodeRef<html::Div>) {
    let Some(list) = grid.try_get_untracked().flatten() else { return };
    let tiles = desk.look.with_untracked(|look| look.layout == Layout::Tiles);
    let place = list.get_bounding_client_rect();
    let columns = if tiles { ((place.width() / TILE) as usize).max(2) } else { 1 };
    let row = list.query_selector(".entry").ok().flatten().map(|row| row.get_bounding_client_rect().height());
    let row = row.filter(|height| *height > 0.0).unwrap_or(Frame::default().row);
    let now = Frame { top: place.top(), screen: page::screen().1, row, columns };
    if desk.frame.get_untracked() != now {
        desk.frame.set(now);
        request_animation_frame(move || measure(desk, grid));
    }
}

/// Sorts by a column, and keeps that.
pub(super) fn turn(desk: Desk, by: By) {
    desk.look.update(|look| look.turn(by));
    desk.look.get_untracked().save();
}

/// A key while an entry has the keyboard.
fn keyboard(desk: Desk, event: &KeyboardEvent) {
    let target = event_target::<HtmlElement>(event);
    let on_link = target.tag_name() == "A";
    let name = event.key();
    let (control, shift, alt) = (event.ctrl_key() || event.meta_key(), event.shift_key(), event.alt_key());
    let Some(command) = (Key { name: &name, control, shift, alt }).in_list() else { return };
    if on_link && command == Command::Open {
        // The link itself opens.
        return;
    }
    let current = desk.selection.with_untracked(|selection| selection.current().map(str::to_owned));
    let Some(current) = current else { return };
    let current_is_chosen = || desk.selection.with_untracked(|selection| selection.has(&current));
    let choose = || {
        if !current_is_chosen() {
            desk.selection.update(|selection| selection.only(&current));
        }
    };
    event.prevent_default();
    event.stop_propagation();
    match command {
        Command::Go(step) | Command::Walk(step) | Command::Reach(step) => {
            let to = desk.items.with_untracked(|items| {
                let place = items.iter().position(|item| item.entry.id == current)?;
                let frame = desk.frame.get_untracked();
                let to = step.from(place, items.len(), frame.columns, frame.page())?;
                items.get(to).map(|item| item.entry.id.clone())
            });
            let Some(to) = to else { return };
            match command {
                Command::Go(_) => desk.selection.update(|selection| selection.only(&to)),
                Command::Reach(_) => desk.reach(&to),
                _ => desk.selection.update(|selection| selection.go(&to)),
            }
            desk.focus(&to);
        }
        Command::Open => {
            desk.selection.update(|selection| selection.only(&current));
            desk.try_act(Action::Open);
        }
        Command::Toggle => desk.selection.update(|selection| selection.toggle(&current)),
        Command::Rename => {
            choose();
            desk.try_act(Action::Rename);
        }
        Command::Delete => {
            choose();
            desk.try_act(if desk.shelf == Shelf::Trash { Action::Purge } else { Action::Trash });
        }
        Command::Menu => open_menu(desk, &current, Spot::under(&target)),
        _ => {}
    }
}

/// What a row is drawn from: when it changes, the row is drawn anew.
fn fingerprint(item: &Item) -> (String, String, u64, u64, bool, Option<u64>, String) {
    let entry = &item.entry;
    let about = format!("{:?}", item.about);
    (entry.id.clone(), entry.name.clone(), entry.size, entry.modified_ms, entry.damaged, entry.thumbnail, about)
}

/// The least width of a tile, in pixels.
const TILE: f64 = 150.0;
