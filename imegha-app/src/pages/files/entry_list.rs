//! What a folder holds.

use imegha_worker::protocol::Entry;
use leptos::prelude::*;
use leptos_router::components::A;

use super::kind;
use crate::bridge::{Client, page};
use crate::components::{FileName, Icon, Shape, file_size, shown_name};

/// The list, once it is there.
#[component]
pub(super) fn EntryList() -> impl IntoView {
    let client = Client::expect();
    let entries =
        move || client.folder.with(|view| view.listing().map(|listing| listing.entries.clone())).unwrap_or_default();
    let any = move || client.folder.with(|view| view.listing().is_some_and(|listing| !listing.entries.is_empty()));
    view! {
        <Show when=any>
            <div class="entries-head" aria-hidden="true">
                <span class="col-name">"Name"</span>
                <span class="col-size">"Size"</span>
                <span class="col-date">"Modified"</span>
                <span class="col-act"></span>
            </div>
            <ul class="entries" data-testid="list">
                <For each=entries key=|entry| (entry.id.clone(), entry.name.clone(), entry.size, entry.modified_ms) let:entry>
                    <Row entry/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn Row(entry: Entry) -> impl IntoView {
    let body = match kind(&entry) {
        "damaged" => view! { <Damaged entry=entry.clone()/> }.into_any(),
        "folder" => view! { <Folder entry=entry.clone()/> }.into_any(),
        _ => view! { <File entry=entry.clone()/> }.into_any(),
    };
    view! { <li class="entry" data-testid="entry" data-name=entry.name.clone() data-kind=kind(&entry)>{body}</li> }
}

#[component]
fn Folder(entry: Entry) -> impl IntoView {
    view! {
        <A href=format!("/files/{}", entry.id) attr:class="entry-open" attr:data-testid="open">
            <span class="entry-icon folder"><Icon shape=Shape::Folder/></span>
            <FileName name=entry.name/>
        </A>
        <span class="col-size">"Folder"</span>
        <span class="col-date">{date(entry.modified_ms)}</span>
        <span class="col-act"></span>
    }
}

#[component]
fn File(entry: Entry) -> impl IntoView {
    let client = Client::expect();
    let (shape, size, modified, name) = (shape(&entry), file_size(entry.size), entry.modified_ms, entry.name.clone());
    let label = format!("Download {}", shown_name(&name));
    view! {
        <span class="entry-open">
            <span class="entry-icon"><Icon shape/></span>
            <FileName name/>
        </span>
        <span class="col-size">{size}</span>
        <span class="col-date">{date(modified)}</span>
        <span class="col-act">
            <button
                type="button"
                class="icon-button"
                data-testid="download"
                aria-label=label.clone()
                title="Download"
                on:click=move |_| client.download(&entry)
            >
                <Icon shape=Shape::Download/>
            </button>
        </span>
    }
}

#[component]
fn Damaged(entry: Entry) -> impl IntoView {
    view! {
        <span class="entry-open">
            <span class="entry-icon bad"><Icon shape=Shape::Broken/></span>
            <span class="entry-damaged">
                <strong>"Damaged"</strong>
                <span class="fine">
                    "It cannot be opened: the storage lost part of it, or it was tampered with. Nothing of it is shown. Its number is "
                    <code>{entry.id}</code> "."
                </span>
            </span>
        </span>
        <span class="col-size"></span>
        <span class="col-date"></span>
        <span class="col-act"></span>
    }
}

#[component]
fn Moment(modified_ms: u64) -> impl IntoView {
    view! { <time title=page::moment(modified_ms)>{page::day(modified_ms)}</time> }
}

/// A date; none where there is none.
fn date(modified_ms: u64) -> impl IntoView {
    (modified_ms != 0).then(|| view! { <Moment modified_ms/> })
}

/// The icon of a file, by its type, which only its owner can have named.
fn shape(entry: &Entry) -> Shape {
    let (group, kind) = entry.mime.split_once('/').unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match (group, kind) {
        ("image", _) => Shape::Image,
        ("video", _) => Shape::Video,
        ("audio", _) => Shape::Audio,
        ("text", "csv") => Shape::Table,
        ("text", _) | ("application", "json" | "xml") => Shape::Text,
        ("application", "pdf" | "rtf" | "msword") => Shape::Document,
        ("application", "zip" | "gzip" | "x-tar" | "x-7z-compressed" | "x-xz" | "vnd.rar") => Shape::Archive,
        ("application", office) if office.contains("spreadsheet") || office.contains("excel") => Shape::Table,
        ("application", office) if office.contains("document") => Shape::Document,
        _ => Shape::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_by_type() {
        for (mime, expected) in [
            ("image/jpeg", Shape::Image),
            ("video/mp4", Shape::Video),
            ("text/plain; charset=utf-8", Shape::Text),
            ("text/csv; charset=utf-8", Shape::Table),
            ("application/pdf", Shape::Document),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Shape::Table),
            ("application/vnd.oasis.opendocument.text", Shape::Document),
            ("application/zip", Shape::Archive),
            ("application/octet-stream", Shape::File),
            ("", Shape::File),
            ("nonsense", Shape::File),
        ] {
            let entry = Entry {
                id: String::new(),
                name: String::new(),
                folder: false,
                size: 0,
                mime: mime.to_owned(),
                modified_ms: 0,
                damaged: false,
            };
            assert_eq!(shape(&entry), expected, "{mime}");
        }
    }
}
