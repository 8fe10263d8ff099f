//! The providers held against each other: the same bytes, the same refusals (ATTACKS 58, natively).

use imegha_crypto::provider::{Provider, with};
use imegha_crypto::{
    ContentKind, ContentOpener, Dek, Email, Error, FileKey, Id, Identity, KdfParams, Password, PasswordKeys,
    PublicIdentity, hazmat, layout,
};
use proptest::prelude::*;

use hazmat::RawKey as _;

/// How many random sealings, each also mutated. `PROPTEST_CASES` makes them more.
const CASES: u32 = 400;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sealings_are_the_same(
        key: [u8; 32],
        salt: [u8; 24],
        context in proptest::collection::vec(any::<u8>(), 0..80),
        size in prop_oneof![0..40_usize, 16_370..16_400_usize, 32_760..32_780_usize, 0..70_000_usize],
        seed: u8,
        bit: proptest::sample::Index,
    ) {
        let plain: Vec<u8> = (0..size).map(|at| (at as u8).wrapping_mul(31) ^ seed).collect();
        let sealed: Vec<_> = Provider::ALL
            .iter()
            .map(|provider| with(*provider, || hazmat::seal_with_salt(&key, &context, &plain, salt).unwrap()))
            .collect();
        prop_assert!(sealed.iter().all(|other| *other == sealed[0]));
        let mut mutated = sealed[0].clone();
        let bit = bit.index(mutated.len() * 8);
        mutated[bit / 8] ^= 1 << (bit % 8);
        for provider in Provider::ALL {
            with(*provider, || {
                prop_assert!(*hazmat::open(&key, &context, &sealed[0]).unwrap() == plain);
                prop_assert_eq!(hazmat::open(&key, &context, &mutated).unwrap_err(), Error::CannotOpen);
                Ok(())
            })?;
        }
    }

    #[test]
    fn pbkdf2_is_the_same(
        password in proptest::collection::vec(any::<u8>(), 0..200),
        salt in proptest::collection::vec(any::<u8>(), 0..80),
        iterations in 1..200_u32,
    ) {
        let derived: Vec<[u8; 32]> = Provider::ALL
            .iter()
            .map(|provider| {
                let mut out = [0; 32];
                with(*provider, || hazmat::pbkdf2(&password, &salt, iterations, &mut out).unwrap());
                out
            })
            .collect();
        prop_assert!(derived.iter().all(|other| *other == derived[0]));
    }
}

/// What one seals in parts, the other opens in runs.
#[test]
fn objects_go_between_providers() {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let plain: Vec<u8> = (0..100_000_u32).map(|at| at as u8).collect();
    for sealing in Provider::ALL {
        let object = with(*sealing, || {
            let sealer = imegha_crypto::ContentSealer::new(&key, ContentKind::Content, &node, 3).unwrap();
            sealer.seal_whole(plain.clone()).unwrap().into_bytes()
        });
        for opening in Provider::ALL {
            let opened = with(*opening, || {
                let (head, chunks) = object.split_at(layout::HEAD_LEN);
                let opener = ContentOpener::new(&key, ContentKind::Content, &node, 3, head).unwrap();
                opener.open_chunks(0, chunks.to_vec(), true).unwrap()
            });
            assert!(opened == plain, "sealed by {sealing:?}, opened by {opening:?}");
        }
    }
}

#[test]
fn passwords_give_the_same_keys() {
    let password = Password::parse("correct horse battery staple").unwrap();
    let email = Email::parse("alice@example.com").unwrap();
    let params = KdfParams::generate().unwrap();
    let keys: Vec<_> = Provider::ALL
        .iter()
        .map(|provider| with(*provider, || PasswordKeys::derive(&password, &email, &params).unwrap()))
        .map(|keys| (*keys.auth.raw(), *keys.kek.raw()))
        .collect();
    assert!(keys.iter().all(|other| *other == keys[0]));
}

/// Every provider's PKCS#8 is canonical: it is read back to the byte, and gives the public key that goes with it.
#[test]
fn key_pairs_of_every_provider_are_canonical() {
    for provider in Provider::ALL {
        for _ in 0..3 {
            let identity = with(*provider, || Identity::generate().unwrap());
            let public = identity.public();
            assert_eq!(PublicIdentity::parse(public.spki(), public.ed25519()).unwrap(), *public, "{provider:?}");
            let (dek, account) = (Dek::generate().unwrap(), Id::generate().unwrap());
            let wrap = identity.wrap(&dek, &account, 1).unwrap();
            for other in Provider::ALL {
                let fingerprint = identity.fingerprint();
                let opened = with(*other, || Identity::unwrap(&wrap, &dek, &account, 1, &fingerprint).unwrap());
                assert_eq!(opened.public(), public, "{provider:?} {other:?}");
            }
        }
    }
}

/// What aws-lc-rs lets pass, and this crate does not: bytes after a key.
#[cfg(feature = "aws-lc")]
#[test]
fn aws_lc_takes_trailing_bytes_and_this_crate_does_not() {
    use aws_lc_rs::rsa::{PrivateDecryptingKey, PublicEncryptingKey};

    let pkcs8 = hazmat::rsa_generate().unwrap();
    let spki = hazmat::rsa_public_of(&pkcs8).unwrap();
    let longer = [&pkcs8[..], &[0]].concat();
    let longer_spki = [&spki[..], &[0]].concat();
    // When the library refuses them too, this test may go, and the comparison may stay.
    assert!(PrivateDecryptingKey::from_pkcs8(&longer).is_ok());
    assert!(PublicEncryptingKey::from_der(&longer_spki).is_ok());
    assert_eq!(hazmat::rsa_public_of(&longer), Err(Error::Key));
    assert_eq!(PublicIdentity::parse(&longer_spki, &[9; 32]), Err(Error::Key));
    // One key read by both is the same key.
    let theirs = PrivateDecryptingKey::from_pkcs8(&pkcs8).unwrap().public_key();
    let theirs: aws_lc_rs::encoding::PublicKeyX509Der<'_> = aws_lc_rs::encoding::AsDer::as_der(&theirs).unwrap();
    assert_eq!(theirs.as_ref(), spki);
}
