//! The crate's one error.

use std::fmt;

use crate::problem::ProblemCode;

/// What went wrong, for a program to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The platform's rules refuse it, whether found out on the device or by the server; the code says which rule.
    Refused(ProblemCode),
    /// The platform asked for a key derivation weaker than is allowed, or than this device last saw.
    /// Nothing was derived and nothing was sent.
    WeakKdf,
    /// The key that the platform shows for this account does not follow from the keys that this device knows.
    KeyChanged,
    /// A key that the platform served cannot be opened with this password: another account's, damaged or tampered with.
    CannotOpen,
    /// The platform cannot be reached. Trying again may help.
    Network,
    /// The other side does not speak this version.
    Version,
    /// Storage of the registry failed.
    Storage,
    /// The mail could not be handed to a mail server.
    Mail,
    /// The set-up is wrong: an option that cannot be used.
    Config,
    /// The device's cryptography or randomness failed.
    Device,
}

/// An error of the platform: a kind, what was being done, and its cause.
///
/// `Display` holds no user data: no address, no tag, no key.
pub struct Error {
    kind: ErrorKind,
    context: &'static str,
    retry_after_ms: Option<u64>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result with the crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` while doing `context`.
    pub fn new(kind: ErrorKind, context: &'static str) -> Self {
        Self { kind, context, retry_after_ms: None, source: None }
    }

    /// The same, with its cause.
    pub fn with_source(
        kind: ErrorKind,
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, context, retry_after_ms: None, source: Some(source.into()) }
    }

    /// What the platform's rules refuse.
    pub fn refused(code: ProblemCode) -> Self {
        Self::new(ErrorKind::Refused(code), code.title())
    }

    /// Too many tries; the next one is heard in so many milliseconds.
    pub fn too_many(retry_after_ms: u64) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::refused(ProblemCode::TooManyTries) }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn caused_by(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The kind, for a program to act on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The rule that refuses, with [`ErrorKind::Refused`].
    pub fn code(&self) -> Option<ProblemCode> {
        match self.kind {
            ErrorKind::Refused(code) => Some(code),
            _ => None,
        }
    }

    /// What was being done, in words without user data.
    pub fn context(&self) -> &'static str {
        self.context
    }

    /// How many milliseconds to wait, with [`ProblemCode::TooManyTries`].
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.retry_after_ms
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.context)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("context", &self.context)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

impl From<imegha_cloud::Error> for Error {
    fn from(error: imegha_cloud::Error) -> Self {
        let kind = match error.kind() {
            imegha_cloud::ErrorKind::StorageFull => ErrorKind::Refused(ProblemCode::StorageFull),
            imegha_cloud::ErrorKind::Unavailable => ErrorKind::Refused(ProblemCode::Unavailable),
            _ => ErrorKind::Storage,
        };
        Self::with_source(kind, "the registry could not be read or written", error)
    }
}

impl From<imegha_crypto::Error> for Error {
    fn from(error: imegha_crypto::Error) -> Self {
        use imegha_crypto::Error as Crypto;
        let (kind, context) = match error {
            Crypto::Email => (ErrorKind::Refused(ProblemCode::EmailInvalid), ProblemCode::EmailInvalid.title()),
            Crypto::Password => {
                (ErrorKind::Refused(ProblemCode::PasswordRefused), ProblemCode::PasswordRefused.title())
            }
            Crypto::Params => (ErrorKind::WeakKdf, "these key derivation parameters are refused"),
            Crypto::CannotOpen => (ErrorKind::CannotOpen, "this cannot be opened"),
            // One wrap more than an account may have.
            Crypto::Bounds => (ErrorKind::Refused(ProblemCode::KeyRefused), ProblemCode::KeyRefused.title()),
            Crypto::Signature | Crypto::Key => (ErrorKind::KeyChanged, "this key does not belong to the account"),
            _ => (ErrorKind::Device, "the cryptography of this device failed"),
        };
        Self::with_source(kind, context, error)
    }
}
