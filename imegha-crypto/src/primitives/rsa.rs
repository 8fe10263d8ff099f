//! RSA-2048 key pairs with e = 65537: generated, and read from canonical DER only (RFC 5958, RFC 5280).

use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use zeroize::Zeroizing;

use super::provider::Provider;
use crate::error::{Error, Result};

/// The length of the one SubjectPublicKeyInfo that is accepted.
pub(crate) const SPKI_LEN: usize = SPKI_HEAD.len() + 256 + SPKI_TAIL.len();

/// Generates a key pair: canonical PKCS#8.
pub(crate) fn generate() -> Result<Zeroizing<Vec<u8>>> {
    match Provider::current() {
        Provider::RustCrypto => {
            let key = PrivateKey::new(&mut SystemRandom, 2048).map_err(|_| Error::Platform)?;
            let der = key.to_pkcs8_der().map_err(|_| Error::Platform)?;
            Ok(Zeroizing::new(der.as_bytes().to_vec()))
        }
        #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
        Provider::AwsLc => {
            use aws_lc_rs::encoding::AsDer as _;
            use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
            let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| Error::Platform)?;
            let der = key.as_der().map_err(|_| Error::Platform)?;
            Ok(Zeroizing::new(der.as_ref().to_vec()))
        }
    }
}

/// Checks a private key and gives its public half as SubjectPublicKeyInfo.
///
/// # Errors
/// [`Error::Key`] unless it is one canonical PKCS#8 of a consistent RSA key of 2048 bits with e = 65537.
pub(crate) fn public_of(pkcs8: &[u8]) -> Result<[u8; SPKI_LEN]> {
    // p·q = n, and d inverts e, are checked by the parser.
    let key = PrivateKey::from_pkcs8_der(pkcs8).map_err(|_| Error::Key)?;
    let again = key.to_pkcs8_der().map_err(|_| Error::Key)?;
    // Libraries let trailing bytes, other encodings of a number, or wrong CRT values pass: none of them comes back.
    if again.as_bytes() != pkcs8 {
        return Err(Error::Key);
    }
    let spki = key.as_public_key().to_public_key_der().map_err(|_| Error::Key)?;
    check_spki(spki.as_bytes())
}

/// Checks a public key.
///
/// There is exactly one canonical form of a key that is accepted: fixed bytes, 256 bytes of modulus, fixed bytes. So
/// nothing is parsed: everything but the modulus is compared.
///
/// # Errors
/// [`Error::Key`] unless it is the canonical SubjectPublicKeyInfo of an RSA key with a modulus of exactly 2048 bits,
/// odd, and e = 65537.
pub(crate) fn check_spki(spki: &[u8]) -> Result<[u8; SPKI_LEN]> {
    let spki = <[u8; SPKI_LEN]>::try_from(spki).map_err(|_| Error::Key)?;
    let (head, rest) = spki.split_at(SPKI_HEAD.len());
    let (modulus, tail) = rest.split_at(256);
    let bits_2048 = modulus[0] & 0x80 != 0;
    let odd = modulus[255] & 1 == 1;
    if head != SPKI_HEAD || tail != SPKI_TAIL || !bits_2048 || !odd {
        return Err(Error::Key);
    }
    Ok(spki)
}

/// The platform's randomness in the shape that `rsa` asks for.
pub(super) struct SystemRandom;

impl rsa::rand_core::TryRng for SystemRandom {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        getrandom::u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        getrandom::u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        getrandom::fill(bytes)
    }
}

impl rsa::rand_core::TryCryptoRng for SystemRandom {}

/// SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { INTEGER 00 …
const SPKI_HEAD: [u8; 33] = [
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
];
/// … INTEGER 65537 } }
const SPKI_TAIL: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];
