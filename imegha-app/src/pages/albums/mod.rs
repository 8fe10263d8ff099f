//! The albums: all of them, and one with what is in it.

mod add;
mod album;
mod delete;
mod order;
mod title;
mod turn;

use std::collections::HashMap;

use imegha_worker::protocol::{Album as Shown, Entry};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::files::Skeleton;
use super::gate::{gate, reread_when_changed, way_on};
use super::loaded::{Loaded, reader};
use super::photos::{Grid, Size, Tabs};
use crate::bridge::Client;
use crate::components::{EmptyPlace, FailureNotice, Icon, Places, Shape, Thumb, shown_name};
use crate::words::Doing;
pub(crate) use add::AddToAlbum;
pub(crate) use album::Album;
use title::{Asked, TitleDialog};

/// The page of all albums.
#[component]
pub(crate) fn Albums() -> impl IntoView {
    let client = Client::expect();
    let albums = RwSignal::new(Loaded::<Vec<Shown>>::Loading);
    let (_, read) = reader(albums, move || client.albums());
    gate(Memo::new(|_| "/photos/albums".to_owned()), read);
    reread_when_changed(Callback::new(move |()| read()));
    let go = way_on(move || {
        albums.set(Loaded::Loading);
        read();
    });
    let asked = RwSignal::new(None::<Asked>);
    let navigate = use_navigate();
    let made = Callback::new(move |album: Shown| navigate(&address(&album.id), NavigateOptions::default()));
    let failure = Signal::derive(move || albums.with(Loaded::failure));
    let is_loading = move || albums.with(Loaded::is_loading);
    let any = Memo::new(move |_| albums.with(|albums| albums.shown().is_some_and(|albums| !albums.is_empty())));
    let none = Memo::new(move |_| albums.with(|albums| albums.shown().is_some_and(Vec::is_empty)));
    view! {
        <Title text="Albums · iMegha"/>
        <section class="desk files" aria-busy=move || if is_loading() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main">
                <div class="files-head">
                    <h1 class="place-title">"Albums"</h1>
                    <div class="toolbar">
                        <button
                            type="button"
                            class="button"
                            data-testid="new-album"
                            disabled=move || !any.get() && !none.get()
                            on:click=move |_| asked.set(Some(Asked::New))
                        >
                            <Icon shape=Shape::AlbumPlus/>
                            "New album"
                        </button>
                    </div>
                </div>
                <div class="shelf-bar"><Tabs/></div>
                <FailureNotice failure doing=Doing::Reading go/>
                <Show when=is_loading><Skeleton words="Your albums are being opened."/></Show>
                <Show when=move || none.get()><Empty/></Show>
                <Show when=move || any.get()><Cards albums/></Show>
            </div>
        </section>
        <TitleDialog asked done=made/>
    }
}

/// The albums side by side. What is far from the screen is not drawn, and its cover not fetched.
#[component]
fn Cards(albums: RwSignal<Loaded<Vec<Shown>>>) -> impl IntoView {
    let count = Memo::new(move |_| albums.with(|albums| albums.shown().map_or(0, Vec::len)));
    let grid = Grid::new(CARD, count);
    let drawn = Memo::new(move |_| grid.frame.with(|frame| frame.drawn(count.get())));
    let cards = move || {
        albums.with(|albums| {
            let albums = albums.shown().map(Vec::as_slice).unwrap_or_default();
            drawn.get().filter_map(|index| albums.get(index).cloned()).collect::<Vec<_>>()
        })
    };
    let places = Memo::new(move |_| {
        albums.with(|albums| {
            let albums = albums.shown().map(Vec::as_slice).unwrap_or_default();
            albums.iter().enumerate().map(|(index, album)| (album.id.clone(), index)).collect::<HashMap<_, _>>()
        })
    });
    // A card stays the same whatever becomes of its album, so that it keeps the keyboard.
    let card = move |first: Shown| {
        let id = first.id.clone();
        let index = Memo::new(move |_| places.with(|places| places.get(&id).copied()));
        let album = Memo::new(move |before: Option<&Shown>| {
            let now = albums.with(|albums| albums.shown().and_then(|albums| albums.get(index.get()?).cloned()));
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        view! { <Card grid index=Signal::derive(move || index.get().unwrap_or_default()) album/> }
    };
    view! {
        <div
            node_ref=grid.list
            class="albums"
            data-testid="albums"
            data-count=move || count.get().to_string()
            style:height=move || format!("{}px", grid.frame.with(|frame| frame.height(count.get())))
        >
            <For each=cards key=|album| album.id.clone() let:album>{card(album)}</For>
        </div>
    }
}

#[component]
fn Card(grid: Grid, index: Signal<usize>, album: Memo<Shown>) -> impl IntoView {
    let near = Signal::derive(move || grid.frame.with(|frame| frame.is_near(index.get())));
    let words = move || {
        let album = album.get();
        if album.damaged {
            view! { <span class="album-title bad">"Damaged"</span><span class="album-count number">{album.id}</span> }
                .into_any()
        } else {
            view! {
                <bdi class="album-title">{shown_name(&album.title)}</bdi>
                <span class="album-count">{counted(album.files)}</span>
            }
            .into_any()
        }
    };
    let picture = Memo::new(move |_| album.with(|album| (cover_of(album), album.damaged)));
    let cover = move || {
        let (picture, is_damaged) = picture.get();
        view! { <Thumb picture shape=if is_damaged { Shape::Broken } else { Shape::Album } near/> }
    };
    let place = Memo::new(move |_| grid.place(index.get()));
    let href = album.with_untracked(|album| address(&album.id));
    view! {
        <div
            class="album-place"
            style:left=move || format!("{}px", place.get().0)
            style:top=move || format!("{}px", place.get().1)
            style:width=move || format!("{}px", grid.side())
            style:height=move || format!("{}px", grid.frame.with(|frame| frame.row))
        >
            <A
                href=href
                attr:class="album"
                attr:data-testid="album"
                attr:data-name=move || album.with(|album| album.title.clone())
                attr:draggable="false"
            >
                <span class="album-cover">{cover}</span>
                {words}
            </A>
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="albums-empty"
            sheet="M74 68h58v44H74Z"
            line="M64 100V58h58M74 68h58v44H74ZM74 104l16-16 12 12 8-8 16 14"
            title="No albums yet"
        >
            <p>"An album puts photos together in an order of yours. Nothing is copied: what you change in a file shows in its albums too."</p>
        </EmptyPlace>
    }
}

/// The address of an album's page.
fn address(album: &str) -> String {
    format!("/photos/albums/{album}")
}

/// The picture that is shown for an album, if there is one.
fn cover_of(album: &Shown) -> Option<(String, u64)> {
    let cover = album.cover.as_ref()?;
    cover.thumbnail.map(|revision| (cover.id.clone(), revision))
}

/// The ids of files that something can be done with.
fn files_of(entries: &[Entry]) -> Vec<String> {
    entries.iter().filter(|entry| !entry.damaged).map(|entry| entry.id.clone()).collect()
}

/// How many are in an album: they need not be photos.
fn counted(files: u64) -> String {
    match files {
        0 => "Empty".to_owned(),
        1 => "1 item".to_owned(),
        many => format!("{many} items"),
    }
}

const CARD: Size = Size { least: 150.0, columns: 2, below: 52.0 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_an_album_is_counted() {
        for (files, expected) in [(0, "Empty"), (1, "1 item"), (5_000, "5000 items")] {
            assert_eq!(counted(files), expected);
        }
    }
}
