//! Uploads that this device began and did not end.

use imegha_crypto::Id;

use super::resumption::Resumption;
use crate::client::Cloud;
use crate::error::{ErrorKind, Result};

/// An upload that was interrupted or paused, and can go on: [`Content::resumable`](crate::Content::resumable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// What whoever began it called it.
    pub upload: Id,
    /// The file that it replaces; nothing for a new one.
    pub file: Option<Id>,
    /// The folder that it goes to, or that the file was in.
    pub folder: Id,
    /// The name that it was begun with.
    pub name: String,
    /// Bytes of plaintext, where the source knew.
    pub size: Option<u64>,
    /// Bytes of plaintext that are stored.
    pub sent: u64,
    /// When it was begun, in milliseconds since 1970 by this device's clock.
    pub begun_ms: u64,
}

impl Cloud {
    /// The uploads of this cloud that this device has journals of, and that nobody works on; the oldest first.
    ///
    /// A journal that cannot be opened any more is of no use to anybody, and is removed.
    ///
    /// # Errors
    /// `Backend` when the device's memory cannot be read.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>> {
        let mut unfinished = Vec::new();
        for upload in self.store().device.journals().list(&self.id()).await? {
            let mut resumption = match Resumption::hold(self, &upload).await {
                Err(error) if error.kind() == ErrorKind::Conflict => continue,
                held => held?,
            };
            match resumption.journal() {
                Some(journal) => unfinished.push(Unfinished {
                    upload,
                    file: (journal.number > 1).then_some(journal.node),
                    folder: journal.folder,
                    name: journal.name.clone(),
                    size: journal.size,
                    sent: journal.stored(),
                    begun_ms: journal.begun_ms,
                }),
                None => resumption.remove().await,
            }
        }
        unfinished.sort_by_key(|unfinished| (unfinished.begun_ms, unfinished.upload));
        Ok(unfinished)
    }

    /// Gives up an upload that was interrupted or paused: what was sent of it, and its journal. One that is not there any more is no
    /// error; what was uploaded to its end stays.
    ///
    /// # Errors
    /// `Conflict` while somebody works on it.
    pub async fn discard_upload(&self, upload: &Id) -> Result<()> {
        Resumption::hold(self, upload).await?.discard(self.store()).await;
        Ok(())
    }
}
