//! The fuzz targets, built as `fuzz/README.md` says and run for a moment each: enough to see that they run and find nothing at once.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use super::tally::Tally;
use crate::{process, project};

/// Builds them, then runs them, several at once: each is one thread.
pub(super) fn run(tally: &mut Tally) -> Result<()> {
    tally.check(process::cargo().args(["fmt", "--check", "--manifest-path", MANIFEST]))?;
    let sanitized = nightly();
    println!(
        "{}",
        if sanitized {
            "with AddressSanitizer, by the nightly that is here"
        } else {
            "without AddressSanitizer: it needs a nightly"
        }
    );
    let version = process::output("rustc", &["-vV"]).context("rustc says nothing")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say its host")?;
    let target = project::target().join("fuzz");
    let mut cargo = if sanitized {
        let mut rustup = Command::new("rustup");
        rustup.current_dir(project::root()).args(["run", NIGHTLY, "cargo"]);
        rustup
    } else {
        process::cargo()
    };
    cargo.args(["build", "--release", "--target", host, "--manifest-path", MANIFEST, "--target-dir"]).arg(&target);
    for name in TARGETS {
        cargo.args(["--bin", name]);
    }
    let failed = tally.failed;
    tally.check(cargo.env("RUSTFLAGS", if sanitized { format!("{FLAGS} {SANITIZER}") } else { FLAGS.to_owned() }))?;
    if tally.failed > failed {
        // What an earlier build left there is not what is to be checked.
        return Ok(());
    }

    let programs = target.join(host).join("release");
    let waiting = Mutex::new(TARGETS.iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || -> Vec<_> {
        std::iter::from_fn(next)
            .map(|name| (name, fuzz(&programs.join(name), &target.join("corpus").join(name))))
            .collect()
    };
    let ended: Vec<_> = std::thread::scope(|scope| {
        let workers = [(); AT_ONCE].map(|()| scope.spawn(worker));
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker returns what went wrong")).collect()
    });
    for (name, result) in ended {
        match result {
            Ok(()) => tally.passed += 1,
            Err(error) => tally.fail(format!("fuzz target `{name}`: {error:#}")),
        }
    }
    Ok(())
}

/// Whether there is a nightly toolchain; none is installed for this.
fn nightly() -> bool {
    process::output("rustup", &["run", NIGHTLY, "rustc", "--version"]).is_some()
}

/// Runs one target on its corpus, and says how far it came. Its output is shown when it is over, so that two do not mingle.
fn fuzz(program: &Path, corpus: &Path) -> Result<()> {
    std::fs::create_dir_all(corpus)?;
    let mut command = Command::new(program);
    command.current_dir(corpus.parent().context("a corpus lies in a folder")?).arg(corpus).args(ARGUMENTS);
    command.arg(format!("-dict={}", project::root().join("fuzz/json.dict").display()));
    let line = process::shown(&command);
    let output = command.output().with_context(|| format!("`{line}` did not start"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let shown = if output.status.success() { LINES_OF_SUCCESS } else { LINES_OF_FAILURE };
    println!("$ {line}\n{}", lines[lines.len().saturating_sub(shown)..].join("\n"));
    if !output.status.success() {
        let finding = lines.iter().find(|line| line.contains("panicked at") || line.starts_with("==")).copied();
        bail!("{} ({})", finding.unwrap_or("it failed"), output.status);
    }
    Ok(())
}

/// By name: the targets are a workspace of their own, and one that is renamed must not silently drop out.
const TARGETS: &[&str] = &[
    "accounts",
    "contact_cards",
    "conversations",
    "event_streams",
    "identities",
    "open_object",
    "opened_payloads",
    "photos",
    "public_links",
    "request_headers",
    "sealed_to",
    "sealed_values",
    "stored_records",
    "typed_texts",
    "unfinished_uploads",
    "wire_bodies",
];

/// Bounded memory is a part of what must hold: no input of 4 KiB may ask for 64 MiB at once, nor for 1 GiB in all. Nor may one take
/// ten seconds.
const ARGUMENTS: [&str; 6] = [
    "-max_total_time=10",
    "-max_len=4096",
    "-malloc_limit_mb=64",
    "-rss_limit_mb=1024",
    "-timeout=10",
    "-print_final_stats=1",
];

/// Those of `fuzz/README.md`.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Ccodegen-units=1";

/// What reads or writes past the end of memory, or memory that is free, ends the program.
const SANITIZER: &str = "-Zsanitizer=address";
const NIGHTLY: &str = "nightly";

const MANIFEST: &str = "fuzz/Cargo.toml";
const AT_ONCE: usize = 2;
/// How far it came, and the statistics.
const LINES_OF_SUCCESS: usize = 9;
/// The message, the stack, and the input.
const LINES_OF_FAILURE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_the_manifest_is_run() {
        let manifest = std::fs::read_to_string(project::root().join(MANIFEST)).expect("the targets have a manifest");
        let bins = manifest.split("[[bin]]").skip(1);
        let name = |bin: &str| {
            bin.lines().find_map(|line| line.strip_prefix("name = ")).map(|name| name.trim_matches('"').to_owned())
        };
        let mut names: Vec<String> = bins.map(|bin| name(bin).expect("each has a name")).collect();
        names.sort_unstable();
        assert_eq!(names, TARGETS);
    }
}
