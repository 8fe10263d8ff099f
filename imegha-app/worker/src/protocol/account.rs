//! What opens an account, and who is in it.

use serde::{Deserialize, Serialize};

/// What is wrong with the words of a recovery phrase, as far as the words alone tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phrase", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhraseProblem {
    /// There are not 24.
    Count {
        /// How many there are.
        words: usize,
    },
    /// A word that is in no phrase.
    Unknown {
        /// Its place, counted from 1.
        place: usize,
    },
    /// Each word may be right; together they are not.
    Checksum,
    /// There is something in them that is no plain letter.
    Letters,
}

/// One of the words of a phrase that were asked back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalled {
    /// Its place, counted from 0.
    pub place: usize,
    /// As typed.
    pub word: String,
}

/// It is a part of a secret.
impl std::fmt::Debug for Recalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recalled").field("place", &self.place).finish_non_exhaustive()
    }
}

/// What opens an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Openers {
    /// How many iterations its keys are derived from the password with.
    pub iterations: u32,
}

/// One session of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Names it, in hex.
    pub id: String,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// When it ends by itself, in milliseconds since 1970.
    pub ends_ms: u64,
    /// Whether it is this browser's.
    pub current: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The email address.
    pub email: String,
    /// The iMTag.
    pub tag: String,
    /// The identity's fingerprint, in hex.
    pub fingerprint: String,
    /// Whether this device keeps the keys.
    pub stays: bool,
    /// Whether the account has a cloud. Where its server gives none, one is to be connected first.
    pub has_cloud: bool,
    /// The version of the policy that the account accepted.
    pub accepted_policy: u32,
    /// The version in force.
    pub policy: u32,
}
