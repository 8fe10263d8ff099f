//! The local index: what the log says of every record, so that none is taken from storage unseen.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use imegha_crypto::{Hash, Id};
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::change::Entry;
use super::checkpoint::Kept;
use super::key;
use crate::backend::{Name as _, ObjectName};
use crate::client::json::{self, Base64, Decimal, Fixed};
use crate::error::{Error, ErrorKind, Result};
use crate::files::tree::DEEPEST;

/// A place in the log: the number of an entry and its hash. Before the first it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
}

impl Position {
    pub(crate) const START: Self = Self { seq: 0, hash: Hash::ZERO };
}

/// What a device knows of a cloud: the newest entry it has seen, and the hash of every record that there is.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    position: Position,
    dek_epoch: u32,
    /// Whether the newest entry says that the cloud has left.
    has_left: bool,
    /// The newest checkpoint.
    checkpoint: Option<Kept>,
    /// Whether this device could not start from that one.
    missed: bool,
    nodes: BTreeMap<Id, u32>,
    records: BTreeMap<Vec<u8>, Hash>,
    /// The folder of each node, by the keys of `records`.
    parents: HashMap<Id, Id>,
}

/// The same as it is saved on the device.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    seq: Decimal,
    hash: Fixed<32>,
    dek_epoch: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    left: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkpoint: Option<(Decimal, Fixed<24>)>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    missed: bool,
    nodes: Vec<(Fixed<16>, u32)>,
    records: Vec<(Base64, Fixed<32>)>,
}

const SAVED_VERSION: u32 = 1;

impl Index {
    /// What a device knows that has seen nothing.
    pub(crate) fn new() -> Self {
        Self {
            position: Position::START,
            dek_epoch: 0,
            has_left: false,
            checkpoint: None,
            missed: false,
            nodes: BTreeMap::new(),
            records: BTreeMap::new(),
            parents: HashMap::new(),
        }
    }

    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The epoch of the DEK in which the newest entry was written; before the first it is zero.
    pub(crate) fn dek_epoch(&self) -> u32 {
        self.dek_epoch
    }

    /// Whether the cloud has left for another place.
    pub(crate) fn has_left(&self) -> bool {
        self.has_left
    }

    /// The newest checkpoint, if there is one that this index knows.
    pub(crate) fn checkpoint(&self) -> Option<Kept> {
        self.checkpoint
    }

    /// Whether there may be a checkpoint that this index does not know: it was saved by a version that knew of none.
    pub(crate) fn may_lack_checkpoint(&self) -> bool {
        self.checkpoint.is_none() && self.hash(&key::checkpoint().to_bytes()).is_some()
    }

    /// Before the log has more entries than that by so many as are to be between two checkpoints, none is due.
    pub(crate) fn last_of_use(&self) -> u64 {
        self.checkpoint.filter(|_| !self.missed).map_or(0, |checkpoint| checkpoint.seq)
    }

    /// The hash of the record under that key, if there is one.
    pub(crate) fn hash(&self, key: &[u8]) -> Option<Hash> {
        self.records.get(key).copied()
    }

    /// Keys and hashes of one partition, in order: those behind the place `after` and up to the place `upto`, given as the bytes of
    /// sort keys.
    pub(crate) fn between(
        &self,
        partition: &[u8],
        after: Option<&[u8]>,
        upto: Option<&[u8]>,
    ) -> impl Iterator<Item = (&[u8], Hash)> {
        let place = |sort: &[u8]| [partition, sort].concat();
        let from = after.map_or(Bound::Included(partition.to_vec()), |after| Bound::Excluded(place(after)));
        let last = upto.map(place);
        self.records
            .range((from, Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(partition) && last.as_ref().is_none_or(|last| *key <= last))
            .map(|(key, hash)| (&key[..], *hash))
    }

    /// Keys and hashes of all records, those of one partition behind each other.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&[u8], Hash)> {
        self.records.iter().map(|(key, hash)| (&key[..], *hash))
    }

    /// The folder that a node is in.
    pub(crate) fn parent(&self, node: &Id) -> Option<Id> {
        self.parents.get(node).copied()
    }

    /// The topmost of the nodes that a node is in, or the node itself.
    pub(crate) fn top(&self, node: &Id) -> Option<Id> {
        let mut top = *node;
        for _ in 0..=DEEPEST {
            match self.parent(&top)? {
                Id::ZERO => return Some(top),
                parent => top = parent,
            }
        }
        None
    }

    /// The newest epoch of a node or an album.
    pub(crate) fn epoch(&self, node: &Id) -> Option<u32> {
        self.nodes.get(node).copied()
    }

    /// Takes the entry that leads to `position`.
    ///
    /// # Errors
    /// `CannotOpen` when an epoch would go back; then nothing is taken.
    pub(crate) fn apply(&mut self, position: Position, entry: &Entry) -> Result<()> {
        let older = entry.nodes().any(|(node, epoch)| self.epoch(&node).is_some_and(|known| epoch < known));
        if older || entry.dek_epoch() < self.dek_epoch {
            return Err(Error::new(ErrorKind::CannotOpen, "an epoch in the log goes back"));
        }
        self.position = position;
        self.dek_epoch = entry.dek_epoch();
        self.has_left = entry.action() == Action::Leave.name();
        if let Some(checkpoint) = entry.checkpoint() {
            self.learn_checkpoint(Kept { seq: position.seq, object: checkpoint.object() });
            self.missed = false;
        }
        self.nodes.extend(entry.nodes());
        for (key, hash) in entry.records() {
            match hash {
                Some(hash) => self.put(key.to_vec(), hash),
                None => self.remove(key),
            }
        }
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, hash: Hash) {
        if let Some((parent, node)) = key::as_child(&key) {
            self.parents.insert(node, parent);
        }
        self.records.insert(key, hash);
    }

    fn remove(&mut self, key: &[u8]) {
        // What is moved stands at its new place already when the entry names the old one last.
        if let Some((parent, node)) = key::as_child(key)
            && self.parent(&node) == Some(parent)
        {
            self.parents.remove(&node);
        }
        self.records.remove(key);
    }

    /// Takes what is the newest checkpoint.
    pub(crate) fn learn_checkpoint(&mut self, checkpoint: Kept) {
        self.checkpoint = Some(checkpoint);
    }

    /// Whether it says what `read` does, which was made of all entries up to the same place.
    pub(crate) fn says_what(&self, read: &Self) -> bool {
        (self.position, self.dek_epoch, self.has_left) == (read.position, read.dek_epoch, read.has_left)
            && (self.checkpoint == read.checkpoint || self.may_lack_checkpoint())
            && self.nodes == read.nodes
            && self.records == read.records
    }

    /// Notes that the checkpoint is of no use, if there is one: it stays the log's, and another one is due.
    pub(crate) fn miss_checkpoint(&mut self) {
        self.missed = self.checkpoint.is_some();
    }

    /// The index as a payload, to be sealed for this device, or stored as a checkpoint.
    pub(crate) fn to_payload(&self) -> zeroize::Zeroizing<Vec<u8>> {
        json::encode(&Saved {
            version: SAVED_VERSION,
            seq: Decimal(self.position.seq),
            hash: Fixed(*self.position.hash.as_bytes()),
            dek_epoch: self.dek_epoch,
            left: self.has_left,
            checkpoint: self.checkpoint.map(|Kept { seq, object }| (Decimal(seq), Fixed(*object.as_bytes()))),
            missed: self.missed,
            nodes: self.nodes.iter().map(|(node, epoch)| (Fixed(*node.as_bytes()), *epoch)).collect(),
            records: self.records.iter().map(|(key, hash)| (Base64(key.clone()), Fixed(*hash.as_bytes()))).collect(),
        })
    }

    /// [`Index::to_payload`] is at least so long, and hardly longer.
    pub(crate) fn least_len(&self) -> u64 {
        let records: usize = self.records.keys().map(|key| LEAST_OF_A_RECORD + (key.len() * 4).div_ceil(3)).sum();
        (records + LEAST_OF_A_NODE * self.nodes.len()) as u64
    }

    /// Reads [`Index::to_payload`].
    pub(crate) fn from_payload(payload: &[u8]) -> Result<Self> {
        let saved: Saved = json::decode(payload)?;
        if saved.version != SAVED_VERSION {
            return Err(Error::new(ErrorKind::Version, "this device's memory of the cloud is of another version"));
        }
        let mut index = Self {
            position: Position { seq: saved.seq.0, hash: Hash::from_bytes(saved.hash.0) },
            dek_epoch: saved.dek_epoch,
            has_left: saved.left,
            checkpoint: saved
                .checkpoint
                .map(|(seq, object)| Kept { seq: seq.0, object: ObjectName::from_salt(object.0) }),
            missed: saved.missed,
            nodes: saved.nodes.into_iter().map(|(node, epoch)| (Id::from_bytes(node.0), epoch)).collect(),
            ..Self::new()
        };
        saved.records.into_iter().for_each(|(key, hash)| index.put(key.0, Hash::from_bytes(hash.0)));
        Ok(index)
    }
}

/// `["","<43 characters>"],` around a key.
const LEAST_OF_A_RECORD: usize = 51;
/// `["<22 characters>",<1 digit>],`
const LEAST_OF_A_NODE: usize = 29;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_payload_is_can_be_told_before_it_is_made() {
        for (count, epoch) in [(0, 1), (1, 1), (1_000, 1), (1_000, u32::MAX)] {
            let mut index = Index::new();
            for number in 0..count {
                let id = Id::generate().unwrap();
                index.nodes.insert(id, epoch);
                index.put(key::child(&Id::ZERO, &id).to_bytes(), Hash::of(b"child"));
                index.put(key::revision(&id, number).to_bytes(), Hash::of(b"revision"));
            }
            let (least, len) = (index.least_len(), index.to_payload().len() as u64);
            assert!(least <= len && len <= least + least / 20 + 250, "{count}: {least}, {len}");
        }
    }

    #[test]
    fn a_memory_of_a_version_without_checkpoints_opens() {
        let mut index = Index::new();
        index.position = Position { seq: 7, hash: Hash::of(b"7") };
        let without = index.to_payload();
        assert!(!String::from_utf8_lossy(&without).contains("checkpoint"));
        assert_eq!(Index::from_payload(&without).unwrap().checkpoint(), None);

        let kept = Kept { seq: 5, object: ObjectName::from_salt([9; 24]) };
        index.checkpoint = Some(kept);
        let opened = Index::from_payload(&index.to_payload()).unwrap();
        assert_eq!((opened.checkpoint(), opened.position()), (Some(kept), index.position()));
        assert_eq!((opened.last_of_use(), opened.may_lack_checkpoint()), (5, false));
        assert!(!String::from_utf8_lossy(&index.to_payload()).contains("missed"));

        // One that was of no use is known all the same.
        index.miss_checkpoint();
        let opened = Index::from_payload(&index.to_payload()).unwrap();
        assert_eq!((opened.checkpoint(), opened.last_of_use()), (Some(kept), 0));
    }
}
