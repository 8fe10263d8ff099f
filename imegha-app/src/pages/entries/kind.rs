//! What an entry is: by its type, which only its owner can have named.

use imegha_worker::protocol::Entry;

use crate::components::Shape;

/// Whether an entry is a file, a folder, or what cannot be opened.
pub(crate) fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry { damaged: true, .. } => "damaged",
        Entry { folder: true, .. } => "folder",
        _ => "file",
    }
}

/// Its icon.
pub(crate) fn shape(entry: &Entry) -> Shape {
    if entry.damaged {
        return Shape::Broken;
    }
    if entry.folder {
        return Shape::Folder;
    }
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

/// Its kind in a word, for the column and for sorting.
pub(crate) fn kind_words(entry: &Entry) -> &'static str {
    match shape(entry) {
        Shape::Folder => "Folder",
        Shape::Broken => "Damaged",
        Shape::Image => "Image",
        Shape::Video => "Video",
        Shape::Audio => "Audio",
        Shape::Table => "Table",
        Shape::Text => "Text",
        Shape::Document => "Document",
        Shape::Archive => "Archive",
        _ => "File",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn file(name: &str, mime: &str, size: u64, modified_ms: u64) -> Entry {
        let (id, name, mime) = (format!("id of {name}"), name.to_owned(), mime.to_owned());
        Entry { id, name, folder: false, size, mime, modified_ms, damaged: false, thumbnail: None }
    }

    pub(crate) fn folder(name: &str) -> Entry {
        Entry { folder: true, ..file(name, "", 0, 0) }
    }

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
            assert_eq!(shape(&file("a", mime, 0, 0)), expected, "{mime}");
        }
        let damaged = Entry { damaged: true, ..folder("a") };
        assert_eq!((shape(&damaged), kind(&damaged), kind_words(&damaged)), (Shape::Broken, "damaged", "Damaged"));
    }
}
