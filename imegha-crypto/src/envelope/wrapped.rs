//! `seal` under a label, as the key types use it (FORMAT 2, 5).

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::label::Label;
use crate::primitives::seal;
use crate::sealed::Sealed;
use crate::secret::Secret;

/// Seals `payload` under `key`; `context` says what it is and where it belongs.
///
/// # Errors
/// [`Error::Bounds`] for more than [`Sealed`] holds, [`Error::Platform`] when the platform's cryptography fails.
pub(crate) fn seal(key: &Secret, context: &Label, payload: &[u8]) -> Result<Sealed> {
    if !Sealed::holds(payload.len()) {
        return Err(Error::Bounds);
    }
    seal::seal(key.expose(), context.as_bytes(), payload).map(Sealed::new)
}

/// Opens what was sealed under the same key and context.
pub(crate) fn open(key: &Secret, context: &Label, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
    seal::open(key.expose(), context.as_bytes(), sealed.as_bytes())
}

/// Wraps a key under another.
pub(crate) fn wrap(key: &Secret, context: &Label, inner: &Secret) -> Result<Sealed> {
    seal(key, context, inner.expose())
}

/// Unwraps a key.
pub(crate) fn unwrap(key: &Secret, context: &Label, wrapped: &Sealed) -> Result<Secret> {
    Secret::from_slice(&open(key, context, wrapped)?)
}
