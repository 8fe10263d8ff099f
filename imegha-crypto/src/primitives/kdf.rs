//! HKDF (RFC 5869) and PBKDF2 (RFC 8018).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::provider::Provider;
use crate::error::{Error, Result};
use crate::label::Label;
use crate::secret::Secret;

/// HKDF-Extract with SHA-256 and an empty salt.
pub(crate) fn extract(ikm: &[u8]) -> Secret {
    let mut mac = hmac_sha256(b"");
    mac.update(ikm);
    finish(mac)
}

/// 32 bytes of HKDF-Expand with SHA-256: its first block, so one HMAC.
pub(crate) fn expand(prk: &[u8; 32], label: &Label) -> Secret {
    let mut mac = hmac_sha256(prk);
    mac.update(label.as_bytes());
    mac.update(&[1]);
    finish(mac)
}

/// 76 bytes of HKDF-Expand with SHA-512: its first block and twelve bytes of the second.
///
/// Written out as HMAC because the pseudorandom key is shorter than SHA-512's output, which RFC 5869 asks for, C2SP
/// chunked-encryption does without, and libraries therefore refuse.
pub(crate) fn expand_sha512(prk: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 76]> {
    let mut okm = Zeroizing::new([0; 76]);
    let (first, second) = okm.split_at_mut(64);
    let mut mac = hmac_sha512(prk);
    info.iter().for_each(|part| mac.update(part));
    mac.update(&[1]);
    first.copy_from_slice(&Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()))[..]);
    let mut mac = hmac_sha512(prk);
    mac.update(first);
    info.iter().for_each(|part| mac.update(part));
    mac.update(&[2]);
    second.copy_from_slice(&Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()))[..12]);
    okm
}

/// 32 bytes of PBKDF2 with HMAC-SHA256.
pub(crate) fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> Result<Secret> {
    Secret::filled_by(|out| pbkdf2_into(password, salt, iterations, out))
}

/// PBKDF2 with HMAC-SHA256 into `out`, however long.
pub(crate) fn pbkdf2_into(password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) -> Result<()> {
    let rounds = std::num::NonZeroU32::new(iterations).ok_or(Error::Params)?;
    match Provider::current() {
        Provider::RustCrypto => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds.get(), out),
        #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
        Provider::AwsLc => {
            aws_lc_rs::pbkdf2::derive(aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password, out);
        }
    }
    Ok(())
}

fn hmac_sha256(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn hmac_sha512(key: &[u8]) -> Hmac<Sha512> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn finish(mac: Hmac<Sha256>) -> Secret {
    let bytes = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    Secret::from_slice(&bytes[..]).expect("SHA-256 gives 32 bytes")
}
