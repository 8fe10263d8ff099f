//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::project;

/// `cargo` in the work tree's root, the one that runs this program.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(project::root());
    command
}

/// Runs a command to its end with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("`{line}` did not start"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end, shows its output as it comes and gives each line to `on_line`. After `limit` the command and all
/// that it started are killed.
pub(crate) fn watch(command: &mut Command, limit: Duration, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    println!("$ {}", shown(command));
    listen(command, limit, |line| {
        println!("{line}");
        on_line(line);
    })
}

/// The same without a word: what is said is for `on_line` alone.
pub(crate) fn listen(command: &mut Command, limit: Duration, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    let line = shown(command);
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{line}` did not start"))?;
    let (sender, lines) = mpsc::channel();
    forward(child.stdout.take(), sender.clone());
    forward(child.stderr.take(), sender);
    loop {
        match lines.recv_timeout(limit.saturating_sub(started.elapsed())) {
            Ok(line) => on_line(&line),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                for process in descendants(child.id()) {
                    output("kill", &["-9", &process.to_string()]);
                }
                child.kill().context("it could not be killed either")?;
                child.wait()?;
                bail!("`{line}` was still running after {} minutes and was killed", limit.as_secs() / 60);
            }
        }
    }
    Ok(child.wait()?)
}

/// What a command prints, or `None` if it is missing or fails.
pub(crate) fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).current_dir(project::root()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The path of a program in `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|path| path.is_file())
}

/// A command as one would type it, with paths inside the work tree made relative.
pub(crate) fn shown(command: &Command) -> String {
    let root = format!("{}/", project::root().display());
    let program = PathBuf::from(command.get_program());
    let mut line = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy().replace(&root, ""));
    }
    line
}

/// Sends each line of a stream from a thread of its own, so that neither stream of a child ever waits for the other.
fn forward(stream: Option<impl Read + Send + 'static>, sender: mpsc::Sender<String>) {
    let Some(stream) = stream else { return };
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// The children of a process, theirs, and so on. Empty where there is no `/proc`.
fn descendants(parent: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let parents: Vec<(u32, u32)> = entries
        .flatten()
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name stands in parentheses and may hold spaces; the state and the parent follow it.
            let of_process = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((process, of_process))
        })
        .collect();
    let mut found = vec![parent];
    let mut next = 0;
    while let Some(&process) = found.get(next) {
        found.extend(parents.iter().filter(|(_, of_process)| *of_process == process).map(|(child, _)| *child));
        next += 1;
    }
    found.remove(0);
    found
}
