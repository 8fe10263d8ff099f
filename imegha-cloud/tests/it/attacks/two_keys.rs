//! One ciphertext that plain AES-GCM opens under two keys.

use imegha_crypto::hazmat::{aes_gcm_seal, derive_chunk_key};

/// A key and a nonce.
type Key = ([u8; 32], [u8; 12]);

const BLOCKS: usize = 3;

/// Three blocks of ciphertext and a tag that is right under both keys.
///
/// For a fixed key and length the tag is an affine function of the ciphertext over GF(2). So the middle block is found by solving
/// 128 linear equations: where it is right, both tags are the same.
pub(crate) fn body_for(keys: [Key; 2]) -> (Vec<u8>, [u8; 16]) {
    let difference = |block: u128| {
        let body = body(block);
        u128::from_be_bytes(tag_of(&keys[0], &body)) ^ u128::from_be_bytes(tag_of(&keys[1], &body))
    };
    let constant = difference(0);
    let columns: Vec<u128> = (0..128).map(|bit| difference(1 << bit) ^ constant).collect();
    let block = solve(&columns, constant);
    let body = body(block);
    let tag = tag_of(&keys[0], &body);
    assert_eq!(tag, tag_of(&keys[1], &body));
    (body, tag)
}

fn body(middle: u128) -> Vec<u8> {
    [[0x11; 16], middle.to_be_bytes(), [0x22; 16]].concat()
}

/// The tag of a ciphertext: sealing its own decryption gives it.
fn tag_of((key, nonce): &Key, ciphertext: &[u8]) -> [u8; 16] {
    let (key_stream, _) = aes_gcm_seal(key, nonce, &[0; 16 * BLOCKS]).unwrap();
    let plaintext: Vec<u8> = ciphertext.iter().zip(key_stream).map(|(byte, pad)| byte ^ pad).collect();
    aes_gcm_seal(key, nonce, &plaintext).unwrap().1
}

/// The sum of which columns is `sum`, by Gauss: bit k of the result says whether column k is in it.
fn solve(columns: &[u128], mut sum: u128) -> u128 {
    // Each row: a value that columns add up to, and which.
    let mut rows: Vec<(u128, u128)> = columns.iter().enumerate().map(|(k, column)| (*column, 1 << k)).collect();
    let mut chosen = 0;
    for bit in (0..128).rev() {
        let Some(at) = rows.iter().position(|(value, _)| value >> bit & 1 == 1) else { continue };
        let pivot = rows.swap_remove(at);
        for row in rows.iter_mut().filter(|(value, _)| value >> bit & 1 == 1) {
            *row = (row.0 ^ pivot.0, row.1 ^ pivot.1);
        }
        if sum >> bit & 1 == 1 {
            sum ^= pivot.0;
            chosen ^= pivot.1;
        }
    }
    assert_eq!(sum, 0, "two different keys have different hash keys, so that every difference can be reached");
    chosen
}

#[test]
fn the_equations_are_solved() {
    let key = |byte| derive_chunk_key(&[byte; 32], b"imegha/v1/test\0", &[byte; 24]);
    let (body, tag) = body_for([key(1), key(2)]);
    assert_eq!((body.len(), tag.len()), (48, 16));
}
