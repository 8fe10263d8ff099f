//! RSA-OAEP with SHA-256, MGF1 with SHA-256, and a label (RFC 8017, 7.1), for keys that passed every check of `rsa`.

use rsa::oaep::{DecryptingKey, EncryptingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::{RandomizedDecryptor as _, RandomizedEncryptor as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::provider::Provider;
use super::rsa::{SPKI_LEN, SystemRandom};
use crate::error::{Error, Result};

/// The length of what encrypting gives.
pub(crate) const CIPHERTEXT_LEN: usize = 256;

/// Encrypts a message of at most 190 bytes.
pub(crate) fn encrypt(spki: &[u8; SPKI_LEN], label: &[u8], message: &[u8]) -> Result<[u8; CIPHERTEXT_LEN]> {
    match Provider::current() {
        Provider::RustCrypto => {
            let key = ::rsa::PublicKey::from_public_key_der(spki).map_err(|_| Error::Key)?;
            let key = EncryptingKey::<Sha256>::new_with_label(key, label);
            let ciphertext = key.encrypt_with_rng(&mut SystemRandom, message).map_err(|_| Error::Platform)?;
            ciphertext.try_into().map_err(|_| Error::Platform)
        }
        #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
        Provider::AwsLc => {
            use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
            let key = PublicEncryptingKey::from_der(spki).map_err(|_| Error::Key)?;
            let key = OaepPublicEncryptingKey::new(key).map_err(|_| Error::Key)?;
            let mut ciphertext = [0; CIPHERTEXT_LEN];
            let written = key
                .encrypt(&OAEP_SHA256_MGF1SHA256, message, &mut ciphertext, Some(label))
                .map_err(|_| Error::Platform)?
                .len();
            if written == CIPHERTEXT_LEN { Ok(ciphertext) } else { Err(Error::Platform) }
        }
    }
}

/// Decrypts what was encrypted under the same label.
///
/// # Errors
/// [`Error::CannotOpen`], whatever the cause.
pub(crate) fn decrypt(pkcs8: &[u8], label: &[u8], ciphertext: &[u8; CIPHERTEXT_LEN]) -> Result<Zeroizing<Vec<u8>>> {
    match Provider::current() {
        Provider::RustCrypto => {
            let key = ::rsa::PrivateKey::from_pkcs8_der(pkcs8).map_err(|_| Error::CannotOpen)?;
            let key = DecryptingKey::<Sha256>::new_with_label(key, label);
            // With randomness the exponentiation is blinded.
            let message = key.decrypt_with_rng(&mut SystemRandom, ciphertext).map_err(|_| Error::CannotOpen)?;
            Ok(Zeroizing::new(message))
        }
        #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
        Provider::AwsLc => {
            use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
            let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| Error::CannotOpen)?;
            let key = OaepPrivateDecryptingKey::new(key).map_err(|_| Error::CannotOpen)?;
            let mut message = Zeroizing::new(vec![0; CIPHERTEXT_LEN]);
            let len = key
                .decrypt(&OAEP_SHA256_MGF1SHA256, ciphertext, &mut message, Some(label))
                .map_err(|_| Error::CannotOpen)?
                .len();
            message.truncate(len);
            Ok(message)
        }
    }
}
