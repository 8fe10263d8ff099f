//! Moving a cloud to other storage: from a folder to an AWS account, back, to another gateway.
//!
//! What is copied is ciphertext, record by record and object by object; nothing is sealed anew, and of what is opened the log is all:
//! it says which records there are. Of the two places one at most takes changes, at every moment:
//!
//! 1. Log, records and objects are copied while the old place is used as ever. The new one has no head, so nothing there opens as a
//!    cloud. What changes meanwhile is copied again.
//! 2. Once the copy is whole and was looked at, the old place gets an entry `leave`, on condition that its log has not gone on since.
//!    From there on every device that reads that log refuses to write there ([`ErrorKind::Moved`]); reading goes on.
//! 3. The new place gets that entry as well, and the head last; then an entry `arrive`, behind which it takes changes.
//!
//! Whoever dies in between does it again and goes on. The entry `leave` names the copy that it was written for, so that nobody
//! goes on with another one.

mod copying;
mod objects;

use imegha_crypto::Id;

use crate::backend::{Condition, Record, Write};
use crate::client::{CancelToken, Cloud, Store};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, key};
use crate::schema::{CloudSchema, CloudValue, Field};

use copying::{Copying, Found};

/// A cloud in its new place.
#[derive(Debug)]
pub struct Migrated {
    /// The cloud, opened where it is now.
    pub cloud: Cloud,
    /// Records and entries of the log that this run copied.
    pub records: u64,
    /// Objects that this run copied.
    pub objects: u64,
    /// How many bytes these have.
    pub bytes: u64,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MigrateProgress {
    /// Bytes of objects that are in the new place.
    pub bytes: u64,
    /// Bytes of all objects.
    pub of: u64,
}

impl Cloud {
    /// Moves this cloud to other storage, and gives it as it is there. The old place keeps everything, and takes no changes any more.
    ///
    /// A run that ended early, however it ended, goes on when it is called again with the same two places; whole objects that are there
    /// are not copied again. Where `to` holds an older state of this very cloud, which has left from there, what is new is copied:
    /// that is how a cloud moves back.
    ///
    /// `stop` ends it with `Cancelled` as long as the cloud has not left: then everything is as it was, but for what is copied. From the entry
    /// `leave` on it is not looked at any more, since a cloud that stops there takes changes nowhere.
    ///
    /// `to` has the device's memory that this cloud was opened with, or another. A device that has seen the cloud arrive takes the old place for
    /// rolled back, which it is; others read there until they are told. Look at the new place with
    /// [`Cloud::verify`] before anything of the old one is removed.
    ///
    /// # Errors
    /// `AlreadyExists` when `to` holds another cloud, or a state of this one that takes changes itself; `Moved` when this cloud has left
    /// for another place than `to`; `Cancelled` by `stop`; `NotFound`, `CannotOpen` or `Rollback` when a record or an object of the source is damaged or missing:
    /// [`Cloud::verify`] says which; `Version` when a later version keeps records here that this one does not know; `Conflict` when
    /// others write faster than can be copied; `Unavailable` when one of the two stays away: ask [`has_left`](Self::has_left) then.
    pub async fn migrate(
        &self,
        to: Store,
        stop: &CancelToken,
        progress: impl Fn(MigrateProgress) + Send + Sync,
    ) -> Result<Migrated> {
        let _writer = self.writer().lock().await;
        let mut copying = Copying::new(self, &to, &progress);
        match copying.look().await? {
            Found::Arrived(cloud) => return Ok(copying.arrived(cloud)),
            Found::Nothing | Found::Older => {}
        }
        let ticket = copying.ticket(self.left_for().await?).await?;
        for _ in 0..ROUNDS {
            let base = self.log().refresh().await?;
            let left_for = self.left_for().await?;
            if left_for.is_some_and(|left_for| left_for != ticket) {
                return Err(elsewhere());
            }
            let copied = match left_for {
                None => stop.guard(copying.copy(base)).await,
                Some(_) => copying.copy(base).await,
            };
            match copied {
                // Somebody has removed an object since.
                Err(error) if error.kind() == ErrorKind::NotFound && self.log().refresh().await? != base => continue,
                copied => copied?,
            }
            if left_for.is_some() {
                copying.put_head(base).await?;
                let cloud = Self::open(self.keys().clone(), to.clone()).await?;
                cloud.arrive().await?;
                // No record names the object of a checkpoint, so that was not copied.
                if self.log().hash(&key::checkpoint().to_bytes()).await.is_some() {
                    cloud.log().renew_checkpoint().await;
                }
                return Ok(copying.arrived(cloud));
            }
            let cloud = self.cloud_record().await?.with(Field::Moved, CloudValue::Id(ticket));
            stop.check()?;
            match self.log().append(base, &change(Action::Leave, cloud)).await {
                Ok(()) => {}
                // Somebody wrote meanwhile: that is copied first.
                Err(not) if not.error.kind() == ErrorKind::Conflict => {}
                Err(not) => return Err(not.error),
            }
        }
        Err(Error::new(ErrorKind::Conflict, "the cloud is written to faster than it can be copied"))
    }

    /// Takes back that this cloud has left, for when the place that it was moving to is lost.
    ///
    /// Only for that: where the other place takes changes already, this makes two clouds of one, and no device can join them again.
    ///
    /// # Errors
    /// `Unavailable` when the store stays away. A cloud that has not left stays as it is.
    pub async fn take_back(&self) -> Result<()> {
        let _writer = self.writer().lock().await;
        self.log().refresh().await?;
        if self.left_for().await?.is_some() {
            self.arrive().await?;
        }
        Ok(())
    }

    /// Whether this cloud has left for another place: then it is read here, and not written to.
    ///
    /// # Errors
    /// `Rollback` and `CannotOpen` as for everything that is read.
    pub async fn has_left(&self) -> Result<bool> {
        self.log().refresh().await?;
        Ok(self.left_for().await?.is_some())
    }

    /// What the copy is called that this cloud has left for.
    pub(crate) async fn left_for(&self) -> Result<Option<Id>> {
        match self.cloud_record().await?.field(Field::Moved) {
            Some(CloudValue::Id(ticket)) => Ok(Some(*ticket)),
            Some(_) => Err(Error::new(ErrorKind::CannotOpen, "the cloud's record is not of its form")),
            None => Ok(None),
        }
    }

    /// Says that the cloud is here, and takes changes.
    async fn arrive(&self) -> Result<()> {
        for _ in 0..ROUNDS {
            let base = self.log().refresh().await?;
            if self.left_for().await?.is_none() {
                return Ok(());
            }
            let mut cloud = self.cloud_record().await?;
            cloud.fields.remove(&Field::Moved);
            let mut arrival = change(Action::Arrive, cloud);
            if self.log().is_behind().await {
                // A cloud that has left takes nothing else: the renewal comes with it.
                arrival.writes.extend(self.renewal().await?);
            }
            match self.log().append(base, &arrival).await {
                Ok(()) => return Ok(()),
                Err(not) if not.error.kind() == ErrorKind::Conflict => {}
                Err(not) => return Err(not.error),
            }
        }
        Err(Error::new(ErrorKind::Conflict, "others write here meanwhile"))
    }
}

/// The cloud's own record; with its arrival the ticket goes.
fn change(action: Action, cloud: Record<CloudSchema>) -> Change {
    let ticket = (action == Action::Arrive).then(|| Write::Delete(key::ticket(), Condition::None));
    let writes = [Write::Put(cloud, Condition::Present)].into_iter().chain(ticket).collect();
    Change { action, nodes: Vec::new(), writes }
}

fn elsewhere() -> Error {
    Error::new(ErrorKind::Moved, "this cloud has left for another place than this")
}

/// How often is copied what others wrote meanwhile.
const ROUNDS: u32 = 20;
