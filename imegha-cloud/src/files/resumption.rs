//! An upload that keeps a journal: taken up where an earlier attempt stood, or begun anew.
//!
//! The one rule: no part is sealed before its hash is in the journal and the journal on the disk, and none is sealed again unless its
//! plaintext has that hash (FORMAT 2: a nonce seals one plaintext).

use imegha_crypto::{FileKey, Hash, Id, Purpose, PurposeKey};

use super::gc::is_forgotten;
use super::journal::{Journal, KnownPart};
use super::object;
use super::sending::Target;
use crate::backend::{ObjectName, Upload};
use crate::client::retry::{Attempts, persist};
use crate::client::{Cloud, HeldJournal, Store, Watch};
use crate::error::{Error, ErrorKind, Result};

/// Holds the journal of one upload for as long as it is worked on.
#[derive(Debug)]
pub(crate) struct Resumption {
    id: Id,
    key: PurposeKey,
    held: Box<dyn HeldJournal>,
    /// The attempt that is gone on with, or that was begun; nothing before either.
    journal: Option<Journal>,
    /// Whether the journal is on the disk, in this state or an earlier one.
    kept: bool,
    /// Whether an earlier run may have sent a transaction that names the object, so that only `gc` may remove it.
    may_be_named: bool,
}

/// What there is of an attempt that is gone on with.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) node: Id,
    pub(super) object: ObjectName,
    pub(super) file_key: FileKey,
    pub(super) place: Place,
}

/// Where the parts of an object go, or have gone.
#[derive(Debug)]
pub(crate) enum Place {
    Upload(Box<dyn Upload>),
    /// The object is complete, and so long.
    Object(u64),
}

/// Why an object was not stored.
#[derive(Debug)]
pub(crate) enum NotStored {
    /// The journal's attempt cannot be gone on with. Nothing was sealed that it forbids; another attempt is to begin.
    Anew,
    Failed(Error),
}

impl Resumption {
    /// Takes hold of the journal of an upload. One that cannot be opened is as good as none: what it was about is collected by `gc`.
    ///
    /// # Errors
    /// `Conflict` when somebody else holds it.
    pub(crate) async fn hold(cloud: &Cloud, id: &Id) -> Result<Self> {
        let held = cloud.store().device.journals().hold(&cloud.id(), id).await?;
        let key = cloud.keys().dek.derive_purpose_key(Purpose::Journal, &cloud.id());
        Self::take(id, key, held).await
    }

    pub(super) async fn take(id: &Id, key: PurposeKey, held: Box<dyn HeldJournal>) -> Result<Self> {
        let journal = match held.load().await?.map(|sealed| Journal::open(sealed, &key, id)).transpose() {
            Ok(journal) => journal,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the journal of an upload cannot be opened; the upload begins anew");
                None
            }
        };
        let may_be_named = journal.as_ref().is_some_and(|journal| journal.committing);
        Ok(Self { id: *id, key, held, kept: journal.is_some(), journal, may_be_named })
    }

    pub(crate) fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The attempt to go on with, and where its parts go. What does not fit, or what the backend has forgotten, is discarded.
    pub(super) async fn go_on(
        &mut self,
        store: &Store,
        target: &Target<'_>,
        size: Option<u64>,
        watch: &Watch,
    ) -> Result<Option<Begun>> {
        let Some(journal) = &self.journal else { return Ok(None) };
        if target.fits(journal)
            && journal.size == size
            && let Some(place) = watch.cancel.guard(find(store, journal, watch)).await?
        {
            let Journal { node, object, ref file_key, .. } = *journal;
            return Ok(Some(Begun { node, object, file_key: file_key.clone(), place }));
        }
        self.discard(store).await;
        Ok(None)
    }

    /// Begins a journal. It is saved with its first part.
    pub(super) fn begin(&mut self, journal: Journal) {
        (self.journal, self.kept, self.may_be_named) = (Some(journal), false, false);
    }

    /// Enters the next part before it is sealed. Says whether it is stored already.
    ///
    /// # Errors
    /// `Anew` when it is not what the journal says was sealed in its place. `Failed` when the journal cannot be saved.
    pub(super) async fn enter(&mut self, number: u32, plaintext: &[u8], last: bool) -> Result<bool, NotStored> {
        let journal = self.journal.as_mut().expect("an attempt in parts has a journal");
        let (hash, len) = (Hash::of(plaintext), plaintext.len() as u64);
        if let Some(known) = journal.parts.get(number as usize - 1) {
            // The same nonces would seal another plaintext; and so would those behind a part that is the last no longer, or by now.
            if known.hash != hash || journal.is_last(number) != last {
                return Err(NotStored::Anew);
            }
            return Ok(known.stored);
        }
        journal.parts.push(KnownPart { hash, len, stored: false });
        journal.ended = last;
        self.save().await?;
        Ok(false)
    }

    /// Remembers that the backend has these parts. It is saved with the next part, or by [`Resumption::rest`].
    pub(super) fn stored(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let journal = self.journal.as_mut().expect("an attempt in parts has a journal");
            journal.parts[number as usize - 1].stored = true;
        }
    }

    /// Saves what is not saved yet, because the attempt ends here and may be gone on with. One that never could be saved is discarded.
    pub(super) async fn rest(&mut self, store: &Store) {
        if self.journal.is_some() && self.save().await.is_err() && !self.kept {
            self.discard(store).await;
        }
    }

    /// Notes that a transaction will name the object, before it is sent.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        match &mut self.journal {
            Some(journal) => {
                journal.committing = true;
                self.save().await
            }
            None => Ok(()),
        }
    }

    /// Drops the attempt: its parts, its object unless a record may come to name it, its journal. Best effort: what stays in storage is
    /// unfinished and invisible, or an orphan, and is collected later.
    pub(crate) async fn discard(&mut self, store: &Store) {
        if let Some(journal) = &self.journal {
            if let Ok(upload) = store.blobs.resume_upload(&journal.object, &journal.upload).await {
                let _ = upload.abort().await;
            }
            if !self.may_be_named {
                object::discard(store, &journal.object).await;
            }
        }
        self.remove().await;
    }

    /// Removes the journal. One that stays says of itself, when it is taken up, that its upload is over.
    pub(crate) async fn remove(&mut self) {
        self.journal = None;
        if let Err(error) = self.held.remove().await {
            tracing::warn!(kind = ?error.kind(), "the journal of an upload that is over could not be removed");
        }
    }

    async fn save(&mut self) -> Result<()> {
        let journal = self.journal.as_ref().expect("what is saved was begun");
        self.held.save(journal.seal(&self.key, &self.id)?).await?;
        self.kept = true;
        Ok(())
    }
}

/// What the backend has of an attempt; nothing when it has forgotten it.
async fn find(store: &Store, journal: &Journal, watch: &Watch) -> Result<Option<Place>> {
    let attempts = || Attempts::at_network(&store.clock);
    let resumed = persist(attempts(), watch, |_| store.blobs.resume_upload(&journal.object, &journal.upload)).await;
    match resumed {
        Ok(upload) => return Ok(Some(Place::Upload(upload))),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // It may have been completed by a run that ended before it could say so.
    if !journal.ended {
        return Ok(None);
    }
    match persist(attempts(), watch, |_| store.blobs.head(&journal.object)).await {
        Ok(meta) if is_forgotten(&meta, store.clock.now_ms()) => Ok(None),
        Ok(meta) => Ok(Some(Place::Object(meta.size))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<Error> for NotStored {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<imegha_crypto::Error> for NotStored {
    fn from(error: imegha_crypto::Error) -> Self {
        Self::Failed(error.into())
    }
}
