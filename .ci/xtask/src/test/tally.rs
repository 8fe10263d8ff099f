//! What a suite ran: tests, counted from the runners' own closing lines, and checks that are one command each.

use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
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
        self.add(&count, status, command);
        Ok(())
    }

    /// The same for tests that wait for a browser, most of the time: as many at once as there are workers, the output of each in
    /// one piece. On a machine that is busy such a test may fail for that alone, so what fails is run once more, by itself. What
    /// passes then has passed, and the summary says that it did not at first, so that somebody looks.
    pub(crate) fn tests_with_a_second_run(&mut self, workers: usize, named: Vec<(String, Command)>) -> Result<()> {
        let waiting = Mutex::new(named.into_iter());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || -> Result<Vec<(String, Command, Self)>> {
            let mut ended = Vec::new();
            while let Some((name, mut command)) = next() {
                let (mut run, mut lines) = (Self::default(), Vec::new());
                let mut count = Count::default();
                let status = process::listen(&mut command, LIMIT, |line| {
                    count.read(line);
                    lines.push(line.to_owned());
                })?;
                println!("$ {}\n{}", process::shown(&command), lines.join("\n"));
                run.add(&count, status, &command);
                ended.push((name, command, run));
            }
            Ok(ended)
        };
        let ended: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker returns what went wrong")).collect()
        });
        for (name, mut command, mut run) in ended.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten() {
            if run.failed > 0 {
                run = Self::default();
                run.tests(&mut command)?;
                if run.failed == 0 {
                    run.note(format!("FLAKY: {name} failed, and passed when it was run again by itself"));
                }
            }
            self.passed += run.passed;
            self.failed += run.failed;
            self.notes.append(&mut run.notes);
        }
        Ok(())
    }

    /// Adds what a runner counted, and what its end says beside that.
    fn add(&mut self, count: &Count, status: ExitStatus, command: &Command) {
        self.passed += count.passed;
        self.failed += count.failed;
        if count.ignored > 0 {
            self.fail(format!("{} ignored by `{}`", count.ignored, process::shown(command)));
        }
        if !status.success() && count.failed == 0 {
            self.fail(format!("`{}` failed ({status})", process::shown(command)));
        }
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

    #[test]
    fn what_passes_at_the_second_run_is_said_and_what_fails_twice_has_failed() {
        let folder = std::env::temp_dir().join(format!("xtask-second-run-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let shell = |script: &str| {
            let mut shell = Command::new("sh");
            shell.current_dir(&folder).args(["-c", script]);
            shell
        };
        let line = |passed, failed| format!("echo 'ℹ pass {passed}'; echo 'ℹ fail {failed}'");

        let moody = format!("if [ -e ran ]; then {}; else touch ran; {}; exit 1; fi", line(2, 0), line(1, 1));
        let named = |name: &str, script: &str| (name.to_owned(), shell(script));
        let all =
            [named("calm", &line(2, 0)), named("moody", &moody), named("broken", &format!("{}; exit 1", line(1, 1)))];
        let mut tally = Tally { passed: 1, ..Tally::default() };
        tally.tests_with_a_second_run(2, all.into()).expect("they run");
        assert_eq!((tally.passed, tally.failed), (6, 1));
        assert!(tally.notes.len() == 1 && tally.notes[0].contains("FLAKY: moody"), "{:?}", tally.notes);
        std::fs::remove_dir_all(&folder).expect("it goes");
    }
}
