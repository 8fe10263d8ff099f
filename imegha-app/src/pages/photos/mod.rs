//! The photos of all folders, by when they were taken; and what pages of photos are made of.

mod bar;
mod grid;
mod picks;
mod tabs;
mod tile;
mod timeline;

use imegha_worker::protocol::{Entry, Photo};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;

use super::albums::AddToAlbum;
use super::files::Skeleton;
use super::gate::{gate, reread_when_changed, way_on};
use super::loaded::{Loaded, reader};
use crate::bridge::{Client, page};
use crate::components::{EmptyPlace, FailureNotice, Places, Shape, shown_name};
use crate::words::Doing;
pub(super) use bar::{Deed, PickBar, Room};
pub(super) use grid::{Grid, Size};
pub(super) use picks::Picks;
pub(super) use tabs::Tabs;
pub(super) use tile::Tile;
use timeline::{Block, Frame, Timeline};

/// The page of the photos.
#[component]
pub(crate) fn Photos() -> impl IntoView {
    let client = Client::expect();
    let photos = RwSignal::new(Loaded::<Vec<Photo>>::Loading);
    let (_, read) = reader(photos, move || client.photos());
    gate(Memo::new(|_| "/photos".to_owned()), read);
    reread_when_changed(Callback::new(move |()| read()));
    let go = way_on(move || {
        photos.set(Loaded::Loading);
        read();
    });
    let failure = Signal::derive(move || photos.with(Loaded::failure));
    let entries = Memo::new(move |_| {
        photos.with(|photos| photos.shown().into_iter().flatten().map(|photo| photo.entry.clone()).collect::<Vec<_>>())
    });
    let picks = Picks::new(entries);
    let adding = RwSignal::new(Vec::<Entry>::new());
    let deeds = vec![
        Deed {
            label: "Add to album",
            keys: "",
            shape: Shape::AlbumPlus,
            testid: "bar-add-to-album",
            room: Room::Words,
            ready: Signal::stored(true),
            run: Callback::new(move |chosen| adding.set(chosen)),
        },
        Deed {
            label: "Download",
            keys: "",
            shape: Shape::Download,
            testid: "bar-download",
            room: Room::Words,
            ready: Signal::stored(true),
            run: Callback::new(move |chosen: Vec<Entry>| chosen.iter().for_each(|entry| client.download(entry))),
        },
    ];
    let any = Memo::new(move |_| entries.with(|entries| !entries.is_empty()));
    let none = Memo::new(move |_| photos.with(|photos| photos.shown().is_some_and(Vec::is_empty)));
    view! {
        <Title text="Photos · iMegha"/>
        <section class="desk files">
            <Places/>
            <div class="desk-main">
                <div class="files-head"><h1 class="place-title">"Photos"</h1></div>
                <PickBar picks deeds><Tabs/></PickBar>
                <FailureNotice failure doing=Doing::Reading go/>
                <Show when=move || photos.with(Loaded::is_loading)><Skeleton words="Your photos are being looked for in all folders."/></Show>
                <Show when=move || none.get()><Empty/></Show>
                <Show when=move || any.get()><Months photos picks/></Show>
            </div>
        </section>
        <AddToAlbum files=adding done=Callback::new(move |()| picks.clear())/>
    }
}

#[component]
fn Months(photos: RwSignal<Loaded<Vec<Photo>>>, picks: Picks) -> impl IntoView {
    let client = Client::expect();
    let list = NodeRef::<html::Div>::new();
    let frame = RwSignal::new(Frame::default());
    let timeline = Memo::new(move |_| {
        photos.with(|photos| {
            let taken: Vec<u64> = photos.shown().into_iter().flatten().map(|photo| photo.taken_ms).collect();
            Timeline::of(&taken)
        })
    });
    let measure = move || {
        let Some(list) = list.try_get_untracked().flatten() else { return };
        let place = list.get_bounding_client_rect();
        let now = Frame { top: place.top(), screen: page::screen().1, width: place.width().max(1.0) };
        if frame.get_untracked() != now {
            frame.set(now);
        }
    };
    Effect::new(move |_| {
        list.track();
        timeline.track();
        request_animation_frame(measure);
    });
    let listeners = [
        window_event_listener_untyped("scroll", move |_| measure()),
        window_event_listener_untyped("resize", move |_| request_animation_frame(measure)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let current = Memo::new(move |_| picks.current());
    let drawn = Memo::new(move |_| timeline.with(|timeline| timeline.drawn(frame.get(), current.get())));
    let heads = move || {
        let head = |block: Block| match block {
            Block::Head { month, y } => {
                timeline.with(|timeline| timeline.month(month)).map(|month| (month.ms, month.count, y))
            }
            Block::Photo { .. } => None,
        };
        drawn.get().into_iter().filter_map(head).collect::<Vec<_>>()
    };
    let tiles = move || {
        photos.with(|photos| {
            let photos = photos.shown().map(Vec::as_slice).unwrap_or_default();
            let tile = |block: Block| match block {
                Block::Photo { index, x, y } => photos.get(index).map(|photo| (index, photo.clone(), x, y)),
                Block::Head { .. } => None,
            };
            drawn.get().into_iter().filter_map(tile).collect::<Vec<_>>()
        })
    };
    let open = move |index: usize| {
        let beside = picks.entries.get_untracked();
        if let Some(entry) = beside.get(index) {
            client.look_at(entry.clone(), beside.clone());
        }
    };
    let side = Memo::new(move |_| frame.get().side());
    view! {
        <div
            node_ref=list
            class="timeline"
            class:selecting=move || picks.any()
            data-testid="timeline"
            data-count=move || picks.entries.with(Vec::len).to_string()
            style:height=move || format!("{}px", timeline.with(|timeline| timeline.height(frame.get())))
            on:keydown=move |event: ev::KeyboardEvent| step(picks, &event)
        >
            <For each=heads key=|(ms, count, y)| (*ms, *count, y.to_bits()) let((ms, count, y))>
                <h2 class="month" data-testid="month" style:top=format!("{y}px")>
                    {page::month(ms)}
                    <span class="fine">{if count == 1 { " · 1 photo".to_owned() } else { format!(" · {count} photos") }}</span>
                </h2>
            </For>
            <For
                each=tiles
                key=|(index, photo, x, y)| (*index, photo.entry.id.clone(), photo.entry.thumbnail, x.to_bits(), y.to_bits())
                let((index, photo, x, y))
            >
                <Tile
                    label=format!("{}, {}", shown_name(&photo.entry.name), page::day_in_utc(photo.taken_ms))
                    entry=Signal::stored(photo.entry)
                    left=x
                    top=y
                    side=side
                    near=true
                    picks
                    open=Callback::new(move |()| open(index))
                />
            </For>
        </div>
    }
}

/// Arrows go from photo to photo; with another key held down they are the browser's.
fn step(picks: Picks, event: &ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return;
    }
    let Some(now) = untrack(|| picks.current()) else { return };
    let to = match event.key().as_str() {
        "ArrowRight" => now.checked_add(1),
        "ArrowLeft" => now.checked_sub(1),
        _ => return,
    };
    event.prevent_default();
    if let Some(to) = to {
        picks.go(to);
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="photos-empty"
            sheet="M66 62h64v48H66Z"
            line="M66 62h64v48H66ZM66 102l20-20 14 14 10-10 20 20M84 76a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z"
            title="No photos yet"
        >
            <p>"Images that you upload to any folder appear here, by when they were taken."</p>
        </EmptyPlace>
    }
}
