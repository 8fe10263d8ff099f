//! Versions of the C library.

use std::fmt;

/// A version of glibc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glibc {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Glibc {
    /// Reads `GLIBC_2.34`, and `GLIBC_2.2.5` as 2.2. `None` for the version of another library. A name of glibc that says no number
    /// (`GLIBC_ABI_DT_RELR`, `GLIBC_PRIVATE`) is of a loader that nobody can foresee: it counts as the newest.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let numbers = name.strip_prefix("GLIBC_")?;
        let mut numbers = numbers.split('.').map(|number| number.parse().ok());
        Some(match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => Self { major, minor },
            _ => Self { major: u32::MAX, minor: 0 },
        })
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.major {
            u32::MAX => f.write_str("a loader that understands what older ones do not"),
            major => write!(f, "GLIBC_{major}.{}", self.minor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let parse = |name| Glibc::parse(name).expect("of glibc");
        assert!(parse("GLIBC_2.2.5") < parse("GLIBC_2.17"));
        assert!(parse("GLIBC_2.9") < parse("GLIBC_2.34"));
        assert!(parse("GLIBC_2.34") < parse("GLIBC_2.35"));
        for odd in ["GLIBC_ABI_DT_RELR", "GLIBC_PRIVATE", "GLIBC_2"] {
            assert!(parse("GLIBC_2.99") < parse(odd), "{odd}");
        }
        assert_eq!(parse("GLIBC_2.34").to_string(), "GLIBC_2.34");
        assert_eq!(Glibc::parse("GCC_3.0"), None);
    }
}
