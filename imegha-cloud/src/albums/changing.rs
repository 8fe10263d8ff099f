//! What is in an album: adding files, removing them, moving them about.

use std::collections::{HashMap, HashSet};

use imegha_crypto::{Hash, Id};

use super::album::KnownAlbum;
use super::editing::no_more;
use super::item::Item;
use super::rank::Rank;
use crate::backend::{Condition, Record, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::files::MOST_WRITES;
use crate::log::{Action, Change, key};
use crate::schema::{CloudSchema, CloudValue, Collection};

impl Cloud {
    /// Adds files to the end of an album, in the order that they are given. Those that are in it stay where they are. Gives how many were
    /// added.
    ///
    /// Some hundred at a time: when the store goes away half-way, the first of them are in the album.
    ///
    /// # Errors
    /// `NotFound` when there is no such album, or one of `files` is no file, or in the trash; `Malformed` when there would be more than
    /// 10,000. Then none is added, unless that comes to be so only meanwhile, by another device.
    pub async fn add_to_album(&self, album: &Id, files: &[Id]) -> Result<usize> {
        let _writer = self.writer().lock().await;
        let mut named = HashSet::new();
        let files: Vec<Id> = files.iter().copied().filter(|file| named.insert(*file)).collect();
        self.log().refresh().await?;
        // What can be refused is refused before anything is written; also a file that is in the album, and in the trash.
        let opened = self.open_album(album).await?;
        let items = self.items(&opened).await?;
        let present: HashSet<Id> = items.iter().map(|item| item.node).collect();
        refuse_too_many(items.len() + files.iter().filter(|file| !present.contains(file)).count())?;
        // Where one batch takes them all, it looks at those that are new itself.
        let is_one = files.len() <= MOST_WRITES;
        let unseen: Vec<Id> = files.iter().copied().filter(|file| !is_one || present.contains(file)).collect();
        for batch in unseen.chunks(MOST_WRITES) {
            self.open_files(batch).await?;
        }
        let (mut left, mut added) = (&files[..], 0);
        let mut attempts = Attempts::at_race(&self.store().clock);
        while !left.is_empty() {
            let base = self.log().refresh().await?;
            let album = self.open_album(album).await?;
            if self.renew_album(&album, base, &mut attempts).await? {
                continue;
            }
            let items = self.items(&album).await?;
            let present: HashSet<Id> = items.iter().map(|item| item.node).collect();
            let (batch, rest) = left.split_at(left.len().min(MOST_WRITES));
            let fresh: Vec<Id> = batch.iter().copied().filter(|file| !present.contains(file)).collect();
            refuse_too_many(items.len() + fresh.len())?;
            let writes = self.added(&album, &items, &fresh).await?;
            let change = Change { action: Action::AddToAlbum, nodes: vec![(album.id, album.epoch)], writes };
            if fresh.is_empty() || self.commit(base, &change, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                added += fresh.len();
                left = rest;
            }
        }
        Ok(added)
    }

    /// Takes files out of an album. They stay where they are; what is not in the album is left out. Gives how many were removed.
    ///
    /// # Errors
    /// `NotFound` when there is no such album.
    pub async fn remove_from_album(&self, album: &Id, files: &[Id]) -> Result<usize> {
        let _writer = self.writer().lock().await;
        let files: HashSet<Id> = files.iter().copied().collect();
        let mut removed = 0;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let album = self.open_album(album).await?;
            let mut doomed = self.items(&album).await?;
            doomed.retain(|item| files.contains(&item.node));
            doomed.truncate(MOST_WRITES);
            if doomed.is_empty() {
                return Ok(removed);
            }
            let mut writes: Vec<_> = doomed.iter().map(|item| taken_out(&album, item)).collect();
            self.take_out_what_is_gone(&album, &mut writes).await?;
            let change = Change { action: Action::RemoveFromAlbum, nodes: vec![(album.id, album.epoch)], writes };
            if self.commit(base, &change, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                removed += doomed.len();
            }
        }
    }

    /// Moves files within an album, to before one of the others, or to its end: there they stand in the order that they are given.
    ///
    /// # Errors
    /// `NotFound` when there is no such album, or one of the files is not in it; `Malformed` when `before` is one of those that are
    /// moved, or when files were moved to this very place thousands of times.
    pub async fn move_in_album(&self, album: &Id, files: &[Id], before: Option<&Id>) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut named = HashSet::new();
        let files: Vec<Id> = files.iter().copied().filter(|file| named.insert(*file)).collect();
        if before.is_some_and(|before| named.contains(before)) {
            return Err(Error::new(ErrorKind::Malformed, "a file cannot be moved to before itself"));
        }
        let (mut left, mut begun) = (&files[..], false);
        let mut attempts = Attempts::at_race(&self.store().clock);
        while !left.is_empty() {
            let base = self.log().refresh().await?;
            let album = self.open_album(album).await?;
            if self.renew_album(&album, base, &mut attempts).await? {
                continue;
            }
            let items = self.items(&album).await?;
            if !begun {
                refuse_absent(&items, left.iter().chain(before))?;
            }
            let (batch, rest) = left.split_at(left.len().min(MOST_WRITES));
            let writes = self.moved(&album, &items, batch, before).await?;
            let change = Change { action: Action::MoveInAlbum, nodes: vec![(album.id, album.epoch)], writes };
            if change.writes.is_empty() || self.commit(base, &change, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                (left, begun) = (rest, true);
            }
        }
        Ok(())
    }

    /// The writes that add files behind the others.
    async fn added(&self, album: &KnownAlbum, items: &[Item], files: &[Id]) -> Result<Vec<Write<CloudSchema>>> {
        let ranks = Rank::spread(items.last().map(|item| &item.rank), None, files.len())?;
        let now_ms = self.store().clock.now_ms();
        let mut writes = Vec::with_capacity(files.len());
        for (revision, rank) in self.open_files(files).await?.into_iter().zip(ranks) {
            let item = Item::generate(album, &revision, rank, now_ms)?;
            let record = item.to_record(album, &revision.file_key, now_ms)?;
            self.seen_albums().remember_item(Hash::of(&record.to_bytes()), item);
            writes.push(Write::Put(record, Condition::Absent));
        }
        self.take_out_what_is_gone(album, &mut writes).await?;
        Ok(writes)
    }

    /// The writes that put items to before another, or to the end. Those that another device took out meanwhile are left out.
    async fn moved(
        &self,
        album: &KnownAlbum,
        items: &[Item],
        files: &[Id],
        before: Option<&Id>,
    ) -> Result<Vec<Write<CloudSchema>>> {
        let moving: Vec<&Item> = files.iter().filter_map(|file| items.iter().find(|item| item.node == *file)).collect();
        let others: Vec<&Item> = items.iter().filter(|item| !files.contains(&item.node)).collect();
        let place = match before {
            Some(before) => others.iter().position(|item| item.node == *before),
            None => Some(others.len()),
        };
        let place = place.ok_or_else(not_in_it)?;
        let behind = place.checked_sub(1).map(|behind| &others[behind].rank);
        let ranks = Rank::spread(behind, others.get(place).map(|item| &item.rank), moving.len())?;
        let partition = [CloudValue::Id(album.id)];
        let listed = self.log().list(Collection::AlbumItem, &partition).await?;
        let mut records: HashMap<_, Record<CloudSchema>> =
            listed.into_iter().filter_map(|(key, record)| Some((key.to_bytes(), record.ok()?))).collect();
        let mut writes = Vec::with_capacity(moving.len());
        for (item, rank) in moving.into_iter().zip(ranks) {
            let Some(record) = records.remove(&key::album_item(&album.id, &item.id).to_bytes()) else { continue };
            let item = Item { rank, edit: item.edit.checked_add(1).ok_or_else(no_more)?, ..item.clone() };
            let record = item.update(record, album)?;
            self.seen_albums().remember_item(Hash::of(&record.to_bytes()), item);
            writes.push(Write::Put(record, Condition::Present));
        }
        Ok(writes)
    }

    /// Adds to `writes`, as far as there is room, that items go whose files are gone.
    async fn take_out_what_is_gone(&self, album: &KnownAlbum, writes: &mut Vec<Write<CloudSchema>>) -> Result<()> {
        for item in self.items(album).await? {
            let taken = key::album_item(&album.id, &item.id);
            let is_written = writes.iter().any(|write| *write.key() == taken);
            if writes.len() < MOST_WRITES && !is_written && self.log().parent(&item.node).await.is_none() {
                writes.push(taken_out(album, &item));
            }
        }
        Ok(())
    }
}

fn taken_out(album: &KnownAlbum, item: &Item) -> Write<CloudSchema> {
    Write::Delete(key::album_item(&album.id, &item.id), Condition::None)
}

fn refuse_absent<'a>(items: &[Item], mut files: impl Iterator<Item = &'a Id>) -> Result<()> {
    let present: HashSet<Id> = items.iter().map(|item| item.node).collect();
    if files.all(|file| present.contains(file)) { Ok(()) } else { Err(not_in_it()) }
}

fn refuse_too_many(files: usize) -> Result<()> {
    if files <= MOST_FILES { Ok(()) } else { Err(Error::new(ErrorKind::Malformed, "an album has up to 10,000 files")) }
}

fn not_in_it() -> Error {
    Error::new(ErrorKind::NotFound, "this file is not in the album")
}

/// As many as are read in a moment, and fit into memory.
const MOST_FILES: usize = 10_000;
