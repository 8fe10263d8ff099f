//! Deleting an album.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;

use super::counted;
use super::turn::Turn;
use crate::bridge::Client;
use crate::components::{Dialog, Toaster, forget_when_closed, shown_name};
use crate::words::{Doing, short};

/// The album that is to be deleted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doomed {
    /// Its id in hex.
    pub(super) id: String,
    /// Its title and how many files it shows; nothing where it cannot be opened.
    pub(super) shown: Option<(String, u64)>,
}

/// Asks first, and says what stays.
#[component]
pub(super) fn DeleteDialog(
    doomed: RwSignal<Option<Doomed>>,
    /// It is deleted.
    done: Callback<()>,
) -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let turn = Turn::new();
    let Turn { open, busy, .. } = turn;
    let failure = RwSignal::new(None::<Failure>);
    Effect::new(move |_| {
        if doomed.with(Option::is_some) {
            failure.set(None);
            turn.begin();
        }
    });
    forget_when_closed(open, doomed);
    let delete = move || {
        let Some(Doomed { id, shown }) = doomed.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        failure.set(None);
        let deleted = async move {
            client.delete_album(id).await?;
            let titles: Vec<String> = shown.into_iter().map(|(title, _)| title).collect();
            toaster.did("Deleted the album", &titles, None);
            Ok(())
        };
        turn.run(deleted, move |deleted| match deleted {
            Ok(()) => _ = done.try_run(()),
            Err(failed) => _ = failure.try_set(Some(failed)),
        });
    };
    let title = move || doomed.with(|doomed| Some(doomed.as_ref()?.shown.as_ref()?.0.clone()));
    let stays = move || {
        let files = doomed.with(|doomed| Some(doomed.as_ref()?.shown.as_ref()?.1)).unwrap_or_default();
        match files {
            0 => "No file is deleted with it.".to_owned(),
            1 => "Its file is not deleted: it stays in your files and photos.".to_owned(),
            many => format!("Its {} are not deleted: they stay in your files and photos.", counted(many)),
        }
    };
    view! {
        <Dialog id="delete-album-title" title="Delete this album?" open busy>
            <div data-testid="delete-album-ask">
                {move || title().map(|title| view! { <p class="album-named"><bdi>{shown_name(&title)}</bdi></p> })}
                <p>{stays} " The album itself, with its order, is gone for good."</p>
                <p class="field-problem" role="alert">{move || failure.get().map(|failure| short(&failure, Doing::EditingAlbum))}</p>
                <div class="dialog-buttons">
                    <button
                        type="button"
                        class="button quiet"
                        data-testid="delete-album-cancel"
                        disabled=move || busy.get()
                        on:click=move |_| open.set(false)
                    >
                        "Keep it"
                    </button>
                    <button
                        type="button"
                        class="button danger"
                        data-testid="delete-album-confirm"
                        disabled=move || busy.get()
                        on:click=move |_| delete()
                    >
                        {move || if busy.get() { "Deleting…" } else { "Delete album" }}
                    </button>
                </div>
            </div>
        </Dialog>
    }
}
