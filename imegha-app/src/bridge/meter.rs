//! The password meter: a module of its own, loaded when a password is first measured.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// How hard a password is to guess.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strength {
    /// From 0, guessed at once, to 4.
    pub(crate) score: u8,
    /// What is wrong with it, and how to make a better one.
    pub(crate) advice: Vec<String>,
}

impl Strength {
    /// Whether it may be used.
    pub(crate) fn is_enough(&self) -> bool {
        self.score >= ENOUGH
    }

    /// In a word or two.
    pub(crate) fn words(&self) -> &'static str {
        match self.score {
            0 => "Guessed at once",
            1 => "Very weak",
            2 => "Weak",
            3 => "Strong enough",
            _ => "Strong",
        }
    }
}

/// Measures a password, which stays in this browser. None when the meter could not be loaded.
pub(crate) async fn measure(password: &str, email: &str, tag: &str) -> Option<Strength> {
    let measured = strength(password, email, tag).await.ok()?;
    let of = |name: &str| Reflect::get(&measured, &name.into()).ok();
    let warning = of("warning").and_then(|warning| warning.as_string());
    let suggestions = of("suggestions").map(|suggestions| Array::from(&suggestions));
    let suggestions = suggestions.iter().flat_map(Array::iter).filter_map(|suggestion| suggestion.as_string());
    Some(Strength { score: of("score")?.as_f64()? as u8, advice: warning.into_iter().chain(suggestions).collect() })
}

#[wasm_bindgen(raw_module = "./meter.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn strength(password: &str, email: &str, tag: &str) -> Result<JsValue, JsValue>;
}

/// About 10^8 guesses.
const ENOUGH: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for score in 0..=4 {
            let strength = Strength { score, advice: vec![] };
            assert_eq!(strength.is_enough(), score >= 3);
            assert_eq!(strength.words().starts_with("Strong"), strength.is_enough());
        }
    }
}
