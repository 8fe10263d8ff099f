//! Where things stand in the work tree.

use std::path::{Path, PathBuf};

/// The work tree's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate stands two folders below the root")
        .into()
}

/// Cargo's target folder: everything that is built or installed goes below it.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The folder that the server serves.
pub(crate) fn site() -> PathBuf {
    target().join("site")
}

/// The server built by cargo in the given profile folder (`debug`, `release`).
pub(crate) fn server(profile: &str) -> PathBuf {
    target().join(profile).join(format!("imegha-app{}", std::env::consts::EXE_SUFFIX))
}
