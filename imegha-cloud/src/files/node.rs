//! A node's own record: its key, name and kind, and with a file its newest revision.

use imegha_crypto::{Id, NodeKey};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::name;
use super::parent_key::{EpochKey, ParentKey};
use super::revision::Revision;
use crate::backend::Record;
use crate::client::json::{self, Decimal};
use crate::error::{Error, ErrorKind, Result};
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Field};

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
    /// Whether its key is to be replaced before anything more is sealed under it: somebody may know it who should not.
    pub(crate) stale: bool,
    /// The key before this one, for as long as it holds what was not wrapped again yet.
    pub(crate) former: Option<EpochKey>,
    /// What it says while it is in the trash.
    pub(crate) trashed: Option<Trashed>,
}

/// When a node was moved to the trash, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trashed {
    pub(crate) ms: u64,
    pub(crate) origin: Id,
}

/// The payload of FORMAT 5, `node`.
#[derive(Serialize, Deserialize)]
struct Payload {
    name: String,
    kind: String,
    created: Decimal,
}

impl Node {
    /// A node that was not there before, with a key of its own.
    pub(crate) fn generate(id: Id, parent: Id, kind: NodeKind, name: &str, now_ms: u64) -> Result<Self> {
        Ok(Self {
            id,
            parent,
            kind,
            name: name.to_owned(),
            created_ms: now_ms,
            edit: 1,
            epoch: 1,
            key: NodeKey::generate()?,
            stale: false,
            former: None,
            trashed: None,
        })
    }

    /// The node's record, sealed; a file's revision is added to it by [`SealedRevision::write`](super::revision::SealedRevision::write).
    pub(crate) fn to_record(&self, parent: &ParentKey, now_ms: u64) -> Result<Record<CloudSchema>> {
        let record = Record::new(key::child(&self.parent, &self.id)).with(Field::Written, CloudValue::Time(now_ms));
        self.update(record, parent)
    }

    /// `record`, the node's own, with the node as it is now. What else stands in it stays: a file's revision, and the time.
    pub(crate) fn update(&self, mut record: Record<CloudSchema>, parent: &ParentKey) -> Result<Record<CloudSchema>> {
        let payload = json::encode(&Payload {
            name: self.name.clone(),
            kind: kind_name(self.kind).to_owned(),
            created: Decimal(self.created_ms),
        });
        let metadata = self.key.derive_metadata_key(&self.id, self.epoch);
        let sealed = metadata.seal_node(&self.id, &self.parent, self.edit, &payload)?;
        let wrapped = parent.wrap(&self.epoch_key(), &self.id, &self.parent)?;
        let former = match &self.former {
            Some(former) => Some((parent.wrap(former, &self.id, &self.parent)?, former.epoch)),
            None => None,
        };
        record.key = key::child(&self.parent, &self.id);
        let fields = [
            (Field::Kind, Some(CloudValue::U64(kind_number(self.kind)))),
            (Field::Edit, Some(CloudValue::U64(self.edit))),
            (Field::NodeEpoch, Some(CloudValue::U64(self.epoch.into()))),
            (Field::ParentEpoch, Some(CloudValue::U64(parent.epoch().into()))),
            (Field::NodeKey, Some(CloudValue::Sealed(wrapped))),
            (Field::Meta, Some(CloudValue::Sealed(sealed))),
            (Field::Stale, self.stale.then_some(CloudValue::U64(1))),
            (Field::FormerEpoch, former.as_ref().map(|(_, epoch)| CloudValue::U64((*epoch).into()))),
            (Field::FormerKey, former.map(|(wrapped, _)| CloudValue::Sealed(wrapped))),
            (Field::Trashed, self.trashed.map(|trashed| CloudValue::Time(trashed.ms))),
            (Field::Origin, self.trashed.map(|trashed| CloudValue::Id(trashed.origin))),
        ];
        for (field, value) in fields {
            match value {
                Some(value) => record.fields.insert(field, value),
                None => record.fields.remove(&field),
            };
        }
        Ok(record)
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
        let wrapped_under = fields.epoch(Field::ParentEpoch)?;
        let unwrap = |field, epoch| parent_key.unwrap(fields.sealed(field)?, &id, &parent, epoch, wrapped_under);
        let node_key = unwrap(Field::NodeKey, epoch)?.key;
        let former = match record.field(Field::FormerKey) {
            Some(_) => Some(unwrap(Field::FormerKey, fields.epoch(Field::FormerEpoch)?)?),
            None => None,
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
        let trashed = match record.field(Field::Trashed) {
            Some(_) => Some(Trashed { ms: fields.time(Field::Trashed)?, origin: fields.id(Field::Origin)? }),
            None => None,
        };
        Ok(Self {
            id,
            parent,
            kind,
            name: payload.name,
            created_ms: payload.created.0,
            edit,
            epoch,
            key: node_key,
            stale: record.field(Field::Stale).is_some() || parent_key.was_renewed_since(wrapped_under),
            former,
            trashed,
        })
    }

    /// Whether its key is to be replaced, or what stood under the former one wrapped again to the end.
    pub(crate) fn is_outdated(&self) -> bool {
        self.stale || self.former.is_some()
    }

    /// The node's key with its epoch.
    pub(crate) fn epoch_key(&self) -> EpochKey {
        EpochKey { key: self.key.clone(), epoch: self.epoch }
    }

    /// The key under which a revision of that epoch stands: the latest, or the former.
    pub(crate) fn key_of(&self, epoch: u32) -> Result<&NodeKey> {
        match &self.former {
            _ if epoch == self.epoch => Ok(&self.key),
            Some(former) if epoch == former.epoch => Ok(&former.key),
            _ => Err(refused()),
        }
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
            taken_ms: revision.and_then(|revision| revision.taken_ms),
            dimensions: revision.and_then(|revision| revision.dimensions),
            has_thumbnail: revision.is_some_and(Revision::has_thumbnail),
            sha256: revision.map(|revision| revision.sha256),
            revision: revision.map_or(0, |revision| revision.number),
            written_ms: Fields(record).time(Field::Written)?,
            created_ms: self.created_ms,
            trashed_ms: self.trashed.map(|trashed| trashed.ms),
            origin: self.trashed.map(|trashed| trashed.origin),
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

pub(crate) fn refused() -> Error {
    Error::new(ErrorKind::CannotOpen, "the record of a node is not of its form")
}
