//! What a file is called while it is written.

use imegha_crypto::Id;

/// The name of a file that is being written; `id` was drawn for it.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn name(id: &Id) -> String {
    format!(".imegha-{id}.part")
}

/// Whether a file of that name is one that is being written, or was when its process ended.
pub(crate) fn is_temporary(name: &str) -> bool {
    let id = name.strip_prefix(".imegha-").and_then(|name| name.strip_suffix(".part"));
    id.is_some_and(|id| Id::parse_hex(id).is_ok())
}
