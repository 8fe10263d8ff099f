//! Saving files: a new one, or a new revision of one that is there.

use imegha_crypto::{Hash, Id, NodeKey};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::name;
use super::node::Node;
use super::object::{self, Stored};
use super::revision::{self, Revision, SealedRevision};
use super::tree::Opened;
use crate::backend::{Condition, Write};
use crate::client::retry::{Attempts, persist};
use crate::client::{About, Cloud, Content};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, NotAppended, Position};
use crate::schema::{CloudValue, Field};

impl Cloud {
    /// Uploads a new file. It becomes visible all at once, when everything is stored.
    ///
    /// Memory stays bounded whatever the size: two parts of 8 MiB are in flight (larger ones only beyond 80 GB). A store that
    /// does not answer is tried again for about twenty seconds. A future that is dropped half-way leaves nothing visible, but may
    /// leave an unfinished upload in storage; a [`CancelToken`](crate::CancelToken) cleans up.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken before a byte is sent (two devices at the same moment leave two files, the later
    /// shown as "name (2)"); `Malformed` for what cannot be a name; `NotFound` without such a folder; `Source` when the source fails
    /// or is not of the length that it said; `Cancelled`; `StorageFull`; `Unavailable` when the store stays away; `Conflict` when
    /// other devices write without pause.
    pub async fn upload(&self, parent: &Id, name: &str, content: Content) -> Result<Entry> {
        let Content { source, about } = content;
        name::check(name)?;
        about.mime.as_deref().map_or(Ok(()), revision::check_mime)?;
        self.log().refresh().await?;
        self.living(parent).await?;
        self.refuse_taken(parent, name).await?;

        let node = Node::generate(Id::generate()?, *parent, NodeKind::File, name, self.store().clock.now_ms())?;
        let stored = object::store(self.store(), &node.id, 1, source, &about.watch).await?;
        let object = stored.name;
        self.settle(&object, self.commit_upload(node, stored, &about).await).await
    }

    /// Saves a new revision of a file. The one before stays: [`Cloud::revisions`].
    ///
    /// # Errors
    /// `Conflict` when another device replaced the file meanwhile; otherwise as [`Cloud::upload`].
    pub async fn replace(&self, file: &Id, content: Content) -> Result<Entry> {
        let Content { source, about } = content;
        about.mime.as_deref().map_or(Ok(()), revision::check_mime)?;
        self.log().refresh().await?;
        let (opened, newest) = self.open_file(file).await?;
        self.living(&opened.node.parent).await?;
        let before = newest.number;
        let number =
            before.checked_add(1).ok_or_else(|| Error::new(ErrorKind::Malformed, "there are no more numbers"))?;
        let stored = object::store(self.store(), file, number, source, &about.watch).await?;
        let object = stored.name;
        self.settle(&object, self.commit_replace(file, number, stored, &about).await).await
    }

    /// The revisions of a file that can be read, the newest first.
    ///
    /// # Errors
    /// As [`Cloud::entry`], if one of them is damaged.
    pub async fn revisions(&self, file: &Id) -> Result<Vec<Revision>> {
        self.log().refresh().await?;
        self.tree().in_one_state(|| self.known_revisions(file)).await
    }

    async fn known_revisions(&self, file: &Id) -> Result<Vec<Revision>> {
        let (opened, newest) = self.open_file(file).await?;
        let mut revisions = vec![newest];
        let partition = [CloudValue::Id(*file)];
        for (_, record) in self.log().list(crate::schema::Collection::Revision, &partition).await? {
            let record = record?;
            revisions.push(self.tree().revision_in(&record, &opened.node)?.stands_in(&record)?);
        }
        revisions.sort_by_key(|revision| std::cmp::Reverse(revision.number));
        Ok(revisions)
    }

    /// A file with its newest revision, as far as the log has been read.
    pub(crate) async fn open_file(&self, file: &Id) -> Result<(Opened, Revision)> {
        let opened = self.tree().open(file).await?;
        if opened.node.kind != NodeKind::File {
            return Err(Error::new(ErrorKind::NotFound, "this is not a file"));
        }
        let revision = self.tree().revision(&opened)?;
        Ok((opened, revision))
    }

    /// Drops the object of a change that will never be. One whose fate is not known stays: a record may come to name it.
    async fn settle(&self, object: &crate::backend::ObjectName, result: Result<Entry, NotAppended>) -> Result<Entry> {
        match result {
            Err(not) if not.certain => {
                object::discard(self.store(), object).await;
                Err(not.error)
            }
            result => result.map_err(|not| not.error),
        }
    }

    async fn commit_upload(&self, node: Node, stored: Stored, about: &About) -> Result<Entry, NotAppended> {
        let since_ms = self.store().clock.now_ms();
        let revision = self.revision_of(&node.id, 1, node.epoch, stored, about);
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            refuse_cancelled(about)?;
            let base = self.refresh_patiently(about).await?;
            self.living(&node.parent).await?;
            if self.renew(&node.parent, None, base, &mut attempts).await? {
                continue;
            }
            self.refuse_forgotten(&revision.object, since_ms).await?;
            let parent_key = self.tree().folder_key(&node.parent).await?;

            let now_ms = self.store().clock.now_ms();
            let record = self.seal(&revision, &node.key)?.write(node.to_record(&parent_key, now_ms)?);
            let (entry, hash) = (node.to_entry(&record, Some(&revision))?, Hash::of(&record.to_bytes()));
            let change = Change {
                action: Action::Upload,
                nodes: vec![(node.id, node.epoch)],
                writes: vec![Write::Put(record, Condition::Absent), Write::Put(node.to_locator(), Condition::Absent)],
            };
            if self.land(base, &change, &entry, hash, &mut attempts).await? {
                return Ok(entry);
            }
        }
    }

    async fn commit_replace(
        &self,
        file: &Id,
        number: u64,
        stored: Stored,
        about: &About,
    ) -> Result<Entry, NotAppended> {
        let since_ms = self.store().clock.now_ms();
        let mut stored = Some(stored);
        let mut revision = None;
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            refuse_cancelled(about)?;
            let base = self.refresh_patiently(about).await?;
            let (Opened { node, record, parent_key }, newest) = self.open_file(file).await?;
            // The object is sealed for this number; under another it would not open.
            if newest.number + 1 != number {
                let context = "another device replaced this file meanwhile";
                return Err(Error::new(ErrorKind::Conflict, context).into());
            }
            self.living(&node.parent).await?;
            if self.renew(&node.parent, Some(&node), base, &mut attempts).await? {
                continue;
            }
            if let Some(stored) = stored.take() {
                revision = Some(self.revision_of(file, number, node.epoch, stored, about));
            }
            let revision = revision.as_mut().expect("set in the first round");
            revision.epoch = node.epoch;
            self.refuse_forgotten(&revision.object, since_ms).await?;

            let now_ms = self.store().clock.now_ms();
            let written_ms = Fields(&record).time(Field::Written)?;
            let old = SealedRevision::of(&record)?.to_old_record(file, written_ms);
            let record = self.seal(revision, &node.key)?.write(node.to_record(&parent_key, now_ms)?);
            let (entry, hash) = (node.to_entry(&record, Some(revision))?, Hash::of(&record.to_bytes()));
            let unchanged = Condition::Equals(Field::Revision, CloudValue::U64(newest.number));
            let change = Change {
                action: Action::Replace,
                nodes: vec![(*file, node.epoch)],
                writes: vec![Write::Put(record, unchanged), Write::Put(old, Condition::Absent)],
            };
            if self.land(base, &change, &entry, hash, &mut attempts).await? {
                return Ok(entry);
            }
        }
    }

    /// Appends a change that makes `entry` of the record of that hash. `false` after a lost race, and a pause: the change is to be
    /// built anew.
    pub(crate) async fn land(
        &self,
        base: Position,
        change: &Change,
        entry: &Entry,
        hash: Hash,
        attempts: &mut Attempts,
    ) -> Result<bool, NotAppended> {
        let landed = self.commit(base, change, attempts).await?;
        if landed {
            self.tree().remember(hash, entry.clone());
        }
        Ok(landed)
    }

    /// After a long transfer a store that is away for a moment must not cost the whole of it.
    async fn refresh_patiently(&self, about: &About) -> Result<Position> {
        persist(Attempts::at_network(&self.store().clock), &about.watch, |_| self.log().refresh()).await
    }

    fn revision_of(&self, node: &Id, number: u64, epoch: u32, stored: Stored, about: &About) -> Revision {
        Revision {
            node: *node,
            number,
            epoch,
            size: stored.size,
            sha256: stored.sha256,
            mime: about.mime.clone(),
            modified_ms: about.modified_ms,
            written_ms: self.store().clock.now_ms(),
            object: stored.name,
            object_len: stored.len,
            commitment: stored.commitment,
            file_key: stored.file_key,
        }
    }

    fn seal(&self, revision: &Revision, key: &NodeKey) -> Result<SealedRevision> {
        revision.seal(&self.id(), key, &self.keys().identity)
    }
}

/// The last moment to cancel: once the transaction is on its way nobody can say that it will not be written.
fn refuse_cancelled(about: &About) -> Result<()> {
    match about.watch.cancel.is_cancelled() {
        true => Err(Error::new(ErrorKind::Cancelled, "the transfer was cancelled")),
        false => Ok(()),
    }
}
