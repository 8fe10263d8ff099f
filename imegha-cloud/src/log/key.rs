//! Where each record of a cloud stands. RECORDS.md has the same in prose.

use imegha_crypto::Id;

use crate::backend::{Key, Name, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Collection};

pub(crate) type CloudKey = Key<CloudSchema>;

/// The place of what there is one of. A sort key of no bytes is not allowed in DynamoDB.
const ONLY: CloudValue = CloudValue::U64(1);

/// The cloud's own record.
pub(crate) fn cloud() -> CloudKey {
    Key::new(Collection::Cloud, [], [ONLY])
}

/// What a copy of a cloud is called, until the cloud has moved there. It is not in the log.
pub(crate) fn ticket() -> CloudKey {
    Key::new(Collection::Cloud, [], [CloudValue::U64(2)])
}

/// The place in the log that its newest checkpoint is at.
pub(crate) fn checkpoint() -> CloudKey {
    Key::new(Collection::Cloud, [], [CloudValue::U64(3)])
}

/// The head of the log.
pub(crate) fn head() -> CloudKey {
    Key::new(Collection::Head, [], [ONLY])
}

/// An entry of the log.
pub(crate) fn entry(seq: u64) -> CloudKey {
    Key::new(Collection::Log, [], [CloudValue::U64(seq)])
}

/// A node, in its parent's folder.
pub(crate) fn child(parent: &Id, node: &Id) -> CloudKey {
    Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(*node)])
}

/// Where a node stands.
pub(crate) fn locator(node: &Id) -> CloudKey {
    Key::new(Collection::Node, [CloudValue::Id(*node)], [ONLY])
}

/// A revision that is not the newest.
pub(crate) fn revision(node: &Id, revision: u64) -> CloudKey {
    Key::new(Collection::Revision, [CloudValue::Id(*node)], [CloudValue::U64(revision)])
}

/// The owner's profile.
pub(crate) fn profile() -> CloudKey {
    Key::new(Collection::Profile, [], [ONLY])
}

/// An album.
pub(crate) fn album(album: &Id) -> CloudKey {
    Key::new(Collection::Album, [], [CloudValue::Id(*album)])
}

/// An item of an album.
pub(crate) fn album_item(album: &Id, item: &Id) -> CloudKey {
    Key::new(Collection::AlbumItem, [CloudValue::Id(*album)], [CloudValue::Id(*item)])
}

/// A wrap of the DEK.
pub(crate) fn wrap(id: &Id) -> CloudKey {
    Key::new(Collection::Wrap, [], [CloudValue::Id(*id)])
}

/// What the account had in an epoch of its DEK that is over.
pub(crate) fn earlier(dek_epoch: u32) -> CloudKey {
    Key::new(Collection::Earlier, [], [CloudValue::U64(dek_epoch.into())])
}

/// Everything in one partition begins with this, in [`Key::to_bytes`].
pub(crate) fn prefix(collection: Collection, partition: &[CloudValue]) -> Vec<u8> {
    CloudKey::new(collection, partition, []).to_bytes()
}

/// The key of which [`Key::to_bytes`] made these bytes; `None` when it is in a collection that a later version has added.
///
/// # Errors
/// `CannotOpen` for bytes that it never makes.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Option<CloudKey>> {
    let (len, rest) = bytes.split_first_chunk().ok_or_else(refused)?;
    let (partition, sort) = rest.split_at_checked(u16::from_be_bytes(*len).into()).ok_or_else(refused)?;
    let name_len = partition.iter().position(|byte| *byte == 0).ok_or_else(refused)?;
    let (name, partition) = (&partition[..name_len], &partition[name_len + 1..]);
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(refused());
    }
    let collection = std::str::from_utf8(name).ok().and_then(Collection::from_name);
    collection.map(|collection| Ok(Key::new(collection, parts(partition)?, parts(sort)?))).transpose()
}

/// The key of a record that this version has written or read.
///
/// # Errors
/// `CannotOpen` for any other.
pub(crate) fn known(bytes: &[u8]) -> Result<CloudKey> {
    from_bytes(bytes)?.ok_or_else(refused)
}

/// Parent and node, if these are the bytes of a [`child`]'s key.
pub(crate) fn as_child(bytes: &[u8]) -> Option<(Id, Id)> {
    let key = known(bytes).ok().filter(|key| key.collection == Collection::Children)?;
    match (&key.partition[..], &key.sort[..]) {
        ([CloudValue::Id(parent)], [CloudValue::Id(node)]) => Some((*parent, *node)),
        _ => None,
    }
}

fn parts(mut bytes: &[u8]) -> Result<Vec<CloudValue>> {
    let mut parts = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        let (len, rest) = rest.split_first_chunk().ok_or_else(refused)?;
        let (value, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into()).ok_or_else(refused)?;
        parts.push(CloudValue::from_bytes(*tag, value).map_err(|_| refused())?);
        bytes = rest;
    }
    Ok(parts)
}

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the log names a record by what is no key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_the_round_trip() {
        let id = Id::from_bytes([7; 16]);
        for key in [
            cloud(),
            checkpoint(),
            head(),
            profile(),
            entry(9),
            child(&Id::ZERO, &id),
            locator(&id),
            revision(&id, u64::MAX),
            wrap(&id),
            earlier(u32::MAX),
            album(&id),
            album_item(&id, &Id::ZERO),
        ] {
            assert_eq!(known(&key.to_bytes()).unwrap(), key);
            let is_child = key.collection == Collection::Children;
            assert_eq!(as_child(&key.to_bytes()), is_child.then_some((Id::ZERO, id)));
            for len in 0..key.to_bytes().len() {
                let cut = known(&key.to_bytes()[..len]);
                assert!(cut.is_err() || cut.unwrap() != key);
            }
        }
    }

    #[test]
    fn a_collection_of_a_later_version_is_no_error_and_no_key() {
        let later = |partition: &[u8]| [&(partition.len() as u16).to_be_bytes(), partition, b"\x63whatever"].concat();
        assert_eq!(from_bytes(&later(b"holograms\0\xff\0\x01x")).unwrap(), None);
        assert!(known(&later(b"holograms\0")).is_err());
        for no_name in [&b"\0"[..], b"", b"holograms", b"holo grams\0", b"holo\xe9\0"] {
            assert!(from_bytes(&later(no_name)).is_err(), "{no_name:?}");
        }
    }

    #[test]
    fn a_partition_is_a_prefix_of_its_keys_and_of_no_other() {
        let (id, other) = (Id::from_bytes([7; 16]), Id::from_bytes([8; 16]));
        let folder = prefix(Collection::Children, &[CloudValue::Id(id)]);
        assert!(child(&id, &other).to_bytes().starts_with(&folder));
        assert!(!child(&other, &id).to_bytes().starts_with(&folder));
        assert!(!locator(&id).to_bytes().starts_with(&folder));
    }
}
