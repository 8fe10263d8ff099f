//! The native test programs: compiled once, with one set of features for the whole workspace, then run crate by crate.
//!
//! `cargo test -p` for each crate would unify features for each anew, and compile tokio and all above it once for every crate.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde_json::Value;

use super::tally::Tally;
use crate::{process, project};

/// The features that the workspace is built with, here, by clippy and for the documentation. `ssr` and `hydrate` exclude each
/// other; the suites of wasm32 build the other one.
pub(crate) const FEATURES: &str = "imegha-app/aws,imegha-app/ssr,imegha-benches/aws,imegha-cloud/aws,imegha-cloud/conformance,imegha-cloud/lambda,\
    imegha-cloud/server,imegha-cloud/thumbnails,imegha-crypto/futures,imegha-crypto/tokio,imegha-platform/aws,imegha-platform/conformance";

/// What one build made.
#[derive(Debug)]
pub(crate) struct Build {
    complete: bool,
    programs: Vec<Program>,
}

/// A compiled target of the workspace.
#[derive(Debug)]
pub(crate) struct Program {
    /// The folder of its package, relative to the root.
    folder: String,
    package: String,
    /// `lib`, `bin`, `test`, `example` or `bench`.
    kind: String,
    name: String,
    is_test: bool,
    path: PathBuf,
}

impl Build {
    /// Builds at the first call, and returns the same result at the later ones.
    pub(crate) fn once() -> Result<&'static Self> {
        static BUILD: OnceLock<Result<Build, String>> = OnceLock::new();
        BUILD
            .get_or_init(|| Self::make().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|error| anyhow::anyhow!("the workspace could not be built: {error}"))
    }

    /// Whether everything compiled.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// A program that is not a test, by its kind and name.
    pub(crate) fn program(&self, kind: &str, name: &str) -> Result<&Path> {
        self.programs
            .iter()
            .find(|program| !program.is_test && program.kind == kind && program.name == name)
            .map(|program| program.path.as_path())
            .with_context(|| format!("the {kind} `{name}` was not built"))
    }

    /// The app's server with the features of this build, among which is `aws`: under a name of its own, since `serve` builds another one.
    pub(crate) fn server_with_aws(&self) -> Result<PathBuf> {
        let mut cargo = process::cargo();
        process::run(cargo.args(["build", "--workspace", "--bin", "imegha-app", "--features", FEATURES]))?;
        let (built, kept) = (project::server("debug"), project::server("debug").with_file_name("imegha-app-aws"));
        std::fs::copy(&built, &kept).with_context(|| format!("{} cannot be copied", built.display()))?;
        Ok(kept)
    }

    /// Runs the unit and integration tests of the package in `folder`.
    pub(crate) fn run_tests(&self, folder: &str, tally: &mut Tally) -> Result<()> {
        for program in self.tests_of(folder) {
            tally.tests(&mut program.command())?;
        }
        Ok(())
    }

    /// The same without the integration tests of one module, which are another suite's.
    pub(crate) fn run_tests_without(&self, folder: &str, module: &str, tally: &mut Tally) -> Result<()> {
        for program in self.tests_of(folder) {
            let mut command = program.command();
            if program.kind == "test" {
                command.args(["--skip", module]);
            }
            tally.tests(&mut command)?;
        }
        Ok(())
    }

    /// Runs the integration tests whose names hold one of those, with what `tell` tells them.
    pub(crate) fn run_named(
        &self,
        folder: &str,
        names: &[&str],
        tell: impl Fn(&mut Command),
        tally: &mut Tally,
    ) -> Result<()> {
        for program in self.tests_of(folder).filter(|program| program.kind == "test") {
            let mut command = program.command();
            tell(command.args(names));
            tally.tests(&mut command)?;
        }
        Ok(())
    }

    fn tests_of(&self, folder: &str) -> impl Iterator<Item = &Program> {
        self.programs
            .iter()
            .filter(move |program| program.folder == folder && program.is_test && program.kind != "bench")
    }

    /// Runs each bench once, without measuring.
    pub(crate) fn run_benches(&self, tally: &mut Tally) -> Result<()> {
        for program in self.programs.iter().filter(|program| program.kind == "bench") {
            tally.tests(program.command().arg("--test"))?;
        }
        Ok(())
    }

    fn make() -> Result<Self> {
        let mut build = Self { complete: true, programs: Vec::new() };
        // Benches apart: naming them beside the others would also build the examples as tests.
        for targets in [&[][..], &["--bench", "*"]] {
            let mut cargo = process::cargo();
            cargo.args(["test", "--workspace", "--no-run", "--no-fail-fast", "--features", FEATURES]).args(targets);
            println!("$ {}", process::shown(&cargo));
            cargo.arg("--message-format=json-render-diagnostics");
            let output = cargo.stderr(Stdio::inherit()).output().context("cargo did not start")?;
            build.programs.extend(String::from_utf8_lossy(&output.stdout).lines().filter_map(Program::from_message));
            build.complete &= output.status.success();
        }
        Ok(build)
    }
}

impl Program {
    /// Reads one of cargo's messages; `None` if it does not announce a program.
    fn from_message(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        let path = PathBuf::from(message["executable"].as_str()?);
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        let package = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let package = package.lines().find_map(|line| line.strip_prefix("name = \""))?.trim_end_matches('"').to_owned();
        let kind = message["target"]["kind"][0].as_str()?;
        Some(Self {
            folder: folder.strip_prefix(project::root()).ok()?.to_str()?.to_owned(),
            package,
            kind: if ["cdylib", "rlib", "lib"].contains(&kind) { "lib".to_owned() } else { kind.to_owned() },
            name: message["target"]["name"].as_str()?.to_owned(),
            is_test: message["profile"]["test"].as_bool()?,
            path,
        })
    }

    /// Runs as `cargo test` would run it: in its package's folder, with what cargo tells a test of its package.
    fn command(&self) -> Command {
        let folder = project::root().join(&self.folder);
        let mut command = Command::new(&self.path);
        command
            .current_dir(&folder)
            .env("CARGO_MANIFEST_DIR", &folder)
            .env("CARGO_PKG_NAME", &self.package)
            .env("CARGO", process::cargo().get_program());
        command
    }
}
