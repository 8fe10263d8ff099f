//! Malicious storage against one object.

use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, Error, FileKey, Id, Result, layout};

/// Any bit of prefix, salt, commitment or chunks. Turns red without `Prefix::check`, the comparison of commitments in
/// `SaltedCipher::open`, or the tag.
#[test]
fn a01_any_bit_flipped() {
    let object = Object::new(layout::CHUNK_LEN + 300);
    let sealed = object.seal();
    assert!(object.open(&sealed).unwrap() == object.plain, "control: untouched, it opens");
    // Every bit of the head and of both tags; of the ciphertext one of every 13th byte.
    let first_tag = layout::HEAD_LEN + layout::CHUNK_LEN;
    let whole =
        |at: usize| at < layout::HEAD_LEN || (first_tag..first_tag + 16).contains(&at) || at >= sealed.len() - 16;
    let bits = (0..sealed.len()).filter(|at| whole(*at) || at % 13 == 0).flat_map(|at| {
        let bits = if whole(at) { 0..8 } else { at % 8..at % 8 + 1 };
        bits.map(move |bit| (at, bit))
    });
    let mut tried = 0;
    let mut changed = sealed.clone();
    for (at, bit) in bits {
        changed[at] ^= 1 << bit;
        assert_eq!(object.open(&changed), Err(Error::CannotOpen), "byte {at} bit {bit}");
        changed[at] ^= 1 << bit;
        tried += 1;
    }
    assert!(tried > 2_000 && changed == sealed);
}

/// Every length. Turns red without the rule of `count_chunks` for the last chunk's length.
#[test]
fn a02_truncated_to_every_length() {
    for size in [0, 1, 16_383, 16_384, 16_385, 49_152] {
        let object = Object::new(size);
        let sealed = object.seal();
        assert!(object.open(&sealed).unwrap() == object.plain, "control: whole, it opens");
        // One opener for all lengths that have a head: the chunks behind it are what is cut.
        let (head, chunks) = sealed.split_at(layout::HEAD_LEN);
        let opener = object.opener(head).unwrap();
        for len in 0..chunks.len() {
            assert_eq!(opener.open_chunks(0, chunks[..len].to_vec(), true), Err(Error::CannotOpen), "{size}: {len}");
            // A reader that believes the length that it was told works out the same.
            let told = layout::last_chunk((layout::HEAD_LEN + len) as u64);
            assert_eq!(told.is_none(), len % layout::SEALED_CHUNK_LEN < 16, "{size}: {len}");
        }
        for len in 0..layout::HEAD_LEN {
            assert_eq!(object.open(&sealed[..len]), Err(Error::CannotOpen), "{size}: {len}");
        }
    }
}

/// Bytes and chunks behind the end. Turns red without the tag: the last chunk's length is part of what it covers.
#[test]
fn a03_appended() {
    for size in [0, 1, 16_383, 16_384, 20_000] {
        let object = Object::new(size);
        let sealed = object.seal();
        assert!(object.open(&sealed).unwrap() == object.plain, "control: untouched, it opens");
        let tail = sealed[sealed.len() - 16..].to_vec();
        let chunk = vec![0; layout::SEALED_CHUNK_LEN];
        for appended in [vec![0], vec![0; 16], tail, sealed[layout::HEAD_LEN..].to_vec(), chunk, vec![0; 40_000]] {
            assert_eq!(object.open(&[&sealed[..], &appended].concat()), Err(Error::CannotOpen), "{size}");
        }
    }
}

/// Chunks moved within the object. Turns red without the chunk's number in `SaltedCipher::nonce`.
#[test]
fn a04_chunks_swapped_repeated_removed() {
    let object = Object::new(4 * layout::CHUNK_LEN + 500);
    let sealed = object.seal();
    let (head, chunks) = sealed.split_at(layout::HEAD_LEN);
    let chunks: Vec<_> = chunks.chunks(layout::SEALED_CHUNK_LEN).collect();
    let opened = |order: &[usize]| {
        let chunks: Vec<_> = order.iter().map(|at| chunks[*at]).collect();
        object.open(&[head, &chunks.concat()].concat())
    };
    assert!(opened(&[0, 1, 2, 3, 4]).unwrap() == object.plain, "control: in order, it opens");
    for order in [
        [1, 0, 2, 3, 4].as_slice(),
        &[0, 2, 1, 3, 4],
        &[0, 0, 2, 3, 4],
        &[0, 1, 1, 2, 3, 4],
        &[1, 2, 3, 4],
        &[0, 1, 2, 4],
        &[0, 1, 2, 3],
        &[4],
        &[0, 1, 2, 3, 4, 4],
    ] {
        assert_eq!(opened(order), Err(Error::CannotOpen), "{order:?}");
    }
    // A range answered with another range.
    let opener = object.opener(head).unwrap();
    assert!(opener.open_chunks(1, chunks[1..3].concat(), false).is_ok(), "control: the range asked for");
    for (first, answer, last) in
        [(1, 2..4, false), (1, 0..2, false), (1, 1..3, true), (3, 3..4, true), (3, 3..5, false)]
    {
        let opened = opener.open_chunks(first, chunks[answer.clone()].concat(), last);
        assert_eq!(opened, Err(Error::CannotOpen), "{first} {answer:?} {last}");
    }
}

/// Chunks of another revision, or of another attempt with the same file key. Turns red without the salt in the
/// derivation of `Derived::new`.
#[test]
fn a05_spliced() {
    let object = Object::new(3 * layout::CHUNK_LEN + 7);
    let (one, two) = (object.seal(), object.seal());
    assert!(one != two, "every attempt has its own salt");
    assert!(object.open(&one).unwrap() == object.plain && object.open(&two).unwrap() == object.plain, "control");
    let other_revision = Object { revision: 2, key: object.key.clone(), plain: object.plain.clone(), ..object };
    for other in [two, other_revision.seal()] {
        for chunk in 0..4 {
            let from = layout::HEAD_LEN + chunk * layout::SEALED_CHUNK_LEN;
            let until = (from + layout::SEALED_CHUNK_LEN).min(one.len());
            let mut spliced = one.clone();
            spliced[from..until].copy_from_slice(&other[from..until]);
            assert_eq!(object.open(&spliced), Err(Error::CannotOpen), "{chunk}");
        }
        let other_head = [&other[..layout::HEAD_LEN], &one[layout::HEAD_LEN..]].concat();
        assert_eq!(object.open(&other_head), Err(Error::CannotOpen));
    }
}

/// An older object where the newer is asked for, and the reverse. Turns red without the revision in the prefix, and,
/// for two attempts at one revision, without the commitment that the record names.
#[test]
fn a08_older_object() {
    let old = Object::new(100);
    let new = Object { revision: 2, key: old.key.clone(), plain: vec![9; 100], ..old };
    let (old_sealed, new_sealed) = (old.seal(), new.seal());
    assert!(new.open(&new_sealed).unwrap() == new.plain, "control");
    assert_eq!(new.open(&old_sealed), Err(Error::CannotOpen));
    assert_eq!(old.open(&new_sealed), Err(Error::CannotOpen));
    // Two attempts at one revision open under one key; a record that names the commitment tells them apart.
    let again = old.seal();
    let commitment = |sealed: &[u8]| old.opener(&sealed[..layout::HEAD_LEN]).unwrap().commitment();
    assert_ne!(commitment(&old_sealed), commitment(&again));
    assert_eq!(commitment(&old_sealed), commitment(&old_sealed.clone()));
}

/// Another version, kind or magic. Turns red without `Prefix::check`.
#[test]
fn a13_unknown_version_or_kind() {
    let object = Object::new(100);
    let sealed = object.seal();
    assert!(object.open(&sealed).is_ok(), "control");
    for (at, found) in [(0, b'i'), (5, 0), (6, 0), (6, 2), (6, 255), (7, 0), (7, 2), (7, 3), (7, 255)] {
        let mut changed = sealed.clone();
        changed[at] = found;
        assert_eq!(object.open(&changed), Err(Error::CannotOpen), "{at} {found}");
        assert!(at < 7 || imegha_crypto::SealedObject::from_received(changed).is_ok(), "the length is right");
    }
    // A thumbnail asked for where content lies, and the reverse (a07).
    let thumbnail = Object { kind: ContentKind::Thumbnail, key: object.key.clone(), plain: vec![1], ..object };
    assert_eq!(thumbnail.open(&sealed), Err(Error::CannotOpen));
    assert_eq!(object.open(&thumbnail.seal()), Err(Error::CannotOpen));
}

struct Object {
    key: FileKey,
    kind: ContentKind,
    node: Id,
    revision: u64,
    plain: Vec<u8>,
}

impl Object {
    fn new(size: usize) -> Self {
        let plain = (0..size).map(|at| (at / 255) as u8 ^ at as u8).collect();
        let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
        Self { key, kind: ContentKind::Content, node, revision: 1, plain }
    }

    fn seal(&self) -> Vec<u8> {
        let sealer = ContentSealer::new(&self.key, self.kind, &self.node, self.revision).unwrap();
        sealer.seal_whole(self.plain.clone()).unwrap().into_bytes()
    }

    fn opener(&self, head: &[u8]) -> Result<ContentOpener> {
        ContentOpener::new(&self.key, self.kind, &self.node, self.revision, head)
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (head, chunks) = sealed.split_at_checked(layout::HEAD_LEN).ok_or(Error::CannotOpen)?;
        self.opener(head)?.open_chunks(0, chunks.to_vec(), true)
    }
}
