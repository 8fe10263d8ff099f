//! AES-256-GCM, in place and from one buffer to another (NIST SP 800-38D): 96-bit nonce, 128-bit tag, no associated data.
//!
//! The key schedule is made once, when the cipher is. Sealing and opening allocate nothing.

#[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};

use super::provider::Provider;
use crate::error::{Error, Result};

pub(crate) const TAG_LEN: usize = 16;
pub(crate) const NONCE_LEN: usize = 12;

/// One key's cipher, by one provider.
pub(crate) enum ChunkCipher {
    RustCrypto(Box<Aes256Gcm>),
    #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
    AwsLc(Box<LessSafeKey>),
}

impl ChunkCipher {
    /// The cipher of that key, by the current provider.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        match Provider::current() {
            Provider::RustCrypto => Self::RustCrypto(Box::new(Aes256Gcm::new(key.into()))),
            #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
            Provider::AwsLc => {
                let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes any 32 bytes for a key");
                Self::AwsLc(Box::new(LessSafeKey::new(key)))
            }
        }
    }

    /// Encrypts `buffer` where it lies.
    pub(crate) fn seal_in_place(&self, nonce: &[u8; NONCE_LEN], buffer: &mut [u8]) -> Result<[u8; TAG_LEN]> {
        match self {
            Self::RustCrypto(cipher) => cipher
                .encrypt_inout_detached(nonce.into(), b"", buffer.into())
                .map(Into::into)
                .map_err(|_| Error::Platform),
            #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
            Self::AwsLc(cipher) => {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                let tag =
                    cipher.seal_in_place_separate_tag(nonce, Aad::empty(), buffer).map_err(|_| Error::Platform)?;
                tag.as_ref().try_into().map_err(|_| Error::Platform)
            }
        }
    }

    /// Encrypts `plain` to `out`, which is as long: the cipher's own pass moves the bytes.
    pub(crate) fn seal_to(
        &self,
        nonce: &[u8; NONCE_LEN],
        plain: &[u8],
        out: &mut [u8],
        tag: &mut [u8; TAG_LEN],
    ) -> Result<()> {
        match self {
            Self::RustCrypto(cipher) => {
                let buffer = InOutBuf::new(plain, out).map_err(|_| Error::Bounds)?;
                *tag = cipher.encrypt_inout_detached(nonce.into(), b"", buffer).map_err(|_| Error::Platform)?.into();
                Ok(())
            }
            #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
            Self::AwsLc(cipher) => {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                cipher.seal_out_of_place_scatter(nonce, Aad::empty(), plain, out, &[], tag).map_err(|_| Error::Platform)
            }
        }
    }

    /// Decrypts `sealed` to `out`, which is as long. After an error what `out` holds must not be used.
    pub(crate) fn open_to(
        &self,
        nonce: &[u8; NONCE_LEN],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        out: &mut [u8],
    ) -> Result<()> {
        match self {
            Self::RustCrypto(cipher) => {
                let buffer = InOutBuf::new(sealed, out).map_err(|_| Error::CannotOpen)?;
                cipher.decrypt_inout_detached(nonce.into(), b"", buffer, tag.into()).map_err(|_| Error::CannotOpen)
            }
            #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
            Self::AwsLc(cipher) => {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                cipher.open_separate_gather(nonce, Aad::empty(), sealed, tag, out).map_err(|_| Error::CannotOpen)
            }
        }
    }

    /// Decrypts `buffer` where it lies. After an error its content is unspecified and must not be used.
    pub(crate) fn open_in_place(&self, nonce: &[u8; NONCE_LEN], buffer: &mut [u8], tag: &[u8; TAG_LEN]) -> Result<()> {
        match self {
            Self::RustCrypto(cipher) => cipher
                .decrypt_inout_detached(nonce.into(), b"", buffer.into(), tag.into())
                .map_err(|_| Error::CannotOpen),
            #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
            Self::AwsLc(cipher) => {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                cipher.open_in_place_separate_tag(nonce, Aad::empty(), tag, buffer).map_err(|_| Error::CannotOpen)?;
                Ok(())
            }
        }
    }
}
