//! What was typed after `cargo xtask`.

use std::collections::VecDeque;

use anyhow::{Context, Result, bail};

/// The arguments that nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    pub(crate) fn from_env() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// Takes the first argument: the name of the command.
    pub(crate) fn command(&mut self) -> Option<String> {
        self.0.pop_front()
    }

    /// Takes `--name` if it is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Takes `--name value` or `--name=value` if it is there.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        for index in 0..self.0.len() {
            if let Some(value) = self.0[index].strip_prefix(&joined) {
                let value = value.to_owned();
                self.0.remove(index);
                return Ok(Some(value));
            }
            if self.0[index] == name {
                self.0.remove(index);
                return self.0.remove(index).map(Some).with_context(|| format!("{name} needs a value"));
            }
        }
        Ok(None)
    }

    /// Takes everything that is left.
    pub(crate) fn rest(self) -> Vec<String> {
        self.0.into()
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0.front() {
            None => Ok(()),
            Some(argument) => bail!("`{argument}` is not understood here; see `cargo xtask help`"),
        }
    }
}
