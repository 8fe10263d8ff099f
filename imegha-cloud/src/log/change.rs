//! One change of a cloud, and what the log says of it.

use imegha_crypto::{Hash, Id};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::action::Action;
use super::checkpoint::Checkpoint;
use crate::backend::{Name as _, Write};
use crate::client::json::{self, Base64, Decimal, Fixed};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::CloudSchema;

/// Records to write together, under one entry of the log.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) action: Action,
    /// The nodes that it is about, or the album, with the epoch of each.
    pub(crate) nodes: Vec<(Id, u32)>,
    pub(crate) writes: Vec<Write<CloudSchema>>,
}

/// The payload of a log entry.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When, by the writer's clock: milliseconds since 1970.
    time: Decimal,
    /// What was done; a reader takes names that it does not know.
    action: String,
    /// The DEK's epoch.
    dek_epoch: u32,
    /// Each node that it is about, with its epoch.
    nodes: Vec<NodeEpoch>,
    /// Each record that was written or removed.
    records: Vec<Touched>,
    /// The checkpoint that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Checkpoint>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NodeEpoch {
    node: Fixed<16>,
    epoch: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Touched {
    key: Base64,
    /// SHA-256 of the record's bytes; `null` when it is gone. A reader must not take a missing name for that.
    #[serde(deserialize_with = "Option::deserialize")]
    hash: Option<Fixed<32>>,
}

impl Entry {
    /// What the log says of `change`.
    pub(crate) fn of(change: &Change, time: u64, dek_epoch: u32) -> Self {
        let nodes = change.nodes.iter().map(|(node, epoch)| NodeEpoch { node: Fixed(*node.as_bytes()), epoch: *epoch });
        let records = change.writes.iter().filter_map(|write| match write {
            Write::Put(record, _) => Some((&record.key, Some(Hash::of(&record.to_bytes())))),
            Write::Delete(key, _) => Some((key, None)),
            Write::Check(..) => None,
        });
        Self {
            time: Decimal(time),
            action: change.action.name().to_owned(),
            dek_epoch,
            nodes: nodes.collect(),
            records: records
                .map(|(key, hash)| Touched {
                    key: Base64(key.to_bytes()),
                    hash: hash.map(|hash| Fixed(*hash.as_bytes())),
                })
                .collect(),
            checkpoint: None,
        }
    }

    /// The same, which also says that there is a checkpoint.
    pub(crate) fn with(self, checkpoint: Option<&Checkpoint>) -> Self {
        Self { checkpoint: checkpoint.cloned(), ..self }
    }

    /// The payload, to be sealed. It may hold a key, so there is room for all of it: a buffer that grows leaves copies behind.
    pub(crate) fn to_payload(&self) -> Zeroizing<Vec<u8>> {
        let room = MOST_OF_AN_ENTRY + MOST_OF_A_NODE * self.nodes.len() + MOST_OF_A_RECORD * self.records.len();
        json::encode_in(room, self)
    }

    /// When it was made, by the writer's clock.
    pub(crate) fn time_ms(&self) -> u64 {
        self.time.0
    }

    /// What was done, under the name that the writer gave it.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    pub(crate) fn dek_epoch(&self) -> u32 {
        self.dek_epoch
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = (Id, u32)> {
        self.nodes.iter().map(|NodeEpoch { node, epoch }| (Id::from_bytes(node.0), *epoch))
    }

    /// The bytes of each key, with the hash of the record under it.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&[u8], Option<Hash>)> {
        self.records.iter().map(|Touched { key, hash }| (&key.0[..], hash.map(|Fixed(hash)| Hash::from_bytes(hash))))
    }

    /// The checkpoint that it is about.
    pub(crate) fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Refuses what no writer makes.
    pub(crate) fn check(&self) -> Result<()> {
        self.records.iter().try_for_each(|touched| super::key::from_bytes(&touched.key.0).map(drop))?;
        if self.dek_epoch == 0 || self.nodes.iter().any(|node| node.epoch == 0) {
            return Err(Error::new(ErrorKind::CannotOpen, "the log names an epoch that there is not"));
        }
        Ok(())
    }
}

/// Names, numbers, an action, and all that there is to say of a checkpoint, with room to spare.
const MOST_OF_AN_ENTRY: usize = 1_024;
/// `{"node":"<22 characters>","epoch":<10 digits>},`
const MOST_OF_A_NODE: usize = 64;
/// `{"key":"<text>","hash":"<43 characters>"},`, where the longest of our keys has 80 bytes.
const MOST_OF_A_RECORD: usize = 192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::records::MAX_WRITES;
    use crate::backend::{Condition, Key, Record};
    use crate::log::key;

    fn change(writes: Vec<Write<CloudSchema>>) -> Change {
        Change { action: Action::RemoveFromAlbum, nodes: vec![(Id::ZERO, u32::MAX); MAX_WRITES], writes }
    }

    /// The buffer must not grow: growing would leave a key in memory that is given back.
    #[test]
    fn the_room_for_a_payload_is_enough() {
        let longest = Record::new(key::album_item(&Id::ZERO, &Id::ZERO));
        for count in [0, 1, MAX_WRITES] {
            let writes = vec![Write::Put(longest.clone(), Condition::None); count];
            let entry = Entry::of(&change(writes), u64::MAX, u32::MAX).with(Some(&Checkpoint::longest()));
            let room = MOST_OF_AN_ENTRY + MOST_OF_A_NODE * MAX_WRITES + MOST_OF_A_RECORD * count;
            assert!(entry.to_payload().len() <= room, "{count}");
        }
    }

    #[test]
    fn a_reader_passes_over_a_checkpoint_that_is_not_there_and_takes_one_that_is() {
        let entry = Entry::of(&change(vec![Write::Delete(Key::clone(&key::head()), Condition::None)]), 1, 1);
        assert!(!String::from_utf8_lossy(&entry.to_payload()).contains("checkpoint"));
        let with: Entry = json::decode(&entry.with(Some(&Checkpoint::longest())).to_payload()).unwrap();
        assert_eq!(format!("{:?}", with.checkpoint().unwrap()), format!("{:?}", Checkpoint::longest()));
    }
}
