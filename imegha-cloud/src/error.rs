//! The crate's one error.

use std::fmt;

/// What went wrong, for a program to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No such record, object, node or upload, or none that the asker may see.
    NotFound,
    /// A name or an immutable object that is there already.
    AlreadyExists,
    /// A condition did not hold: somebody else wrote first. Nothing was written.
    Conflict,
    /// Something that cannot be opened: damaged, moved, or sealed under another key.
    CannotOpen,
    /// Storage shows a state older than, or beside, one that this device has seen.
    Rollback,
    /// A signed request that was served before. Nothing was written by this one.
    Replayed,
    /// The request is not of its form, or past a bound.
    Malformed,
    /// The disk or the quota is full. Nothing was written.
    StorageFull,
    /// The asker is not allowed to.
    Denied,
    /// The clocks of client and gateway differ by more than the window.
    ClockSkew,
    /// The other side speaks a version that this one does not.
    Version,
    /// The backend did not answer, or answered that it cannot now. Trying again may help.
    Unavailable,
    /// The source of an upload cannot be read, or is not of the length that it said.
    Source,
    /// The cloud has left for another place: here it is read, and not written to any more.
    Moved,
    /// The operation was cancelled by its caller.
    Cancelled,
    /// Anything else that the backend reports.
    Backend,
}

/// An error of the cloud: a kind, what was being done, and its cause.
///
/// `Display` holds no user data: no name, no key, no content.
pub struct Error {
    kind: ErrorKind,
    context: &'static str,
    server_time: Option<u64>,
    failed_write: Option<usize>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result with the crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` while doing `context`.
    pub fn new(kind: ErrorKind, context: &'static str) -> Self {
        Self { kind, context, server_time: None, failed_write: None, source: None }
    }

    /// The same, with its cause.
    pub fn with_source(
        kind: ErrorKind,
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { source: Some(source.into()), ..Self::new(kind, context) }
    }

    /// A [`ErrorKind::ClockSkew`] that names the gateway's time, in seconds since 1970.
    pub fn clock_skew(server_time: u64) -> Self {
        let error = Self::new(ErrorKind::ClockSkew, "the clocks of client and gateway differ");
        Self { server_time: Some(server_time), ..error }
    }

    /// A [`ErrorKind::Conflict`] of a transaction whose write number `index`, counted from 0, is the first
    /// of those whose condition did not hold.
    pub fn failed_condition(index: usize) -> Self {
        let error = Self::new(ErrorKind::Conflict, "a condition of the transaction did not hold");
        Self { failed_write: Some(index), ..error }
    }

    /// The kind, for a program to act on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was being done, in words without user data.
    pub fn context(&self) -> &'static str {
        self.context
    }

    /// The gateway's time in seconds since 1970, with [`ErrorKind::ClockSkew`].
    pub fn server_time(&self) -> Option<u64> {
        self.server_time
    }

    /// The first write of a transaction whose condition did not hold, counted from 0, with [`ErrorKind::Conflict`].
    pub fn failed_write(&self) -> Option<usize> {
        self.failed_write
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

impl From<imegha_crypto::Error> for Error {
    fn from(error: imegha_crypto::Error) -> Self {
        Self::with_source(ErrorKind::CannotOpen, "this cannot be opened", error)
    }
}
