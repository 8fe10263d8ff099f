//! Wrapped keys, records and log entries under a known key: changed, taken for another thing or from another place, or sealed right
//! around what should not be in there (FORMAT 2, 5, 11).
//!
//! Nothing panics. What opens is what was sealed under just that name and place, to the byte, and a wrap holds 32 bytes or does not
//! open. All keys are the same bytes here, so that nothing but the names and places keeps one thing from opening as another.
#![no_main]

use arbitrary::Arbitrary;
use imegha_crypto::hazmat::{self, RawKey};
use imegha_crypto::{
    AlbumItem, AlbumKey, AlbumMetadataKey, Dek, EpochKey, Error, FileKey, Hash, Id, KdfParams, MetadataKey, NodeKey,
    PasswordKek, Purpose, PurposeKey, RecordKind, RecoveryKek, Result, Sealed, SealedObject, SealedPart, log,
};
use imegha_fuzz::{Change, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Bytes that are only passed on.
    Received(&'a [u8]),
    /// Something sealed, and what it is taken for.
    Sealed { what: What, place: Place, taken_for: Option<(What, Place)>, payload: Payload<'a>, changes: Vec<Change> },
}

#[derive(Arbitrary, Debug)]
enum Payload<'a> {
    Bytes(&'a [u8]),
    Key([u8; 32]),
    /// Of several chunks.
    Long {
        len: u16,
        byte: u8,
    },
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum What {
    DekByPassword,
    DekByRecovery,
    DekPrevious,
    RootKey,
    NodeKey,
    FileKey,
    AlbumKey,
    AlbumItemKey,
    ReceivedKey,
    EpochKey,
    Node,
    Revision,
    Album,
    AlbumItem,
    Profile,
    Settings,
    Journal,
    Link,
    Local,
    LogEntry,
}

/// Few numbers, so that two places are often the same in all that counts.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct Place {
    ids: [u8; 3],
    number: u8,
    epochs: [u8; 2],
}

const KEY: [u8; 32] = [7; 32];

fuzz_target!(|input: Input<'_>| match input {
    Input::Received(bytes) => {
        if let Ok(sealed) = Sealed::from_received(bytes.to_vec()) {
            assert_eq!(sealed.hash(), Hash::of(bytes));
            assert_eq!(sealed.into_bytes(), bytes);
        }
        if let Ok(object) = SealedObject::from_received(bytes.to_vec()) {
            assert_eq!((object.as_bytes(), &bytes[..7]), (bytes, &b"IMEGHA\x01"[..]));
        }
        let part = SealedPart::from_received(bytes.to_vec());
        assert_eq!(part.is_ok(), !bytes.is_empty());
        assert!(part.is_ok_and(|part| part.into_bytes() == bytes) || bytes.is_empty());
    }
    Input::Sealed { what, place, taken_for, payload, changes } => {
        let payload = payload.bytes();
        let context = what.context(&place);
        let sealed = hazmat::seal_with_salt(&KEY, &context, &payload, [5; 24]).expect("sealed");
        let found = changed(&sealed, &changes);
        let (taken_for, there) = taken_for.unwrap_or((what, place));
        let is_same = found == sealed && taken_for.context(&there) == context;
        let is_right = is_same && (payload.len() == 32 || !taken_for.is_wrap());
        match Sealed::from_received(found).and_then(|found| taken_for.open(&found, &there)) {
            Ok(opened) => {
                assert!(is_right, "what was changed, moved or of another length opened");
                assert_eq!(opened, payload);
            }
            Err(error) => {
                assert!(matches!(error, Error::CannotOpen | Error::Malformed), "{error:?}");
                assert!(!is_right, "what is right did not open");
            }
        }
    }
});

impl Payload<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Key(key) => key.to_vec(),
            Self::Long { len, byte } => vec![*byte; usize::from(*len)],
        }
    }
}

impl What {
    fn is_wrap(self) -> bool {
        use What::*;
        matches!(
            self,
            DekByPassword
                | DekByRecovery
                | DekPrevious
                | RootKey
                | NodeKey
                | FileKey
                | AlbumKey
                | AlbumItemKey
                | ReceivedKey
                | EpochKey
        )
    }

    /// The name and the parts as FORMAT 5 and 11 list them.
    fn context(self, place: &Place) -> Vec<u8> {
        let Place { ids, number, epochs } = place;
        let [a, b, c] = ids.map(|id| vec![id; 16]);
        let [old, new] = epochs.map(|epoch| u32::from(epoch).to_be_bytes().to_vec());
        let (hash, edit) = (vec![ids[1]; 32], u64::from(*number).to_be_bytes().to_vec());
        let (name, parts) = match self {
            Self::DekByPassword => {
                let iterations = iterations(*number).to_be_bytes().to_vec();
                ("wrap/dek-by-password", vec![a, old, vec![1], iterations, hash])
            }
            Self::DekByRecovery => ("wrap/dek-by-recovery", vec![a, old]),
            Self::DekPrevious => ("wrap/dek-previous", vec![a, old, new]),
            Self::RootKey => ("wrap/node-key", vec![a, vec![0; 16], old, new]),
            Self::NodeKey => ("wrap/node-key", vec![a, b, old, new]),
            Self::FileKey => ("wrap/file-key", vec![a, edit, old]),
            Self::AlbumKey => ("wrap/album-key", vec![a, old]),
            Self::AlbumItemKey => ("wrap/album-item", vec![a, b, c, edit, old]),
            Self::ReceivedKey => ("wrap/received-key", vec![a, b]),
            Self::EpochKey => ("wrap/epoch-key", vec![a, hash]),
            Self::Node => ("record/node", vec![a, b, edit]),
            Self::Revision => ("record/revision", vec![a, edit, old]),
            Self::Album => ("record/album", vec![a, edit]),
            Self::AlbumItem => ("record/album-item", vec![a, b, edit]),
            Self::Profile => ("record/profile", vec![a, edit]),
            Self::Settings => ("record/settings", vec![a, edit]),
            Self::Journal => ("record/journal", vec![a]),
            Self::Link => ("record/link", vec![a]),
            Self::Local => ("local/fuzz", vec![a]),
            Self::LogEntry => ("log-entry", vec![a, edit, hash]),
        };
        hazmat::label(name, &parts)
    }

    fn open(self, sealed: &Sealed, place: &Place) -> Result<Vec<u8>> {
        let Place { ids, number, epochs } = place;
        let [a, b, c] = ids.map(|id| Id::from_bytes([id; 16]));
        let [old, new] = epochs.map(u32::from);
        let (hash, edit) = (Hash::from_bytes([ids[1]; 32]), u64::from(*number));
        match self {
            Self::DekByPassword => {
                let params = KdfParams::new(KdfParams::PBKDF2_HMAC_SHA256, iterations(*number), hash.as_bytes())?;
                key(Dek::unwrap_by_password(sealed, &of::<PasswordKek>(), &a, old, &params))
            }
            Self::DekByRecovery => key(Dek::unwrap_by_recovery(sealed, &of::<RecoveryKek>(), &a, old)),
            Self::DekPrevious => key(of::<Dek>().unwrap_previous(sealed, &a, old, new)),
            Self::RootKey => key(NodeKey::unwrap_root(sealed, &of(), &a, old, new)),
            Self::NodeKey => key(NodeKey::unwrap(sealed, &of(), &a, &b, old, new)),
            Self::FileKey => key(FileKey::unwrap(sealed, &of(), &a, edit, old)),
            Self::AlbumKey => key(AlbumKey::unwrap(sealed, &purpose(Purpose::Albums), &a, old)),
            Self::AlbumItemKey => {
                let item = AlbumItem { album: a, item: b, node: c, revision: edit, album_epoch: old };
                key(of::<AlbumKey>().unwrap_item(sealed, &item))
            }
            Self::ReceivedKey => key(NodeKey::unwrap_received(sealed, &purpose(Purpose::Received), &a, &b)),
            Self::EpochKey => key(EpochKey::unwrap(sealed, &purpose(Purpose::Received), &a, &hash)),
            Self::Node => record(of::<MetadataKey>().open_node(sealed, &a, &b, edit)),
            Self::Revision => record(of::<MetadataKey>().open_revision(sealed, &a, edit, old)),
            Self::Album => record(of::<AlbumMetadataKey>().open_album(sealed, &a, edit)),
            Self::AlbumItem => record(of::<AlbumMetadataKey>().open_item(sealed, &a, &b, edit)),
            Self::Profile => record(purpose(Purpose::Profile).open_record(sealed, RecordKind::Profile, &a, edit)),
            Self::Settings => record(purpose(Purpose::Settings).open_record(sealed, RecordKind::Settings, &a, edit)),
            Self::Journal => record(purpose(Purpose::Journal).open_journal(sealed, &a)),
            Self::Link => record(purpose(Purpose::Links).open_link(sealed, &a)),
            Self::Local => record(purpose(Purpose::Journal).open_local(sealed, "fuzz", &a)),
            Self::LogEntry => record(log::open_entry(sealed, &purpose(Purpose::Log), &a, edit, &hash)),
        }
    }
}

fn iterations(number: u8) -> u32 {
    KdfParams::NEW_ITERATIONS + u32::from(number)
}

fn of<K: RawKey>() -> K {
    K::from_raw(&KEY)
}

fn purpose(purpose: Purpose) -> PurposeKey {
    hazmat::purpose_key(&KEY, purpose)
}

fn key(key: Result<impl RawKey>) -> Result<Vec<u8>> {
    key.map(|key| key.raw().to_vec())
}

fn record<P: AsRef<[u8]>>(payload: Result<P>) -> Result<Vec<u8>> {
    payload.map(|payload| payload.as_ref().to_vec())
}
