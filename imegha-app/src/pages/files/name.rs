//! Which names can be given.

use imegha_worker::protocol::ErrorCode;

/// Why a name cannot be used; the cloud judges the rest.
pub(super) fn refusal(name: &str) -> Option<ErrorCode> {
    let bad = name.is_empty() || name.len() > 255 || name.contains('/') || name.chars().all(|c| c == '.');
    bad.then_some(ErrorCode::NameInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_system_takes() {
        for bad in ["", ".", "..", "a/b", &"x".repeat(256)] {
            assert_eq!(refusal(bad), Some(ErrorCode::NameInvalid), "{bad}");
        }
        for good in ["a", ".config", "Sommer 2026", "समुद्र"] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }
}
