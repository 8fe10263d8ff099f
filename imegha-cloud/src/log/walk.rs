//! Reading the log from one place to another, a page at a time.

use std::cmp::Ordering;

use imegha_crypto::log;

use super::chain::Log;
use super::change::Entry;
use super::index::Position;
use super::key;
use crate::backend::Query;
use crate::client::json;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudValue, Collection, Field};

/// The way through the log from one place to another.
///
/// Each entry is opened in its place behind the one before it, but only the end of the way says that they are the owner's:
/// [`Walk::next`] gives nothing more only when the last entry is the one that the way was to lead to.
pub(crate) struct Walk<'a> {
    log: &'a Log,
    from: Position,
    last: Position,
    to: Position,
    bytes: u64,
}

impl Log {
    /// The way from `from` to `to`, which is a place that is known to be the owner's.
    pub(crate) fn way(&self, from: Position, to: Position) -> Walk<'_> {
        Walk { log: self, from, last: from, to, bytes: 0 }
    }

    /// The way from the first entry to the last that is known.
    pub(crate) async fn whole(&self) -> Walk<'_> {
        self.way(Position::START, self.position().await)
    }

    /// The entries after `from` up to `to`, which must be what the last of them hashes to; none when the two are the same.
    pub(crate) async fn walk(&self, from: Position, to: Position) -> Result<Vec<(Position, Entry)>> {
        let mut way = self.way(from, to);
        let mut entries = Vec::new();
        while let Some(page) = way.next().await? {
            entries.extend(page);
        }
        Ok(entries)
    }

    /// Reads the whole log again, from its first entry to the last that is known, and gives the end of every `LEG`th entry and the
    /// last: between two of them the way can be walked by itself.
    pub(crate) async fn legs(&self) -> Result<Vec<Position>> {
        let mut way = self.whole().await;
        let mut legs = vec![Position::START];
        while let Some(page) = way.next().await? {
            legs.extend(page.iter().map(|(position, _)| *position).filter(|position| position.seq.is_multiple_of(LEG)));
        }
        if legs.last() != Some(&way.to) {
            legs.push(way.to);
        }
        Ok(legs)
    }
}

impl Walk<'_> {
    /// The next entries; nothing after the last.
    ///
    /// # Errors
    /// When the log does not lead there: `Rollback` if it does not lead on from what this device has seen, `CannotOpen` from the
    /// beginning.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<(Position, Entry)>>> {
        if self.last.seq >= self.to.seq {
            // The head is signed, so this makes every entry the owner's. It also refuses a head that lies behind or beside `from`.
            return if self.last != self.to { Err(self.unlinked()) } else { Ok(None) };
        }
        let mut query = Query::new(Collection::Log, []);
        query.after = Some(vec![CloudValue::U64(self.last.seq)]);
        query.limit = ENTRIES_A_PAGE;
        let page = self.log.store.query(&query).await?;
        if page.records.is_empty() {
            return Err(self.unlinked());
        }
        let mut entries = Vec::with_capacity(page.records.len());
        for record in page.records {
            let seq = self.last.seq + 1;
            let Some(CloudValue::Sealed(sealed)) = record.field(Field::Entry) else {
                return Err(self.unlinked());
            };
            if record.key != key::entry(seq) {
                return Err(self.unlinked());
            }
            let (cloud, previous) = (&self.log.cloud, self.last.hash);
            let opened = self.log.purpose.open(|purpose| log::open_entry(sealed, purpose, cloud, seq, &previous));
            let (epoch, payload) = opened.map_err(|_| self.unlinked())?;
            let entry: Entry = json::decode(&payload)?;
            entry.check()?;
            if entry.dek_epoch() != epoch {
                return Err(Error::new(
                    ErrorKind::CannotOpen,
                    "an entry of the log names another epoch than its key's",
                ));
            }
            self.last = Position { seq, hash: log::entry_hash(cloud, seq, &previous, sealed) };
            self.bytes += record.to_bytes().len() as u64;
            entries.push((self.last, entry));
            if seq == self.to.seq {
                break;
            }
        }
        Ok(Some(entries))
    }

    /// How many bytes the records have that were read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn unlinked(&self) -> Error {
        match (self.from, self.to.seq.cmp(&self.from.seq)) {
            (Position::START, _) => Error::new(ErrorKind::CannotOpen, "the log does not lead to its head"),
            (_, Ordering::Less) => {
                Error::new(ErrorKind::Rollback, "storage shows an older state than this device has seen")
            }
            (_, Ordering::Equal) => {
                Error::new(ErrorKind::Rollback, "storage shows a state beside the one that this device has seen")
            }
            (_, Ordering::Greater) => {
                Error::new(ErrorKind::Rollback, "the log does not lead from what this device has seen to its head")
            }
        }
    }
}

/// How many entries lie between two places of [`Log::legs`].
pub(crate) const LEG: u64 = 200;
/// Entries hold at most a transaction's keys and hashes: some 15 KB.
const ENTRIES_A_PAGE: usize = 200;
