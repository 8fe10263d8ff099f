//! What became of an upload: of an earlier run that died, of one whose change was refused.

use std::cmp::Ordering;

use imegha_crypto::Id;

use super::entry::Entry;
use super::object::{self, Stored};
use super::resumption::Resumption;
use super::sending::Target;
use super::upload::replaced_meanwhile;
use crate::backend::ObjectName;
use crate::client::{About, Cloud};
use crate::error::{ErrorKind, Result};
use crate::log::{NotAppended, key};

impl Cloud {
    /// The journal of an upload that is to have one.
    pub(super) async fn resumption(&self, about: &About) -> Result<Option<Resumption>> {
        match &about.upload {
            Some(upload) => Resumption::hold(self, upload).await.map(Some),
            None => Ok(None),
        }
    }

    /// The file that an earlier run of this upload saved, when it died before it could say so.
    ///
    /// # Errors
    /// `Conflict` when the file has another revision of the number that the upload was to have.
    pub(super) async fn earlier(
        &self,
        target: &Target<'_>,
        resumption: &mut Option<Resumption>,
    ) -> Result<Option<Entry>> {
        let Some(resumption) = resumption else { return Ok(None) };
        let Some(journal) = resumption.journal().filter(|journal| target.is_of(journal)) else { return Ok(None) };
        let outrun = journal.number < target.number;
        if journal.committing
            && let Some(entry) = self.saved(&journal.node, journal.number, &journal.object).await?
        {
            resumption.remove().await;
            return Ok(Some(entry));
        }
        if outrun {
            resumption.discard(self.store()).await;
            return Err(replaced_meanwhile());
        }
        Ok(None)
    }

    /// From here on a record may come to name the object, whatever becomes of this process.
    pub(super) async fn note_commit(&self, about: &About, resumption: &mut Option<Resumption>) -> Result<()> {
        about.watch.cancel.check()?;
        match resumption {
            Some(resumption) => resumption.commit().await,
            None => Ok(()),
        }
    }

    /// Drops what was stored for a change that will never be. What can be gone on with stays, and so does an object whose fate is not
    /// known: a record may come to name it.
    pub(super) async fn settle(
        &self,
        stored: &Stored,
        about: &About,
        resumption: Option<Resumption>,
        result: Result<Entry, NotAppended>,
    ) -> Result<Entry> {
        if let Err(not) = &result
            && not.certain
            && let Some(thumbnail) = &stored.thumbnail
        {
            // What is gone on with stores another one.
            object::discard(self.store(), &thumbnail.object).await;
        }
        let journaled = resumption.filter(|resumption| resumption.journal().is_some());
        match (result, journaled) {
            (Ok(entry), journaled) => {
                if let Some(mut journaled) = journaled {
                    journaled.remove().await;
                }
                Ok(entry)
            }
            (Err(not), Some(mut journaled)) => {
                match not.certain && (about.watch.cancel.is_cancelled() || self.is_outrun(&journaled).await) {
                    true => journaled.discard(self.store()).await,
                    false => journaled.rest(self.store()).await,
                }
                Err(not.error)
            }
            (Err(not), None) => {
                if not.certain {
                    object::discard(self.store(), &stored.name).await;
                }
                Err(not.error)
            }
        }
    }

    /// The file, if this object is its revision of that number.
    pub(super) async fn saved(&self, file: &Id, number: u64, object: &ObjectName) -> Result<Option<Entry>> {
        let opened = match self.tree().open(file).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let newest = self.tree().revision(&opened)?;
        let named = match number.cmp(&newest.number) {
            Ordering::Greater => None,
            Ordering::Equal => Some(newest.object),
            Ordering::Less => match self.log().read(&key::revision(file, number)).await? {
                Some(record) => Some(self.tree().revision_in(&record, &opened.node)?.stands_in(&record)?.object),
                None => None,
            },
        };
        match named == Some(*object) {
            true => self.tree().entry(&opened.record, &opened.parent_key).map(Some),
            false => Ok(None),
        }
    }

    /// Whether the file has a revision of the number that the upload was to have.
    async fn is_outrun(&self, resumption: &Resumption) -> bool {
        match resumption.journal().filter(|journal| journal.number > 1) {
            Some(journal) => {
                let opened = self.open_file(&journal.node).await;
                opened.is_ok_and(|(_, newest)| newest.number >= journal.number)
            }
            None => false,
        }
    }
}
