//! Looking at a file without leaving the list: an image, or the beginning of a text.
//!
//! What it holds may come from anybody. An image reaches the page only as a blob that the worker named by its bytes, and is only
//! ever decoded; text stands in the page as text; a sound or a film is read by a media element, part by part, as it is played. Nothing is
//! rendered: HTML, SVG and PDF are source or a download. (A PDF could be drawn by Chromium's viewer, but not in a frame without script.)

mod media;
mod picture;

use imegha_worker::protocol::{Entry, ErrorCode, Failure, NoPreview, Preview, Reply, Request};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, KeyboardEvent};

use crate::bridge::{Client, page, stream};
use crate::components::{FailureNotice, FileName, Icon, Shape, file_size, shown_name};
use crate::words::{Doing, Way};
use media::Media;
use picture::Picture;

/// What the viewer shows.
#[derive(Clone, Debug)]
enum Look {
    Loading,
    Image {
        address: String,
        width: u32,
        height: u32,
    },
    Media {
        address: String,
        film: bool,
    },
    Text {
        text: String,
        cut: bool,
    },
    Nothing(NoPreview),
    /// The browser could not play what the worker took for a sound or a film.
    Unplayable,
    /// The browser could not decode what the worker took for an image.
    Undecodable,
    Failed(Failure),
}

/// Shows the file of [`Client::preview`], over every page.
#[component]
pub(crate) fn Viewer() -> impl IntoView {
    let client = Client::expect();
    let element = NodeRef::<html::Dialog>::new();
    let look = RwSignal::new(Look::Loading);
    let id = Memo::new(move |_| client.preview.with(|entry| entry.as_ref().map(|entry| entry.id.clone())));
    let open = Memo::new(move |_| id.with(Option::is_some));
    // The blob's address is taken back when another file is shown, and when the viewer closes.
    let address = StoredValue::new(None::<String>);
    let let_go = move || {
        if let Some(address) = address.try_update_value(Option::take).flatten() {
            page::revoke(&address);
        }
    };
    on_cleanup(let_go);

    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        match (open.get(), element.open()) {
            (true, false) => _ = element.show_modal(),
            (false, true) => element.close(),
            _ => {}
        }
    });
    let read = move || {
        let Some(node) = id.get_untracked() else { return };
        look.set(Look::Loading);
        spawn_local(async move {
            let answer = client.ask_for_blob(Request::Preview { node: node.clone() }).await;
            let now = Some(node);
            if id.try_get_untracked().flatten() != now {
                return;
            }
            let mut seen = seen(answer);
            if matches!(seen, Look::Media { .. }) {
                if !client.start_streams().await {
                    seen = Look::Unplayable;
                }
                if id.try_get_untracked().flatten() != now {
                    return;
                }
            }
            if let Look::Image { address: new, .. } = &seen {
                address.set_value(Some(new.clone()));
            }
            look.set(seen);
        });
    };
    Effect::new(move |_| {
        id.track();
        let_go();
        read();
    });

    let close = move || {
        if client.preview.with_untracked(Option::is_some) {
            client.preview.set(None);
            client.look_away();
        }
    };
    let step = move |by: isize| {
        if let Some(next) = neighbour(client, by) {
            client.preview.set(Some(next));
        }
    };
    let has =
        move |by: isize| Memo::new(move |_| client.preview.with(Option::is_some) && neighbour(client, by).is_some());
    // Of the whole window: when the file changes, the button that had the keyboard may be gone, and with it the viewer's own keys.
    let on_key = move |event: KeyboardEvent| {
        if !open.get_untracked() || event.default_prevented() {
            return;
        }
        // In what plays, the arrows go forward and back.
        let scrolls = event.target().is_some_and(|target| page::scrolls_sideways(&target) || page::plays(&target));
        match event.key().as_str() {
            "ArrowLeft" if !scrolls => step(-1),
            "ArrowRight" if !scrolls => step(1),
            _ => return,
        }
        event.prevent_default();
    };
    let keys = window_event_listener(ev::keydown, on_key);
    on_cleanup(move || keys.remove());
    let shown = move || client.preview.get();
    view! {
        <dialog
            class="viewer"
            node_ref=element
            aria-labelledby="viewer-name"
            data-testid="viewer"
            data-state=move || look.with(state_name)
            on:close=move |_| close()
        >
            <Show when=move || open.get()>
                <header class="viewer-head">
                    <h2 id="viewer-name" class="viewer-name">
                        {move || shown().map(|entry| view! { <FileName name=entry.name/> })}
                    </h2>
                    <p class="viewer-facts">{move || shown().map(|entry| facts(&entry, &look.get()))}</p>
                    <button
                        type="button"
                        class="icon-button"
                        data-testid="viewer-download"
                        title="Download"
                        aria-label=move || format!("Download {}", shown().map(|entry| shown_name(&entry.name)).unwrap_or_default())
                        on:click=move |_| {
                            if let Some(entry) = client.preview.get_untracked() {
                                client.download(&entry);
                            }
                        }
                    >
                        <Icon shape=Shape::Download/>
                    </button>
                    <button type="button" class="icon-button" data-testid="viewer-close" aria-label="Close" title="Close (Escape)" on:click=move |_| close()>
                        <Icon shape=Shape::Close/>
                    </button>
                </header>
                <div class="viewer-stage">
                    {move || stage(client, look, read)}
                </div>
                <Step testid="viewer-previous" label="The file before" has=has(-1) press=move || step(-1)/>
                <Step testid="viewer-next" label="The next file" has=has(1) press=move || step(1)/>
            </Show>
        </dialog>
    }
}

/// A button at the edge, to the file beside.
#[component]
fn Step(
    testid: &'static str,
    label: &'static str,
    has: Memo<bool>,
    press: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button viewer-step"
            class:back=testid == "viewer-previous"
            data-testid=testid
            aria-label=label
            title=label
            hidden=move || !has.get()
            on:click=move |_| press()
        >
            <Icon shape=Shape::ChevronRight/>
        </button>
    }
}

fn stage(client: Client, look: RwSignal<Look>, read: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let download = move || {
        view! {
            <button
                type="button"
                class="button"
                on:click=move |_| {
                    if let Some(entry) = client.preview.get_untracked() {
                        client.download(&entry);
                    }
                }
            >
                <Icon shape=Shape::Download/>
                "Download"
            </button>
        }
    };
    match look.get() {
        Look::Loading => view! {
            <div class="viewer-words" role="status"><span class="spinner" aria-hidden="true"></span><p>"Fetching and opening…"</p></div>
        }
        .into_any(),
        Look::Image { address, width, height } => {
            let name = client.preview.with_untracked(|entry| entry.as_ref().map(|entry| shown_name(&entry.name)));
            let broken = Callback::new(move |()| look.set(Look::Undecodable));
            view! { <Picture address width height name=name.unwrap_or_default() broken/> }.into_any()
        }
        Look::Media { address, film } => {
            let name = client.preview.with_untracked(|entry| entry.as_ref().map(|entry| shown_name(&entry.name)));
            let broken = Callback::new(move |()| look.set(Look::Unplayable));
            view! { <Media address film name=name.unwrap_or_default() broken/> }.into_any()
        }
        Look::Text { text, cut } => view! {
            <div class="viewer-text">
                // It scrolls, so it can take the keyboard.
                <pre tabindex="0" role="region" aria-label="The file’s text" data-testid="viewer-text">{text}</pre>
                <p class="fine" hidden=!cut data-testid="viewer-cut">"This is the beginning. Download the file for all of it."</p>
            </div>
        }
        .into_any(),
        Look::Nothing(why) => {
            let (title, text) = nothing_words(why);
            view! {
                <div class="viewer-words" data-testid="viewer-nothing"><h3>{title}</h3><p>{text}</p>{download()}</div>
            }
            .into_any()
        }
        Look::Unplayable => {
            let (title, text) = nothing_words(NoPreview::Unplayable);
            view! {
                <div class="viewer-words" data-testid="viewer-unplayable"><h3>{title}</h3><p>{text}</p>{download()}</div>
            }
            .into_any()
        }
        Look::Undecodable => view! {
            <div class="viewer-words" data-testid="viewer-undecodable">
                <h3>"The browser cannot show this image"</h3>
                <p>"It came whole and unchanged from your cloud, but its picture is damaged, or of a kind that this browser does not know."</p>
                {download()}
            </div>
        }
        .into_any(),
        Look::Failed(failure) => {
            let go = move |way: Way| if way == Way::Reload { page::reload() } else { read() };
            view! {
                <div class="viewer-words">
                    <FailureNotice failure=Signal::stored(Some(failure)) doing=Doing::Previewing go=go/>
                </div>
            }
            .into_any()
        }
    }
}

fn seen(answer: Result<(Reply, Option<Blob>), Failure>) -> Look {
    let version = Look::Failed(Failure { code: ErrorCode::Version, ms: None });
    match answer {
        Ok((Reply::Preview(Preview::Image { width, height }), Some(blob))) => match page::address(&blob) {
            Some(address) => Look::Image { address, width, height },
            None => version,
        },
        Ok((Reply::Preview(Preview::Media { address, film }), _)) => Look::Media { address: stream(&address), film },
        Ok((Reply::Preview(Preview::Text { text, cut }), _)) => Look::Text { text, cut },
        Ok((Reply::Preview(Preview::Nothing { why }), _)) => Look::Nothing(why),
        Ok(_) => version,
        Err(failure) => Look::Failed(failure),
    }
}

fn state_name(look: &Look) -> &'static str {
    match look {
        Look::Loading => "loading",
        Look::Image { .. } => "image",
        Look::Media { film: true, .. } => "film",
        Look::Media { .. } => "sound",
        Look::Text { .. } => "text",
        Look::Nothing(_) => "nothing",
        Look::Unplayable => "unplayable",
        Look::Undecodable => "undecodable",
        Look::Failed(_) => "failed",
    }
}

fn nothing_words(why: NoPreview) -> (&'static str, &'static str) {
    match why {
        NoPreview::TooLarge => (
            "This image is too large to be shown",
            "Decoded, it could fill the memory of this device, so it was not. Download it to open it with another program.",
        ),
        NoPreview::Damaged => (
            "This is not the image that it is called",
            "Its bytes are not those of such a picture, so the browser was not given it.",
        ),
        NoPreview::Pdf => (
            "PDFs are not opened here",
            "A PDF can hold script, and browsers show none without letting it run. Download it to open it with a program of your choice.",
        ),
        NoPreview::Unplayable => (
            "This browser cannot play it",
            "It is damaged, or of a kind that this browser does not know. Download it to play it with another program.",
        ),
        _ => (
            "There is no preview of this kind of file",
            "Files that could run something here are never opened on this page. Download it to open it with a program of your choice.",
        ),
    }
}

/// What is known of the file, in a line.
fn facts(entry: &Entry, look: &Look) -> String {
    let mut facts = vec![file_size(entry.size)];
    if let Look::Image { width, height, .. } = look {
        facts.push(format!("{width} × {height}"));
    }
    if entry.modified_ms != 0 {
        facts.push(page::moment(entry.modified_ms));
    }
    facts.join(" · ")
}

/// The file beside the one that is shown.
fn neighbour(client: Client, by: isize) -> Option<Entry> {
    let id = client.preview.with(|entry| entry.as_ref().map(|entry| entry.id.clone()))?;
    client.beside.with(|beside| {
        let files: Vec<_> = beside.iter().filter(|entry| !entry.folder && !entry.damaged).collect();
        let place = files.iter().position(|entry| entry.id == id)?;
        files.get(place.checked_add_signed(by)?).copied().cloned()
    })
}
