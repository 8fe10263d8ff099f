//! Content in bulk: from buffer to buffer, laid out, and on several threads. Always the same bytes as `seal_part`.

use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom, Write as _};
use std::rc::Rc;

use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN, part_capacity, sealed_len};
use imegha_crypto::provider::{Provider, with};
use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, Error, FileKey, Id, OpeningReader, PartBuffer, SealingWriter,
};

/// At chunk borders, at those of what a thread takes at once, and where threads begin to be worth it.
const SIZES: [usize; 13] = [
    0,
    1,
    CHUNK_LEN - 1,
    CHUNK_LEN,
    CHUNK_LEN + 1,
    16 * CHUNK_LEN - 1,
    16 * CHUNK_LEN,
    16 * CHUNK_LEN + 1,
    2 * MIB - 1,
    2 * MIB,
    3 * MIB + 16 * CHUNK_LEN,
    4 * MIB + 1,
    5 * MIB - CHUNK_LEN,
];

#[test]
fn every_way_gives_the_same_bytes() {
    let scene = Scene::new();
    for provider in Provider::ALL {
        with(*provider, || {
            for size in SIZES {
                let plain = plaintext(size);
                let object = scene.sealer(1).seal_whole(plain.clone()).unwrap().into_bytes();
                assert_eq!(object.len() as u64, sealed_len(size as u64));
                for threads in [1, 2, 3, 5] {
                    assert!(
                        seal_to(&mut scene.sealer(threads), &plain, true) == object,
                        "{provider:?} {size} {threads}"
                    );
                    assert!(open_to(&scene.opener(&object, threads), &object).unwrap() == plain);

                    let mut part = PartBuffer::first(size);
                    for piece in plain.chunks(10_007) {
                        assert_eq!(part.push(piece), piece.len());
                    }
                    assert_eq!((part.len(), part.is_full(), part.push(b"more")), (size, true, 0));
                    assert!(part.chunks().flatten().eq(&plain));
                    let sealed = scene.sealer(threads).seal_buffer(part, true).unwrap();
                    assert!(sealed.as_bytes() == object, "laid out: {provider:?} {size} {threads}");

                    let mut writer = SealingWriter::new(scene.sealer(threads), Vec::new());
                    writer.write_all(&plain).unwrap();
                    assert!(writer.finish().unwrap() == object, "written: {provider:?} {size} {threads}");
                }
            }
        });
    }
}

/// Parts in any of the ways, one after the other, are one object.
#[test]
fn parts_of_every_kind_follow_each_other() {
    let scene = Scene::new();
    let plain = plaintext(7 * CHUNK_LEN + 5);
    let object = scene.sealer(1).seal_whole(plain.clone()).unwrap().into_bytes();
    let mut sealer = scene.sealer(2);
    let mut sealed = seal_to(&mut sealer, &plain[..2 * CHUNK_LEN], false);
    let mut part = PartBuffer::next(2 * CHUNK_LEN);
    assert!(part.is_empty() && !part.is_full());
    assert_eq!((part.push(&plain[2 * CHUNK_LEN..][..5]), part.len()), (5, 5));
    assert!(!part.is_empty() && !part.is_full());
    assert_eq!(part.push(&plain[2 * CHUNK_LEN + 5..]), 2 * CHUNK_LEN - 5, "as much as there is room for");
    assert!(part.is_full() && part.chunks().flatten().eq(&plain[2 * CHUNK_LEN..4 * CHUNK_LEN]));
    sealed.extend(sealer.seal_buffer(part, false).unwrap().into_bytes());
    sealed.extend(sealer.seal_part(plain[4 * CHUNK_LEN..5 * CHUNK_LEN].to_vec(), false).unwrap().into_bytes());
    sealed.extend(seal_to(&mut sealer, &plain[5 * CHUNK_LEN..], true));
    assert!(sealed == object);
}

#[test]
fn what_is_no_part_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    let mut sealer = scene.sealer(1);
    let mut out = [0; HEAD_LEN + 2 * SEALED_CHUNK_LEN];
    let bounds = |result: Result<usize, Error>| assert_eq!(result, Err(Error::Bounds));
    bounds(sealer.seal_part_to(&[], false, &mut out));
    bounds(sealer.seal_part_to(&[0; CHUNK_LEN + 1], false, &mut out));
    bounds(sealer.seal_part_to(&[0; CHUNK_LEN], false, &mut out[..HEAD_LEN + SEALED_CHUNK_LEN - 1]));
    bounds(sealer.seal_part_to(&[0; CHUNK_LEN], true, &mut out[..HEAD_LEN + SEALED_CHUNK_LEN + 15]));
    assert!(out == [0; HEAD_LEN + 2 * SEALED_CHUNK_LEN]);
    // A buffer for another place in the object than the one that is next.
    assert_eq!(sealer.seal_buffer(PartBuffer::next(1), true).unwrap_err(), Error::Bounds);
    assert_eq!(sealer.offset(), 0);
    sealer.seal_part_to(&[0; CHUNK_LEN], false, &mut out).unwrap();
    assert_eq!(sealer.seal_buffer(PartBuffer::first(1), true).unwrap_err(), Error::Bounds);
    sealer.seal_part_to(&[], true, &mut out).unwrap();
    bounds(sealer.seal_part_to(&[], true, &mut out));
}

/// One bit anywhere, a chunk more or less, chunks in another order: nothing is released, whatever the number of threads, and no
/// plaintext of the chunks that did open is left in the caller's buffer. Stopped by each chunk's tag, and by
/// `out.zeroize()` in `SaltedCipher::open_run_to`.
#[test]
fn a_run_opens_whole_or_not_at_all() {
    let scene = Scene::new();
    let plain = plaintext(4 * MIB + 100);
    let object = scene.sealer(1).seal_whole(plain.clone()).unwrap().into_bytes();
    for provider in Provider::ALL {
        for threads in [1, 2, 4] {
            let opener = with(*provider, || scene.opener(&object, threads));
            let chunks = &object[HEAD_LEN..];
            assert!(open_to(&opener, &object).unwrap() == plain, "positive control");
            let mut out = vec![0xee; plain.len() + 1];
            let mut refused = |first, sealed: &[u8], last| {
                out.fill(0xee);
                assert_eq!(opener.open_chunks_to(first, sealed, last, &mut out), Err(Error::CannotOpen));
                let written = out.iter().filter(|byte| **byte != 0xee).count();
                assert!(out[..written].iter().all(|byte| *byte == 0), "plaintext was left behind");
            };
            for at in [0, 5 * SEALED_CHUNK_LEN - 1, 100 * SEALED_CHUNK_LEN, chunks.len() - 1] {
                let mut mutated = chunks.to_vec();
                mutated[at] ^= 1;
                refused(0, &mutated, true);
            }
            let mut swapped = chunks.to_vec();
            swapped[..2 * SEALED_CHUNK_LEN].rotate_left(SEALED_CHUNK_LEN);
            refused(0, &swapped, true);
            refused(1, chunks, true);
            refused(0, &chunks[..chunks.len() - 1], true);
            refused(0, &chunks[SEALED_CHUNK_LEN..], true);
            refused(0, &chunks[..100 * SEALED_CHUNK_LEN], true);
            refused(0, chunks, false);
            refused(0, &[], true);
            refused(0, &[], false);
            refused((1 << 32) - 1, &chunks[..2 * SEALED_CHUNK_LEN], false);
            let mut short = vec![0; plain.len() - 1];
            assert_eq!(opener.open_chunks_to(0, chunks, true, &mut short), Err(Error::Bounds));
        }
    }
}

/// A range is read from the chunks that it lies in, and from no other byte of the object.
#[test]
fn a_range_touches_only_its_chunks() {
    let scene = Scene::new();
    let plain = plaintext(40 * CHUNK_LEN + 500);
    let object = scene.sealer(1).seal_whole(plain.clone()).unwrap().into_bytes();
    let read = Rc::new(Cell::new(0));
    let counted = Counted { object: Cursor::new(object), read: read.clone() };
    let mut reader = OpeningReader::new(counted, &scene.key, ContentKind::Content, &scene.node, 1).unwrap();
    assert_eq!(read.replace(0), HEAD_LEN);
    let last_len = 500 + 16;
    for (from, len, touched) in [
        (0, 1, SEALED_CHUNK_LEN),
        (5, 1_000, 0),
        (CHUNK_LEN - 1, 2, SEALED_CHUNK_LEN),
        (10 * CHUNK_LEN, 3 * CHUNK_LEN, 3 * SEALED_CHUNK_LEN),
        (20 * CHUNK_LEN + 7, 2 * CHUNK_LEN, 3 * SEALED_CHUNK_LEN),
        (40 * CHUNK_LEN, 500, last_len),
        (39 * CHUNK_LEN, CHUNK_LEN + 500, SEALED_CHUNK_LEN),
    ] {
        reader.seek(SeekFrom::Start(from as u64)).unwrap();
        let mut out = vec![0; len];
        reader.read_exact(&mut out).unwrap();
        assert!(out == plain[from..from + len], "{from} {len}");
        assert_eq!(read.replace(0), touched, "{from} {len}");
    }
    let mut all = Vec::new();
    reader.rewind().unwrap();
    reader.read_to_end(&mut all).unwrap();
    assert!(all == plain);
}

struct Counted {
    object: Cursor<Vec<u8>>,
    read: Rc<Cell<usize>>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let len = self.object.read(out)?;
        self.read.set(self.read.get() + len);
        Ok(len)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.object.seek(to)
    }
}

struct Scene {
    key: FileKey,
    node: Id,
    salt: [u8; 24],
}

impl Scene {
    fn new() -> Self {
        let node = Id::generate().unwrap();
        Self { key: FileKey::generate().unwrap(), node, salt: [9; 24] }
    }

    fn sealer(&self, threads: usize) -> ContentSealer {
        let sealer = ContentSealer::dangerous_resume(&self.key, ContentKind::Content, &self.node, 1, self.salt);
        sealer.with_threads(threads.try_into().unwrap())
    }

    fn opener(&self, object: &[u8], threads: usize) -> ContentOpener {
        let opener = ContentOpener::new(&self.key, ContentKind::Content, &self.node, 1, &object[..HEAD_LEN]).unwrap();
        opener.with_threads(threads.try_into().unwrap())
    }
}

fn seal_to(sealer: &mut ContentSealer, plain: &[u8], last: bool) -> Vec<u8> {
    let mut out = vec![0; part_capacity(plain.len())];
    let len = sealer.seal_part_to(plain, last, &mut out).unwrap();
    out.truncate(len);
    out
}

fn open_to(opener: &ContentOpener, object: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = vec![0; object.len()];
    let len = opener.open_chunks_to(0, &object[HEAD_LEN..], true, &mut out)?;
    out.truncate(len);
    Ok(out)
}

fn plaintext(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at / 251) as u8 ^ at as u8).collect()
}

const MIB: usize = 1 << 20;
