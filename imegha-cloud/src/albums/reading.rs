//! Looking at albums.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::{Hash, Id, Purpose};

use super::album::{Album, KnownAlbum};
use super::item::Item;
use crate::backend::records::MAX_KEYS;
use crate::client::{Cloud, Deks, PurposeKeys};
use crate::error::{Error, ErrorKind, Result};
use crate::files::Entry;
use crate::log::key;
use crate::schema::{CloudValue, Collection};

impl Cloud {
    /// All albums, the newest first. What is damaged, older than this device has seen, or withheld by storage is in the list with
    /// [`Album::damaged`](field@Album::damaged).
    ///
    /// The first time this reads every item of every album, a request for each album; after that only albums that another device has changed.
    ///
    /// # Errors
    /// `Rollback` when storage shows an older state of the whole cloud; `Unavailable` when the store stays away.
    pub async fn albums(&self) -> Result<Vec<Album>> {
        self.log().refresh().await?;
        let ids = self.album_ids().await?;
        let albums = stream::iter(ids).map(|id| async move {
            match self.known_album(&id).await {
                Ok(Some(album)) => self.shown_album(&album).await.map(Some),
                // Deleted by another device meanwhile.
                Ok(None) => Ok(None),
                Err(error) if is_damage(&error) => Ok(Some(Album::damaged(id, error.kind()))),
                Err(error) => Err(error),
            }
        });
        let albums: Vec<_> = albums.buffered(AT_ONCE).try_collect().await?;
        let mut albums: Vec<Album> = albums.into_iter().flatten().collect();
        albums.sort_by_key(|album| (Reverse(album.created_ms), album.id));
        Ok(albums)
    }

    /// One album.
    ///
    /// # Errors
    /// `NotFound`, and `CannotOpen` or `Rollback` for what [`Cloud::albums`] shows as damaged.
    pub async fn album(&self, album: &Id) -> Result<Album> {
        self.log().refresh().await?;
        let album = self.open_album(album).await?;
        self.shown_album(&album).await
    }

    /// The files of an album in their order, as each is now: at most `most` of them behind the first `skip`. One that is damaged is among
    /// them with [`Entry::damaged`](field@Entry::damaged).
    ///
    /// What the device has listed or opened before costs no request; other files are asked for ten at a time.
    ///
    /// # Errors
    /// As [`Cloud::album`].
    pub async fn album_files(&self, album: &Id, skip: usize, most: usize) -> Result<Vec<Entry>> {
        self.log().refresh().await?;
        let album = self.open_album(album).await?;
        let files: Vec<Id> =
            self.shown_items(&album).await?.iter().skip(skip).take(most).map(|item| item.node).collect();
        self.all_entries_of(&files).await
    }

    /// The file that is shown for each of these albums, as it is now: [`Album::cover`]. Nothing where there is none, or where it is gone
    /// meanwhile; one that is damaged is there with [`Entry::damaged`](field@Entry::damaged).
    ///
    /// What the device has listed or opened before costs no request; other files are asked for ten at a time.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity};
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// # let cloud = Cloud::create(keys, store).await?;
    /// let sea = cloud.upload(&cloud.root(), "sea.jpg", Content::new(BytesSource::new("waves"))).await?;
    /// let (empty, summer) = (cloud.create_album("Empty").await?, cloud.create_album("Summer").await?);
    /// cloud.add_to_album(&summer.id, &[sea.id]).await?;
    ///
    /// let albums = [empty, cloud.album(&summer.id).await?];
    /// assert_eq!(cloud.album_covers(&albums).await?, [None, Some(sea.clone())]);
    ///
    /// cloud.trash(&[sea.id]).await?;
    /// cloud.purge(&[sea.id]).await?;
    /// assert_eq!(cloud.album_covers(&albums).await?, [None, None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Unavailable` when the store stays away.
    pub async fn album_covers(&self, albums: &[Album]) -> Result<Vec<Option<Entry>>> {
        let covers: Vec<Id> = albums.iter().filter_map(|album| album.cover).collect();
        let found = self.all_entries_of(&covers).await?;
        let found: HashMap<Id, Entry> = found.into_iter().map(|entry| (entry.id, entry)).collect();
        Ok(albums.iter().map(|album| found.get(&album.cover?).cloned()).collect())
    }

    /// The ids of all albums, as far as the log has been read.
    pub(crate) async fn album_ids(&self) -> Result<Vec<Id>> {
        let known = self.log().hashes(Collection::Album, &[]).await?;
        Ok(known.iter().filter_map(|(key, _)| id_of(&key.sort)).collect())
    }

    /// The album of that id.
    ///
    /// # Errors
    /// `NotFound` when the log knows of none.
    pub(super) async fn open_album(&self, album: &Id) -> Result<KnownAlbum> {
        let known = self.known_album(album).await?;
        known.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such album"))
    }

    async fn known_album(&self, id: &Id) -> Result<Option<KnownAlbum>> {
        let place = key::album(id);
        let seen = self.log().hash(&place.to_bytes()).await.and_then(|record| self.seen_albums().album(id, record));
        if seen.is_some() {
            return Ok(seen);
        }
        let Some(record) = self.log().read(&place).await? else { return Ok(None) };
        let album = KnownAlbum::open(&record, &self.albums_keys())?;
        self.seen_albums().remember_album(Hash::of(&record.to_bytes()), album.clone());
        Ok(Some(album))
    }

    /// The items of an album in their order, those among them whose files are in the trash or gone. What cannot be opened is left out:
    /// [`Cloud::verify`] reports it.
    pub(super) async fn items(&self, album: &KnownAlbum) -> Result<Vec<Item>> {
        let partition = [CloudValue::Id(album.id)];
        let known = self.log().hashes(Collection::AlbumItem, &partition).await?;
        let seen: Option<Vec<Item>> =
            known.iter().map(|(key, record)| self.seen_albums().item(&id_of(&key.sort)?, *record)).collect();
        let mut items = match seen {
            Some(items) => items,
            None => {
                let mut items = Vec::new();
                for (_, record) in self.log().list(Collection::AlbumItem, &partition).await? {
                    let opened =
                        record.and_then(|record| Ok((Hash::of(&record.to_bytes()), Item::open(&record, album)?)));
                    match opened {
                        Ok((record, item)) => {
                            self.seen_albums().remember_item(record, item.clone());
                            items.push(item);
                        }
                        Err(error) if is_damage(&error) => {}
                        Err(error) => return Err(error),
                    }
                }
                items
            }
        };
        items.sort_by(|one, other| (&one.rank, one.id).cmp(&(&other.rank, other.id)));
        Ok(items)
    }

    /// The items whose files are neither in the trash nor gone. Of two that show one file, which two versions may have left, the first.
    pub(crate) async fn shown_items(&self, album: &KnownAlbum) -> Result<Vec<Item>> {
        let mut items = self.items(album).await?;
        let nodes: Vec<Id> = items.iter().map(|item| item.node).collect();
        let mut tops = self.log().tops(&nodes).await.into_iter();
        let mut shown = HashSet::new();
        items.retain(|item| tops.next().flatten() == Some(self.root()) && shown.insert(item.node));
        Ok(items)
    }

    /// Every album, with its files where it can be opened: for exports.
    pub(crate) async fn albums_with_files(&self) -> Result<Vec<(Album, Result<Vec<Id>>)>> {
        let mut albums = Vec::new();
        for album in self.albums().await? {
            let files = match album.damaged {
                Some(why) => Err(Error::new(why, "an album cannot be opened")),
                // Another device may have deleted it since.
                None => self.album_nodes(&album.id).await,
            };
            albums.push((album, files));
        }
        Ok(albums)
    }

    async fn album_nodes(&self, album: &Id) -> Result<Vec<Id>> {
        let known = self.open_album(album).await?;
        Ok(self.shown_items(&known).await?.iter().map(|item| item.node).collect())
    }

    pub(crate) fn albums_keys(&self) -> PurposeKeys {
        Deks::of(self.keys()).purpose(Purpose::Albums, &self.id())
    }

    pub(super) async fn shown_album(&self, album: &KnownAlbum) -> Result<Album> {
        let items = self.shown_items(album).await?;
        let chosen = items.iter().find(|item| Some(item.node) == album.draft.cover);
        Ok(Album {
            id: album.id,
            title: album.draft.title.clone(),
            cover: chosen.or(items.first()).map(|item| item.node),
            files: items.len(),
            created_ms: album.created_ms,
            damaged: None,
        })
    }

    /// The entries of files, in this order. What is gone meanwhile is left out.
    async fn all_entries_of(&self, files: &[Id]) -> Result<Vec<Entry>> {
        let entries = stream::iter(files.chunks(MAX_KEYS).map(<[Id]>::to_vec).collect::<Vec<_>>());
        let entries = entries.map(|files| async move { self.entries_of(&files).await });
        let entries: Vec<Vec<Entry>> = entries.buffered(AT_ONCE).try_collect().await?;
        Ok(entries.concat())
    }

    /// The entries of up to ten files, each where the log has it. What is gone meanwhile is left out.
    async fn entries_of(&self, files: &[Id]) -> Result<Vec<Entry>> {
        let mut entries = vec![None; files.len()];
        let mut unseen = Vec::new();
        for (place, file) in files.iter().enumerate() {
            let Some(parent) = self.log().parent(file).await else { continue };
            let own = key::child(&parent, file);
            let record = self.log().hash(&own.to_bytes()).await;
            match record.and_then(|record| self.tree().seen_entry(file, record)) {
                Some(entry) => entries[place] = Some(entry),
                None => unseen.push((place, parent, own)),
            }
        }
        if !unseen.is_empty() {
            let keys: Vec<_> = unseen.iter().map(|(_, _, own)| own.clone()).collect();
            let shown = self.store().get_all(&keys).await?;
            for ((place, parent, _), shown) in unseen.into_iter().zip(shown) {
                entries[place] = match self.tree().open_shown(&files[place], shown).await {
                    Ok(opened) => Some(self.tree().entry(&opened.record, &opened.parent_key)),
                    Err(error) if error.kind() == ErrorKind::NotFound => None,
                    Err(error) => Some(Err(error)),
                }
                .map(|entry| match entry {
                    Err(error) if is_damage(&error) => Ok(Entry::damaged(files[place], parent, error.kind())),
                    entry => entry,
                })
                .transpose()?;
            }
        }
        Ok(entries.into_iter().flatten().collect())
    }
}

pub(super) fn id_of(sort: &[CloudValue]) -> Option<Id> {
    match sort {
        [CloudValue::Id(id)] => Some(*id),
        _ => None,
    }
}

/// Whether an error is about what is stored, and the rest can be shown all the same.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback)
}

/// Albums, or groups of ten files, that are asked for at once.
const AT_ONCE: usize = 8;
