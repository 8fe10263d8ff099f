//! The dear operations, the same on every target and asynchronous.
//!
//! Natively they are computed at once, by the caller's thread: put them on a thread for blocking work where that
//! matters. In a browser they are WebCrypto's, off the thread that waits for them, and fail with
//! [`Error::Platform`](crate::Error::Platform) where it is missing: on a page that came over plain http.
//!
//! The futures are `Send` on every target. A browser's are polled on the thread that made them, where everything is.

mod envelope;

pub use envelope::{derive_link_keys, derive_login, open_from, seal_to};

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
    platform::derive_password_keys(password, email, params).await
}

/// [`Identity::generate`].
///
/// # Errors
/// As there.
pub async fn generate_identity() -> Result<Identity> {
    platform::generate_identity().await
}

/// [`ContentSealer::seal_part`].
///
/// # Errors
/// As there.
pub async fn seal_part(sealer: &mut ContentSealer, plaintext: Vec<u8>, last: bool) -> Result<SealedPart> {
    platform::seal_part(sealer, plaintext, last).await
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
    platform::open_chunks(opener, first_chunk, sealed, holds_last).await
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use super::*;

    pub(super) async fn derive_password_keys(
        password: &Password,
        email: &Email,
        params: &KdfParams,
    ) -> Result<PasswordKeys> {
        PasswordKeys::derive(password, email, params)
    }

    pub(super) async fn generate_identity() -> Result<Identity> {
        Identity::generate()
    }

    pub(super) async fn seal_part(sealer: &mut ContentSealer, plaintext: Vec<u8>, last: bool) -> Result<SealedPart> {
        sealer.seal_part(plaintext, last)
    }

    pub(super) async fn open_chunks(
        opener: &ContentOpener,
        first_chunk: u64,
        sealed: Vec<u8>,
        holds_last: bool,
    ) -> Result<Vec<u8>> {
        opener.open_chunks(first_chunk, sealed, holds_last)
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use send_wrapper::SendWrapper;

    use super::*;
    use crate::content::layout::{CHUNK_LEN, SEALED_CHUNK_LEN};
    use crate::primitives::webcrypto;

    pub(super) async fn derive_password_keys(
        password: &Password,
        email: &Email,
        params: &KdfParams,
    ) -> Result<PasswordKeys> {
        let salt = PasswordKeys::salt(email, params);
        let master = webcrypto::pbkdf2(password.as_bytes(), salt.as_bytes(), params.iterations());
        Ok(PasswordKeys::from_master(&SendWrapper::new(master).await?))
    }

    pub(super) async fn generate_identity() -> Result<Identity> {
        Identity::from_rsa(SendWrapper::new(webcrypto::generate_rsa()).await?)
    }

    pub(super) async fn seal_part(sealer: &mut ContentSealer, plaintext: Vec<u8>, last: bool) -> Result<SealedPart> {
        // A call into the browser costs more than less than a chunk does.
        if plaintext.len() < CHUNK_LEN {
            return sealer.seal_part(plaintext, last);
        }
        let step = sealer.step(plaintext.len(), last)?;
        let head_len = step.head_len();
        let sealed = webcrypto::seal_run(&sealer.cipher, step.first, head_len, plaintext, last);
        let mut sealed = SendWrapper::new(sealed).await?;
        sealed[..head_len].copy_from_slice(&sealer.head()[..head_len]);
        sealer.advance(&step);
        Ok(SealedPart::new(sealed))
    }

    pub(super) async fn open_chunks(
        opener: &ContentOpener,
        first_chunk: u64,
        sealed: Vec<u8>,
        holds_last: bool,
    ) -> Result<Vec<u8>> {
        if sealed.len() < SEALED_CHUNK_LEN {
            return opener.open_chunks(first_chunk, sealed, holds_last);
        }
        SendWrapper::new(webcrypto::open_run(&opener.cipher, first_chunk, sealed, holds_last)).await
    }
}
