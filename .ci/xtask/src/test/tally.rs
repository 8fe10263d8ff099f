//! What a suite ran: tests, counted from the runners' own closing lines, and checks that are one command each.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process;

/// The count of one suite.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) notes: Vec<String>,
}

impl Tally {
    /// Runs a command that passes or fails as a whole.
    pub(crate) fn check(&mut self, command: &mut Command) -> Result<()> {
        let status = process::watch(command, LIMIT, |_| ())?;
        if status.success() {
            self.passed += 1;
        } else {
            self.fail(format!("`{}` failed ({status})", process::shown(command)));
        }
        Ok(())
    }

    /// Runs a command whose output holds the closing lines of test runners.
    pub(crate) fn tests(&mut self, command: &mut Command) -> Result<()> {
        let mut count = Count::default();
        let status = process::watch(command, LIMIT, |line| count.read(line))?;
        self.passed += count.passed;
        self.failed += count.failed;
        if count.ignored > 0 {
            self.fail(format!("{} ignored by `{}`", count.ignored, process::shown(command)));
        }
        if !status.success() && count.failed == 0 {
            self.fail(format!("`{}` failed ({status})", process::shown(command)));
        }
        Ok(())
    }

    /// Counts something that is wrong.
    pub(crate) fn fail(&mut self, why: impl Into<String>) {
        self.failed += 1;
        self.notes.push(why.into());
    }

    /// Keeps something that the summary must say.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

/// What runners said of themselves.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Count {
    /// Adds a closing line of `cargo test`, `wasm-bindgen-test-runner`, Criterion's test mode or Node's test runner; any other
    /// line adds nothing.
    fn read(&mut self, line: &str) {
        if let Some((_, result)) = line.split_once("test result: ") {
            let of = |what: &str| number_before(result, what);
            self.passed += of(" passed");
            self.failed += of(" failed");
            self.ignored += of(" ignored");
        } else if let Some(field) = line.strip_prefix("ℹ ") {
            let of =
                |name: &str| field.strip_prefix(name).and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(0);
            self.passed += of("pass ");
            self.failed += of("fail ") + of("cancelled ");
            self.ignored += of("skipped ") + of("todo ");
        } else if line.starts_with("Testing ") {
            self.passed += 1;
        }
    }
}

fn number_before(line: &str, what: &str) -> u64 {
    let Some((before, _)) = line.split_once(what) else { return 0 };
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// No suite takes half as long; what takes longer hangs.
const LIMIT: Duration = Duration::from_secs(40 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &[&str]) -> Count {
        let mut count = Count::default();
        for line in lines {
            count.read(line);
        }
        count
    }

    #[test]
    fn cargo_lines_are_added_up() {
        let counted = count(&[
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.50s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.50s",
            "a test said: 99 passed; nothing",
        ]);
        assert_eq!(counted, Count { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn node_lines_are_added_up() {
        let counted =
            count(&["ℹ tests 9", "ℹ pass 5", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 2", "ℹ duration_ms 1.5"]);
        assert_eq!(counted, Count { passed: 5, failed: 2, ignored: 2 });
    }

    #[test]
    fn a_command_that_fails_without_a_word_is_counted() {
        let mut tally = Tally::default();
        tally.tests(&mut Command::new("false")).expect("it starts");
        assert_eq!((tally.passed, tally.failed), (0, 1));
    }
}
