//! Sealed objects under a known key, changed in every way that storage may think of (FORMAT 6).
//!
//! Nothing panics, and nothing is released that is not the plaintext: an object that differs in one bit does not open,
//! and whatever a reader gives of it, before it fails, is what lies at that position.
#![no_main]

use std::io::{Cursor, Read, Seek, SeekFrom};

use arbitrary::Arbitrary;
use imegha_crypto::hazmat::RawKey;
use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, Error, FileKey, Id, OpeningReader, SealedObject, layout,
};
use imegha_fuzz::{Change, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    size: u16,
    thumbnail: bool,
    salt: u8,
    tampers: Vec<Tamper>,
    seeks: Vec<Position>,
}

/// What happens to whole chunks, and to bytes wherever they lie.
#[derive(Arbitrary, Debug)]
enum Tamper {
    Swap { one: u8, other: u8 },
    Repeat { chunk: u8 },
    Remove { chunk: u8 },
    Bytes { from: u32, change: Change },
}

#[derive(Arbitrary, Debug)]
enum Position {
    Start(u64),
    Current(i64),
    End(i64),
    Near(u16),
}

fuzz_target!(|input: Input| {
    let key = FileKey::from_raw(&[7; 32]);
    let node = Id::from_bytes([9; 16]);
    let kind = if input.thumbnail { ContentKind::Thumbnail } else { ContentKind::Content };
    let plain: Vec<u8> = (0..usize::from(input.size)).map(|at| (at >> 8) as u8 ^ at as u8).collect();
    let sealer = ContentSealer::dangerous_resume(&key, kind, &node, 1, [input.salt; 24]);
    let object = sealer.seal_whole(plain.clone()).expect("a part of any length may be last").into_bytes();

    let mut tampered = object.clone();
    input.tampers.iter().take(8).for_each(|tamper| tamper.apply(&mut tampered));
    let _ = SealedObject::from_received(tampered.clone());

    match open(&key, kind, &node, &tampered) {
        Ok(opened) => {
            assert_eq!(tampered, object, "a changed object opened");
            assert_eq!(opened, plain);
        }
        Err(error) => {
            assert_eq!(error, Error::CannotOpen);
            assert_ne!(tampered, object, "an object that nobody changed did not open");
        }
    }
    read(&input, kind, &tampered, &plain);
});

fn open(key: &FileKey, kind: ContentKind, node: &Id, object: &[u8]) -> imegha_crypto::Result<Vec<u8>> {
    let (head, chunks) = object.split_at_checked(layout::HEAD_LEN).ok_or(Error::CannotOpen)?;
    ContentOpener::new(key, kind, node, 1, head)?.open_chunks(0, chunks.to_vec(), true)
}

fn read(input: &Input, kind: ContentKind, changed: &[u8], plain: &[u8]) {
    let key = FileKey::from_raw(&[7; 32]);
    let Ok(mut reader) = OpeningReader::new(Cursor::new(changed), &key, kind, &Id::from_bytes([9; 16]), 1) else {
        return;
    };
    let mut buffer = [0; 700];
    for seek in input.seeks.iter().take(16) {
        let to = match *seek {
            Position::Start(at) => SeekFrom::Start(at),
            Position::Current(by) => SeekFrom::Current(by),
            Position::End(by) => SeekFrom::End(by),
            Position::Near(at) => SeekFrom::Start(at.into()),
        };
        let Ok(position) = reader.seek(to) else { continue };
        let Ok(len) = reader.read(&mut buffer) else { continue };
        if len > 0 {
            let from = usize::try_from(position).expect("bytes come only from where there are some");
            assert_eq!(buffer[..len], plain[from..from + len], "something else was released");
        }
    }
    if let Ok(len) = reader.plain_len() {
        assert_eq!(len, plain.len() as u64, "another length was believed");
    }
}

impl Tamper {
    fn apply(&self, object: &mut Vec<u8>) {
        let chunk = |object: &[u8], index: u8| {
            let from = (layout::HEAD_LEN + usize::from(index & 3) * layout::SEALED_CHUNK_LEN).min(object.len());
            from..(from + layout::SEALED_CHUNK_LEN).min(object.len())
        };
        match self {
            Self::Swap { one, other } => {
                let (one, other) = (chunk(object, *one), chunk(object, *other));
                if one.len() == other.len() && one.end <= other.start {
                    let (before, after) = object.split_at_mut(other.start);
                    before[one].swap_with_slice(&mut after[..other.end - other.start]);
                }
            }
            Self::Repeat { chunk: index } => {
                let range = chunk(object, *index);
                let copy = object[range.clone()].to_vec();
                object.splice(range.end..range.end, copy);
            }
            Self::Remove { chunk: index } => drop(object.drain(chunk(object, *index))),
            // A change reaches 65,536 bytes, an object is longer.
            Self::Bytes { from, change } => {
                let tail = object.split_off(*from as usize % (object.len() + 1));
                object.extend(changed(&tail, std::slice::from_ref(change)));
            }
        }
    }
}
