//! The revisions of a file: which there are, going back to one, removing old ones.

use std::cmp::Reverse;

use imegha_crypto::Id;

use super::entry::Entry;
use super::node::Node;
use super::purge::{MOST_WRITES, Purged, named_objects};
use super::revision::Revision;
use super::thumbnail::KeptThumbnail;
use super::tree::Opened;
use crate::backend::{Condition, ObjectName, Record, Write};
use crate::client::retry::Attempts;
use crate::client::{About, Cloud, Content, StreamSource};
use crate::error::{ErrorKind, Result};
use crate::log::key::CloudKey;
use crate::log::{Action, Change};
use crate::schema::{CloudSchema, CloudValue, Collection};

/// Which older revisions of a file stay, when others are removed: what one of the rules wants to keep stays. The newest revision
/// always does.
///
/// ```
/// use imegha_cloud::KeepRevisions;
///
/// let month_ago_ms = 1_790_000_000_000 - 30 * 24 * 60 * 60 * 1_000;
/// let keep = KeepRevisions::none().last(10).since_ms(month_ago_ms);
/// # let _ = keep;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepRevisions {
    last: usize,
    since_ms: u64,
}

impl KeepRevisions {
    /// No older revision stays.
    pub fn none() -> Self {
        Self { last: 0, since_ms: u64::MAX }
    }

    /// The last so many before the newest stay.
    #[must_use]
    pub fn last(self, last: usize) -> Self {
        Self { last, ..self }
    }

    /// Those stay that were written at a time or later, in milliseconds since 1970 by their writers' clocks.
    #[must_use]
    pub fn since_ms(self, since_ms: u64) -> Self {
        Self { since_ms, ..self }
    }

    /// Whether a revision stays that has so many between itself and the newest.
    fn keeps(&self, between: usize, revision: &Revision) -> bool {
        between < self.last || revision.written_ms >= self.since_ms
    }
}

impl Cloud {
    /// The revisions of a file that can be read, the newest first.
    ///
    /// # Errors
    /// As [`Cloud::entry`], if one of them is damaged.
    pub async fn revisions(&self, file: &Id) -> Result<Vec<Revision>> {
        self.log().refresh().await?;
        self.tree().in_one_state(|| self.known_revisions(file)).await
    }

    /// Makes the content of an older revision the newest one again: a new revision with its bytes, its thumbnail and what was known of
    /// it. The revisions in between stay.
    ///
    /// The bytes pass through this device, because an object is sealed for the number of its revision. They are verified on the way;
    /// when the older revision is damaged, nothing changes.
    ///
    /// # Errors
    /// `NotFound` when there is no such revision; otherwise as [`Cloud::download`] and [`Cloud::replace`].
    pub async fn restore_revision(&self, file: &Id, number: u64) -> Result<Entry> {
        let newest = self.entry(file).await?;
        if newest.revision == number {
            return Ok(newest);
        }
        let (entry, revision) = self.latest_of_revision(file, number).await?;
        let thumbnail = match KeptThumbnail::of(&revision) {
            Some(kept) => match self.read_thumbnail(&kept).await {
                // A picture that is lost is no reason to lose the file.
                Err(error) if error.kind() == ErrorKind::CannotOpen => None,
                read => Some(read?),
            },
            None => None,
        };
        let old = self.read_revision(entry, &revision)?;
        let len = old.len();
        let mut content = Content::new(StreamSource::new(old, Some(len)));
        let Revision { mime, modified_ms, taken_ms, dimensions, .. } = revision;
        content.about = About { mime, modified_ms, taken_ms, dimensions, thumbnail, ..content.about };
        self.replace(file, content).await
    }

    /// The older revisions of a file that [`Cloud::prune`] would remove, the newest first. Nothing is changed.
    ///
    /// # Errors
    /// As [`Cloud::prune`].
    pub async fn prunable(&self, file: &Id, keep: &KeepRevisions) -> Result<Vec<Revision>> {
        self.log().refresh().await?;
        let prunable = self.tree().in_one_state(async || {
            let (Opened { node, .. }, _) = self.open_file(file).await?;
            self.known_prunable(&node, keep).await
        });
        Ok(prunable.await?.into_iter().map(|older| older.revision).collect())
    }

    /// Removes older revisions of a file for good, but for those that `keep` names. One that is damaged stays: it is not known when it
    /// was written, and [`Cloud::verify`] reports it.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, or only in the trash; `Unavailable` when the store stays away: then some may be removed.
    pub async fn prune(&self, file: &Id, keep: &KeepRevisions) -> Result<Purged> {
        let _writer = self.writer().lock().await;
        let mut purged = Purged::default();
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let (Opened { node, .. }, _) = self.as_file(self.open_living(file).await?)?;
            let mut prunable = self.known_prunable(&node, keep).await?;
            if prunable.is_empty() {
                return Ok(purged);
            }
            // The oldest first: what a broken-off run leaves has no gap.
            prunable.reverse();
            prunable.truncate(MOST_WRITES);
            let writes = prunable.iter().map(|older| Write::Delete(older.key.clone(), Condition::None)).collect();
            let change = Change { action: Action::Prune, nodes: vec![(node.id, node.epoch)], writes };
            if self.commit(base, &change, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                let objects = prunable.into_iter().flat_map(|older| older.objects).collect();
                purged.add(&self.delete_objects(objects).await);
            }
        }
    }

    async fn known_revisions(&self, file: &Id) -> Result<Vec<Revision>> {
        let (opened, newest) = self.open_file(file).await?;
        let older = self.older_revisions(&opened.node).await?;
        let mut revisions =
            older.into_iter().map(|older| older.map(|older| older.revision)).collect::<Result<Vec<_>>>()?;
        revisions.push(newest);
        revisions.sort_by_key(|revision| Reverse(revision.number));
        Ok(revisions)
    }

    /// The older revisions of a file that do not stay, the newest first.
    async fn known_prunable(&self, file: &Node, keep: &KeepRevisions) -> Result<Vec<Older>> {
        let mut known = Vec::new();
        for older in self.older_revisions(file).await? {
            match older {
                Err(error) if matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback) => {}
                older => known.push(older?),
            }
        }
        known.sort_by_key(|older| Reverse(older.revision.number));
        let numbered = known.into_iter().enumerate();
        let prunable = numbered.filter(|(between, older)| !keep.keeps(*between, &older.revision));
        Ok(prunable.map(|(_, older)| older).collect())
    }

    /// Each older revision of a file, or why it cannot be read.
    async fn older_revisions(&self, file: &Node) -> Result<Vec<Result<Older>>> {
        let listed = self.log().list(Collection::Revision, &[CloudValue::Id(file.id)]).await?;
        let open = |(key, record): (CloudKey, Result<Record<CloudSchema>>)| {
            let record = record?;
            let revision = self.tree().revision_in(&record, file)?.stands_in(&record)?;
            Ok(Older { revision, key, objects: named_objects(&record) })
        };
        Ok(listed.into_iter().map(open).collect())
    }
}

/// A revision that is not the newest: what is removed with it.
struct Older {
    revision: Revision,
    key: CloudKey,
    /// The objects that only its record names.
    objects: Vec<(ObjectName, u64)>,
}
