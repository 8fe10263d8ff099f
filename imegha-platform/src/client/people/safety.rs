//! The number that two people compare (FORMAT 7).

use std::fmt;

use imegha_crypto::{Fingerprint, safety_number};

/// Sixty digits in twelve groups, the same on both sides if, and only if, each sees the other's true key.
#[derive(Clone, PartialEq, Eq)]
pub struct SafetyNumber(String);

impl SafetyNumber {
    /// The number of two people by their tags and the fingerprints of their current identities.
    pub(super) fn new(tag_a: &str, a: &Fingerprint, tag_b: &str, b: &Fingerprint) -> Self {
        Self(safety_number(tag_a, a, tag_b, b))
    }

    /// The twelve groups of five digits, to be read aloud.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// The text of its QR code. All of it is in the alphabet that QR codes hold densest.
    pub fn to_qr_text(&self) -> String {
        let digits: String = self.groups().collect();
        format!("{QR_HEAD}{digits}")
    }

    /// Whether a QR code that was read from the other's screen is that of this number. `None` for a code of something else.
    pub fn matches_qr_text(&self, text: &str) -> Option<bool> {
        let digits = text.trim().strip_prefix(QR_HEAD)?;
        let form = digits.len() == 60 && digits.bytes().all(|byte| byte.is_ascii_digit());
        form.then(|| self.groups().collect::<String>() == digits)
    }
}

/// The groups, with a space between two.
impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafetyNumber({})", self.0)
    }
}

const QR_HEAD: &str = "IMEGHA:SAFETY:1:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_right_wrong_or_something_else() {
        let number =
            |n| SafetyNumber::new("alice", &Fingerprint::from_bytes([1; 32]), "bob", &Fingerprint::from_bytes([n; 32]));
        let text = number(2).to_qr_text();
        assert_eq!(number(2).groups().map(str::len).collect::<Vec<_>>(), [5; 12]);
        assert_eq!(number(2).matches_qr_text(&text), Some(true));
        assert_eq!(number(3).matches_qr_text(&text), Some(false));
        assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b':'), "{text}");
        for other in
            ["", "https://imegha.example", QR_HEAD, &text[..text.len() - 1], &format!("{text}0"), &text.to_lowercase()]
        {
            assert_eq!(number(2).matches_qr_text(other), None, "{other}");
        }
    }
}
