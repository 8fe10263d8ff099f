//! The app in real Chromium: what the browser tests and the screenshots are told of the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::arguments::Arguments;
use crate::test::tools;
use crate::{process, project, serve, site};

/// The folder of the browser tests.
const FOLDER: &str = "imegha-app/tests/browser";

/// Tests of how long a page is busy at a stretch and how much memory a browser takes: nothing runs beside them.
pub(crate) const ALONE: [&str; 3] = ["smooth.test.mjs", "streams.test.mjs", "thousand.test.mjs"];

/// The tests of what is in an account of AWS, which speak to its services.
pub(crate) const IN_AWS: [&str; 2] = ["own_cloud.test.mjs", "platform_aws.test.mjs"];

/// `cargo xtask screenshots`: every page into `target/screenshots`.
pub(crate) fn screenshots(arguments: Arguments) -> Result<ExitCode> {
    arguments.finish()?;
    site::build()?;
    serve::build_server(false)?;
    let folder = project::target().join("screenshots");
    process::run(node(&browser()?)?.arg("screenshots.mjs").env("IMEGHA_TEST_SCREENSHOTS", folder))?;
    Ok(ExitCode::SUCCESS)
}

/// Node's test runner over each file of tests: each starts servers and a browser of its own.
pub(crate) fn tests() -> Result<Vec<(String, Command)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(project::root().join(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            files.push(name);
        }
    }
    files.sort();
    let chromium = browser()?;
    let command = |file: String| {
        let mut node = node(&chromium)?;
        node.args(["--test", "--test-reporter=spec", "--test-timeout=900000", &file]);
        Ok((file, node))
    };
    files.into_iter().map(command).collect()
}

/// The browser, when Node and its packages are there too.
fn browser() -> Result<PathBuf> {
    tools::browser_test_packages()?;
    tools::chromium()
}

/// Node in the folder of the tests, with the server, the site and the browser in its environment.
fn node(chromium: &Path) -> Result<Command> {
    let mut node = Command::new("node");
    node.current_dir(project::root().join(FOLDER))
        .env("IMEGHA_TEST_SERVER", project::server("debug"))
        .env("IMEGHA_SITE", project::site())
        .env("IMEGHA_TEST_CHROMIUM", chromium)
        .env("IMEGHA_TEST_XTASK", std::env::current_exe()?);
    Ok(node)
}
