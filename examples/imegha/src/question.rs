//! A question that is answered with yes or no.

use std::io::IsTerminal as _;

use crate::failure::{Failure, Result};

/// Whether whoever sits there says yes. Where nobody does, it is a mistake of usage, with these words.
pub(crate) fn says_yes(question: &str, nobody: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(nobody));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
