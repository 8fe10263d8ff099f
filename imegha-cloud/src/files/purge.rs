//! Removing what is in the trash for good.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::Id;

use super::fields::Fields;
use crate::backend::records::MAX_WRITES;
use crate::backend::{Condition, ObjectName, Record, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::key::{self, CloudKey};
use crate::log::{Action, Change};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// How many days what is in the trash stays there, before [`Cloud::purge_expired`] removes it.
pub const TRASH_DAYS: u64 = 30;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Files and folders.
    pub nodes: u64,
    /// Objects that storage has removed. One that it did not remove now is found by [`Cloud::gc`].
    pub objects: u64,
    /// How many bytes these objects had.
    pub bytes: u64,
}

impl Purged {
    /// Counts objects that are gone.
    pub(super) fn add(&mut self, gone: &[(ObjectName, u64)]) {
        self.objects += gone.len() as u64;
        self.bytes += gone.iter().map(|(_, size)| size).sum::<u64>();
    }
}

impl Cloud {
    /// Removes files and folders that are in the trash, with all that is below them and all their revisions. What is damaged too.
    ///
    /// Some forty at a time, the lowest first: when the store goes away half-way, there is less in the trash than before, and
    /// everything in it is whole.
    ///
    /// # Errors
    /// `NotFound` for what is not in the trash; then nothing is removed.
    pub async fn purge(&self, nodes: &[Id]) -> Result<Purged> {
        let _writer = self.writer().lock().await;
        self.log().refresh().await?;
        for node in nodes {
            if self.folder_in_trash(node).await?.is_none() {
                return Err(Error::new(ErrorKind::NotFound, "this is not in the trash"));
            }
        }
        self.purge_all(nodes).await
    }

    /// Removes everything in the trash, as [`Cloud::purge`] does.
    ///
    /// # Errors
    /// `Unavailable` when the store stays away.
    pub async fn empty_trash(&self) -> Result<Purged> {
        let _writer = self.writer().lock().await;
        self.log().refresh().await?;
        let Some(trash) = self.trash_id().await? else { return Ok(Purged::default()) };
        let nodes = self.children_of(&trash).await?;
        self.purge_all(&nodes).await
    }

    /// Removes what has been in the trash for more than [`TRASH_DAYS`], by this device's clock.
    ///
    /// # Errors
    /// As [`Cloud::empty_trash`].
    pub async fn purge_expired(&self) -> Result<Purged> {
        let _writer = self.writer().lock().await;
        let before = self.store().clock.now_ms().saturating_sub(TRASH_DAYS * 24 * 60 * 60 * 1_000);
        let expired =
            self.list_trash().await?.into_iter().filter(|entry| entry.trashed_ms.is_some_and(|ms| ms < before));
        let nodes: Vec<Id> = expired.map(|entry| entry.id).collect();
        self.purge_all(&nodes).await
    }

    async fn purge_all(&self, nodes: &[Id]) -> Result<Purged> {
        let mut purged = Purged::default();
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let doomed = self.lowest(nodes).await?;
            if doomed.writes.is_empty() {
                return Ok(purged);
            }
            let objects = self.objects_of(&doomed.named).await?;
            let change = Change { action: Action::Purge, nodes: doomed.nodes, writes: doomed.writes };
            if self.commit(base, &change, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                purged.nodes += doomed.count;
                purged.add(&self.delete_objects(objects).await);
            }
        }
    }

    /// The folder in the trash that a node is in; none for what is not in the trash, or not any more.
    async fn folder_in_trash(&self, node: &Id) -> Result<Option<Id>> {
        let locator = key::locator(node);
        let (Some(_), Some(trash)) = (self.log().hash(&locator.to_bytes()).await, self.trash_id().await?) else {
            return Ok(None);
        };
        let Some(locator) = self.log().read(&locator).await? else { return Ok(None) };
        let parent = Fields(&locator).id(Field::Parent)?;
        let lineage = self.tree().lineage(&parent).await?;
        Ok(lineage.first().filter(|top| top.id == trash).map(|_| parent))
    }

    /// What one transaction removes of `nodes` and what is below them: nothing whose children are not removed before it.
    async fn lowest(&self, nodes: &[Id]) -> Result<Doomed> {
        let mut doomed = Doomed::default();
        for node in nodes {
            let Some(parent) = self.folder_in_trash(node).await? else { continue };
            let mut open = vec![(parent, *node, false)];
            while let Some((parent, node, children_done)) = open.pop() {
                if !children_done {
                    open.push((parent, node, true));
                    open.extend(self.children_of(&node).await?.into_iter().map(|child| (node, child, false)));
                    continue;
                }
                for (revision, _) in self.log().hashes(Collection::Revision, &[CloudValue::Id(node)]).await? {
                    if doomed.writes.len() >= MOST_WRITES {
                        return Ok(doomed);
                    }
                    doomed.writes.push(Write::Delete(revision.clone(), Condition::None));
                    doomed.named.push(revision);
                }
                if doomed.writes.len() + 2 > MOST_WRITES {
                    return Ok(doomed);
                }
                let own = key::child(&parent, &node);
                doomed.writes.push(Write::Delete(own.clone(), Condition::None));
                doomed.writes.push(Write::Delete(key::locator(&node), Condition::None));
                doomed.named.push(own);
                doomed.nodes.extend(self.log().epoch(&node).await.map(|epoch| (node, epoch)));
                doomed.count += 1;
            }
        }
        Ok(doomed)
    }

    /// The nodes in a folder, as the log has them: those that storage withholds among them.
    pub(crate) async fn children_of(&self, folder: &Id) -> Result<Vec<Id>> {
        let known = self.log().hashes(Collection::Children, &[CloudValue::Id(*folder)]).await?;
        let ids = known.iter().filter_map(|(key, _)| match key.sort[..] {
            [CloudValue::Id(id)] => Some(id),
            _ => None,
        });
        Ok(ids.collect())
    }

    /// The objects that records name. What a damaged record names is not known; it is an orphan once the record is gone.
    async fn objects_of(&self, records: &[CloudKey]) -> Result<Vec<(ObjectName, u64)>> {
        let read = stream::iter(records.to_vec()).map(|key| async move {
            match self.log().read(&key).await {
                Ok(record) => Ok(record.map(|record| named_objects(&record)).unwrap_or_default()),
                Err(error) if matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback) => Ok(Vec::new()),
                Err(error) => Err(error),
            }
        });
        let objects: Vec<Vec<_>> = read.buffered(AT_ONCE).try_collect().await?;
        Ok(objects.concat())
    }

    /// Deletes objects that no record names any more, and gives those that are gone.
    pub(crate) async fn delete_objects(&self, objects: Vec<(ObjectName, u64)>) -> Vec<(ObjectName, u64)> {
        let deleted = stream::iter(objects).map(|(object, size)| async move {
            self.store().blobs.delete(&object).await.ok().map(|()| (object, size))
        });
        deleted.buffer_unordered(AT_ONCE).filter_map(futures::future::ready).collect().await
    }
}

/// The objects that a record names, with their lengths.
pub(crate) fn named_objects(record: &Record<CloudSchema>) -> Vec<(ObjectName, u64)> {
    let fields = Fields(record);
    let named = [(Field::Object, Field::Size), (Field::Thumbnail, Field::ThumbnailSize)].into_iter();
    named
        .filter_map(|(object, size)| {
            Some((ObjectName::from_salt(fields.salt(object).ok()?), fields.number(size).unwrap_or(0)))
        })
        .collect()
}

/// What one transaction removes.
#[derive(Default)]
struct Doomed {
    nodes: Vec<(Id, u32)>,
    count: u64,
    writes: Vec<Write<CloudSchema>>,
    /// The records among them that name objects.
    named: Vec<CloudKey>,
}

/// A transaction's writes but for the log's entry and its head.
pub(crate) const MOST_WRITES: usize = MAX_WRITES - 2;
/// Records that are read, and objects that are deleted, at once.
const AT_ONCE: usize = 16;
