//! The trash: a second folder beside the root, made when it is first needed.

use std::cmp::Reverse;

use imegha_crypto::Id;

use super::entry::{Entry, NodeKind};
use super::fields::Fields;
use super::node::Node;
use super::placing::Aim;
use crate::backend::{Condition, Record, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, key};
use crate::schema::{CloudSchema, CloudValue, Field};

impl Cloud {
    /// Moves files and folders to the trash. Until they are restored they can be read, and neither changed nor written into.
    /// What lies below another of `nodes` goes with it. As many at once as [`Cloud::move_to`] moves.
    ///
    /// # Errors
    /// `NotFound` when one of them is not there, or in the trash already; `Malformed` for the root.
    pub async fn trash(&self, nodes: &[Id]) -> Result<()> {
        self.place(nodes, Aim::Trash).await.map(drop)
    }

    /// What was moved to the trash, the latest first. What lies in a folder there is listed by [`Cloud::list`].
    ///
    /// # Errors
    /// As [`Cloud::list`].
    pub async fn list_trash(&self) -> Result<Vec<Entry>> {
        self.log().refresh().await?;
        let Some(trash) = self.trash_id().await? else { return Ok(Vec::new()) };
        let mut entries = self.read_children(&trash).await?;
        entries.sort_by_key(|entry| (Reverse(entry.trashed_ms), entry.id));
        Ok(entries)
    }

    /// Puts what is in the trash back into the folder that it was in, or into the root when that folder is not there any more. A name
    /// that was taken meanwhile gets a number.
    ///
    /// # Errors
    /// `NotFound` for what [`Cloud::list_trash`] does not list.
    pub async fn restore(&self, nodes: &[Id]) -> Result<Vec<Entry>> {
        self.place(nodes, Aim::Restore).await
    }

    /// The id of the trash, if there is one, as far as the log has been read.
    pub(crate) async fn trash_id(&self) -> Result<Option<Id>> {
        if let Some(id) = self.known_trash().get() {
            return Ok(Some(*id));
        }
        let record = self.cloud_record().await?;
        if record.field(Field::TrashId).is_none() {
            return Ok(None);
        }
        let id = Fields(&record).id(Field::TrashId)?;
        Ok(Some(*self.known_trash().get_or_init(|| id)))
    }

    /// The id of the trash, which is made if there is none. For whoever holds [`Cloud::writer`].
    pub(crate) async fn make_trash(&self) -> Result<Id> {
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            if let Some(id) = self.trash_id().await? {
                return Ok(id);
            }
            let now_ms = self.store().clock.now_ms();
            let trash = Node::generate(Id::generate()?, Id::ZERO, NodeKind::Folder, "", now_ms)?;
            let record = trash.to_record(&self.tree().folder_key(&Id::ZERO).await?, now_ms)?;
            let cloud = self.cloud_record().await?.with(Field::TrashId, CloudValue::Id(trash.id));
            let change = Change {
                action: Action::CreateTrash,
                nodes: vec![(trash.id, trash.epoch)],
                writes: vec![
                    Write::Put(cloud, Condition::Present),
                    Write::Put(record, Condition::Absent),
                    Write::Put(trash.to_locator(), Condition::Absent),
                ],
            };
            if self.commit(base, &change, &mut attempts).await? {
                return Ok(trash.id);
            }
        }
    }

    /// The cloud's own record.
    pub(crate) async fn cloud_record(&self) -> Result<Record<CloudSchema>> {
        let record = self.log().read(&key::cloud()).await?;
        record.ok_or_else(|| Error::new(ErrorKind::CannotOpen, "the log knows of no cloud"))
    }
}
