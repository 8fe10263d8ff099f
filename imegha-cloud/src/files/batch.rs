//! Saving many small files: their records go in one transaction, under one entry of the log.

use futures::{StreamExt as _, stream};
use imegha_crypto::Id;

use super::entry::{Entry, NodeKind};
use super::list;
use super::name;
use super::node::Node;
use super::object::Stored;
use super::parts::PART_LEN;
use super::purge::MOST_WRITES;
use super::resumption::Resumption;
use super::revision::{self, Revision};
use super::sending::{self, Target};
use super::upload::NewFile;
use crate::client::retry::Attempts;
use crate::client::{About, Cloud, Content, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, NotAppended};

impl Cloud {
    /// Uploads new files into a folder, and says of each what became of it, in their order: an entry, or why there is none. The others
    /// are saved all the same.
    ///
    /// Files of up to [`Cloud::MAX_SMALL`] bytes go [`Cloud::MAX_BATCH`] at a time: their objects are stored, a few at once, and then all
    /// of them become visible in one transaction, or none. A file that is larger, or of which nobody knows how long it is, goes by itself as
    /// by [`Cloud::upload`], once those before it are saved; so does one that an earlier run has begun.
    ///
    /// # Errors
    /// Of each file as [`Cloud::upload`]; of two of one name the second is `AlreadyExists`.
    pub async fn upload_all(&self, parent: &Id, files: Vec<(String, Content)>) -> Vec<Result<Entry>> {
        let mut results: Results = files.iter().map(|_| None).collect();
        let mut batch = Batch::default();
        for (at, (name, content)) in files.into_iter().enumerate() {
            let (size, upload) = (content.source.size(), content.about.upload);
            if size.is_none_or(|size| size > Self::MAX_SMALL) || !self.hold(upload, &mut batch.held).await {
                // What stands before it is saved before it: the name is the first one's.
                self.upload_batch(parent, std::mem::take(&mut batch), &mut results).await;
                results[at] = Some(self.upload(parent, &name, content).await);
                continue;
            }
            batch.files.push(Small { at, name, source: content.source, about: content.about });
            if batch.files.len() == Self::MAX_BATCH {
                self.upload_batch(parent, std::mem::take(&mut batch), &mut results).await;
            }
        }
        self.upload_batch(parent, batch, &mut results).await;
        results.into_iter().map(|result| result.expect("each file went by itself or in a batch")).collect()
    }

    /// The most files that [`Cloud::upload_all`] saves in one transaction: each has two records.
    pub const MAX_BATCH: usize = 48;

    /// The most bytes of a file that is saved together with others.
    pub const MAX_SMALL: u64 = 1024 * 1024;

    /// Takes hold of an upload, so that nobody else saves it meanwhile. `false` when there is a journal of it, or somebody works on it.
    async fn hold(&self, upload: Option<Id>, held: &mut Vec<Resumption>) -> bool {
        let Some(upload) = upload else { return true };
        match Resumption::hold(self, &upload).await {
            Ok(new) if new.journal().is_none() => {
                held.push(new);
                true
            }
            _ => false,
        }
    }

    async fn upload_batch(&self, parent: &Id, batch: Batch, results: &mut Results) {
        let Batch { files, held } = batch;
        if !files.is_empty() {
            self.save_together(parent, files, results).await;
        }
        // Only now somebody else may have a look at what became of these.
        drop(held);
    }

    async fn save_together(&self, parent: &Id, files: Vec<Small>, results: &mut Results) {
        let admitted = match self.admit(parent, files, results).await {
            Ok(admitted) => admitted,
            Err((files, error)) => return files.iter().for_each(|file| results[file.at] = Some(Err(again(&error)))),
        };
        let stored = stream::iter(admitted).map(|file| self.store_small(parent, file));
        let mut stored = std::pin::pin!(stored.buffered(AT_ONCE));
        let mut waiting = Vec::new();
        while let Some((at, result)) = stored.next().await {
            match result {
                Ok(file) => waiting.push(file),
                Err(error) => results[at] = Some(Err(error)),
            }
        }
        match self.commit_batch(parent, &mut waiting, results).await {
            Ok(entries) => waiting.iter().zip(entries).for_each(|(file, entry)| results[file.at] = Some(Ok(entry))),
            Err(not) => {
                for file in waiting {
                    results[file.at] = Some(Err(again(&not.error)));
                    // Where a record may come to name it, it stays, and is collected if none does.
                    if not.certain {
                        file.stored.discard(self.store()).await;
                    }
                }
            }
        }
    }

    /// The files that may be stored, by their names as the folder stands now. Those that may not have their result.
    async fn admit(
        &self,
        parent: &Id,
        files: Vec<Small>,
        results: &mut Results,
    ) -> Result<Vec<Small>, (Vec<Small>, Error)> {
        let names = async {
            self.log().refresh().await?;
            self.living(parent).await?;
            self.names(parent).await
        };
        let mut names = match names.await {
            Ok(names) => names,
            Err(error) => return Err((files, error)),
        };
        let mut admitted = Vec::with_capacity(files.len());
        for file in files {
            let free = || if names.holder(&file.name).is_some() { Err(list::taken()) } else { Ok(()) };
            match name::check(&file.name).and_then(|()| revision::check(&file.about)).and_then(|()| free()) {
                Ok(()) => {
                    names.give(&file.name, Id::ZERO, NodeKind::File);
                    admitted.push(file);
                }
                Err(error) => results[file.at] = Some(Err(error)),
            }
        }
        Ok(admitted)
    }

    /// Stores the objects of one file. When this fails nothing is left to see.
    async fn store_small(&self, parent: &Id, file: Small) -> (usize, Result<Waiting>) {
        let Small { at, name, source, about } = file;
        let store = async {
            let target = Target { file: None, number: 1, folder: parent, name: &name, part_len: PART_LEN };
            let mut stored = sending::store(self.store(), &target, source, &about.watch, &mut None).await?;
            let thumbnail_ms = self.store().clock.now_ms();
            let generated = match self.store_thumbnail(&mut stored, 1, &about).await {
                Ok(()) => Node::generate(stored.node, *parent, NodeKind::File, &name, self.store().clock.now_ms()),
                Err(not) => Err(not.error),
            };
            match generated {
                Ok(node) => {
                    let revision = self.revision_of(1, node.epoch, &stored, &about);
                    Ok(Waiting { at, node, stored, revision, about, thumbnail_ms })
                }
                Err(error) => {
                    stored.discard(self.store()).await;
                    Err(error)
                }
            }
        };
        (at, store.await)
    }

    /// Appends one change of all files that wait and still may be saved, and gives their entries.
    async fn commit_batch(
        &self,
        parent: &Id,
        waiting: &mut Vec<Waiting>,
        results: &mut Results,
    ) -> Result<Vec<Entry>, NotAppended> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let Some(first) = waiting.first() else { return Ok(Vec::new()) };
            let base = self.refresh_patiently(&first.about).await?;
            self.living(parent).await?;
            if self.renew(parent, None, base, &mut attempts).await? {
                continue;
            }
            self.part_with_stopped(waiting, results).await;
            let parent_key = self.tree().folder_key(parent).await?;
            let now_ms = self.store().clock.now_ms();
            let (mut nodes, mut writes, mut saved) = (Vec::new(), Vec::new(), Vec::new());
            for Waiting { node, revision, .. } in &*waiting {
                let NewFile { entry, hash, writes: of_file } = self.new_file(node, revision, &parent_key, now_ms)?;
                saved.push((hash, entry));
                nodes.push((node.id, node.epoch));
                writes.extend(of_file);
            }
            if writes.is_empty() {
                return Ok(Vec::new());
            }
            let change = Change { action: Action::Upload, nodes, writes };
            if self.commit(base, &change, &mut attempts).await? {
                for ((hash, entry), file) in saved.iter().zip(&*waiting) {
                    self.tree().remember(*hash, entry.clone());
                    self.tree().remember_thumbnail(*hash, &file.revision);
                }
                return Ok(saved.into_iter().map(|(_, entry)| entry).collect());
            }
        }
    }

    /// Takes out the files that were stopped, and those that have waited too long. The last moment: once the transaction is on its way
    /// nobody can say that it will not be written.
    async fn part_with_stopped(&self, waiting: &mut Vec<Waiting>, results: &mut Results) {
        for file in std::mem::take(waiting) {
            let ended = match file.about.watch.cancel.check() {
                Ok(()) => {
                    self.refuse_forgotten_objects(&file.revision, file.stored.since_ms, file.thumbnail_ms).await.err()
                }
                Err(error) => Some(error),
            };
            match ended {
                None => waiting.push(file),
                Some(error) => {
                    file.stored.discard(self.store()).await;
                    results[file.at] = Some(Err(error));
                }
            }
        }
    }
}

/// What became of each file; nothing of those that are still to come.
type Results = Vec<Option<Result<Entry>>>;

/// What is to be saved together.
#[derive(Default)]
struct Batch {
    files: Vec<Small>,
    /// The uploads among them that have a name.
    held: Vec<Resumption>,
}

/// A file that is to be saved with others.
struct Small {
    /// Its place among all files.
    at: usize,
    name: String,
    source: Box<dyn Source>,
    about: About,
}

/// A file whose objects are stored.
struct Waiting {
    at: usize,
    node: Node,
    stored: Stored,
    revision: Revision,
    about: About,
    thumbnail_ms: u64,
}

/// The same error once more: what fails for all of them is told of each.
fn again(error: &Error) -> Error {
    match error.server_time() {
        Some(server_time) if error.kind() == ErrorKind::ClockSkew => Error::clock_skew(server_time),
        _ => Error::new(error.kind(), error.context()),
    }
}

/// Objects that are stored at once.
const AT_ONCE: usize = 8;

const _: () = assert!(Cloud::MAX_BATCH * 2 < MOST_WRITES, "a gateway adds a write of its own");
