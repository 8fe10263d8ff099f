//! The number of tests that each suite has at least: `.ci/minimums.toml`, lines of `suite = number`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::project;

/// The committed minimums.
#[derive(Debug)]
pub(crate) struct Minimums(BTreeMap<String, u64>);

impl Minimums {
    pub(crate) fn read() -> Result<Self> {
        let path = project::root().join(".ci/minimums.toml");
        Self::parse(&std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut minimums = BTreeMap::new();
        for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            if line.is_empty() {
                continue;
            }
            let (name, number) = line.split_once('=').with_context(|| format!("`{line}` is not `suite = number`"))?;
            let number = number.trim().parse().with_context(|| format!("`{line}` ends in no number"))?;
            minimums.insert(name.trim().to_owned(), number);
        }
        Ok(Self(minimums))
    }

    /// The least that a suite must run. A suite that nobody wrote down must run something.
    pub(crate) fn of(&self, suite: &str) -> u64 {
        self.0.get(suite).copied().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_the_unknown_is_at_least_one() {
        let minimums = Minimums::parse("# comment\ncrypto = 12 # more\n\n").expect("it is well formed");
        assert_eq!((minimums.of("crypto"), minimums.of("other")), (12, 1));
        assert!(Minimums::parse("crypto 12").is_err());
        assert!(Minimums::parse("crypto = many").is_err());
    }
}
