//! The table at the end.

use std::fmt;
use std::time::Duration;

use super::tally::Tally;

/// What came of one suite.
#[derive(Debug)]
pub(crate) struct Row {
    suite: &'static str,
    tally: Tally,
    minimum: u64,
    time: Duration,
    /// Gigabytes left on the disk after it.
    free: Option<f64>,
}

impl Row {
    pub(crate) fn new(suite: &'static str, mut tally: Tally, minimum: u64, time: Duration, free: Option<f64>) -> Self {
        let ran = tally.passed + tally.failed;
        if ran < minimum {
            tally.fail(format!("{ran} ran, and .ci/minimums.toml says at least {minimum}"));
        }
        Self { suite, tally, minimum, time, free }
    }

    fn is_green(&self) -> bool {
        self.tally.failed == 0
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs();
        let time = format!("{}:{:02}", seconds / 60, seconds % 60);
        let result = if self.is_green() { "ok".to_owned() } else { format!("{} FAILED", self.tally.failed) };
        let ran = self.tally.passed + self.tally.failed;
        let free = self.free.map_or_else(|| "?".to_owned(), |free| format!("{free:.0} GB"));
        write!(f, "{:<16} {ran:>6} {:>8} {time:>7} {free:>7}  {result}", self.suite, self.minimum)?;
        for note in &self.tally.notes {
            write!(f, "\n                 · {}", note.replace('\n', "\n                   "))?;
        }
        Ok(())
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Summary(Vec<Row>);

impl Summary {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn is_green(&self) -> bool {
        self.0.iter().all(Row::is_green)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n━━ summary ━━\n\n{:<16} {:>6} {:>8} {:>7} {:>7}  result",
            "suite", "ran", "minimum", "time", "free"
        )?;
        for row in &self.0 {
            writeln!(f, "{row}")?;
        }
        let sum = |of: fn(&Tally) -> u64| self.0.iter().map(|row| of(&row.tally)).sum::<u64>();
        let minutes = self.0.iter().map(|row| row.time).sum::<Duration>().as_secs() / 60;
        writeln!(f, "\n{} in {minutes} minutes", if self.is_green() { "all green" } else { "RED" })?;
        // The form that machines look for: alone on the last line.
        writeln!(f, "{} passed, {} failed", sum(|tally| tally.passed), sum(|tally| tally.failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_the_minimum_is_red() {
        let ran = |passed| Tally { passed, ..Tally::default() };
        assert!(Row::new("crypto", ran(12), 12, Duration::ZERO, None).is_green());
        assert!(!Row::new("crypto", ran(11), 12, Duration::ZERO, None).is_green());
    }

    #[test]
    fn the_last_line_is_the_sum() {
        let mut summary = Summary::default();
        for (passed, failed) in [(3, 0), (4, 1)] {
            summary.push(Row::new("crypto", Tally { passed, failed, notes: Vec::new() }, 1, Duration::ZERO, None));
        }
        assert!(summary.to_string().ends_with("\n7 passed, 1 failed\n"));
        assert!(!summary.is_green());
    }
}
