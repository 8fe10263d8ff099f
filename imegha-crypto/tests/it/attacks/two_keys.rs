//! One ciphertext that opens under two keys in plain AES-GCM, and under one in ours.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, Error, FileKey, Id, layout};

/// AES-GCM does not commit to its key: whoever knows two keys makes a ciphertext and tag that both accept. Here two
/// people hold two file keys, and storage serves both the same object. Turns red without the comparison of commitments
/// in `SaltedCipher::open`.
#[test]
fn a12_a_body_that_opens_under_two_keys() {
    let node = Id::generate().unwrap();
    let keys = [FileKey::generate().unwrap(), FileKey::generate().unwrap()];
    let sealer = |key| ContentSealer::new(key, ContentKind::Content, &node, 1).unwrap();

    // The chunk keys that an object with this salt has under the one and the other.
    let first = sealer(&keys[0]);
    let salt = first.salt();
    let honest = first.seal_whole(vec![0x55; 64]).unwrap().into_bytes();
    let context = hazmat::label("file", &[&honest[..32]]);
    let chunk_keys = keys.each_ref().map(|key| hazmat::derive_chunk_key(key.raw(), &context, &salt));
    let (body, tag) = two_key_ciphertext(&chunk_keys);

    // Plain AES-GCM opens it twice, to two different plaintexts.
    let plains = chunk_keys.each_ref().map(|(key, nonce)| hazmat::aes_gcm_open(key, nonce, &body, &tag).unwrap());
    assert_ne!(plains[0], plains[1]);

    // As an object: with the commitment of either key, that key alone opens it.
    for committed in 0..2 {
        let commitment =
            ContentSealer::dangerous_resume(&keys[committed], ContentKind::Content, &node, 1, salt).commitment();
        let object = [&honest[..56], &commitment, &body, &tag].concat();
        let (head, chunks) = object.split_at(layout::HEAD_LEN);
        let open = |key| {
            let opener = ContentOpener::new(key, ContentKind::Content, &node, 1, head)?;
            opener.open_chunks(0, chunks.to_vec(), true)
        };
        assert_eq!(open(&keys[committed]).unwrap(), plains[committed], "control: the key that is committed to");
        assert_eq!(open(&keys[1 - committed]).unwrap_err(), Error::CannotOpen);
    }
}

/// A message that two epochs' keys would open, a link's payload for two passwords, a value for two content keys: each of
/// these formats is sealed by the one construction, under a context of its own. Turns red without the comparison of
/// commitments in `SaltedCipher::open`.
#[test]
fn a12_messages_links_and_values_sealed_to_somebody() {
    let keys = [[3; 32], [4; 32]];
    for name in ["message", "link", "sealed/share"] {
        let (context, salt) = (hazmat::label(name, &[[9; 16]]), [7; 24]);
        let chunk_keys = keys.each_ref().map(|key| hazmat::derive_chunk_key(key, &context, &salt));
        let (body, tag) = two_key_ciphertext(&chunk_keys);
        for (key, nonce) in &chunk_keys {
            assert!(hazmat::aes_gcm_open(key, nonce, &body, &tag).is_ok(), "plain GCM opens it under both");
        }
        let header = hazmat::seal_with_salt(&keys[0], &context, b"", salt).unwrap();
        let sealed = [&header[..56], &body, &tag].concat();
        assert!(hazmat::open(&keys[0], &context, &sealed).is_ok(), "control: the key that is committed to");
        assert_eq!(hazmat::open(&keys[1], &context, &sealed).unwrap_err(), Error::CannotOpen, "{name}");
    }
}

/// The same for a wrapped DEK: a wrap that would open under two passwords opens under one. Turns red without the comparison
/// of commitments in `SaltedCipher::open`.
#[test]
fn a24_a_wrap_that_opens_under_two_passwords() {
    use imegha_crypto::{Dek, KdfParams, PasswordKek, Sealed};

    let (account, params) = (Id::generate().unwrap(), KdfParams::generate().unwrap());
    let keks = [[1; 32], [2; 32]].map(|bytes| PasswordKek::from_raw(&bytes));
    let context = hazmat::label(
        "wrap/dek-by-password",
        &[account.as_bytes() as &[u8], &1_u32.to_be_bytes(), &[1], &params.iterations().to_be_bytes(), params.salt()],
    );
    let salt = [7; 24];
    let chunk_keys = keks.each_ref().map(|kek| hazmat::derive_chunk_key(kek.raw(), &context, &salt));
    let (body, tag) = two_key_ciphertext(&chunk_keys);
    for (key, nonce) in &chunk_keys {
        assert!(hazmat::aes_gcm_open(key, nonce, &body, &tag).is_ok(), "plain GCM opens it under both");
    }
    let header = hazmat::seal_with_salt(keks[0].raw(), &context, b"", salt).unwrap();
    let wrap = Sealed::from_received([&header[..56], &body, &tag].concat()).unwrap();
    let opened = keks.each_ref().map(|kek| Dek::unwrap_by_password(&wrap, kek, &account, 1, &params));
    assert!(opened[0].is_ok(), "control: the password that is committed to");
    assert_eq!(opened[1], Err(Error::CannotOpen));
}

/// Two blocks of ciphertext and a tag that AES-GCM accepts under both keys, each with its own nonce.
///
/// The tag under a key is `E(J0) + C1·H³ + C2·H² + L·H`. With C1 and the tag chosen equal for both, C2 solves
/// `C2·(H₁² + H₂²) = E₁(J0) + E₂(J0) + C1·(H₁³ + H₂³) + L·(H₁ + H₂)`.
fn two_key_ciphertext(keys: &[([u8; 32], [u8; 12])]) -> (Vec<u8>, [u8; 16]) {
    let [one, two] = keys else { panic!("two keys") };
    let (h1, h2) = (hash_key(one), hash_key(two));
    let masks = tag_mask(one) ^ tag_mask(two);
    let c1 = 0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978;
    let cubes = mul(mul(h1, h1), h1) ^ mul(mul(h2, h2), h2);
    let constant = masks ^ mul(c1, cubes) ^ mul(LENGTHS, h1 ^ h2);
    let c2 = mul(constant, inverse(mul(h1, h1) ^ mul(h2, h2)));
    let body = [c1.to_be_bytes(), c2.to_be_bytes()].concat();
    let tag = tag_mask(one) ^ ghash(h1, c1, c2);
    assert_eq!(tag, tag_mask(two) ^ ghash(h2, c1, c2));
    (body, tag.to_be_bytes())
}

/// `C1·H³ + C2·H² + L·H`
fn ghash(h: u128, c1: u128, c2: u128) -> u128 {
    mul(mul(mul(c1, h) ^ c2, h) ^ LENGTHS, h)
}

/// `E(J0)`: the tag of the empty message, whose GHASH is zero.
fn tag_mask((key, nonce): &([u8; 32], [u8; 12])) -> u128 {
    u128::from_be_bytes(hazmat::aes_gcm_seal(key, nonce, b"").unwrap().1)
}

/// H: the zero block, encrypted.
fn hash_key(key: &([u8; 32], [u8; 12])) -> u128 {
    use aes_gcm::aes::Aes256;
    use aes_gcm::aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
    let mut block = [0; 16].into();
    Aes256::new(&key.0.into()).encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

/// The product in GF(2^128) with GCM's order of bits (NIST SP 800-38D, 6.3).
fn mul(x: u128, y: u128) -> u128 {
    let (mut z, mut v) = (0, y);
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            z ^= v;
        }
        v = if v & 1 == 1 { v >> 1 ^ 0xe1 << 120 } else { v >> 1 };
    }
    z
}

/// `x^(2^128 - 2)`
fn inverse(x: u128) -> u128 {
    let (mut result, mut power) = (ONE, x);
    for _ in 1..128 {
        power = mul(power, power);
        result = mul(result, power);
    }
    assert_eq!(mul(result, x), ONE);
    result
}

/// No associated data, 256 bits of ciphertext.
const LENGTHS: u128 = 256;
const ONE: u128 = 1 << 127;
