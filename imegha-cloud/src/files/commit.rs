//! Putting changes into the log.

use imegha_crypto::Id;

use super::tree::{Folder, Opened};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Change, NotAppended, Position};

impl Cloud {
    /// Appends a change. `false` after a lost race, and a pause: the change is to be built anew.
    pub(crate) async fn commit(
        &self,
        base: Position,
        change: &Change,
        attempts: &mut Attempts,
    ) -> Result<bool, NotAppended> {
        if self.log().is_behind().await {
            self.begin_epoch(base, attempts).await?;
            return Ok(false);
        }
        match self.log().append(base, change).await {
            Ok(()) => {
                self.log().keep_checkpoint().await;
                Ok(true)
            }
            Err(not) if not.certain => {
                attempts.again(not.error).await?;
                Ok(false)
            }
            Err(not) => Err(not),
        }
    }

    /// Appends changes that follow each other, as long as there are some, nobody writes between two of them, and no race is lost: what is
    /// left is to be planned anew then, on what is there. Says whether there was any.
    pub(crate) async fn commit_each(
        &self,
        mut base: Position,
        attempts: &mut Attempts,
        mut next: impl FnMut() -> Result<Option<Change>> + Send,
    ) -> Result<bool> {
        let mut any = false;
        while let Some(change) = next()? {
            any = true;
            if !self.commit(base, &change, attempts).await? {
                break;
            }
            let after = self.log().position().await;
            if after.seq != base.seq + 1 {
                break;
            }
            base = after;
        }
        Ok(any)
    }

    /// The folders from the root to one that may be written into, which is the last.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder, or only in the trash.
    pub(crate) async fn living(&self, folder: &Id) -> Result<Vec<Folder>> {
        let lineage = self.tree().lineage(folder).await?;
        match lineage.first() {
            Some(top) if top.id == self.root() => Ok(lineage),
            Some(_) => Err(Error::new(ErrorKind::NotFound, "this is in the trash")),
            None => Err(Error::new(ErrorKind::NotFound, "there is no such folder")),
        }
    }

    /// A node that may be renamed, moved or replaced: neither the root nor the trash nor in it.
    pub(crate) async fn open_living(&self, node: &Id) -> Result<Opened> {
        let opened = self.tree().open(node).await?;
        if opened.node.parent == Id::ZERO {
            return Err(Error::new(ErrorKind::Malformed, "neither the root nor the trash can be moved or renamed"));
        }
        self.living(&opened.node.parent).await?;
        Ok(opened)
    }
}
