//! The journal of an upload: what it needs to go on after its process ended (RECORDS.md 6).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{FileKey, Hash, Id, PurposeKey};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use zeroize::Zeroizing;

use crate::backend::{ObjectName, UploadId};
use crate::client::json::{self, Decimal, Fixed};
use crate::error::{Error, ErrorKind, Result};

/// One attempt to store one object.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    /// The file.
    pub(crate) node: Id,
    /// The number of the revision; of a new file it is 1.
    pub(crate) number: u64,
    /// Where the file is, and what it is called: for a person to read.
    pub(crate) folder: Id,
    pub(crate) name: String,
    /// What the source said to hold.
    pub(crate) size: Option<u64>,
    pub(crate) begun_ms: u64,
    /// The object's name, which is the salt.
    pub(crate) object: ObjectName,
    /// What the backend calls the upload.
    pub(crate) upload: UploadId,
    pub(crate) file_key: FileKey,
    /// From the first, without gap: what may have been sealed.
    pub(crate) parts: Vec<KnownPart>,
    /// Whether the last of `parts` is the object's last.
    pub(crate) ended: bool,
    /// Whether a transaction that names the object may be on its way.
    pub(crate) committing: bool,
}

/// A part that was entered before it was sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownPart {
    /// SHA-256 of its plaintext.
    pub(crate) hash: Hash,
    pub(crate) len: u64,
    /// Whether the backend has said that it has it.
    pub(crate) stored: bool,
}

/// The same as it is saved. The key comes last: see [`Journal::seal`].
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    node: Fixed<16>,
    revision: Decimal,
    folder: Fixed<16>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<Decimal>,
    begun: Decimal,
    object: Fixed<24>,
    upload: String,
    parts: Vec<(Fixed<32>, Decimal, bool)>,
    ended: bool,
    committing: bool,
    file_key: KeyText,
}

impl Journal {
    /// Whether part `number`, which must be known, is the object's last.
    pub(crate) fn is_last(&self, number: u32) -> bool {
        self.ended && number as usize == self.parts.len()
    }

    /// The bytes of plaintext that are stored.
    pub(crate) fn stored(&self) -> u64 {
        self.parts.iter().filter(|part| part.stored).map(|part| part.len).sum()
    }

    /// The journal as it is kept, for the upload that the caller calls `id`.
    pub(crate) fn seal(&self, key: &PurposeKey, id: &Id) -> Result<Vec<u8>> {
        let parts = self.parts.iter().map(|part| (Fixed(*part.hash.as_bytes()), Decimal(part.len), part.stored));
        let saved = Saved {
            version: VERSION,
            node: Fixed(*self.node.as_bytes()),
            revision: Decimal(self.number),
            folder: Fixed(*self.folder.as_bytes()),
            name: self.name.clone(),
            size: self.size.map(Decimal),
            begun: Decimal(self.begun_ms),
            object: Fixed(*self.object.as_bytes()),
            upload: self.upload.as_str().to_owned(),
            parts: parts.collect(),
            ended: self.ended,
            committing: self.committing,
            file_key: KeyText(self.file_key.clone()),
        };
        // Room for all of it: a buffer that grows leaves copies behind, here of a key.
        let room = MOST_WITHOUT_PARTS + 6 * self.name.len() + MOST_OF_A_PART * self.parts.len();
        Ok(key.seal_journal(id, &json::encode_in(room, &saved))?.into_bytes())
    }

    /// Opens [`Journal::seal`].
    ///
    /// # Errors
    /// `CannotOpen` when it is damaged, another upload's, or another cloud's; `Version`.
    pub(crate) fn open(sealed: Vec<u8>, key: &PurposeKey, id: &Id) -> Result<Self> {
        let sealed = imegha_crypto::Sealed::from_received(sealed)?;
        let saved: Saved = json::decode(&key.open_journal(&sealed, id)?)?;
        if saved.version != VERSION {
            return Err(Error::new(ErrorKind::Version, "the journal of this upload is of another version"));
        }
        let parts = saved.parts.into_iter();
        Ok(Self {
            node: Id::from_bytes(saved.node.0),
            number: saved.revision.0,
            folder: Id::from_bytes(saved.folder.0),
            name: saved.name,
            size: saved.size.map(|size| size.0),
            begun_ms: saved.begun.0,
            object: ObjectName::from_salt(saved.object.0),
            upload: UploadId::parse(&saved.upload)?,
            file_key: saved.file_key.0,
            parts: parts
                .map(|(hash, len, stored)| KnownPart { hash: Hash::from_bytes(hash.0), len: len.0, stored })
                .collect(),
            ended: saved.ended,
            committing: saved.committing,
        })
    }
}

/// A file key as base64url, which leaves no copy behind on the way.
#[derive(Clone, Debug)]
pub(crate) struct KeyText(pub(crate) FileKey);

impl Serialize for KeyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Zeroizing::new([0; KEY_TEXT_LEN]);
        let text = Base64UrlUnpadded::encode(self.0.expose_for_journal(), &mut *text).map_err(ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReadKey)
    }
}

struct ReadKey;

impl Visitor<'_> for ReadKey {
    type Value = KeyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 bytes as base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyText, E> {
        let mut bytes = Zeroizing::new([0; 32]);
        match Base64UrlUnpadded::decode(text, &mut *bytes) {
            Ok(decoded) if decoded.len() == 32 => {}
            _ => return Err(E::custom("not a key")),
        }
        Ok(KeyText(FileKey::from_journal(&bytes)))
    }
}

const VERSION: u32 = 1;
const KEY_TEXT_LEN: usize = 43;
/// Names, ids and numbers, an upload's id of 256 characters, and the key, with room to spare.
const MOST_WITHOUT_PARTS: usize = 1_024;
/// `["<43 characters>","<20 digits>",false],`
const MOST_OF_A_PART: usize = 80;

#[cfg(test)]
mod tests {
    use imegha_crypto::{Dek, Purpose};

    use super::*;

    fn journal(parts: usize) -> Journal {
        let part = KnownPart { hash: Hash::of(b"part"), len: u64::MAX, stored: false };
        Journal {
            node: Id::generate().unwrap(),
            number: u64::MAX,
            folder: Id::generate().unwrap(),
            name: "\u{1}".repeat(1_024),
            size: Some(u64::MAX),
            begun_ms: u64::MAX,
            object: ObjectName::from_salt([7; 24]),
            upload: UploadId::parse(&"\"".repeat(256)).unwrap(),
            file_key: FileKey::generate().unwrap(),
            parts: vec![part; parts],
            ended: true,
            committing: true,
        }
    }

    fn key() -> PurposeKey {
        Dek::generate().unwrap().derive_purpose_key(Purpose::Journal, &Id::ZERO)
    }

    #[test]
    fn a_journal_survives_the_round_trip() {
        let (key, id) = (key(), Id::generate().unwrap());
        let journal = Journal { name: "Straße \"7\"".to_owned(), ..journal(3) };
        let opened = Journal::open(journal.seal(&key, &id).unwrap(), &key, &id).unwrap();
        assert!(opened.file_key == journal.file_key);
        assert_eq!(format!("{opened:?}"), format!("{journal:?}"));
        assert!(opened.is_last(3) && !opened.is_last(2));
        for refused in [Journal::open(vec![0; 5_000], &key, &id), {
            Journal::open(journal.seal(&key, &id).unwrap(), &key, &Id::generate().unwrap())
        }] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::CannotOpen);
        }
    }

    /// The buffer must not grow: growing would leave the key in memory that is given back.
    #[test]
    fn the_room_for_a_payload_is_enough() {
        for parts in [0, 1, 10_000] {
            let journal = journal(parts);
            let sealed = journal.seal(&key(), &Id::ZERO).unwrap();
            let room = MOST_WITHOUT_PARTS + 6 * journal.name.len() + MOST_OF_A_PART * parts;
            assert!(imegha_crypto::layout::sealed_len(room as u64) > sealed.len() as u64, "{parts}");
        }
    }
}
