//! What sealed things say of themselves, and that it is what they are.

use std::io::Cursor;

use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, FileKey, Id, OpeningReader, Sealed, SealedObject, SealedPart,
    SealingWriter, layout, object_head,
};

const NODE: Id = Id::from_bytes([3; 16]);

fn sealer() -> (FileKey, ContentSealer) {
    let key = FileKey::generate().unwrap();
    let sealer = ContentSealer::new(&key, ContentKind::Content, &NODE, 7).unwrap();
    (key, sealer)
}

#[test]
fn an_objects_head_is_known_from_its_record() {
    let (key, sealer) = sealer();
    let (salt, commitment) = (sealer.salt(), sealer.commitment());
    let object = sealer.seal_whole(b"content".to_vec()).unwrap();
    let head = object_head(ContentKind::Content, &NODE, 7, &salt, &commitment);
    assert_eq!(object.as_bytes()[..layout::HEAD_LEN], head);
    assert_ne!(head, object_head(ContentKind::Thumbnail, &NODE, 7, &salt, &commitment));
    let opener = ContentOpener::new(&key, ContentKind::Content, &NODE, 7, &head).unwrap();
    assert_eq!((opener.salt(), opener.commitment()), (salt, commitment));
    assert_eq!(opener.open_chunks(0, object.as_bytes()[layout::HEAD_LEN..].to_vec(), true).unwrap(), b"content");
}

#[test]
fn what_is_received_is_passed_on_byte_by_byte_and_printed_by_its_length() {
    let (_, sealer) = sealer();
    let bytes = sealer.seal_whole(vec![9; 20_000]).unwrap().into_bytes();
    let object = SealedObject::from_received(bytes.clone()).unwrap();
    assert_eq!(
        (object.as_bytes(), format!("{object:?}")),
        (&bytes[..], format!("SealedObject({} bytes)", bytes.len()))
    );
    assert_eq!(object.into_bytes(), bytes);
    let part = SealedPart::from_received(bytes.clone()).unwrap();
    assert_eq!((part.as_bytes(), format!("{part:?}")), (&bytes[..], format!("SealedPart({} bytes)", bytes.len())));
    let sealed = Sealed::from_received(bytes[..72].to_vec()).unwrap();
    assert_eq!((sealed.as_bytes(), format!("{sealed:?}")), (&bytes[..72], "Sealed(72 bytes)".to_owned()));
}

/// Readers and writers hold keys and plaintext, and print neither.
#[test]
fn streams_print_their_names_alone() {
    let (key, sealer) = sealer();
    let object = sealer.seal_whole(b"content".to_vec()).unwrap().into_bytes();
    let len = object.len() as u64;
    let opener = ContentOpener::new(&key, ContentKind::Content, &NODE, 7, &object[..layout::HEAD_LEN]).unwrap();
    let reader = OpeningReader::from_opener(opener, Cursor::new(object), len).unwrap();
    let (_, sealer) = self::sealer();
    for (printed, name) in [
        (format!("{reader:?}"), "OpeningReader"),
        (format!("{:?}", SealingWriter::new(sealer, Cursor::new(vec![0_u8]))), "SealingWriter"),
    ] {
        assert!(printed.starts_with(name) && !printed.contains("content"), "{printed}");
    }
}
