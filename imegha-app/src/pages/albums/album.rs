//! An album: what is in it, in its order.

use std::collections::HashMap;
use std::time::Duration;

use imegha_worker::protocol::{Album as Shown, Entry, ErrorCode, Failure};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::delete::{DeleteDialog, Doomed};
use super::order::Shift;
use super::title::{Asked, TitleDialog};
use super::{address, counted};
use crate::bridge::{Client, Rearrangement, Selection, page};
use crate::components::{EmptyPlace, FailureNotice, Icon, Places, Shape, Toaster, shown_name};
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, reread_when_changed};
use crate::pages::loaded::{Loaded, reader};
use crate::pages::photos::{Deed, Grid, PickBar, Picks, Room, Size, Tile};
use crate::words::{Doing, Way};

/// The page of an album.
#[component]
pub(crate) fn Album() -> impl IntoView {
    let client = Client::expect();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("album")).unwrap_or_default());
    let opened = RwSignal::new(Loaded::<(Shown, Vec<Entry>)>::Loading);
    let moved = RwSignal::new(None::<Vec<Entry>>);
    let files = Memo::new(move |_| {
        moved.get().or_else(|| opened.with(|opened| opened.shown().map(|(_, files)| files.clone()))).unwrap_or_default()
    });
    let (_, read) = reader(opened, move || read_shown(client, id));
    let desk = Desk {
        client,
        toaster: Toaster::expect(),
        id,
        opened,
        moved,
        files,
        failed: RwSignal::new(false),
        busy: RwSignal::new(false),
        picks: Picks::new(files),
        read: Callback::new(move |()| read()),
    };
    let begin = move || {
        opened.set(Loaded::Loading);
        moved.set(None);
        desk.failed.set(false);
        desk.picks.selection.set(Selection::default());
        read();
    };
    gate(Memo::new(move |_| address(&id.get())), begin);
    reread_when_changed(Callback::new(move |()| {
        // After the last of them it is read anyway.
        if !desk.is_moving() {
            read();
        }
    }));
    Effect::new(move |before: Option<bool>| {
        let is_left = id.with(|id| client.arranging.with(|arranging| arranging.is_left(id)));
        if before == Some(true) && !is_left {
            spawn_local(desk.settle());
        }
        is_left
    });

    let navigate = use_navigate();
    let go = {
        let navigate = navigate.clone();
        move |way: Way| match way {
            Way::Reload => page::reload(),
            Way::SignIn => navigate("/sign-in", NavigateOptions::default()),
            Way::Albums => navigate(ALBUMS, NavigateOptions::default()),
            _ => begin(),
        }
    };
    let deleted =
        Callback::new(move |()| navigate(ALBUMS, NavigateOptions { replace: true, ..NavigateOptions::default() }));
    let (asked, doomed) = (RwSignal::new(None::<Asked>), RwSignal::new(None::<Doomed>));
    let shown = Memo::new(move |_| opened.with(|opened| opened.shown().map(|(album, _)| album.clone())));
    let failure = Signal::derive(move || opened.with(Loaded::failure));
    let title = move || shown.with(|shown| shown.as_ref().map_or("Album".to_owned(), |album| shown_name(&album.title)));
    let facts = move || if shown.with(Option::is_some) { counted(files.with(Vec::len) as u64) } else { String::new() };
    let is_loading = move || opened.with(Loaded::is_loading);
    let any = Memo::new(move |_| files.with(|files| !files.is_empty()));
    let none = Memo::new(move |_| shown.with(Option::is_some) && !any.get());
    // One that cannot be opened can still be deleted.
    let is_there = move || !is_loading() && failure.get().is_none_or(|failure| is_damage(&failure));
    view! {
        <Title text="Album · iMegha"/>
        <section class="desk files" aria-busy=move || if is_loading() { "true" } else { "false" }>
            <Places/>
            <div class="desk-main">
                <A href=ALBUMS attr:class="button quiet small album-back" attr:data-testid="album-back">
                    <span class="turned"><Icon shape=Shape::ChevronRight/></span>
                    "Albums"
                </A>
                <div class="files-head album-head">
                    <h1 class="place-title" data-testid="album-title-shown"><bdi>{title}</bdi></h1>
                    <div class="toolbar">
                        <button
                            type="button"
                            class="button quiet"
                            data-testid="rename-album"
                            disabled=move || shown.with(Option::is_none)
                            on:click=move |_| asked.set(shown.get_untracked().map(Asked::Another))
                        >
                            <Icon shape=Shape::Rename/>
                            "Rename"
                        </button>
                        <button
                            type="button"
                            class="button quiet"
                            data-testid="delete-album"
                            disabled=move || !is_there()
                            on:click=move |_| {
                                let shown = shown.get_untracked();
                                let here = shown.as_ref().map_or_else(|| id.get_untracked(), |album| album.id.clone());
                                let shown = shown.map(|album| (album.title, files.with_untracked(Vec::len) as u64));
                                doomed.set(Some(Doomed { id: here, shown }));
                            }
                        >
                            <Icon shape=Shape::Trash/>
                            "Delete"
                        </button>
                    </div>
                </div>
                <PickBar picks=desk.picks deeds=desk.deeds()>
                    <p class="fine shelf-note" data-testid="album-facts">{facts}</p>
                </PickBar>
                <FailureNotice failure doing=Doing::OpeningAlbum go/>
                <Show when=is_loading><Skeleton words="The album is being opened."/></Show>
                <Show when=move || none.get()><Empty/></Show>
                <Show when=move || any.get()><Pictures desk/></Show>
            </div>
        </section>
        <TitleDialog
            asked
            done=Callback::new(move |album: Shown| {
                desk.toaster.did("Renamed to", std::slice::from_ref(&album.title), None);
                desk.take(album);
            })
        />
        <DeleteDialog doomed done=deleted/>
    }
}

/// The state of the page.
#[derive(Clone, Copy)]
struct Desk {
    client: Client,
    toaster: Toaster,
    id: Memo<String>,
    opened: RwSignal<Loaded<(Shown, Vec<Entry>)>>,
    /// What is in it as it was moved here, until it has been read after that.
    moved: RwSignal<Option<Vec<Entry>>>,
    files: Memo<Vec<Entry>>,
    /// Whether a move could not be written since then.
    failed: RwSignal<bool>,
    /// Whether something other than a move is under way.
    busy: RwSignal<bool>,
    picks: Picks,
    read: Callback<()>,
}

impl Desk {
    /// What can be done with what is selected.
    fn deeds(self) -> Vec<Deed> {
        let client = self.client;
        let idle = Signal::derive(move || !self.busy.get());
        let one = Signal::derive(move || {
            let is_one = self.picks.selection.with(|selection| selection.count() == 1);
            let fits = |file: &Entry| !file.damaged && !self.is_cover(&file.id);
            is_one && idle.get() && self.picks.chosen().iter().all(fits)
        });
        let plain = |label, shape, testid, room, ready, run| Deed { label, keys: "", shape, testid, room, ready, run };
        let shift = |shift: Shift, label, keys, shape, testid| Deed {
            label,
            keys,
            shape,
            testid,
            room: Room::Icon,
            ready: Signal::derive(move || self.can_shift(shift)),
            run: Callback::new(move |_| self.shift(shift)),
        };
        let cover = Callback::new(move |chosen: Vec<Entry>| chosen.into_iter().for_each(|file| self.cover(file)));
        let download = Callback::new(move |chosen: Vec<Entry>| {
            chosen.iter().filter(|file| !file.damaged).for_each(|file| client.download(file));
        });
        vec![
            shift(Shift::First, "To the front", "Ctrl + Shift + Home", Shape::First, "bar-first"),
            shift(Shift::Earlier, "Earlier", "Ctrl + Shift + ←", Shape::Earlier, "bar-earlier"),
            shift(Shift::Later, "Later", "Ctrl + Shift + →", Shape::Later, "bar-later"),
            shift(Shift::Last, "To the end", "Ctrl + Shift + End", Shape::Last, "bar-last"),
            plain("Use as cover", Shape::Cover, "bar-cover", Room::Words, one, cover),
            plain("Download", Shape::Download, "bar-download", Room::Desk, idle, download),
            plain(
                "Remove",
                Shape::Remove,
                "bar-remove",
                Room::Words,
                idle,
                Callback::new(move |chosen| self.remove(chosen)),
            ),
        ]
    }

    fn is_cover(self, file: &str) -> bool {
        self.opened.with(|opened| {
            opened.shown().and_then(|(album, _)| album.cover.as_ref()).is_some_and(|cover| cover.id == file)
        })
    }

    /// Shows the album itself as it is now, if it is the one on the screen.
    fn take(self, album: Shown) {
        self.opened.try_update(|opened| match opened {
            Loaded::Shown((shown, _)) if shown.id == album.id => *shown = album,
            _ => {}
        });
    }

    /// Whether moves of it are still to be written.
    fn is_moving(self) -> bool {
        let id = self.id.try_get_untracked();
        id.is_some_and(|id| self.client.arranging.with_untracked(|arranging| arranging.is_left(&id)))
    }

    fn can_shift(self, shift: Shift) -> bool {
        self.picks.selection.with(|selection| self.files.with(|files| shift.is_open(files, |id| selection.has(id))))
    }

    /// Moves what is selected, or else what has the keyboard. It is shown at once, and put back when it could not be written.
    fn shift(self, shift: Shift) {
        let moved = self.picks.selection.with_untracked(|selection| {
            let is_chosen =
                |id: &str| if selection.is_empty() { selection.current() == Some(id) } else { selection.has(id) };
            self.files.with_untracked(|files| shift.of(files, is_chosen))
        });
        let shown = self.opened.with_untracked(|opened| opened.shown().map(|(album, _)| album.id.clone()));
        let (Some(moved), Some(album)) = (moved, shown) else { return };
        self.moved.set(Some(moved.after));
        let wanted = Rearrangement { album, files: moved.files, before: moved.before };
        self.client.rearrange(wanted, move |failure| {
            self.failed.try_set(true);
            self.toaster.failed(failure, Doing::EditingAlbum);
        });
    }

    /// Reads what the moves have led to. An answer that was on its way before the last of them would show an older order. What cannot be
    /// read now is read later.
    async fn settle(self) {
        if self.failed.try_update(std::mem::take) == Some(true) {
            self.moved.try_set(None);
        }
        for wait in SETTLES {
            page::sleep(wait).await;
            let Some(asked) = self.id.try_get_untracked() else { return };
            if self.is_moving() || self.client.session.with_untracked(Option::is_none) {
                return;
            }
            let fresh = self.client.album(asked.clone()).await;
            if self.is_moving() || self.id.try_get_untracked() != Some(asked) {
                return;
            }
            let moved = self.moved.try_update(Option::take).flatten();
            if self.opened.try_update(|opened| settled(opened, moved, fresh)) != Some(false) {
                return;
            }
        }
    }

    fn cover(self, file: Entry) {
        self.busy.set(true);
        let id = self.id.get_untracked();
        spawn_local(async move {
            match self.client.cover_album(id, file.id).await {
                Ok(album) => {
                    self.toaster.did("New cover", &[file.name], None);
                    self.take(album);
                }
                Err(failure) => {
                    self.toaster.failed(&failure, Doing::EditingAlbum);
                    self.read.try_run(());
                }
            }
            self.busy.try_set(false);
        });
    }

    /// Takes files out of the album.
    fn remove(self, files: Vec<Entry>) {
        let (ids, names): (Vec<String>, Vec<String>) = files.into_iter().map(|file| (file.id, file.name)).unzip();
        self.busy.set(true);
        let id = self.id.get_untracked();
        spawn_local(async move {
            match self.client.remove_from_album(id, ids).await {
                Ok(()) => self.toaster.did("Removed from the album, not deleted", &names, None),
                Err(failure) => self.toaster.failed(&failure, Doing::EditingAlbum),
            }
            self.read.try_run(());
            self.busy.try_set(false);
        });
    }
}

/// What is in the album; of much only what is near the screen.
#[component]
fn Pictures(desk: Desk) -> impl IntoView {
    let Desk { files, picks, .. } = desk;
    let count = Memo::new(move |_| files.with(Vec::len));
    let grid = Grid::new(PICTURE, count);
    let places = Memo::new(move |_| {
        files.with(|files| {
            files.iter().enumerate().map(|(index, file)| (file.id.clone(), index)).collect::<HashMap<_, _>>()
        })
    });
    let current = Memo::new(move |_| picks.current());
    let drawn = Memo::new(move |_| grid.frame.with(|frame| frame.drawn(count.get())));
    // What has the keyboard is drawn wherever it is: else scrolling would take the keyboard away.
    let tiles = move || {
        let drawn = drawn.get();
        let current = current.get();
        let before = current.filter(|index| *index < drawn.start);
        let after = current.filter(|index| *index >= drawn.end);
        let indices = before.into_iter().chain(drawn).chain(after);
        files.with(|files| indices.filter_map(|index| files.get(index).cloned()).collect::<Vec<_>>())
    };
    let open = move |id: &str| {
        let beside = files.get_untracked();
        if let Some(file) = beside.iter().find(|file| file.id == id && !file.damaged) {
            desk.client.look_at(file.clone(), beside.clone());
        }
    };
    // A tile stays the same whatever becomes of its file, so that it keeps the keyboard.
    let tile = move |first: Entry| {
        let id = StoredValue::new(first.id.clone());
        let found = Memo::new(move |_| places.with(|places| id.with_value(|id| places.get(id).copied())));
        let index = Memo::new(move |_| found.get().unwrap_or_default());
        let file = Memo::new(move |before: Option<&Entry>| {
            let now = files.with(|files| files.get(found.get()?).cloned());
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        let place = Memo::new(move |_| grid.place(index.get()));
        let name = Memo::new(move |_| {
            file.with(|file| if file.damaged { "A damaged file".to_owned() } else { shown_name(&file.name) })
        });
        let is_cover = Memo::new(move |_| id.with_value(|id| desk.is_cover(id)));
        view! {
            <Tile
                entry=file
                label=Signal::derive(move || {
                    let cover = if is_cover.get() { ", the cover" } else { "" };
                    format!("{}, {} of {}{cover}", name.get(), index.get() + 1, count.get())
                })
                left=Signal::derive(move || place.get().0)
                top=Signal::derive(move || place.get().1)
                side=Signal::derive(move || grid.side())
                near=Signal::derive(move || grid.frame.with(|frame| frame.is_near(index.get())))
                mark=Signal::derive(move || is_cover.get().then_some("Cover"))
                picks
                open=Callback::new(move |()| id.with_value(|id| open(id)))
            />
        }
    };
    view! {
        <div
            node_ref=grid.list
            class="timeline"
            class:selecting=move || picks.any()
            data-testid="album-files"
            data-count=move || count.get().to_string()
            style:height=move || format!("{}px", grid.frame.with(|frame| frame.height(count.get())))
            on:keydown=move |event| step(desk, grid, &event)
        >
            <For each=tiles key=|file| file.id.clone() let:file>{tile(file)}</For>
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyPlace
            testid="album-empty"
            sheet="M66 62h64v48H66Z"
            line="M66 62h64v48H66ZM98 74v24M86 86h24"
            title="Nothing in it yet"
        >
            <p>"Select photos in the timeline, or any files in a folder, and choose “Add to album”."</p>
            <A href="/photos" attr:class="button" attr:data-testid="album-fill">"To the timeline"</A>
        </EmptyPlace>
    }
}

/// Arrows go from picture to picture; with Ctrl and Shift they move what is selected.
fn step(desk: Desk, grid: Grid, event: &ev::KeyboardEvent) {
    let Some(now) = untrack(|| desk.picks.current()) else { return };
    let (name, control, shift) = (event.key(), event.ctrl_key() || event.meta_key(), event.shift_key());
    if control && shift {
        if let Some(shift) = Shift::of_key(&name) {
            event.prevent_default();
            desk.shift(shift);
            grid.show(untrack(|| desk.picks.current()).unwrap_or_default());
        }
        return;
    }
    if control || shift || event.alt_key() {
        return;
    }
    let columns = grid.frame.with_untracked(|frame| frame.columns);
    let last = desk.files.with_untracked(Vec::len).saturating_sub(1);
    let to = match name.as_str() {
        "ArrowRight" => now + 1,
        "ArrowLeft" => now.saturating_sub(1),
        "ArrowDown" => now + columns,
        "ArrowUp" => now.checked_sub(columns).unwrap_or(now),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    if to <= last && to != now {
        grid.show(to);
        desk.picks.go(to);
    }
}

/// Reads the album on the screen. What was asked of another one, which was there before, is not taken for it.
async fn read_shown(client: Client, id: Memo<String>) -> Result<(Shown, Vec<Entry>), Failure> {
    while let Some(asked) = id.try_get_untracked() {
        let answer = client.album(asked.clone()).await;
        if id.try_get_untracked() == Some(asked) {
            return answer;
        }
    }
    // The page is gone.
    Err(Failure { code: ErrorCode::Stopped, ms: None })
}

/// Shows what was read after moves. Without an answer it is as it was moved. Answers whether there was one.
fn settled(
    opened: &mut Loaded<(Shown, Vec<Entry>)>,
    moved: Option<Vec<Entry>>,
    fresh: Result<(Shown, Vec<Entry>), Failure>,
) -> bool {
    let is_answer = fresh.as_ref().map_or_else(|failure| failure.code == ErrorCode::NotFound, |_| true);
    if let (Some(moved), Loaded::Shown((_, files))) = (moved, &mut *opened) {
        *files = moved;
    }
    opened.take(fresh);
    is_answer
}

/// Whether storage has the album, and it cannot be opened.
fn is_damage(failure: &Failure) -> bool {
    matches!(failure.code, ErrorCode::CannotOpen | ErrorCode::Rollback)
}

const ALBUMS: &str = "/photos/albums";

const PICTURE: Size = Size { least: 128.0, columns: 3, below: 0.0 };

/// How long to wait before it is read after moves: as long as it cannot be.
const SETTLES: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(5), Duration::from_secs(20), Duration::from_secs(60)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::samples;

    fn album(order: &str) -> (Shown, Vec<Entry>) {
        let file = |id: char| Entry { id: id.to_string(), ..samples::file("", "", 0, 0) };
        let shown =
            Shown { id: "a".to_owned(), title: String::new(), files: order.len() as u64, cover: None, damaged: false };
        (shown, order.chars().map(file).collect())
    }

    fn order(opened: &Loaded<(Shown, Vec<Entry>)>) -> Option<String> {
        opened.shown().map(|(_, files)| files.iter().map(|file| file.id.as_str()).collect())
    }

    #[test]
    fn after_moves_the_album_is_as_it_was_read_or_else_as_it_was_moved_and_gone_when_it_is() {
        let failed = |code| Err(Failure { code, ms: None });
        for (moved, fresh, expected, is_answer) in [
            (Some("bac"), Ok(album("cab")), Some("cab"), true),
            (Some("bac"), failed(ErrorCode::Network), Some("bac"), false),
            // It could not be written, and was put back.
            (None, failed(ErrorCode::Network), Some("abc"), false),
            (Some("bac"), failed(ErrorCode::NotFound), None, true),
        ] {
            let mut opened = Loaded::Shown(album("abc"));
            let answered = settled(&mut opened, moved.map(|moved| album(moved).1), fresh);
            assert_eq!((order(&opened).as_deref(), answered), (expected, is_answer), "{moved:?}");
        }
    }
}
