//! FORMAT 6.

use std::io::{Cursor, Read as _, Write as _};

use super::Outcome;
use super::case::{Case, plaintext};
use super::people::People;
use imegha_crypto::hazmat::RawKey as _;
use imegha_crypto::{
    ContentKind, ContentOpener, ContentSealer, Error, FileKey, Hash, Id, OpeningReader, SealingWriter, layout,
};

pub(crate) fn run(case: &Case<'_>, _: &People) -> Outcome {
    let object = Object::of(case);
    match case.result(&["ok", "refused"]) {
        "ok" => {
            check_made(case, &object);
            Outcome::Opened
        }
        _ => {
            let (changed, place) = change(case, &object);
            let by_reader = read_through(&object.key, &place, &changed);
            assert!(by_reader.is_err(), "{}: the reader opened it", case.place());
            case.refused(open(&object.key, &place, &changed), Error::CannotOpen)
        }
    }
}

/// What an object is: key, place, plaintext, salt.
pub(crate) struct Object {
    pub(crate) key: FileKey,
    pub(crate) place: Place,
    pub(crate) plain: Vec<u8>,
    salt: [u8; 24],
}

/// What an object is sealed and opened as.
pub(crate) struct Place {
    pub(crate) kind: ContentKind,
    pub(crate) node: Id,
    pub(crate) revision: u64,
}

impl Object {
    fn of(case: &Case<'_>) -> Self {
        let size = case.u32("size");
        Self {
            key: FileKey::from_raw(&case.array("key")),
            place: Place::of(case),
            plain: plaintext(&[b"imegha-vector", b"file", &size.to_be_bytes()], size as usize),
            salt: case.array("salt"),
        }
    }

    pub(crate) fn sealer(&self) -> ContentSealer {
        let Place { kind, node, revision } = &self.place;
        ContentSealer::dangerous_resume(&self.key, *kind, node, *revision, self.salt)
    }

    fn seal(&self) -> Vec<u8> {
        self.sealer().seal_whole(self.plain.clone()).unwrap().into_bytes()
    }
}

impl Place {
    fn of(case: &Case<'_>) -> Self {
        let kind = match case.u64("kind") {
            1 => ContentKind::Content,
            2 => ContentKind::Thumbnail,
            kind => panic!("{}: kind {kind} is not known", case.place()),
        };
        Self { kind, node: case.id("node"), revision: case.u64("revision") }
    }
}

/// The objects that must be made and opened, with the hash of each, for a test of another way to make them.
#[cfg(target_arch = "wasm32")]
pub(crate) fn object_cases(folder: &super::Folder) -> Vec<(Object, Hash)> {
    let (name, text) = folder.iter().find(|(name, _)| name == "file.json").expect("the folder has file.json");
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let cases = json["cases"].as_array().unwrap().iter().enumerate();
    let cases = cases.map(|(index, case)| Case::new(name, index, case)).filter(|case| case.text("result") == "ok");
    cases.map(|case| (Object::of(&case), case.hash("sealed_sha256"))).collect()
}

/// Makes it whole, in parts, and by the writer; opens it whole, in parts, and by the reader.
fn check_made(case: &Case<'_>, object: &Object) {
    let whole = object.seal();
    case.same("length", whole.len(), case.usize("sealed_len"));
    case.same("hash", Hash::of(&whole), case.hash("sealed_sha256"));
    if case.has("sealed") {
        case.same("object", &whole, &case.hex("sealed"));
    }

    let mut sealer = object.sealer();
    let mut in_parts = Vec::new();
    let mut rest = &object.plain[..];
    while rest.len() > layout::CHUNK_LEN {
        case.same("offset", sealer.offset(), in_parts.len() as u64);
        let (part, after) = rest.split_at(layout::CHUNK_LEN);
        in_parts.extend(sealer.seal_part(part.to_vec(), false).unwrap().into_bytes());
        rest = after;
    }
    in_parts.extend(sealer.seal_part(rest.to_vec(), true).unwrap().into_bytes());
    assert!(in_parts == whole, "{}: parts make another object", case.place());

    let mut writer = SealingWriter::new(object.sealer(), Vec::new());
    writer.write_all(&object.plain).unwrap();
    assert!(writer.finish().unwrap() == whole, "{}: the writer makes another object", case.place());

    assert!(case.opened(open(&object.key, &object.place, &whole)) == object.plain, "{}: whole", case.place());
    assert!(
        case.opened(read_through(&object.key, &object.place, &whole)) == object.plain,
        "{}: the reader reads something else",
        case.place()
    );
    open_in_runs(case, object, &whole);
}

fn open_in_runs(case: &Case<'_>, object: &Object, whole: &[u8]) {
    let Place { kind, node, revision } = &object.place;
    let opener = ContentOpener::new(&object.key, *kind, node, *revision, &whole[..layout::HEAD_LEN]).unwrap();
    let last = layout::last_chunk(whole.len() as u64).unwrap();
    let mut plain = Vec::new();
    for first in (0..=last).step_by(3) {
        let until = (first + 3).min(last + 1);
        let range = layout::sealed_range(first..until, whole.len() as u64);
        let sealed = whole[range.start as usize..range.end as usize].to_vec();
        plain.extend(case.opened(opener.open_chunks(first, sealed, until == last + 1)));
    }
    assert!(plain == object.plain, "{}: runs of chunks give another plaintext", case.place());
}

/// The object with something done to it, and what it is opened as.
fn change(case: &Case<'_>, object: &Object) -> (Vec<u8>, Place) {
    let mut bytes = object.seal();
    if case.has("open_as") {
        case.known("op", &["thumbnail as content", "other node", "older revision"]);
        return (bytes, Place::of(&case.inner("open_as")));
    }
    match case.known("op", &["truncate", "append", "flip", "swap"]) {
        "truncate" => bytes.truncate(case.usize("arg")),
        "append" => bytes.resize(bytes.len() + case.usize("arg"), 0),
        "flip" => bytes[case.usize("arg")] ^= 1,
        _ => {
            let (first, second) = bytes[layout::HEAD_LEN..].split_at_mut(layout::SEALED_CHUNK_LEN);
            first.swap_with_slice(&mut second[..layout::SEALED_CHUNK_LEN]);
        }
    }
    let Place { kind, node, revision } = object.place;
    (bytes, Place { kind, node, revision })
}

/// Opens an object that is in memory.
fn open(key: &FileKey, place: &Place, object: &[u8]) -> imegha_crypto::Result<Vec<u8>> {
    let (head, chunks) = object.split_at_checked(layout::HEAD_LEN).ok_or(Error::CannotOpen)?;
    ContentOpener::new(key, place.kind, &place.node, place.revision, head)?.open_chunks(0, chunks.to_vec(), true)
}

fn read_through(key: &FileKey, place: &Place, object: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut reader = OpeningReader::new(Cursor::new(object), key, place.kind, &place.node, place.revision)?;
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain)?;
    Ok(plain)
}
