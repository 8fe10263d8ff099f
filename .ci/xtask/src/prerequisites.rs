//! What must be on the machine before anything is built, each with a word on how to get it.

use anyhow::{Result, bail};

use crate::process;

/// A C compiler: SQLite and aws-lc are C.
pub(crate) fn c_compiler() -> Result<()> {
    let chosen = std::env::var("CC").ok();
    let found = chosen.is_some() || ["cc", "gcc", "clang"].iter().any(|name| process::find(name).is_some());
    if !found {
        bail!("no C compiler (cc, gcc or clang) was found; on Debian: apt-get install build-essential");
    }
    Ok(())
}

/// The standard library for WebAssembly, added by rustup if it is missing.
pub(crate) fn wasm_target() -> Result<()> {
    let library = process::output(rustc(), &["--print", "target-libdir", "--target", WASM]);
    if library.is_some_and(|folder| std::path::Path::new(&folder).is_dir()) {
        return Ok(());
    }
    let Some(rustup) = process::find("rustup") else {
        bail!(
            "Rust's standard library for {WASM} is missing and rustup was not found; install it your way, or use rustup"
        );
    };
    let added = process::run(
        std::process::Command::new(rustup).args(["target", "add", WASM]).current_dir(crate::project::root()),
    );
    if added.is_err() {
        bail!("rustup could not add {WASM}; with a network, `rustup target add {WASM}` does it");
    }
    Ok(())
}

/// A component of the toolchain (`rustfmt`, `clippy`), added by rustup if its program is missing.
pub(crate) fn component(name: &str, program: &str) -> Result<()> {
    if process::output(program, &["--version"]).is_some() {
        return Ok(());
    }
    let added = process::run(
        std::process::Command::new("rustup").args(["component", "add", name]).current_dir(crate::project::root()),
    );
    if added.is_err() {
        bail!("{program} is missing and rustup could not add it; `rustup component add {name}` does it");
    }
    Ok(())
}

fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// The target of everything that runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
