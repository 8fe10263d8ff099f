//! Renaming.

use imegha_crypto::Id;

use super::entry::Entry;
use super::{list, name};
use crate::backend::{Condition, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::Result;
use crate::log::{Action, Change};

impl Cloud {
    /// Gives a file or folder another name.
    ///
    /// # Errors
    /// `AlreadyExists` when another node of the folder has the name, in any spelling that folds to the same; `NotFound` when there is
    /// no such node, or only in the trash; `Malformed` for what cannot be a name, and for the root.
    pub async fn rename(&self, node: &Id, name: &str) -> Result<Entry> {
        name::check(name)?;
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let mut opened = self.open_living(node).await?;
            if opened.node.name == name {
                return self.tree().entry(&opened.record, &opened.parent_key);
            }
            let parent = opened.node.parent;
            if self.names_beside(&parent, node).await?.holder(name).is_some() {
                return Err(list::taken());
            }
            // The name is a new secret: nobody may read it who knows no more than an old key.
            if self.renew(&parent, Some(&opened.node), base, &mut attempts).await? {
                continue;
            }
            opened.node.name = name.to_owned();
            opened.node.edit += 1;
            let record = opened.node.update(opened.record.clone(), &opened.parent_key)?;
            let entry = self.tree().entry(&record, &opened.parent_key)?;
            let change = Change {
                action: Action::Rename,
                nodes: vec![(*node, opened.node.epoch)],
                writes: vec![Write::Put(record, Condition::Present)],
            };
            if self.commit(base, &change, &mut attempts).await? {
                return Ok(entry);
            }
        }
    }
}
