//! Which versions of the protocol client and gateway speak.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The version of the protocol that this crate speaks.
pub const PROTOCOL: u32 = 1;

/// What a gateway says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionAnswer {
    /// The versions of the protocol that it speaks.
    pub protocol: Protocols,
    /// The release of the program.
    pub release: String,
}

/// A range of versions, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocols {
    /// The oldest.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

impl VersionAnswer {
    /// What this crate's gateway says.
    pub fn current() -> Self {
        Self {
            protocol: Protocols { oldest: PROTOCOL, newest: PROTOCOL },
            release: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Checks that this client can talk to that gateway.
    ///
    /// # Errors
    /// `Version` when [`PROTOCOL`] is not among the gateway's.
    pub fn check(&self) -> Result<()> {
        if (self.protocol.oldest..=self.protocol.newest).contains(&PROTOCOL) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Version, "client and gateway are too far apart in version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_meet_or_not() {
        let answer = |oldest, newest| VersionAnswer { protocol: Protocols { oldest, newest }, release: "9".to_owned() };
        VersionAnswer::current().check().unwrap();
        answer(PROTOCOL - 1, PROTOCOL).check().unwrap();
        answer(PROTOCOL, PROTOCOL + 1).check().unwrap();
        for (oldest, newest) in [(PROTOCOL + 1, PROTOCOL + 2), (0, 0), (5, 1)] {
            assert_eq!(answer(oldest, newest).check().unwrap_err().kind(), ErrorKind::Version);
        }
    }
}
