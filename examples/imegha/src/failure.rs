//! How a command ends when it does not end well: an exit code, and one line that says what happened and what to do.

use std::fmt;

use imegha_cloud::ErrorKind as CloudKind;
use imegha_platform::{ErrorKind as PlatformKind, ProblemCode};

use crate::shown::shown;

/// The exit codes. 0 is success, and 2 also what `clap` ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// Anything that has no code of its own.
    Failed = 1,
    /// The command line, or what it names, cannot be used.
    Usage = 2,
    /// There is no such file or folder.
    NotFound = 3,
    /// A name that is taken, or a change of somebody else's.
    Conflict = 4,
    /// It cannot be opened: a wrong password, or something damaged, older or another's.
    CannotOpen = 5,
    /// The network, or the server.
    Unreachable = 6,
    /// Ctrl-C, as shells count it.
    Interrupted = 130,
}

/// Why a command failed. It holds no secret: what comes from a library names no user data, and what is added are paths.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    message: String,
}

/// A result with it.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// Something on this device's disk.
    pub(crate) fn disk(path: &std::path::Path, error: &std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => Code::NotFound,
            std::io::ErrorKind::AlreadyExists => Code::Conflict,
            _ => Code::Failed,
        };
        Self::new(code, error.to_string()).about(&path.to_string_lossy())
    }

    /// The same, with what it is about before it.
    #[must_use]
    pub(crate) fn about(self, what: &str) -> Self {
        Self { message: format!("{}: {}", shown(what), self.message), ..self }
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Whether going on with the next file is of no use.
    pub(crate) fn ends_everything(&self) -> bool {
        matches!(self.code, Code::Unreachable | Code::Interrupted)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<imegha_cloud::Error> for Failure {
    fn from(error: imegha_cloud::Error) -> Self {
        let (code, hint) = match error.kind() {
            CloudKind::NotFound => (Code::NotFound, ""),
            CloudKind::AlreadyExists | CloudKind::Conflict => (Code::Conflict, ""),
            CloudKind::CannotOpen => (Code::CannotOpen, "; `imegha verify` tells what is damaged"),
            CloudKind::Rollback => (Code::CannotOpen, "; the storage shows less than this device has seen of it"),
            CloudKind::Unavailable => (Code::Unreachable, "; is the server up? Try again"),
            CloudKind::ClockSkew => (Code::Unreachable, "; set this device's clock"),
            CloudKind::Denied | CloudKind::Version | CloudKind::Replayed => (Code::Unreachable, ""),
            CloudKind::Moved => {
                (Code::Conflict, "; `imegha connect-cloud URL` with its new address takes it from there")
            }
            CloudKind::Cancelled => return interrupted(),
            _ => (Code::Failed, ""),
        };
        Self::new(code, format!("{error}{hint}"))
    }
}

impl From<imegha_platform::Error> for Failure {
    fn from(error: imegha_platform::Error) -> Self {
        let (code, hint) = match error.kind() {
            PlatformKind::Refused(problem) => match problem {
                ProblemCode::WrongPassword => (Code::CannotOpen, ""),
                ProblemCode::SignedOut => (Code::Failed, "; sign in with `imegha login`"),
                ProblemCode::EmailInvalid => (Code::Usage, ""),
                ProblemCode::TooManyTries => (Code::Unreachable, "; wait, and try again"),
                ProblemCode::Unavailable | ProblemCode::Internal | ProblemCode::Timeout | ProblemCode::NotFound => {
                    (Code::Unreachable, "; try again later")
                }
                _ => (Code::Failed, ""),
            },
            PlatformKind::WeakKdf | PlatformKind::KeyChanged => {
                (Code::CannotOpen, "; if you have not changed your keys yourself, do not trust this server")
            }
            PlatformKind::CannotOpen => (Code::CannotOpen, ""),
            PlatformKind::Network => (Code::Unreachable, "; is the server up? Try again"),
            PlatformKind::Version => (Code::Unreachable, "; is this the address of an iMegha server?"),
            PlatformKind::Config => (Code::Usage, ""),
            _ => (Code::Failed, ""),
        };
        Self::new(code, format!("{error}{hint}"))
    }
}

/// What Ctrl-C ends with.
pub(crate) fn interrupted() -> Failure {
    Failure::new(Code::Interrupted, "interrupted; run again, an upload of a file goes on where it stood")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_code_of_the_readme() {
        for (kind, code) in [
            (CloudKind::NotFound, 3),
            (CloudKind::AlreadyExists, 4),
            (CloudKind::Conflict, 4),
            (CloudKind::Moved, 4),
            (CloudKind::CannotOpen, 5),
            (CloudKind::Rollback, 5),
            (CloudKind::Unavailable, 6),
            (CloudKind::ClockSkew, 6),
            (CloudKind::Cancelled, 130),
            (CloudKind::StorageFull, 1),
        ] {
            assert_eq!(Failure::from(imegha_cloud::Error::new(kind, "it failed")).code() as u8, code, "{kind:?}");
        }
        for (kind, code) in [
            (PlatformKind::Refused(ProblemCode::WrongPassword), 5),
            (PlatformKind::Refused(ProblemCode::SignedOut), 1),
            (PlatformKind::Refused(ProblemCode::TooManyTries), 6),
            (PlatformKind::KeyChanged, 5),
            (PlatformKind::Network, 6),
            (PlatformKind::Config, 2),
        ] {
            assert_eq!(Failure::from(imegha_platform::Error::new(kind, "it failed")).code() as u8, code, "{kind:?}");
        }
    }

    #[test]
    fn it_is_one_line_whatever_the_path() {
        let failure = Failure::new(Code::NotFound, "there is no such file").about("/a\n\u{1b}[2Jb");
        assert_eq!(failure.to_string().lines().count(), 1);
        assert!(!failure.to_string().contains('\u{1b}'));
    }
}
