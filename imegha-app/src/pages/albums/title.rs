//! What an album is called.

use imegha_worker::protocol::{Album, ErrorCode, Failure};
use leptos::prelude::*;

use super::turn::Turn;
use crate::bridge::{Client, page};
use crate::components::{BusyButton, Dialog, Field, forget_when_closed};
use crate::words::{Doing, short};

/// Whose title is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// That of an album that is to be made.
    New,
    /// Another one for this album.
    Another(Album),
}

/// Asks for a title, while one is asked for, and makes or renames the album.
#[component]
pub(super) fn TitleDialog(
    asked: RwSignal<Option<Asked>>,
    /// It was made or renamed.
    done: Callback<Album>,
) -> impl IntoView {
    let client = Client::expect();
    let turn = Turn::new();
    let Turn { open, busy, .. } = turn;
    let (title, problem) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        let Some(asked) = asked.get() else { return };
        let before = if let Asked::Another(album) = asked { album.title } else { String::new() };
        let letters = before.encode_utf16().count().try_into().unwrap_or(u32::MAX);
        title.set(before);
        problem.set(String::new());
        turn.begin();
        request_animation_frame(move || page::select_start(FIELD, letters));
    });
    forget_when_closed(open, asked);
    let take = move || {
        let Some(asked) = asked.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let wanted = title.get_untracked().trim().to_owned();
        if matches!(&asked, Asked::Another(album) if album.title == wanted) {
            return open.set(false);
        }
        if let Some(code) = refusal(&wanted) {
            problem.set(short(&Failure { code, ms: None }, Doing::EditingAlbum));
            return page::focus(FIELD);
        }
        problem.set(String::new());
        let stored = async move {
            match asked {
                Asked::New => client.create_album(wanted, vec![]).await,
                Asked::Another(album) => client.rename_album(album.id, wanted).await,
            }
        };
        turn.run(stored, move |stored| match stored {
            Ok(album) => _ = done.try_run(album),
            Err(failed) => {
                problem.try_set(short(&failed, Doing::EditingAlbum));
                page::focus(FIELD);
            }
        });
    };
    view! {
        <Dialog id="album-title-title" title="Title of the album" open busy>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    take();
                }
            >
                <Field id=FIELD label="Title" value=title problem/>
                <div class="dialog-buttons">
                    <button
                        type="button"
                        class="button quiet"
                        data-testid="title-cancel"
                        disabled=move || busy.get()
                        on:click=move |_| open.set(false)
                    >
                        "Cancel"
                    </button>
                    <BusyButton label="Save" busy_label="Saving…" busy testid="title-save"/>
                </div>
            </form>
        </Dialog>
    }
}

/// Why a title cannot be used; the cloud judges the rest.
pub(super) fn refusal(title: &str) -> Option<ErrorCode> {
    let bad = title.trim().is_empty() || title.len() > MOST_BYTES || title.chars().any(char::is_control);
    bad.then_some(ErrorCode::NameInvalid)
}

const FIELD: &str = "album-title";

const MOST_BYTES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_no_album_takes() {
        for bad in ["", "  \u{3000}", "a\nb", "a\u{0}", &"x".repeat(201), &"ä".repeat(101)] {
            assert_eq!(refusal(bad), Some(ErrorCode::NameInvalid), "{bad:?}");
        }
        for good in ["a", "Sommer / 2026", "..", "समुद्र", &"ä".repeat(100)] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }
}
