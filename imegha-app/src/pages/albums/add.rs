//! Adding what is selected to an album, or to one that is made for it.

use imegha_worker::protocol::{Album, Entry, Failure};
use leptos::prelude::*;

use super::title::refusal;
use super::turn::Turn;
use super::{counted, files_of};
use crate::bridge::{Client, page};
use crate::components::{Dialog, FileName, Icon, MakeHere, Making, Shape, Toaster, forget_when_closed, shown_name};
use crate::pages::loaded::{Loaded, reader};
use crate::words::{Doing, short};

/// Asks which album, while there is something to add.
#[component]
pub(crate) fn AddToAlbum(
    files: RwSignal<Vec<Entry>>,
    /// They were added.
    done: Callback<()>,
) -> impl IntoView {
    let client = Client::expect();
    let turn = Turn::new();
    let Turn { open, busy, .. } = turn;
    let adding = Adding { client, toaster: Toaster::expect(), files, turn, failure: RwSignal::new(None), done };
    let albums = RwSignal::new(Loaded::Loading);
    let naming = RwSignal::new(false);
    let (_, read) = reader(albums, move || client.albums());
    Effect::new(move |_| {
        if files.with(|files| !files.is_empty()) {
            albums.set(Loaded::Loading);
            adding.failure.set(None);
            naming.set(false);
            turn.begin();
            read();
        }
    });
    forget_when_closed(open, files);
    // Where there is none to choose, the new one is asked for.
    let none = Memo::new(move |_| albums.with(|albums| albums.shown().is_some_and(Vec::is_empty)));
    Effect::new(move |_| {
        if none.get() && open.get_untracked() {
            ALBUM.ask(naming);
        }
    });
    let list = move || match albums.get() {
        Loaded::Loading => view! { <p class="mover-note" role="status">"Your albums are being opened…"</p> }.into_any(),
        Loaded::Failed(failure) => view! {
            <p class="mover-note" role="alert">{short(&failure, Doing::Reading)}</p>
            <p class="centred">
                <button
                    type="button"
                    class="button small"
                    on:click=move |_| {
                        albums.set(Loaded::Loading);
                        read();
                    }
                >
                    "Try again"
                </button>
            </p>
        }
        .into_any(),
        Loaded::Shown(albums) if albums.is_empty() => {
            view! { <p class="mover-note" data-testid="adder-empty">"No albums yet. Make the first one."</p> }
                .into_any()
        }
        Loaded::Shown(albums) => {
            let lines = albums.into_iter().filter(|album| !album.damaged).map(|album| view! { <Line adding album/> });
            view! { <ul>{lines.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Dialog id="add-title" title="Add to album" open busy>
            <div class="mover" data-testid="adder">
                {move || files.with(|files| match files.as_slice() {
                    [file] => view! { <p class="named fine"><FileName name=file.name.clone()/></p> }.into_any(),
                    files => view! { <p class="named fine">{counted(files.len() as u64)}</p> }.into_any(),
                })}
                <div class="mover-list">{list}</div>
                <NewAlbum adding naming/>
                <p class="field-problem" role="alert" data-testid="adder-problem">
                    {move || adding.failure.get().map(|failure| short(&failure, Doing::EditingAlbum))}
                </p>
                <div class="dialog-buttons">
                    <button
                        type="button"
                        class="button quiet"
                        data-testid="adder-cancel"
                        disabled=move || busy.get()
                        on:click=move |_| open.set(false)
                    >
                        "Cancel"
                    </button>
                </div>
            </div>
        </Dialog>
    }
}

/// What is being added.
#[derive(Clone, Copy)]
struct Adding {
    client: Client,
    toaster: Toaster,
    files: RwSignal<Vec<Entry>>,
    turn: Turn,
    failure: RwSignal<Option<Failure>>,
    done: Callback<()>,
}

impl Adding {
    /// Adds to an album that is there.
    fn to(self, album: Album) {
        self.run(move |files| async move {
            let count = self.client.add_to_album(album.id, files).await?;
            let lead = if count == 0 { "Was already in" } else { "Added to" };
            self.toaster.did(lead, &[album.title], None);
            Ok(())
        });
    }

    /// Adds to one that is made.
    fn to_new(self, title: String) {
        self.run(move |files| async move {
            let album = self.client.create_album(title, files).await?;
            self.toaster.did("Made the album", &[album.title], None);
            Ok(())
        });
    }

    fn run<F>(self, add: impl FnOnce(Vec<String>) -> F + 'static)
    where
        F: Future<Output = Result<(), Failure>> + 'static,
    {
        if self.turn.busy.get_untracked() {
            return;
        }
        let files = self.files.with_untracked(|files| files_of(files));
        self.failure.set(None);
        self.turn.run(add(files), move |added| match added {
            Ok(()) => _ = self.done.try_run(()),
            Err(failed) => _ = self.failure.try_set(Some(failed)),
        });
    }
}

#[component]
fn Line(adding: Adding, album: Album) -> impl IntoView {
    let (title, files) = (album.title.clone(), album.files);
    view! {
        <li>
            <button
                type="button"
                class="mover-folder"
                data-testid="adder-album"
                data-name=title.clone()
                disabled=move || adding.turn.busy.get()
                on:click=move |_| adding.to(album.clone())
            >
                <Icon shape=Shape::Album/>
                <bdi class="adder-title">{shown_name(&title)}</bdi>
                <span class="fine">{counted(files)}</span>
            </button>
        </li>
    }
}

/// Asks for the title of a new one.
#[component]
fn NewAlbum(adding: Adding, naming: RwSignal<bool>) -> impl IntoView {
    let (title, problem) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        if naming.get() {
            title.set(String::new());
            problem.set(String::new());
        }
    });
    let make = move || {
        let wanted = title.get_untracked().trim().to_owned();
        if let Some(code) = refusal(&wanted) {
            problem.set(short(&Failure { code, ms: None }, Doing::EditingAlbum));
            return page::focus(ALBUM.field);
        }
        problem.set(String::new());
        adding.to_new(wanted);
    };
    view! { <MakeHere making=ALBUM asked=naming name=title problem busy=adding.turn.busy make=Callback::new(move |()| make())/> }
}

const ALBUM: Making = Making {
    new: ("New album", Shape::AlbumPlus),
    label: "Title of the new album",
    field: "adder-title",
    busy: "Adding…",
    testids: ["adder-new", "adder-make"],
};
