//! The dear operations, the same on every target and asynchronous.
//!
//! Natively they are computed at once, by the caller's thread: put them on a thread for blocking work where that
//! matters. In a browser they are WebCrypto's, off the thread that waits for them.

use crate::content::{ContentOpener, ContentSealer};
use crate::error::Result;
use crate::keys::identity::Identity;
use crate::keys::password::{Email, KdfParams, Password, PasswordKeys};
use crate::sealed::SealedPart;

/// [`PasswordKeys::derive`].
///
/// # Errors
/// As there.
pub async fn derive_password_keys(password: &Password, email: &Email, params: &KdfParams) -> Result<PasswordKeys> {
    PasswordKeys::derive(password, email, params)
}

/// [`Identity::generate`].
///
/// # Errors
/// As there.
pub async fn generate_identity() -> Result<Identity> {
    Identity::generate()
}

/// [`ContentSealer::seal_part`].
///
/// # Errors
/// As there.
pub async fn seal_part(sealer: &mut ContentSealer, plaintext: Vec<u8>, last: bool) -> Result<SealedPart> {
    sealer.seal_part(plaintext, last)
}

/// [`ContentOpener::open_chunks`].
///
/// # Errors
/// As there.
pub async fn open_chunks(
    opener: &ContentOpener,
    first_chunk: u64,
    sealed: Vec<u8>,
    holds_last: bool,
) -> Result<Vec<u8>> {
    opener.open_chunks(first_chunk, sealed, holds_last)
}
