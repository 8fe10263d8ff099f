//! `cargo xtask lambda`: the gateway as the zip that AWS Lambda runs (`provided.al2023`, x86_64).
//!
//! Lambda's Amazon Linux 2023 has glibc 2.34, and a program that was linked against a newer one may need more. So what came out is looked
//! into, and nothing is packed that would not start there.

mod elf;
mod glibc;
mod pack;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::{prerequisites, process, project};
use glibc::Glibc;

/// What was made.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) zip: PathBuf,
    /// The newest glibc that the program asks for.
    needs: Glibc,
}

/// Builds the zip and says what it is.
pub(crate) fn command(mut arguments: Arguments) -> Result<ExitCode> {
    let out = arguments.option("--out")?;
    arguments.finish()?;
    let packed = build()?;
    if let Some(out) = out {
        std::fs::copy(&packed.zip, &out).with_context(|| format!("{out} cannot be written"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the zip.
///
/// # Errors
/// Also when the program needs a newer glibc than Lambda has.
pub(crate) fn build() -> Result<Packed> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")),
        "the program of a function is built on Linux on x86-64; elsewhere, in a container of it"
    );
    prerequisites::c_compiler()?;
    let folder = folder();
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "imegha-cloud", "--bin", "imegha-gateway", "--profile", "lambda"]);
    // Neither SQLite nor a client: a function has no disk, and keeps no keys.
    cargo.args(["--no-default-features", "--features", "lambda,aws-lc", "--target-dir"]).arg(&folder);
    process::run(cargo.env("CARGO_INCREMENTAL", "0"))?;

    let program = folder.join("lambda/imegha-gateway");
    let bytes = std::fs::read(&program).with_context(|| format!("{} cannot be read", program.display()))?;
    let needs = needs(&program, &bytes)?;
    let zip = project::target().join("imegha-gateway-lambda.zip");
    pack::pack(&bytes, &zip)?;
    let packed = Packed { zip, needs };
    println!("{}", packed.described()?);
    Ok(packed)
}

/// Builds the zip at the first call, and says where it is at every one.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_once() -> Result<PathBuf> {
    static ZIP: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || build().map(|packed| packed.zip).map_err(|error| format!("{error:#}"));
    ZIP.get_or_init(build).clone().map_err(anyhow::Error::msg)
}

/// Where it is built: apart from everything else, which has other features.
fn folder() -> PathBuf {
    project::target().join("lambda")
}

fn needs(program: &Path, bytes: &[u8]) -> Result<Glibc> {
    let needs = elf::needed_glibc(bytes).with_context(|| format!("{} cannot be looked into", program.display()))?;
    ensure!(
        needs <= LAMBDA,
        "the program needs {needs}, and Lambda has {LAMBDA}: this system's C library is too new to link for it. Build it where \
         glibc is older (Debian 12 and Amazon Linux 2023 are), or in a container of one of them"
    );
    Ok(needs)
}

impl Packed {
    /// One line for whoever built it.
    pub(crate) fn described(&self) -> Result<String> {
        let len = std::fs::metadata(&self.zip)?.len();
        Ok(format!(
            "{}: {:.1} MB, needs {} at most (Lambda has {LAMBDA})",
            self.zip.display(),
            len as f64 / 1e6,
            self.needs
        ))
    }
}

/// What Amazon Linux 2023 has.
const LAMBDA: Glibc = Glibc { major: 2, minor: 34 };
