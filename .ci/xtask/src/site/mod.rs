//! The folder that the server serves: `target/site`.
//!
//! `pkg/` holds three WASM modules with their JavaScript, the worker's script and the style sheet; everything else comes from
//! `imegha-app/public`. Each file that compresses well has a `.gz` beside it.

use std::process::ExitCode;

use anyhow::Result;

mod assets;
mod wasm;

use crate::arguments::Arguments;
use crate::{prerequisites, project};

/// `cargo xtask site`.
pub(crate) fn command(arguments: Arguments) -> Result<ExitCode> {
    arguments.finish()?;
    build()?;
    Ok(ExitCode::SUCCESS)
}

/// Brings `target/site` up to date. Only what changed is built again.
pub(crate) fn build() -> Result<()> {
    prerequisites::wasm_target()?;
    let pkg = project::site().join("pkg");
    std::fs::create_dir_all(&pkg)?;
    wasm::build(&pkg)?;
    assets::build(&project::site())?;
    assets::compress(&project::site())?;
    wasm::print_sizes(&pkg)
}
