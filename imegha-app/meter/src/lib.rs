//! The password meter of the web app.
//!
//! A WASM module of its own, since zxcvbn's word lists are larger than the whole page: it is loaded only where a password
//! is chosen. What it is given stays in the browser.
#![forbid(unsafe_code)]

use wasm_bindgen::prelude::wasm_bindgen;

/// How hard a password is to guess.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Strength {
    score: u8,
    warning: Option<String>,
    suggestions: Vec<String>,
}

#[wasm_bindgen]
impl Strength {
    /// From 0, guessed at once, to 4, not guessed.
    #[wasm_bindgen(getter)]
    pub fn score(&self) -> u8 {
        self.score
    }

    /// What is wrong with it, if something is.
    #[wasm_bindgen(getter)]
    pub fn warning(&self) -> Option<String> {
        self.warning.clone()
    }

    /// How to make a better one.
    #[wasm_bindgen(getter)]
    pub fn suggestions(&self) -> Vec<String> {
        self.suggestions.clone()
    }
}

/// Measures a password by zxcvbn. A password made of the person's own `email` or `tag` counts as guessed.
#[wasm_bindgen]
pub fn strength(password: &str, email: &str, tag: &str) -> Strength {
    // Its time grows with the square of the length, and nobody guesses what is longer.
    let measured: String = password.chars().take(MEASURED).collect();
    let local = email.split('@').next().unwrap_or_default();
    let entropy = zxcvbn::zxcvbn(&measured, &[email, local, tag, "imegha"]);
    let feedback = entropy.feedback();
    Strength {
        score: entropy.score().into(),
        warning: feedback.and_then(|feedback| feedback.warning()).map(|warning| warning.to_string()),
        suggestions: feedback
            .map(|feedback| feedback.suggestions().iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
    }
}

/// How many characters are measured.
const MEASURED: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_password_scores_nothing_and_says_why() {
        let strength = strength("password1", "ann@example.org", "ann");
        assert_eq!(strength.score(), 0);
        assert!(strength.warning().is_some());
        assert!(!strength.suggestions().is_empty());
    }

    #[test]
    fn a_random_password_scores_full() {
        assert_eq!(strength("vK7#qTz2wLp9!mRx", "ann@example.org", "ann").score(), 4);
    }

    #[test]
    fn ones_own_name_is_guessed() {
        let own = strength("ann.of.green.gables", "ann.of.green.gables@example.org", "ann").score();
        let others = strength("ann.of.green.gables", "bob@example.org", "bob").score();
        assert!(own <= 1 && own < others, "{own} {others}");
    }

    #[test]
    fn a_very_long_password_is_measured_quickly() {
        let long = "correct horse ".repeat(10_000);
        let started = std::time::Instant::now();
        strength(&long, "", "");
        assert!(started.elapsed().as_secs() < 5);
    }
}
