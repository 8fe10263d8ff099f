//! The records of a cloud: which there are, which fields they have, which values.

use imegha_crypto::{Hash, Id, PublicIdentity, Sealed, Signature};

use crate::backend::{Schema, Value};
use crate::error::{Error, ErrorKind, Result};

/// The schema of a person's cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloudSchema;

impl Schema for CloudSchema {
    type Collection = Collection;
    type Field = Field;
    type Value = CloudValue;
}

crate::names! {
    /// The kinds of record in a cloud.
    pub enum Collection {
        /// The cloud itself: one record.
        Cloud = "cloud",
        /// Nodes, by parent then node: what a folder lists.
        Children = "children",
        /// Where a node stands: its parent, by node.
        Node = "node",
        /// Revisions that are not the newest, by node then revision.
        Revision = "revision",
        /// The entries of the log, by their number.
        Log = "log",
        /// The head of the log: one record.
        Head = "head",
        /// Wraps of the DEK, so that the cloud opens without the platform.
        Wrap = "wrap",
        /// The keys of epochs of the DEK that are over, by the epoch.
        Earlier = "earlier",
        /// The owner's profile: one record.
        Profile = "profile",
        /// Albums, by their id.
        Album = "album",
        /// What is in albums, by album then item.
        AlbumItem = "album-item",
        /// Nonces of requests that a gateway has served.
        Nonce = "nonce",
        /// The owner's newest identity, as the gateway was told it: one record.
        Owner = "owner",
    }
}

crate::names! {
    /// The fields of a cloud's records.
    pub enum Field {
        /// The cloud's id.
        CloudId = "cloud",
        /// The node's id.
        NodeId = "node",
        /// The parent's id.
        Parent = "parent",
        /// 1 for a folder, 2 for a file.
        Kind = "kind",
        /// How often the node's own record was edited.
        Edit = "edit",
        /// The node's epoch.
        NodeEpoch = "node_epoch",
        /// The epoch of the key that wraps the node's.
        ParentEpoch = "parent_epoch",
        /// The wrapped node key.
        NodeKey = "node_key",
        /// What is sealed about it: of a node name and kind, of an album title and cover, of an item its place (FORMAT 5: `node`,
        /// `album`, `album-item`).
        Meta = "meta",
        /// The number of the newest revision.
        Revision = "revision",
        /// The node epoch under which the revision was written.
        RevisionEpoch = "revision_epoch",
        /// The sealed revision (FORMAT 5, `revision`).
        RevisionMeta = "revision_meta",
        /// The wrapped file key.
        FileKey = "file_key",
        /// The owner's signature.
        Signature = "signature",
        /// The salt of the content object, which is its name.
        Object = "object",
        /// The content object's length.
        Size = "size",
        /// The salt of the thumbnail object.
        Thumbnail = "thumbnail",
        /// The thumbnail object's length.
        ThumbnailSize = "thumbnail_size",
        /// When the record was written, in milliseconds since 1970.
        Written = "written",
        /// A number in a chain.
        Seq = "seq",
        /// The hash of a chain's newest entry.
        Hash = "hash",
        /// A sealed log entry.
        Entry = "entry",
        /// The DEK epoch of a wrap.
        DekEpoch = "dek_epoch",
        /// A wrapped key.
        Wrap = "wrap",
        /// The account that a wrap is bound to.
        Account = "account",
        /// The owner's identity, wrapped under the DEK.
        Identity = "identity",
        /// The fingerprint of that identity.
        Fingerprint = "fingerprint",
        /// The sealed profile (FORMAT 5, `profile`).
        Profile = "profile",
        /// The epoch of an album's key.
        AlbumEpoch = "album_epoch",
        /// An album's wrapped key.
        AlbumKey = "album_key",
        /// The trash's id.
        TrashId = "trash",
        /// 1 when the node's key is to be replaced before anything more is sealed under it.
        Stale = "stale",
        /// The node's key before this one, wrapped, while it still holds something.
        FormerKey = "former_key",
        /// The epoch of that key.
        FormerEpoch = "former_epoch",
        /// When the node was moved to the trash, in milliseconds since 1970.
        Trashed = "trashed",
        /// The folder that the node was in before that.
        Origin = "origin",
        /// What the copy is called that the cloud has left for.
        Moved = "moved",
        /// The owner's public identity.
        Owner = "owner",
    }
}

/// A value in a cloud's storage. There is no free text among them.
#[derive(Clone, Debug, PartialEq)]
pub enum CloudValue {
    /// An id.
    Id(Id),
    /// A number.
    U64(u64),
    /// Milliseconds since 1970.
    Time(u64),
    /// A hash or a fingerprint.
    Hash(Hash),
    /// An Ed25519 signature.
    Signature(Signature),
    /// An Ed25519 public key.
    PublicKey([u8; 32]),
    /// A salt: the name of an object.
    Salt([u8; 24]),
    /// Something that only a key opens.
    Sealed(Sealed),
    /// The two public keys of an identity, checked as FORMAT 7 says.
    Identity(Box<PublicIdentity>),
}

impl Value for CloudValue {
    fn tag(&self) -> u8 {
        match self {
            Self::Id(_) => 1,
            Self::U64(_) => 2,
            Self::Time(_) => 3,
            Self::Hash(_) => 4,
            Self::Signature(_) => 5,
            Self::PublicKey(_) => 6,
            Self::Salt(_) => 7,
            Self::Sealed(_) => 8,
            Self::Identity(_) => 9,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Id(id) => id.as_bytes().to_vec(),
            Self::U64(number) | Self::Time(number) => number.to_be_bytes().to_vec(),
            Self::Hash(hash) => hash.as_bytes().to_vec(),
            Self::Signature(signature) => signature.as_bytes().to_vec(),
            Self::PublicKey(key) => key.to_vec(),
            Self::Salt(salt) => salt.to_vec(),
            Self::Sealed(sealed) => sealed.as_bytes().to_vec(),
            Self::Identity(identity) => [identity.spki(), identity.ed25519()].concat(),
        }
    }

    fn from_bytes(tag: u8, bytes: &[u8]) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::Malformed, "not a value of a cloud");
        Ok(match tag {
            1 => Self::Id(Id::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            2 => Self::U64(u64::from_be_bytes(bytes.try_into().map_err(|_| malformed())?)),
            3 => Self::Time(u64::from_be_bytes(bytes.try_into().map_err(|_| malformed())?)),
            4 => Self::Hash(Hash::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            5 => Self::Signature(Signature::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            6 => Self::PublicKey(bytes.try_into().map_err(|_| malformed())?),
            7 => Self::Salt(bytes.try_into().map_err(|_| malformed())?),
            8 => Self::Sealed(Sealed::from_received(bytes.to_vec()).map_err(|_| malformed())?),
            9 => {
                let (spki, ed25519) = bytes.split_last_chunk::<32>().ok_or_else(malformed)?;
                Self::Identity(Box::new(PublicIdentity::parse(spki, ed25519).map_err(|_| malformed())?))
            }
            _ => return Err(malformed()),
        })
    }
}
