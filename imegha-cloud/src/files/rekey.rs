//! Replacing keys that somebody may know who should not (FORMAT 5, "Stale keys").
//!
//! A node is marked stale when it was moved, or when a grant of it was revoked; the next write at or under it replaces its key first.
//! The children's keys were known as well: they are wrapped under the new key as they are, and marked stale in the same transaction,
//! so that the rule holds for each of them by itself, on the way to what is written and beside it, whatever happens in between.

use imegha_crypto::{Id, NodeKey};

use super::entry::NodeKind;
use super::fields::Fields;
use super::node::Node;
use super::parent_key::ParentKey;
use super::revision::{Revision, SealedRevision};
use super::tree::Opened;
use crate::backend::records::MAX_WRITES;
use crate::backend::{Condition, Record, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, Position};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

impl Cloud {
    /// Marks a file or folder as one whose keys somebody knows who should not any more: before anything more is sealed at or under
    /// it, they are replaced. What a revoked grant is followed by. A move to another folder does it by itself.
    ///
    /// # Errors
    /// `NotFound` when there is no such node.
    pub async fn mark_stale(&self, node: &Id) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let Opened { node: opened, record, .. } = self.tree().open(node).await?;
            let record = record.with(Field::Stale, CloudValue::U64(1));
            let change = Change {
                action: Action::MarkStale,
                nodes: vec![(*node, opened.epoch)],
                writes: vec![Write::Put(record, Condition::Present)],
            };
            if opened.stale || self.commit(base, &change, &mut attempts).await? {
                return Ok(());
            }
        }
    }

    /// Replaces what is stale on the way from the root to a folder, and to a node in it, and finishes what another device began.
    /// `true` when there was something: what was read before is to be read again.
    pub(crate) async fn renew(
        &self,
        folder: &Id,
        node: Option<&Node>,
        base: Position,
        attempts: &mut Attempts,
    ) -> Result<bool> {
        let lineage = self.tree().lineage(folder).await?;
        let folders = lineage.iter().filter(|folder| folder.outdated).map(|folder| folder.id);
        let node = node.filter(|node| node.is_outdated()).map(|node| node.id);
        for outdated in folders.chain(node) {
            if let Some(mut renewal) = self.begin_renewal(&outdated).await? {
                self.commit_each(base, attempts, || renewal.next_change(self)).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is to be done about a node. Nothing when only what is damaged still stands under its former key: that must not keep
    /// anybody from writing, and may be mended.
    async fn begin_renewal(&self, id: &Id) -> Result<Option<Renewal>> {
        let Opened { mut node, record, parent_key } = self.tree().open(id).await?;
        if !node.is_outdated() {
            return Ok(None);
        }
        let (collection, wrapped_under) = match node.kind {
            NodeKind::Folder => (Collection::Children, Field::ParentEpoch),
            NodeKind::File => (Collection::Revision, Field::RevisionEpoch),
        };
        let holder = node.former.as_ref().map_or(node.epoch, |former| former.epoch);
        let (mut waiting, mut damaged) = (Vec::new(), None);
        for (_, dependent) in self.log().list(collection, &[CloudValue::Id(*id)]).await? {
            match dependent {
                Ok(record) if Fields(&record).epoch(wrapped_under)? == holder => waiting.push(record),
                Ok(_) => {}
                Err(error) => damaged = Some(error),
            }
        }
        let mut newest = None;
        let fresh = node.former.is_none();
        if fresh {
            if node.kind == NodeKind::File {
                newest = Some(self.tree().revision_in(&record, &node)?);
            }
            node.former = Some(node.epoch_key());
            node.key = NodeKey::generate()?;
            node.epoch = node.epoch.checked_add(1).ok_or_else(no_more)?;
            node.edit = node.edit.checked_add(1).ok_or_else(no_more)?;
            node.stale = false;
        } else if waiting.is_empty()
            && let Some(error) = damaged.take()
        {
            // A third key has no place: what is sealed under the second would be known.
            return if node.stale { Err(error) } else { Ok(None) };
        }
        Ok(Some(Renewal { node, record, parent_key, newest, waiting, fresh, damaged: damaged.is_some() }))
    }
}

/// A key that is being replaced, in as many changes as it takes.
struct Renewal {
    /// With its new key, and the former one until the last change.
    node: Node,
    record: Record<CloudSchema>,
    parent_key: ParentKey,
    /// A file's newest revision, which goes over together with the key.
    newest: Option<Revision>,
    /// The records that stand under the former key still: children, or older revisions.
    waiting: Vec<Record<CloudSchema>>,
    /// Whether the new key is not written yet.
    fresh: bool,
    /// Whether something under the former key cannot be read: then that key stays.
    damaged: bool,
}

impl Renewal {
    /// The next change, if there is more to do.
    fn next_change(&mut self, cloud: &Cloud) -> Result<Option<Change>> {
        if self.node.former.is_none() || (self.waiting.is_empty() && self.damaged && !self.fresh) {
            return Ok(None);
        }
        let mut writes = Vec::new();
        while writes.len() < DEPENDENTS
            && let Some(record) = self.waiting.pop()
        {
            match self.renewed(cloud, &record) {
                Ok(record) => writes.push(Write::Put(record, Condition::Present)),
                Err(error) if error.kind() == ErrorKind::CannotOpen => self.damaged = true,
                Err(error) => return Err(error),
            }
        }
        let last = self.waiting.is_empty() && !self.damaged;
        if last {
            self.node.former = None;
        }
        if self.fresh || last {
            self.record = self.node.update(self.record.clone(), &self.parent_key)?;
            if let Some(newest) = self.newest.take() {
                self.record = self.sealed(cloud, newest)?.write(self.record.clone());
            }
            writes.push(Write::Put(self.record.clone(), Condition::Present));
        }
        self.fresh = false;
        let nodes = vec![(self.node.id, self.node.epoch)];
        Ok((!writes.is_empty()).then_some(Change { action: Action::Rekey, nodes, writes }))
    }

    /// A record that stood under the former key, under the new one.
    fn renewed(&self, cloud: &Cloud, record: &Record<CloudSchema>) -> Result<Record<CloudSchema>> {
        match self.node.kind {
            NodeKind::Folder => ParentKey::Node(self.node.epoch_key(), self.node.former.clone()).rewrap(record),
            NodeKind::File => {
                let revision = cloud.tree().revision_in(record, &self.node)?.stands_in(record)?;
                Ok(self.sealed(cloud, revision)?.write(record.clone()))
            }
        }
    }

    fn sealed(&self, cloud: &Cloud, revision: Revision) -> Result<SealedRevision> {
        let revision = Revision { epoch: self.node.epoch, ..revision };
        revision.seal(&cloud.id(), &self.node.key, &cloud.keys().identity)
    }
}

/// As many dependents as fit into a transaction beside the node, the log's entry and its head.
const DEPENDENTS: usize = MAX_WRITES - 3;

fn no_more() -> Error {
    Error::new(ErrorKind::Malformed, "there are no more numbers")
}
