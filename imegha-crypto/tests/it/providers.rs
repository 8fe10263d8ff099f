//! The providers held against each other: the same bytes, the same refusals (ATTACKS 58, natively).

use imegha_crypto::provider::{Provider, with};
use imegha_crypto::{
    ContentKind, ContentOpener, Dek, Email, Error, FileKey, Id, Identity, KdfParams, Password, PasswordKeys,
    PublicIdentity, hazmat, layout,
};
use proptest::prelude::*;

use hazmat::RawKey as _;

/// ATTACKS 58: a sealing that one provider makes or takes and another does not.
///
/// 100,000 random sealings, the same to the byte by all, opened by all; and each mutated once, refused by all. Nothing but the
/// libraries themselves stops a difference: without the tag's comparison in one of `ChunkCipher`'s arms this turns red.
#[test]
fn a58_providers_agree_on_sealings() {
    let mut random = Random(58);
    let (mut bytes, mut kinds) = (0, [0; 6]);
    for case in 0..100_000 {
        let key: [u8; 32] = random.array();
        let salt: [u8; 24] = random.array();
        let context = random.bytes(80);
        let size = match case % 200 {
            0 => random.below(70_000),
            1 | 2 => 16_384 * (1 + random.below(2)) - 20 + random.below(40),
            _ => random.below(300),
        };
        let plain = random.bytes_of_len(size);
        let seal =
            |provider: &Provider| with(*provider, || hazmat::seal_with_salt(&key, &context, &plain, salt).unwrap());
        let sealed: Vec<_> = Provider::ALL.iter().map(seal).collect();
        assert!(sealed.iter().all(|other| *other == sealed[0]), "{case}: sealed differently");
        let (mutated, kind) = mutate(&sealed[0], &mut random);
        for provider in Provider::ALL {
            with(*provider, || {
                let opened = hazmat::open(&key, &context, &sealed[0]);
                assert!(opened.is_ok_and(|opened| *opened == plain), "{case}: {provider:?} does not open it");
                let opened = hazmat::open(&key, &context, &mutated);
                assert_eq!(opened.unwrap_err(), Error::CannotOpen, "{case}: {provider:?} opens mutation {kind}");
            });
        }
        bytes += size;
        kinds[kind] += 1;
    }
    println!("a58: 100,000 sealings of {bytes} bytes, mutations of each kind: {kinds:?}");
    assert!(kinds.iter().all(|count| *count > 5_000));
}

/// The same for RSA-OAEP: 2,000 operations. What one encrypts all decrypt, and what is changed afterwards nobody does.
///
/// Known difference, held in the test of Wycheproof's vectors: `rsa` 0.10 accepts tcId 23 there.
#[test]
fn a58_providers_agree_on_rsa() {
    let mut random = Random(2048);
    let mut operations = 0;
    while operations < 2_000 {
        let pkcs8 = hazmat::rsa_generate().unwrap();
        let spki = hazmat::rsa_public_of(&pkcs8).unwrap();
        for _ in 0..25 {
            let (message, label) = (random.bytes(191), random.bytes(300));
            for provider in Provider::ALL {
                let sealed = with(*provider, || hazmat::oaep_encrypt(&spki, &label, &message).unwrap());
                let mut mutated = sealed;
                mutated[random.below(256)] ^= 1 << random.below(8);
                let other_label = [&label[..], b"?"].concat();
                for other in Provider::ALL {
                    with(*other, || {
                        let opened = hazmat::oaep_decrypt(&pkcs8, &label, &sealed).unwrap();
                        assert_eq!(*opened, message, "{provider:?} to {other:?}");
                        let refused = hazmat::oaep_decrypt(&pkcs8, &label, &mutated).unwrap_err();
                        assert_eq!(refused, Error::CannotOpen, "{other:?}");
                        let refused = hazmat::oaep_decrypt(&pkcs8, &other_label, &sealed).unwrap_err();
                        assert_eq!(refused, Error::CannotOpen, "{other:?}");
                    });
                    operations += 3;
                }
                operations += 1;
            }
        }
    }
    println!("a58: {operations} RSA operations");
}

/// Another sealing than `sealed`, and in what way.
fn mutate(sealed: &[u8], random: &mut Random) -> (Vec<u8>, usize) {
    let mut mutated = sealed.to_vec();
    let kind = random.below(6);
    match kind {
        // A bit anywhere; in what the commitment protects; in the last tag.
        0 => mutated[random.below(sealed.len())] ^= 1 << random.below(8),
        1 => mutated[random.below(56)] ^= 1 << random.below(8),
        2 => mutated[sealed.len() - 1 - random.below(16)] ^= 1 << random.below(8),
        3 => mutated.truncate(random.below(sealed.len())),
        4 => {
            mutated.push(0);
            mutated.extend(random.bytes(40));
        }
        // A run of bytes replaced. The first changes in any case.
        _ => {
            let from = random.below(sealed.len());
            let until = sealed.len().min(from + 1 + random.below(60));
            let first = mutated[from];
            mutated[from..until].copy_from_slice(&random.bytes_of_len(until - from));
            mutated[from] = !first;
        }
    }
    (mutated, kind)
}

/// SplitMix64: the same cases in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes_of_len(&mut self, len: usize) -> Vec<u8> {
        (0..len.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(len).collect()
    }

    fn bytes(&mut self, below: usize) -> Vec<u8> {
        let len = self.below(below);
        self.bytes_of_len(len)
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.bytes_of_len(N).try_into().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

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

/// What is forced is forced on one thread, for as long as that lasts.
#[test]
fn a_forced_provider_is_let_go() {
    let before = Provider::current();
    for provider in Provider::ALL {
        with(*provider, || {
            assert_eq!(Provider::current(), *provider);
            with(Provider::RustCrypto, || assert_eq!(Provider::current(), Provider::RustCrypto));
            assert_eq!(Provider::current(), *provider);
            assert_eq!(std::thread::spawn(Provider::current).join().unwrap(), Provider::ALL[0]);
        });
        assert_eq!(Provider::current(), before);
    }
}
