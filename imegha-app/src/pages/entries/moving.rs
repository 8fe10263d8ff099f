//! Moving entries to another folder, and what to do when a name is taken there.

use imegha_worker::protocol::{ErrorCode, OnTaken};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::{About, Desk, Item, shown_folder};
use crate::bridge::{Client, Undo};
use crate::components::{Dialog, FileName, Notice, Toaster, Tone, forget_when_closed};
use crate::words::Doing;

/// A move that waits for an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    items: Vec<Item>,
    /// Where to; the root without an id.
    folder: Option<String>,
    /// Whether replacing was tried: a folder stands in the way, and folders are not replaced.
    irreplaceable: bool,
}

/// Moves entries; asks when a name is taken.
pub(crate) fn move_entries(desk: Desk, items: Vec<Item>, folder: Option<String>) {
    try_move(desk, Moving { items, folder, irreplaceable: false }, OnTaken::Ask);
}

/// Asks what to do when a name is taken.
#[component]
pub(crate) fn Conflict() -> impl IntoView {
    let desk = Desk::expect();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(desk.asking.with(Option::is_some)));
    forget_when_closed(open, desk.asking);
    let answer = move |taken: Option<OnTaken>| {
        let Some(moving) = desk.asking.get_untracked() else { return };
        desk.asking.set(None);
        match taken {
            Some(taken) => try_move(desk, moving, taken),
            None => skip(desk, moving),
        }
    };
    let names =
        move || desk.asking.with(|asking| asking.as_ref().map(|moving| names(&moving.items)).unwrap_or_default());
    let several = move || names().len() > 1;
    let irreplaceable = move || desk.asking.with(|asking| asking.as_ref().is_some_and(|moving| moving.irreplaceable));
    view! {
        <Dialog id="conflict-title" title="A name is taken there" open>
            <div data-testid="conflict">
                {move || match names().as_slice() {
                    [name] => view! {
                        <p class="named"><span>"The folder already holds"</span><FileName name=name.clone()/></p>
                    }
                    .into_any(),
                    names => view! {
                        <p>{format!("The folder already holds something of the name of one or more of these {} items.", names.len())}</p>
                    }
                    .into_any(),
                }}
                <Show when=irreplaceable>
                    <Notice tone=Tone::Care><p>"A folder of that name is there, and folders are never replaced."</p></Notice>
                </Show>
                <p class="fine">"What is replaced goes to the trash."</p>
                <div class="dialog-stack">
                    <button type="button" class="button" data-testid="keep-both" on:click=move |_| answer(Some(OnTaken::KeepBoth))>
                        "Keep both"
                    </button>
                    <button
                        type="button"
                        class="button quiet"
                        data-testid="replace"
                        disabled=irreplaceable
                        on:click=move |_| answer(Some(OnTaken::Replace))
                    >
                        "Replace the one there"
                    </button>
                    <button type="button" class="button quiet" data-testid="skip" on:click=move |_| answer(None)>
                        {move || if several() { "Skip those, move the others" } else { "Leave it where it is" }}
                    </button>
                </div>
            </div>
        </Dialog>
    }
}

fn try_move(desk: Desk, moving: Moving, taken: OnTaken) {
    let (client, toaster) = (desk.client, desk.toaster);
    let ids: Vec<String> = moving.items.iter().map(|item| item.entry.id.clone()).collect();
    let from = came_from(client, &moving.items);
    spawn_local(async move {
        let busy = desk.busy(&ids);
        let moved = client.move_to(ids, moving.folder.clone(), taken).await;
        drop(busy);
        match moved {
            Ok(()) => done(desk, toaster, &moving.items, from),
            Err(failure) if failure.code == ErrorCode::NameTaken => {
                desk.asking.try_set(Some(Moving { irreplaceable: taken == OnTaken::Replace, ..moving }));
            }
            Err(failure) => toaster.failed(&failure, Doing::Changing),
        }
    });
}

/// Moves one by one, and leaves those whose name is taken.
fn skip(desk: Desk, moving: Moving) {
    let (client, toaster) = (desk.client, desk.toaster);
    let from = came_from(client, &moving.items);
    spawn_local(async move {
        let mut moved = Vec::new();
        for item in moving.items {
            let ids = vec![item.entry.id.clone()];
            let busy = desk.busy(&ids);
            let answer = client.move_to(ids, moving.folder.clone(), OnTaken::Ask).await;
            drop(busy);
            match answer {
                Ok(()) => moved.push(item),
                Err(failure) if failure.code == ErrorCode::NameTaken => {}
                Err(failure) => {
                    toaster.failed(&failure, Doing::Changing);
                    break;
                }
            }
        }
        if !moved.is_empty() {
            done(desk, toaster, &moved, from);
        }
    });
}

fn done(desk: Desk, toaster: Toaster, items: &[Item], from: Option<String>) {
    let nodes = items.iter().map(|item| item.entry.id.clone()).collect();
    toaster.did("Moved", &names(items), from.map(|folder| Undo::MoveBack { nodes, folder }));
    desk.changed.try_run(());
}

fn names(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.entry.name.clone()).collect()
}

/// The folder that all of them are in; none when they are in several, so that moving them back is not offered.
fn came_from(client: Client, items: &[Item]) -> Option<String> {
    let mut folders = items.iter().map(|item| match &item.about {
        About::Here => shown_folder(client),
        About::In { folder, .. } => Some(folder.clone()),
        About::Trashed { .. } => None,
    });
    let first = folders.next()??;
    folders.all(|folder| folder.as_ref() == Some(&first)).then_some(first)
}
