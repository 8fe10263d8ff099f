//! A node's own record: its key, name and kind, and with a file its newest revision.

use imegha_crypto::{Id, NodeKey};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::name;
use super::revision::Revision;
use crate::backend::Record;
use crate::client::json::{self, Decimal};
use crate::error::{Error, ErrorKind, Result};
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Field};

/// What holds a node's key: the root's is held by the DEK, every other's by its parent's.
#[derive(Clone, Debug)]
pub(crate) enum ParentKey {
    Dek(imegha_crypto::Dek, u32),
    Node(NodeKey, u32),
}

/// A node without its revision: what stands about a folder, and about a file beside its content.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: Id,
    pub(crate) parent: Id,
    pub(crate) kind: NodeKind,
    pub(crate) name: String,
    pub(crate) created_ms: u64,
    pub(crate) edit: u64,
    pub(crate) epoch: u32,
    pub(crate) key: NodeKey,
}

/// The payload of FORMAT 5, `node`.
#[derive(Serialize, Deserialize)]
struct Payload {
    name: String,
    kind: String,
    created: Decimal,
}

impl ParentKey {
    fn epoch(&self) -> u32 {
        match self {
            Self::Dek(_, epoch) | Self::Node(_, epoch) => *epoch,
        }
    }
}

impl Node {
    /// A node that was not there before, with a key of its own.
    pub(crate) fn generate(id: Id, parent: Id, kind: NodeKind, name: &str, now_ms: u64) -> Result<Self> {
        let key = NodeKey::generate()?;
        Ok(Self { id, parent, kind, name: name.to_owned(), created_ms: now_ms, edit: 1, epoch: 1, key })
    }

    /// The node's record, sealed; a file's revision is added to it by [`Revision::write`].
    pub(crate) fn to_record(&self, parent: &ParentKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let wrapped = match parent {
            ParentKey::Dek(dek, epoch) => self.key.wrap_root(dek, &self.id, self.epoch, *epoch)?,
            ParentKey::Node(key, epoch) => self.key.wrap(key, &self.id, &self.parent, self.epoch, *epoch)?,
        };
        let payload = json::encode(&Payload {
            name: self.name.clone(),
            kind: kind_name(self.kind).to_owned(),
            created: Decimal(self.created_ms),
        });
        let metadata = self.key.derive_metadata_key(&self.id, self.epoch);
        let sealed = metadata.seal_node(&self.id, &self.parent, self.edit, &payload)?;
        Ok(Record::new(key::child(&self.parent, &self.id))
            .with(Field::Kind, CloudValue::U64(kind_number(self.kind)))
            .with(Field::Edit, CloudValue::U64(self.edit))
            .with(Field::NodeEpoch, CloudValue::U64(self.epoch.into()))
            .with(Field::ParentEpoch, CloudValue::U64(parent.epoch().into()))
            .with(Field::NodeKey, CloudValue::Sealed(wrapped))
            .with(Field::Meta, CloudValue::Sealed(sealed))
            .with(Field::Written, CloudValue::Time(now_ms)))
    }

    /// The record that says where the node stands.
    pub(crate) fn to_locator(&self) -> Record<CloudSchema> {
        Record::new(key::locator(&self.id)).with(Field::Parent, CloudValue::Id(self.parent))
    }

    /// Opens the record of a node whose key `parent` holds.
    pub(crate) fn open(record: &Record<CloudSchema>, parent_key: &ParentKey) -> Result<Self> {
        let (parent, id) = place(record)?;
        let fields = Fields(record);
        let (edit, epoch) = (fields.number(Field::Edit)?, fields.epoch(Field::NodeEpoch)?);
        if fields.epoch(Field::ParentEpoch)? != parent_key.epoch() {
            return Err(refused());
        }
        let wrapped = fields.sealed(Field::NodeKey)?;
        let node_key = match parent_key {
            ParentKey::Dek(dek, parent_epoch) => NodeKey::unwrap_root(wrapped, dek, &id, epoch, *parent_epoch)?,
            ParentKey::Node(key, parent_epoch) => NodeKey::unwrap(wrapped, key, &id, &parent, epoch, *parent_epoch)?,
        };
        let metadata = node_key.derive_metadata_key(&id, epoch);
        let payload: Payload = json::decode(&metadata.open_node(fields.sealed(Field::Meta)?, &id, &parent, edit)?)?;
        let kind = kind_named(&payload.kind)?;
        // The kind in the open is for gateways, which cannot read the sealed one; it must not say something else.
        if fields.number(Field::Kind)? != kind_number(kind) {
            return Err(refused());
        }
        if parent != Id::ZERO {
            name::check(&payload.name).map_err(|_| refused())?;
        }
        let created_ms = payload.created.0;
        Ok(Self { id, parent, kind, name: payload.name, created_ms, edit, epoch, key: node_key })
    }

    /// What a person sees of it.
    pub(crate) fn to_entry(&self, record: &Record<CloudSchema>, revision: Option<&Revision>) -> Result<Entry> {
        Ok(Entry {
            id: self.id,
            parent: self.parent,
            kind: self.kind,
            name: self.name.clone(),
            shown_name: self.name.clone(),
            size: revision.map_or(0, |revision| revision.size),
            mime: revision.and_then(|revision| revision.mime.clone()),
            modified_ms: revision.and_then(|revision| revision.modified_ms),
            sha256: revision.map(|revision| revision.sha256),
            revision: revision.map_or(0, |revision| revision.number),
            written_ms: Fields(record).time(Field::Written)?,
            created_ms: self.created_ms,
            damaged: None,
        })
    }
}

/// Parent and node of a record in `Collection::Children`.
pub(crate) fn place(record: &Record<CloudSchema>) -> Result<(Id, Id)> {
    match (&record.key.partition[..], &record.key.sort[..]) {
        ([CloudValue::Id(parent)], [CloudValue::Id(node)]) => Ok((*parent, *node)),
        _ => Err(refused()),
    }
}

fn kind_number(kind: NodeKind) -> u64 {
    match kind {
        NodeKind::Folder => 1,
        NodeKind::File => 2,
    }
}

fn kind_name(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Folder => "folder",
        NodeKind::File => "file",
    }
}

fn kind_named(name: &str) -> Result<NodeKind> {
    match name {
        "folder" => Ok(NodeKind::Folder),
        "file" => Ok(NodeKind::File),
        _ => Err(refused()),
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of a node is not of its form")
}
