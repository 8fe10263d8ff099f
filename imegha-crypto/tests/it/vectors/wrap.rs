//! FORMAT 5.

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    AlbumItem, AlbumKey, Dek, EpochKey, Error, FileKey, Fingerprint, Hash, Id, Identity, KdfParams, NodeKey,
    PasswordKek, Purpose, RecoveryKek, Result, Sealed,
};

use super::Outcome;
use super::case::{Case, sealed};
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    match case.text("what") {
        "purpose-key" => purpose_key(case),
        "metadata-key" => {
            let node_key = NodeKey::from_raw(&case.array("node_key"));
            derived(case, node_key.derive_metadata_key(&case.id("node"), case.u32("node_epoch")).raw())
        }
        "album-metadata-key" => {
            let album_key = AlbumKey::from_raw(&case.array("album_key"));
            derived(case, album_key.derive_metadata_key(&case.id("album"), case.u32("album_epoch")).raw())
        }
        "thumbnail-key" => {
            let file_key = FileKey::from_raw(&case.array("file_key"));
            derived(case, file_key.derive_thumbnail_key(&case.id("node"), case.u64("revision")).raw())
        }
        "revision-signature" => revision_signature(case, people),
        what => wrap(case, what),
    }
}

fn purpose_key(case: &Case<'_>) -> Outcome {
    let name = case.text("purpose");
    let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.name() == name);
    let purpose = purpose.unwrap_or_else(|| panic!("{}: purpose {name} is not known", case.place()));
    let dek = Dek::from_raw(&case.array("dek"));
    derived(case, hazmat::raw_purpose_key(&dek.derive_purpose_key(purpose, &case.id("cloud"))))
}

fn derived(case: &Case<'_>, key: &[u8; 32]) -> Outcome {
    case.result(&["ok"]);
    case.same("key", *key, case.array("key"));
    Outcome::Opened
}

fn revision_signature(case: &Case<'_>, people: &People) -> Outcome {
    let owner = people.of_name(case, "owner");
    let (cloud, node) = (case.id("cloud"), case.id("node"));
    let (revision, epoch) = (case.u64("revision"), case.u32("node_epoch"));
    let record = Sealed::from_received(case.hex("record")).unwrap();
    let wrapped = Sealed::from_received(case.hex("wrapped_file_key")).unwrap();
    let signature = case.signature("signature");
    let verified = owner.public().verify_revision(&cloud, &node, revision, epoch, &record, &wrapped, &signature);
    match case.result(&["ok", "refused"]) {
        "ok" => {
            case.opened(verified);
            let made = owner.sign_revision(&cloud, &node, revision, epoch, &record, &wrapped);
            case.same("signature", made, signature);
            Outcome::Opened
        }
        _ => case.refused(verified, Error::Signature),
    }
}

/// A wrap, by the bare construction and by the types.
fn wrap(case: &Case<'_>, what: &str) -> Outcome {
    let (key, parts, wrapped) = (case.array("wrapping_key"), case.parts(), case.hex("wrapped"));
    let context = hazmat::label(what, &parts);
    let bare = hazmat::open(&key, &context, &wrapped);
    let typed = sealed(wrapped.clone()).and_then(|wrapped| unwrap(case, what, &key, &parts, &wrapped));
    match case.result(&["ok", "refused"]) {
        "ok" => {
            let inner = case.hex("inner");
            case.same("key", case.opened(bare).to_vec(), inner.clone());
            case.same("key", case.opened(typed), inner.clone());
            let salt = *wrapped.first_chunk().unwrap();
            case.same("wrap", case.opened(hazmat::seal_with_salt(&key, &context, &inner, salt)), wrapped);
            Outcome::Opened
        }
        _ => {
            assert!(typed.is_err(), "{}: the types opened it", case.place());
            case.refused(bare, Error::CannotOpen)
        }
    }
}

/// Unwraps through the key types, wraps what came out again, and gives its bytes.
fn unwrap(case: &Case<'_>, what: &str, key: &[u8; 32], parts: &[Vec<u8>], wrapped: &Sealed) -> Result<Vec<u8>> {
    let part = |at: usize| parts.get(at).unwrap_or_else(|| panic!("{}: no part {at}", case.place()));
    let id = |at| Id::from_bytes(part(at).as_slice().try_into().unwrap());
    let u32_of = |at| u32::from_be_bytes(part(at).as_slice().try_into().unwrap());
    let u64_of = |at| u64::from_be_bytes(part(at).as_slice().try_into().unwrap());
    let purpose = |purpose| hazmat::purpose_key(key, purpose);
    match what {
        "wrap/dek-by-password" => {
            let params = KdfParams::new(part(2)[0], u32_of(3), part(4))?;
            let kek = PasswordKek::from_raw(key);
            let dek = Dek::unwrap_by_password(wrapped, &kek, &id(0), u32_of(1), &params)?;
            let again = dek.wrap_by_password(&kek, &id(0), u32_of(1), &params)?;
            assert_eq!(Dek::unwrap_by_password(&again, &kek, &id(0), u32_of(1), &params)?, dek);
            Ok(dek.raw().to_vec())
        }
        "wrap/dek-by-recovery" => {
            let kek = RecoveryKek::from_raw(key);
            let dek = Dek::unwrap_by_recovery(wrapped, &kek, &id(0), u32_of(1))?;
            let again = dek.wrap_by_recovery(&kek, &id(0), u32_of(1))?;
            assert_eq!(Dek::unwrap_by_recovery(&again, &kek, &id(0), u32_of(1))?, dek);
            Ok(dek.raw().to_vec())
        }
        "wrap/dek-previous" => {
            let newer = Dek::from_raw(key);
            let dek = newer.unwrap_previous(wrapped, &id(0), u32_of(1), u32_of(2))?;
            let again = newer.wrap_previous(&dek, &id(0), u32_of(1), u32_of(2))?;
            assert_eq!(newer.unwrap_previous(&again, &id(0), u32_of(1), u32_of(2))?, dek);
            Ok(dek.raw().to_vec())
        }
        "wrap/identity" => {
            let dek = Dek::from_raw(key);
            let fingerprint = Fingerprint::from_bytes(part(2).as_slice().try_into().unwrap());
            let identity = Identity::unwrap(wrapped, &dek, &id(0), u32_of(1), &fingerprint)?;
            assert_eq!(identity.fingerprint(), fingerprint);
            let again = identity.wrap(&dek, &id(0), u32_of(1))?;
            let context = hazmat::label(what, parts);
            Ok(hazmat::open(key, &context, again.as_bytes())?.to_vec())
        }
        "wrap/node-key" if id(1) == Id::ZERO => {
            let dek = Dek::from_raw(key);
            let node_key = NodeKey::unwrap_root(wrapped, &dek, &id(0), u32_of(2), u32_of(3))?;
            let again = node_key.wrap_root(&dek, &id(0), u32_of(2), u32_of(3))?;
            assert_eq!(NodeKey::unwrap_root(&again, &dek, &id(0), u32_of(2), u32_of(3))?, node_key);
            Ok(node_key.raw().to_vec())
        }
        "wrap/node-key" => {
            let parent = NodeKey::from_raw(key);
            let node_key = NodeKey::unwrap(wrapped, &parent, &id(0), &id(1), u32_of(2), u32_of(3))?;
            let again = node_key.wrap(&parent, &id(0), &id(1), u32_of(2), u32_of(3))?;
            assert_eq!(NodeKey::unwrap(&again, &parent, &id(0), &id(1), u32_of(2), u32_of(3))?, node_key);
            Ok(node_key.raw().to_vec())
        }
        "wrap/file-key" => {
            let node_key = NodeKey::from_raw(key);
            let file_key = FileKey::unwrap(wrapped, &node_key, &id(0), u64_of(1), u32_of(2))?;
            let again = file_key.wrap(&node_key, &id(0), u64_of(1), u32_of(2))?;
            assert_eq!(FileKey::unwrap(&again, &node_key, &id(0), u64_of(1), u32_of(2))?, file_key);
            Ok(file_key.raw().to_vec())
        }
        "wrap/album-key" => {
            let albums = purpose(Purpose::Albums);
            let album_key = AlbumKey::unwrap(wrapped, &albums, &id(0), u32_of(1))?;
            let again = album_key.wrap(&albums, &id(0), u32_of(1))?;
            assert_eq!(AlbumKey::unwrap(&again, &albums, &id(0), u32_of(1))?, album_key);
            Ok(album_key.raw().to_vec())
        }
        "wrap/album-item" => {
            let album_key = AlbumKey::from_raw(key);
            let place =
                AlbumItem { album: id(0), item: id(1), node: id(2), revision: u64_of(3), album_epoch: u32_of(4) };
            let file_key = album_key.unwrap_item(wrapped, &place)?;
            let again = album_key.wrap_item(&file_key, &place)?;
            assert_eq!(album_key.unwrap_item(&again, &place)?, file_key);
            Ok(file_key.raw().to_vec())
        }
        "wrap/received-key" => {
            let received = purpose(Purpose::Received);
            let node_key = NodeKey::unwrap_received(wrapped, &received, &id(0), &id(1))?;
            let again = node_key.wrap_received(&received, &id(0), &id(1))?;
            assert_eq!(NodeKey::unwrap_received(&again, &received, &id(0), &id(1))?, node_key);
            Ok(node_key.raw().to_vec())
        }
        "wrap/epoch-key" => {
            let received = purpose(Purpose::Received);
            let hash = Hash::from_bytes(part(1).as_slice().try_into().unwrap());
            let epoch_key = EpochKey::unwrap(wrapped, &received, &id(0), &hash)?;
            let again = epoch_key.wrap(&received, &id(0), &hash)?;
            assert_eq!(EpochKey::unwrap(&again, &received, &id(0), &hash)?, epoch_key);
            Ok(epoch_key.raw().to_vec())
        }
        _ => panic!("{}: what {what:?} is not known", case.place()),
    }
}
