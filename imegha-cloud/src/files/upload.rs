//! Saving files: a new one, or a new revision of one that is there.

use imegha_crypto::{Hash, Id, NodeKey};

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::name;
use super::node::Node;
use super::object::Stored;
use super::parent_key::ParentKey;
use super::parts::PART_LEN;
use super::resumption::Resumption;
use super::revision::{self, Revision, SealedRevision};
use super::sending::{self, Target};
use super::tree::Opened;
use crate::backend::{Condition, Write};
use crate::client::retry::{Attempts, persist};
use crate::client::{About, Cloud, Content};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, NotAppended, Position, key};
use crate::schema::{CloudSchema, CloudValue, Field};

impl Cloud {
    /// Uploads a new file. It becomes visible all at once, when everything is stored.
    ///
    /// Memory stays bounded whatever the size: two parts of 8 MiB are in flight (larger ones only beyond 80 GB). A store that
    /// does not answer is tried again for about twenty seconds. A future that is dropped half-way leaves nothing visible, but may
    /// leave an unfinished upload in storage; a [`CancelToken`](crate::CancelToken) cleans up.
    ///
    /// One that is [`resumable`](Content::resumable) goes on where it stood, under this name and in this folder. When an earlier run
    /// had saved the file and died before it could say so, the entry of that file is returned.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken before a byte is sent (two devices at the same moment leave two files, the later
    /// shown as "name (2)"); `Malformed` for what cannot be a name; `NotFound` without such a folder; `Source` when the source fails
    /// or is not of the length that it said, or when it changed since the upload began and cannot be read again; `Cancelled`;
    /// `StorageFull`, of the cloud or of this device; `Unavailable` when the store stays away; `Conflict` when other devices write
    /// without pause, or somebody works on this upload already.
    pub async fn upload(&self, parent: &Id, name: &str, content: Content) -> Result<Entry> {
        let Content { source, about } = content;
        name::check(name)?;
        revision::check(&about)?;
        self.log().refresh().await?;
        let mut resumption = self.resumption(&about).await?;
        let target = Target { file: None, number: 1, folder: parent, name, part_len: PART_LEN };
        if let Some(entry) = self.earlier(&target, &mut resumption).await? {
            return Ok(entry);
        }
        self.living(parent).await?;
        self.refuse_taken(parent, name).await?;

        let mut stored = sending::store(self.store(), &target, source, &about.watch, &mut resumption).await?;
        let result = self.commit_upload(parent, name, &mut stored, &about, &mut resumption).await;
        self.settle(&stored, &about, resumption, result).await
    }

    /// Saves a new revision of a file. The one before stays: [`Cloud::revisions`].
    ///
    /// # Errors
    /// `Conflict` when another device replaced the file meanwhile; otherwise as [`Cloud::upload`].
    pub async fn replace(&self, file: &Id, content: Content) -> Result<Entry> {
        let Content { source, about } = content;
        revision::check(&about)?;
        self.log().refresh().await?;
        let mut resumption = self.resumption(&about).await?;
        let (Opened { node, .. }, before) = self.open_file(file).await?;
        let number = before
            .number
            .checked_add(1)
            .ok_or_else(|| Error::new(ErrorKind::Malformed, "there are no more numbers"))?;
        let target = Target { file: Some(file), number, folder: &node.parent, name: &node.name, part_len: PART_LEN };
        if let Some(entry) = self.earlier(&target, &mut resumption).await? {
            return Ok(entry);
        }
        self.living(&node.parent).await?;

        let mut stored = sending::store(self.store(), &target, source, &about.watch, &mut resumption).await?;
        let result = self.commit_replace(file, number, &mut stored, &about, &mut resumption).await;
        self.settle(&stored, &about, resumption, result).await
    }

    /// A file with its newest revision, as far as the log has been read.
    pub(crate) async fn open_file(&self, file: &Id) -> Result<(Opened, Revision)> {
        self.as_file(self.tree().open(file).await?)
    }

    /// A node, which must be a file, with its newest revision.
    pub(crate) fn as_file(&self, opened: Opened) -> Result<(Opened, Revision)> {
        if opened.node.kind != NodeKind::File {
            return Err(Error::new(ErrorKind::NotFound, "this is not a file"));
        }
        let revision = self.tree().revision(&opened)?;
        Ok((opened, revision))
    }

    async fn commit_upload(
        &self,
        parent: &Id,
        name: &str,
        stored: &mut Stored,
        about: &About,
        resumption: &mut Option<Resumption>,
    ) -> Result<Entry, NotAppended> {
        let (id, object, since_ms) = (stored.node, stored.name, stored.since_ms);
        let thumbnail_ms = self.store().clock.now_ms();
        self.store_thumbnail(stored, 1, about).await?;
        let node = Node::generate(id, *parent, NodeKind::File, name, self.store().clock.now_ms())?;
        let revision = self.revision_of(1, node.epoch, stored, about);
        self.note_commit(about, resumption).await?;
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            // The last moment: once the transaction is on its way nobody can say that it will not be written.
            about.watch.cancel.check()?;
            let base = self.refresh_patiently(about).await?;
            // Sent by an earlier run, and arrived by now.
            if self.log().hash(&key::locator(&id).to_bytes()).await.is_some()
                && let Some(entry) = self.saved(&id, 1, &object).await?
            {
                return Ok(entry);
            }
            self.living(&node.parent).await?;
            if self.renew(&node.parent, None, base, &mut attempts).await? {
                continue;
            }
            self.refuse_forgotten_objects(&revision, since_ms, thumbnail_ms).await?;
            let parent_key = self.tree().folder_key(&node.parent).await?;

            let now_ms = self.store().clock.now_ms();
            let NewFile { entry, hash, writes } = self.new_file(&node, &revision, &parent_key, now_ms)?;
            let change = Change { action: Action::Upload, nodes: vec![(node.id, node.epoch)], writes: writes.into() };
            if self.land(base, &change, &entry, hash, &mut attempts).await? {
                self.tree().remember_thumbnail(hash, &revision);
                return Ok(entry);
            }
        }
    }

    async fn commit_replace(
        &self,
        file: &Id,
        number: u64,
        stored: &mut Stored,
        about: &About,
        resumption: &mut Option<Resumption>,
    ) -> Result<Entry, NotAppended> {
        let (object, since_ms) = (stored.name, stored.since_ms);
        let thumbnail_ms = self.store().clock.now_ms();
        self.store_thumbnail(stored, number, about).await?;
        let mut revision = None;
        self.note_commit(about, resumption).await?;
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            // The last moment: once the transaction is on its way nobody can say that it will not be written.
            about.watch.cancel.check()?;
            let base = self.refresh_patiently(about).await?;
            let (Opened { node, record, parent_key }, newest) = self.open_file(file).await?;
            // The object is sealed for this number; under another it would not open.
            if newest.number + 1 != number {
                return match self.saved(file, number, &object).await? {
                    // Sent by an earlier run, and arrived by now.
                    Some(entry) => Ok(entry),
                    None => Err(replaced_meanwhile().into()),
                };
            }
            self.living(&node.parent).await?;
            if self.renew(&node.parent, Some(&node), base, &mut attempts).await? {
                continue;
            }
            let revision = revision.get_or_insert_with(|| self.revision_of(number, node.epoch, stored, about));
            revision.epoch = node.epoch;
            self.refuse_forgotten_objects(revision, since_ms, thumbnail_ms).await?;

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
                self.tree().remember_thumbnail(hash, revision);
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
    pub(super) async fn refresh_patiently(&self, about: &About) -> Result<Position> {
        persist(Attempts::at_network(&self.store().clock), &about.watch, |_| self.log().refresh()).await
    }

    /// [`Cloud::refuse_forgotten`] of the objects that a revision names.
    pub(super) async fn refuse_forgotten_objects(
        &self,
        revision: &Revision,
        since_ms: u64,
        thumbnail_ms: u64,
    ) -> Result<()> {
        self.refuse_forgotten(&revision.object, since_ms).await?;
        match &revision.thumbnail {
            Some(thumbnail) => self.refuse_forgotten(&thumbnail.object, thumbnail_ms).await,
            None => Ok(()),
        }
    }

    pub(super) fn revision_of(&self, number: u64, epoch: u32, stored: &Stored, about: &About) -> Revision {
        Revision {
            node: stored.node,
            number,
            epoch,
            size: stored.size,
            sha256: stored.sha256,
            mime: about.mime.clone(),
            modified_ms: about.modified_ms,
            taken_ms: about.taken_ms,
            dimensions: about.dimensions,
            written_ms: self.store().clock.now_ms(),
            object: stored.name,
            object_len: stored.len,
            commitment: stored.commitment,
            file_key: stored.file_key.clone(),
            thumbnail: stored.thumbnail.clone(),
        }
    }

    /// What is written for a file that is new, and what it then is.
    pub(super) fn new_file(
        &self,
        node: &Node,
        revision: &Revision,
        parent_key: &ParentKey,
        now_ms: u64,
    ) -> Result<NewFile> {
        let record = self.seal(revision, &node.key)?.write(node.to_record(parent_key, now_ms)?);
        let (entry, hash) = (node.to_entry(&record, Some(revision))?, Hash::of(&record.to_bytes()));
        let writes = [record, node.to_locator()].map(|record| Write::Put(record, Condition::Absent));
        Ok(NewFile { entry, hash, writes })
    }

    fn seal(&self, revision: &Revision, key: &NodeKey) -> Result<SealedRevision> {
        revision.seal(&self.id(), key, &self.keys().identity)
    }
}

/// A file that is about to be saved for the first time.
pub(super) struct NewFile {
    pub(super) entry: Entry,
    /// Of its record.
    pub(super) hash: Hash,
    pub(super) writes: [Write<CloudSchema>; 2],
}

pub(super) fn replaced_meanwhile() -> Error {
    Error::new(ErrorKind::Conflict, "another device replaced this file meanwhile")
}
