//! The crate's one error.

/// What went wrong.
///
/// Everything that cannot be opened gives [`Error::CannotOpen`] and nothing more: not which check failed, not where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be opened: damaged, moved, cut, or sealed under another key.
    #[error("this cannot be opened")]
    CannotOpen,
    /// A signature that does not verify, or a chain that does not hold.
    #[error("this is not signed by whom it should be")]
    Signature,
    /// Parameters that are refused before anything is derived.
    #[error("these key derivation parameters are refused")]
    Params,
    /// A password with characters that are refused.
    #[error("the password has a character that cannot be used in one")]
    Password,
    /// An email address that is not of its form.
    #[error("this is not an email address")]
    Email,
    /// A recovery phrase that is refused, and why.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// A public or private key that is not of its form.
    #[error("this is not a key that is accepted")]
    Key,
    /// Bytes that are not of their form.
    #[error("this is not of the form that it should have")]
    Malformed,
    /// A position or size past what a format allows, or a call out of order.
    #[error("this is past what the format allows")]
    Bounds,
    /// The platform's source of randomness or its cryptography failed.
    #[error("the cryptography of this platform failed")]
    Platform,
}

/// Why a recovery phrase is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseError {
    /// Not 24 words.
    #[error("a recovery phrase has 24 words, not {0}")]
    WordCount(usize),
    /// A word (counted from 1) that is not on the list.
    #[error("word {0} is not on the list of words")]
    UnknownWord(usize),
    /// Words of the list whose checksum is wrong.
    #[error("the words are known, but do not belong together: one is wrong or two are swapped")]
    Checksum,
    /// Characters outside ASCII.
    #[error("a recovery phrase is written in plain English letters")]
    NotAscii,
}

/// A result with the crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;
