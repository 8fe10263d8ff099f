//! `cargo xtask serve`: from a work tree to a running server.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::{prerequisites, process, project, site};

/// Builds the site and the server, then becomes the server.
pub(crate) fn serve(mut arguments: Arguments) -> Result<ExitCode> {
    let release = arguments.flag("--release");
    let port = match arguments.option("--port")? {
        Some(port) => Some(port.parse::<u16>().with_context(|| format!("--port {port} is not a port number"))?),
        None => None,
    };
    let data = arguments.option("--data")?;
    arguments.finish()?;

    prerequisites::c_compiler()?;
    prerequisites::wasm_target()?;
    site::build()?;
    let profile = build_server(release)?;

    let mut server = Command::new(project::server(profile));
    server.current_dir(project::root()).env("IMEGHA_SITE", project::site());
    if let Some(port) = port {
        server.env("IMEGHA_ADDR", format!("127.0.0.1:{port}"));
        server.env("IMEGHA_ORIGIN", format!("http://127.0.0.1:{port}"));
    }
    if let Some(data) = data {
        let here = std::env::current_dir().context("the current folder is gone")?;
        server.env("IMEGHA_DATA", here.join(data));
    }
    become_program(server)
}

/// Builds the server and returns the folder of its profile.
pub(crate) fn build_server(release: bool) -> Result<&'static str> {
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "imegha-app", "--bin", "imegha-app", "--features", "ssr"]);
    if release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;
    Ok(if release { "release" } else { "debug" })
}

/// Replaces this process by the server, so that Ctrl-C and SIGTERM reach it and nothing else is left running.
#[cfg(unix)]
fn become_program(mut server: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = server.exec();
    bail!("the server did not start: {error}")
}

#[cfg(not(unix))]
fn become_program(mut server: Command) -> Result<ExitCode> {
    let status = server.status().context("the server did not start")?;
    if !status.success() {
        bail!("the server ended with {status}");
    }
    Ok(ExitCode::SUCCESS)
}
