//! The writer that seals and the reader that opens and seeks.

use std::io::{self, Cursor, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};

use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, Error, FileKey, Id, OpeningReader, SealingWriter, layout,
};

#[test]
fn what_is_written_is_read() {
    let (key, node) = ids();
    for size in [0, 1, 16_383, 16_384, 16_385, 262_143, 262_144, 262_145, 600_000] {
        let plain = plaintext(size);
        let object = write(&key, &node, &plain, 1_000);
        assert_eq!(object.len() as u64, layout::sealed_len(size as u64));
        let mut reader = reader(&object, &key, &node);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == plain, "{size}");
        assert_eq!(reader.plain_len().unwrap(), size as u64);
    }
}

#[test]
fn any_position_is_read() {
    let (key, node) = ids();
    let plain = plaintext(50_000);
    let object = write(&key, &node, &plain, 50_000);
    let mut reader = reader(&object, &key, &node);
    for position in [0, 1, 16_383, 16_384, 16_385, 32_768, 49_999, 50_000] {
        assert_eq!(reader.seek(SeekFrom::Start(position)).unwrap(), position);
        let mut read = Vec::new();
        reader.by_ref().take(20_000).read_to_end(&mut read).unwrap();
        let until = (position as usize + 20_000).min(plain.len());
        assert!(read == plain[position as usize..until], "{position}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-10)).unwrap(), 49_990);
    assert_eq!(reader.seek(SeekFrom::Current(-40_000)).unwrap(), 9_990);
    assert_eq!(reader.seek(SeekFrom::Start(1 << 40)).unwrap(), 1 << 40);
    assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::End(-50_001)).unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// The length, and a position from the end, are what storage says until the last chunk has opened.
#[test]
fn the_end_is_believed_only_when_it_opened() {
    let (key, node) = ids();
    let object = write(&key, &node, &plaintext(50_000), 50_000);
    // Cut so that the last chunk that is left looks like a last one.
    let cut = &object[..layout::HEAD_LEN + 2 * layout::SEALED_CHUNK_LEN + 1_000];
    let mut reader = reader(cut, &key, &node);
    let mut start = [0; 100];
    reader.read_exact(&mut start).unwrap();
    assert_eq!(start[..], plaintext(50_000)[..100], "what was verified is read");
    assert_eq!(reader.seek(SeekFrom::End(-1)).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(reader.plain_len().unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(reader.seek(SeekFrom::Start(1 << 40)).unwrap(), 1 << 40);
    assert_eq!(reader.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::InvalidData);
}

/// A writer that is dropped leaves no object that looks whole.
#[test]
fn a_writer_must_be_finished() {
    let (key, node) = ids();
    let mut object = Vec::new();
    let sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let mut writer = SealingWriter::new(sealer, &mut object);
    writer.write_all(&plaintext(262_144)).unwrap();
    writer.flush().unwrap();
    drop(writer);
    assert_eq!(object.len(), layout::HEAD_LEN + 16 * layout::SEALED_CHUNK_LEN);
    let opened = OpeningReader::new(Cursor::new(&object), &key, ContentKind::Content, &node, 1);
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::InvalidData);
}

/// An object that is gone on with is the same object, whichever of its parts were passed over.
#[test]
fn a_sealer_goes_on_where_it_stood() {
    let (key, node) = ids();
    let key = FileKey::from_journal(key.expose_for_journal());
    let plain = plaintext(5 * layout::CHUNK_LEN + 7);
    let parts: Vec<&[u8]> = plain.chunks(2 * layout::CHUNK_LEN).collect();
    let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let sealed: Vec<_> =
        parts.iter().enumerate().map(|(at, part)| sealer.seal_part(part.to_vec(), at == 2).unwrap()).collect();
    for sent in 0..8 {
        let mut again = ContentSealer::dangerous_resume(&key, ContentKind::Content, &node, 1, sealer.salt());
        assert_eq!(again.commitment(), sealer.commitment());
        for (at, part) in parts.iter().enumerate() {
            if sent >> at & 1 == 1 {
                again.skip_part(part.len(), at == 2).unwrap();
            } else {
                assert!(again.seal_part(part.to_vec(), at == 2).unwrap() == sealed[at], "{sent} {at}");
            }
        }
        assert_eq!(again.skip_part(0, true).unwrap_err(), Error::Bounds, "nothing follows the last");
    }
    let mut short = ContentSealer::dangerous_resume(&key, ContentKind::Content, &node, 1, sealer.salt());
    assert_eq!(short.skip_part(layout::CHUNK_LEN + 1, false).unwrap_err(), Error::Bounds);
    assert_eq!(short.offset(), 0);
}

/// What the writer below refuses is said, and not tried again for ever; what only interrupts it is tried again.
#[test]
fn a_failure_below_is_said() {
    struct Fails(Option<ErrorKind>);
    impl io::Write for Fails {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.take().map_or(Ok(bytes.len()), |kind| Err(kind.into()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (key, node) = ids();
    for (kind, said) in [(ErrorKind::StorageFull, true), (ErrorKind::Interrupted, false)] {
        let sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
        let mut writer = SealingWriter::new(sealer, Fails(Some(kind)));
        writer.write_all(b"little").unwrap();
        assert_eq!(writer.finish().err().map(|error| error.kind()), said.then_some(kind));
    }

    struct FailsOnce<'a>(Cursor<&'a [u8]>, Option<ErrorKind>);
    impl io::Read for FailsOnce<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.1.take().map_or_else(|| self.0.read(bytes), |kind| Err(kind.into()))
        }
    }
    impl io::Seek for FailsOnce<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let object = write(&key, &node, b"little", 6);
    let opener = || ContentOpener::new(&key, ContentKind::Content, &node, 1, &object[..layout::HEAD_LEN]).unwrap();
    for (kind, said) in [(ErrorKind::TimedOut, true), (ErrorKind::Interrupted, false)] {
        let below = FailsOnce(Cursor::new(&object), Some(kind));
        let mut reader = OpeningReader::from_opener(opener(), below, object.len() as u64).unwrap();
        let mut read = [0; 6];
        assert_eq!(reader.read(&mut read).err().map(|error| error.kind()), said.then_some(kind));
        if said {
            reader.read_exact(&mut read).expect("the next call begins anew");
        }
        assert_eq!(&read, b"little");
    }
}

/// Content that is sealed as a whole is all of its object.
#[test]
fn a_whole_follows_no_part() {
    let (key, node) = ids();
    let sealer = || ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    assert!(sealer().seal_whole(plaintext(5)).is_ok(), "control");
    let mut begun = sealer();
    begun.seal_part(plaintext(layout::CHUNK_LEN), false).unwrap();
    assert_eq!(begun.seal_whole(plaintext(5)).unwrap_err(), Error::Bounds);
}

fn ids() -> (FileKey, Id) {
    (FileKey::generate().unwrap(), Id::generate().unwrap())
}

fn plaintext(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at / 251) as u8 ^ at as u8).collect()
}

fn write(key: &FileKey, node: &Id, plain: &[u8], step: usize) -> Vec<u8> {
    let sealer = ContentSealer::new(key, ContentKind::Content, node, 1).unwrap();
    let mut writer = SealingWriter::new(sealer, Vec::new());
    plain.chunks(step).for_each(|bytes| writer.write_all(bytes).unwrap());
    writer.finish().unwrap()
}

fn reader<'a>(object: &'a [u8], key: &FileKey, node: &Id) -> OpeningReader<Cursor<&'a [u8]>> {
    OpeningReader::new(Cursor::new(object), key, ContentKind::Content, node, 1).unwrap()
}
