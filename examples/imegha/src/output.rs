//! What goes to standard output.

use std::io::{self, Write as _};

use imegha_cloud::Entry;
use serde_json::{Value, json};

use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};

/// A line of standard output.
pub(crate) fn print(line: &str) -> Result<()> {
    writeln!(io::stdout(), "{line}").map_err(|error| closed(&error))
}

/// A line of JSON.
pub(crate) fn print_json(value: &Value) -> Result<()> {
    print(&value.to_string())
}

/// A line that nobody needs.
pub(crate) fn say(quiet: bool, line: &str) -> Result<()> {
    if quiet { Ok(()) } else { print(line) }
}

/// Why standard output does not take any more.
pub(crate) fn closed(error: &io::Error) -> Failure {
    let message = match error.kind() {
        io::ErrorKind::BrokenPipe => "nobody reads standard output any more".to_owned(),
        _ => format!("standard output: {error}"),
    };
    Failure::new(Code::Failed, message)
}

/// An entry as a program reads it. Numbers that may pass 2^53 do not in this world: bytes and milliseconds.
pub(crate) fn entry_json(path: &CloudPath, entry: &Entry) -> Value {
    json!({
        "path": path.exact(),
        "name": entry.shown_name,
        "kind": if entry.is_folder() { "folder" } else { "file" },
        "id": entry.id.to_string(),
        "size": entry.size,
        "mime": entry.mime,
        "sha256": entry.sha256.map(|hash| hash.to_string()),
        "modified": entry.modified_ms,
        "taken": entry.taken_ms,
        "width": entry.dimensions.map(|(width, _)| width),
        "height": entry.dimensions.map(|(_, height)| height),
        "thumbnail": entry.has_thumbnail,
        "written": entry.written_ms,
        "revision": entry.revision,
        "damaged": entry.damaged.is_some(),
    })
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// A number of bytes in the largest unit that leaves a whole digit, in powers of 1,024.
pub(crate) fn bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
