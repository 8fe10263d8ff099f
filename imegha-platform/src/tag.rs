//! The iMTag: a person's unique public name.

use std::fmt;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// An iMTag in the form that is stored, compared and signed: 3 to 30 of `a-z 0-9 _ .`, beginning with a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// Reads a tag as a person types it: upper case is lowered, a leading `@` and white space around it are dropped.
    ///
    /// # Errors
    /// [`ProblemCode::TagInvalid`] when it is not of the form, or reserved.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        Self::from_stored(&text.strip_prefix('@').unwrap_or(text).to_ascii_lowercase())
    }

    /// Takes a tag that is in the stored form already, and nothing else.
    ///
    /// # Errors
    /// As [`Tag::parse`].
    pub fn from_stored(text: &str) -> Result<Self> {
        let form = (MIN_LEN..=MAX_LEN).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
        if !form || is_reserved(text) {
            return Err(Error::refused(ProblemCode::TagInvalid));
        }
        Ok(Self(text.to_owned()))
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({})", self.0)
    }
}

/// Whether a tag is kept back. Dots and underscores do not make another word of it: `ad.min` is `admin`.
fn is_reserved(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| !matches!(c, '.' | '_')).collect();
    RESERVED.contains(&letters.as_str()) || letters.starts_with("imegha")
}

const MIN_LEN: usize = 3;
const MAX_LEN: usize = 30;

/// Words that a person could take for the platform itself, or that stand in addresses.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "all",
    "anonymous",
    "api",
    "app",
    "billing",
    "blog",
    "contact",
    "everyone",
    "gateway",
    "help",
    "helpdesk",
    "home",
    "hostmaster",
    "imtag",
    "info",
    "legal",
    "login",
    "logout",
    "mail",
    "me",
    "moderator",
    "noreply",
    "nobody",
    "none",
    "null",
    "official",
    "owner",
    "pkg",
    "platform",
    "policy",
    "postmaster",
    "privacy",
    "recover",
    "recovery",
    "root",
    "security",
    "settings",
    "share",
    "shares",
    "signin",
    "signout",
    "signup",
    "staff",
    "static",
    "status",
    "support",
    "system",
    "team",
    "terms",
    "undefined",
    "webmaster",
    "www",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_stored_in_lower_case() {
        assert_eq!(Tag::parse(" @Alice.B_2 ").unwrap().as_str(), "alice.b_2");
        assert_eq!(Tag::parse("abc").unwrap(), Tag::from_stored("abc").unwrap());
        assert!(Tag::from_stored("Abc").is_err());
    }

    #[test]
    fn what_is_not_a_tag_is_refused() {
        let long = "a".repeat(31);
        for text in ["", "ab", &long, "1abc", ".abc", "_abc", "al ice", "älice", "alice\0", "a-b", "@@alice"] {
            assert!(Tag::parse(text).is_err(), "{text:?}");
        }
        assert!(Tag::parse(&"a".repeat(30)).is_ok());
    }

    #[test]
    fn reserved_words_are_refused_in_every_dress() {
        for text in ["admin", "Admin", "a.d.m_in", "support", "imegha", "imegha_team", "www"] {
            assert!(Tag::parse(text).is_err(), "{text:?}");
        }
        assert!(Tag::parse("administra").is_ok());
    }
}
