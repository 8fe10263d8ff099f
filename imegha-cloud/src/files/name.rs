//! Names of files and folders.

use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, ErrorKind, Result};

/// The longest name in bytes of UTF-8: four times what the usual file systems take.
pub const MAX_NAME_LEN: usize = 1_024;

/// Checks that `name` can stand in a folder: 1 to [`MAX_NAME_LEN`] bytes, no control characters (NUL among them), no `/`,
/// neither `.` nor `..`. Everything else is allowed and kept as it was typed.
///
/// A name says nothing about where it is safe as a path: whoever writes files by these names has the rules of that system
/// to keep.
///
/// # Errors
/// `Malformed`.
pub(crate) fn check(name: &str) -> Result<()> {
    let refused = name.is_empty()
        || name.len() > MAX_NAME_LEN
        || name == "."
        || name == ".."
        || name.chars().any(|character| character == '/' || character.is_control());
    match refused {
        true => Err(Error::new(ErrorKind::Malformed, "this cannot be a name")),
        false => Ok(()),
    }
}

/// What two names must not have in common in one folder: NFC and case folding.
///
/// Never stored and never sealed, so another version's Unicode tables do no harm: at worst a folder shows two names that
/// one of them would not have let in.
pub(crate) fn fold(name: &str) -> String {
    let upper = name.nfc().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfc().collect()
}

/// The name under which a second `name` is shown: the first of "name (2)", "name (3)" … of which `taken`, given it folded, says no.
/// The number stands before the extension.
pub(crate) fn number(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.contains(' ') => (stem, Some(extension)),
        _ => (name, None),
    };
    let numbered = |number: u64| {
        let suffix = match extension {
            Some(extension) => format!(" ({number}).{extension}"),
            None => format!(" ({number})"),
        };
        let mut stem = stem;
        while stem.len() + suffix.len() > MAX_NAME_LEN && !stem.is_empty() {
            stem = &stem[..stem.floor_char_boundary(stem.len() - 1)];
        }
        format!("{stem}{suffix}")
    };
    (2..).map(numbered).find(|name| !taken(&fold(name))).expect("a folder holds fewer names than there are numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for name in ["a", "Ä", "…", " ", "a.b", "...", "con", "\u{202e}gpj.exe", "家族", &"x".repeat(1_024)] {
            check(name).unwrap();
        }
        for name in ["", ".", "..", "a/b", "/", "\0", "a\nb", "\u{7f}", "\u{85}", &"x".repeat(1_025)] {
            assert_eq!(check(name).unwrap_err().kind(), ErrorKind::Malformed, "{name:?}");
        }
    }

    #[test]
    fn names_that_look_alike_fold_to_one() {
        for (one, other) in [("Photo.JPG", "photo.jpg"), ("a\u{308}", "Ä"), ("STRASSE", "straße"), ("ΣΑΣ", "σας")]
        {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("a"), fold("ä"));
    }

    #[test]
    fn a_second_name_is_numbered() {
        let among = |names: &'static [&str]| move |name: &str| names.iter().any(|taken| fold(taken) == name);
        assert_eq!(number("a.jpg", among(&["a.jpg"])), "a (2).jpg");
        assert_eq!(number("a.jpg", among(&["A.jpg", "A (2).JPG"])), "a (3).jpg");
        assert_eq!(number("folder", among(&[])), "folder (2)");
        assert_eq!(number(".profile", among(&[])), ".profile (2)");
        assert_eq!(number("Dr. Who", among(&[])), "Dr. Who (2)");
        let long = number(&"ä".repeat(512), among(&[]));
        assert!(check(&long).is_ok() && long.ends_with(" (2)"), "{long}");
    }
}
