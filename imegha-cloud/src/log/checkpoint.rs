//! Checkpoints of the log: what a device without memory starts from, so that it need not read every entry.
//!
//! Past every so many entries a client stores the index that it has at some place of the log as an object like a file's content, and
//! appends an entry that says where that is and what it must hash to. A record names the place, so that somebody finds the way; nothing of
//! it is believed. What makes a checkpoint the owner's is the way from its place to the signed head, on which the entry stands.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::future::{Either, select};
use imegha_crypto::{Hash, Id};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::action::Action;
use super::chain::{Log, NotAppended};
use super::change::Change;
use super::head::Head;
use super::index::{Index, Position};
use super::key;
use crate::backend::{Condition, ObjectName, Record, Write};
use crate::client::json::{Decimal, Fixed};
use crate::client::retry::Attempts;
use crate::client::{BytesSource, CancelToken, Watch, check_signer};
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::files::{KeyText, PART_LEN, Reader, Stored, Target, discard, store_content};
use crate::schema::{CloudSchema, CloudValue, Field};
use crate::timer::sleep;

/// What an entry of the log says of a checkpoint (RECORDS.md 3).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// The place whose index it is.
    seq: Decimal,
    hash: Fixed<32>,
    /// The object of the index: that of a file's content, of a file that is in no folder.
    node: Fixed<16>,
    object: Fixed<24>,
    size: Decimal,
    sha256: Fixed<32>,
    content: Fixed<32>,
    /// Last, as in a journal: what is written behind it could have the buffer grow.
    file_key: KeyText,
}

/// A checkpoint that is there: by which entry, and its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) seq: u64,
    pub(crate) object: ObjectName,
}

impl Checkpoint {
    /// Of an index at a place, which was stored.
    fn of(at: Position, stored: &Stored) -> Self {
        Self {
            seq: Decimal(at.seq),
            hash: Fixed(*at.hash.as_bytes()),
            node: Fixed(*stored.node.as_bytes()),
            object: Fixed(*stored.name.as_bytes()),
            size: Decimal(stored.size),
            sha256: Fixed(*stored.sha256.as_bytes()),
            content: Fixed(stored.commitment),
            file_key: KeyText(stored.file_key.clone()),
        }
    }

    /// One whose JSON is as long as any.
    #[cfg(test)]
    pub(super) fn longest() -> Self {
        Self {
            seq: Decimal(u64::MAX),
            hash: Fixed([0xff; 32]),
            node: Fixed([0xff; 16]),
            object: Fixed([0xff; 24]),
            size: Decimal(u64::MAX),
            sha256: Fixed([0xff; 32]),
            content: Fixed([0xff; 32]),
            file_key: KeyText(imegha_crypto::FileKey::generate().expect("a key")),
        }
    }

    /// The place whose index it is.
    fn at(&self) -> Position {
        Position { seq: self.seq.0, hash: Hash::from_bytes(self.hash.0) }
    }

    pub(super) fn object(&self) -> ObjectName {
        ObjectName::from_salt(self.object.0)
    }

    /// The object of the index, as it was stored.
    fn stored(&self) -> Stored {
        Stored {
            node: Id::from_bytes(self.node.0),
            file_key: self.file_key.0.clone(),
            name: self.object(),
            len: imegha_crypto::layout::sealed_len(self.size.0),
            since_ms: 0,
            commitment: self.content.0,
            size: self.size.0,
            sha256: Hash::from_bytes(self.sha256.0),
            thumbnail: None,
        }
    }
}

impl Log {
    /// The index up to `head`, from the checkpoint that `place` leads to.
    ///
    /// Neither of the two records is believed. The head must be signed by the owner; from the place that is named the entries must lead to
    /// it, each opening only behind the one before; one of these must name that very place, and say what the index there hashes to.
    ///
    /// # Errors
    /// Whatever is not so. Then the whole log says what is true.
    pub(super) async fn index_from_checkpoint(
        &self,
        head: &Record<CloudSchema>,
        place: &Record<CloudSchema>,
    ) -> Result<Index> {
        let (head, signed_in) = Head::open(head, &self.owners, &self.cloud)?;
        let head = head.position;
        let fields = Fields(place);
        let at = Position { seq: fields.number(Field::Seq)?, hash: *fields.hash(Field::Hash)? };
        if at.seq == 0 || at.seq >= head.seq {
            return Err(refused("no checkpoint can be at that place"));
        }
        // The signature of the head covers each of them, and `at` as what the first of them stands behind.
        let entries = self.walk(at, head).await?;
        entries.last().map_or(Ok(()), |(_, entry)| check_signer(signed_in, entry.dek_epoch()))?;
        let named = entries.iter().rev().filter_map(|(_, entry)| entry.checkpoint()).find(|named| named.at() == at);
        let mut index = self.open_checkpoint(named.ok_or_else(|| refused("no entry names this checkpoint"))?).await?;
        entries.iter().try_for_each(|(position, entry)| index.apply(*position, entry))?;
        Ok(index)
    }

    async fn open_checkpoint(&self, checkpoint: &Checkpoint) -> Result<Index> {
        if checkpoint.size.0 > MAX_LEN {
            return Err(refused("a checkpoint is longer than any is"));
        }
        // Read to its end, or not at all: its SHA-256 is what the entry says.
        let payload = Reader::of_stored(&self.store, &checkpoint.stored(), checkpoint.seq.0)?.read_whole().await?;
        let index = Index::from_payload(&Zeroizing::new(payload))?;
        if index.position() != checkpoint.at() {
            return Err(refused("a checkpoint is of another place than it says"));
        }
        index.records().try_for_each(|(name, _)| key::from_bytes(name).map(drop))?;
        Ok(index)
    }

    /// Writes a checkpoint if one is due. For whoever has just appended a change: that stands, whatever becomes of this.
    pub(crate) async fn keep_checkpoint(&self) {
        self.write_if(|due| due).await;
    }

    /// Writes a checkpoint, whether one is due or not: the object of the newest lies somewhere else, from where the cloud has come.
    pub(crate) async fn renew_checkpoint(&self) {
        self.write_if(|_| true).await;
    }

    /// The newest checkpoint, as the log has it.
    ///
    /// # Errors
    /// Of reading the log, which is done where this device's memory is of a version that knew of no checkpoints.
    pub(crate) async fn checkpoint(&self) -> Result<Option<Kept>> {
        let state = self.state.lock().await;
        if !state.index.may_lack_checkpoint() {
            return Ok(state.index.checkpoint());
        }
        drop(state);
        let (mut way, mut newest) = (self.whole().await, None);
        while let Some(entries) = way.next().await? {
            let named = entries.iter().rev().find_map(|(at, entry)| Some((at.seq, entry.checkpoint()?.object())));
            newest = named.map(|(seq, object)| Kept { seq, object }).or(newest);
        }
        let mut state = self.state.lock().await;
        // One that was written meanwhile is newer.
        if let Some(newest) = newest
            && state.index.may_lack_checkpoint()
        {
            state.index.learn_checkpoint(newest);
        }
        Ok(state.index.checkpoint())
    }

    async fn write_if(&self, wanted: impl FnOnce(bool) -> bool + Send) {
        let (at, payload, before) = {
            let mut state = self.state.lock().await;
            let (at, before) = (state.index.position(), state.index.checkpoint());
            let distance = self.distance.load(Ordering::Relaxed);
            let next = state.index.last_of_use().saturating_add(distance).max(state.next_checkpoint);
            if state.index.has_left() || !wanted(at.seq >= next) {
                return;
            }
            // What fails now is not tried at each change.
            state.next_checkpoint = at.seq.saturating_add(distance.div_ceil(10));
            if state.index.least_len() > MAX_LEN {
                // It is not even made: the log is held meanwhile.
                tracing::warn!("this cloud's index is too long for a checkpoint of the log");
                return;
            }
            (at, state.index.to_payload(), before)
        };
        if let Err(error) = self.write_checkpoint(at, payload, before).await {
            tracing::warn!(kind = ?error.kind(), "no checkpoint of the log was written");
        }
    }

    async fn write_checkpoint(&self, at: Position, payload: Zeroizing<Vec<u8>>, before: Option<Kept>) -> Result<()> {
        if payload.len() as u64 > MAX_LEN {
            return Err(Error::new(ErrorKind::Malformed, "this cloud's index is too long for a checkpoint"));
        }
        let target = Target { file: None, number: at.seq, folder: &Id::ZERO, name: "", part_len: PART_LEN };
        let source = Box::new(BytesSource::new(Bytes::from_owner(payload)));
        let watch = impatient();
        let mut no_journal = None;
        let stored = store_content(&self.store, &target, source, &watch, &mut no_journal);
        let stored = stopped_after(PATIENCE_MS, &watch.cancel, stored).await?;
        match self.name_checkpoint(&Checkpoint::of(at, &stored), before).await {
            Ok(()) => {
                if let Some(before) = before {
                    discard(&self.store, &before.object).await;
                }
                Ok(())
            }
            Err(not) => {
                if not.certain {
                    discard(&self.store, &stored.name).await;
                }
                Err(not.error)
            }
        }
    }

    /// Appends the entry that makes a stored index a checkpoint, unless another device has written one meanwhile.
    async fn name_checkpoint(&self, checkpoint: &Checkpoint, before: Option<Kept>) -> Result<(), NotAppended> {
        let Position { seq, hash } = checkpoint.at();
        let place = Record::new(key::checkpoint())
            .with(Field::CloudId, CloudValue::Id(self.cloud))
            .with(Field::Seq, CloudValue::U64(seq))
            .with(Field::Hash, CloudValue::Hash(hash));
        let writes = vec![Write::Put(place, Condition::None)];
        let change = Change { action: Action::Checkpoint, nodes: Vec::new(), writes };
        let mut attempts = Attempts::at_race(&self.store.clock);
        loop {
            let base = self.refresh().await?;
            if self.state.lock().await.index.checkpoint() != before {
                return Err(Error::new(ErrorKind::AlreadyExists, "another device has written a checkpoint").into());
            }
            // One attempt, whose end may stay open: the log is held meanwhile, and the change before this is done.
            match self.append_with(base, &change, Some(checkpoint), Attempts::none(&self.store.clock)).await {
                Err(not) if not.certain => attempts.again(not.error).await?,
                appended => return appended,
            }
        }
    }
}

/// How many entries of the log come between two checkpoints, unless somebody says otherwise.
pub(super) const DISTANCE: u64 = 1_000;

/// The longest index that is stored or read: of some two million records.
const MAX_LEN: u64 = 256 * 1024 * 1024;

/// How long somebody waits for the object of a checkpoint to be stored, by no clock but the real one.
const PATIENCE_MS: u64 = 10_000;

/// Ends what waits for storage that does not answer: a checkpoint can be written later, and somebody waits.
fn impatient() -> Watch {
    let cancel = CancelToken::new();
    let ended = cancel.clone();
    Watch { waiting: Some(Arc::new(move || ended.cancel())), cancel, progress: None }
}

/// Does `work`, and stops it by its token once it has taken so long: it still cleans up.
async fn stopped_after<T>(ms: u64, token: &CancelToken, work: impl Future<Output = T>) -> T {
    let (work, timer) = (std::pin::pin!(work), std::pin::pin!(sleep(ms)));
    match select(work, timer).await {
        Either::Left((done, _)) => done,
        Either::Right(((), work)) => {
            token.cancel();
            work.await
        }
    }
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::CannotOpen, why)
}
