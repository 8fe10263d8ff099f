//! What SQLite and the file system report, as meaning.

use std::io;

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// The error of a file operation while doing `context`.
pub(super) fn file(context: &'static str) -> impl Fn(io::Error) -> Error {
    move |error| Error::with_source(file_kind(&error), context, error)
}

fn file_kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        // ENOSPC, EDQUOT, EFBIG.
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ErrorKind::StorageFull
        }
        _ => ErrorKind::Backend,
    }
}

/// The error of opening an object, or of moving one to its place.
pub(super) fn object(context: &'static str) -> impl Fn(io::Error) -> Error {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "no such object"),
        io::ErrorKind::AlreadyExists => Error::new(ErrorKind::AlreadyExists, "an object of this name is there"),
        _ => file(context)(error),
    }
}

/// The error of a statement while doing `context`.
pub(super) fn sqlite(context: &'static str) -> impl Fn(rusqlite::Error) -> Error {
    move |error| {
        let kind = match error.sqlite_error_code() {
            // SQLite reports ENOSPC as FULL, but a disk quota (EDQUOT) and a largest file (EFBIG) as a failed write.
            Some(ErrorCode::DiskFull) => ErrorKind::StorageFull,
            Some(ErrorCode::SystemIoFailure) if is_failed_write(&error) => ErrorKind::StorageFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::Unavailable,
            _ => ErrorKind::Backend,
        };
        Error::with_source(kind, context, error)
    }
}

fn is_failed_write(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE)
}

/// The error for stored bytes that this version did not write.
pub(super) fn unreadable(error: Error) -> Error {
    Error::with_source(ErrorKind::Backend, "what is stored cannot be read", error)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one() {
        // EDQUOT and EFBIG, as Linux numbers them.
        for number in [122, 27] {
            assert_eq!(file("writing")(io::Error::from_raw_os_error(number)).kind(), ErrorKind::StorageFull);
        }
        // The device that is always full.
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(file("writing")(full.write_all(b"x").unwrap_err()).kind(), ErrorKind::StorageFull);
    }
}
