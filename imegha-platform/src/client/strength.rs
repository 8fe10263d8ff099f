//! How strong a password is, as the web app measures it.

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// Refuses a password that is easily guessed: a zxcvbn score below 3 of 4, which is about 10^8 guesses.
///
/// `known` is what a guesser knows of the person: email and tag. Costs a few milliseconds, more for very long passwords,
/// of which only the first 100 characters are measured.
///
/// # Errors
/// [`ProblemCode::PasswordRefused`].
pub fn check_strength(password: &str, known: &[&str]) -> Result<()> {
    let beginning: String = password.chars().take(100).collect();
    if zxcvbn::zxcvbn(&beginning, known).score() < zxcvbn::Score::Three {
        return Err(Error::refused(ProblemCode::PasswordRefused));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for password in ["", "password", "Passw0rd!", "alice.smith", "qwertyuiop", "19840312"] {
            assert!(check_strength(password, &["alice.smith@example.com", "alice.smith"]).is_err(), "{password:?}");
        }
        check_strength("plum cactus governs tuesday", &["alice@example.com", "alice"]).unwrap();
    }
}
