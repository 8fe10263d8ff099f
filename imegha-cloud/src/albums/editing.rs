//! Making albums, changing their titles and covers, deleting them.

use imegha_crypto::{Hash, Id};

use super::album::{Album, AlbumDraft, KnownAlbum};
use crate::backend::{Condition, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::files::MOST_WRITES;
use crate::log::{Action, Change, key};
use crate::schema::{CloudValue, Collection};

impl Cloud {
    /// Makes an empty album. Another may have the same title.
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
    /// let tower = cloud.upload(&cloud.root(), "tower.jpg", Content::new(BytesSource::new("stones"))).await?;
    ///
    /// let album = cloud.create_album("Summer").await?;
    /// cloud.add_to_album(&album.id, &[sea.id, tower.id]).await?;
    /// cloud.move_in_album(&album.id, &[tower.id], Some(&sea.id)).await?;
    /// assert_eq!(cloud.album_files(&album.id, 0, 100).await?, [tower, sea.clone()]);
    ///
    /// cloud.edit_album(&album.id, |album| album.cover = Some(sea.id)).await?;
    /// assert_eq!(cloud.albums().await?[0].cover, Some(sea.id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Malformed` for what cannot be a title: [`AlbumDraft::check`].
    pub async fn create_album(&self, title: &str) -> Result<Album> {
        let draft = AlbumDraft { title: title.to_owned(), cover: None };
        draft.check()?;
        let _writer = self.writer().lock().await;
        let now_ms = self.store().clock.now_ms();
        let album = KnownAlbum::generate(draft, now_ms)?;
        let record = album.to_record(self.albums_keys().newest(), now_ms)?;
        self.seen_albums().remember_album(Hash::of(&record.to_bytes()), album.clone());
        let change = Change {
            action: Action::CreateAlbum,
            nodes: vec![(album.id, album.epoch)],
            writes: vec![Write::Put(record, Condition::Absent)],
        };
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            if self.commit(base, &change, &mut attempts).await? {
                return self.shown_album(&album).await;
            }
        }
    }

    /// Changes title and cover of an album: `change` is given the newest, and again when another device wrote meanwhile. When it changes
    /// nothing, nothing is written.
    ///
    /// # Errors
    /// `NotFound` when there is no such album; `Malformed` for what cannot be a title, and for a cover that is none of its files.
    pub async fn edit_album(&self, album: &Id, mut change: impl FnMut(&mut AlbumDraft) + Send) -> Result<Album> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let mut album = self.open_album(album).await?;
            if self.renew_album(&album, base, &mut attempts).await? {
                continue;
            }
            let before = album.draft.clone();
            change(&mut album.draft);
            if album.draft == before {
                return self.shown_album(&album).await;
            }
            album.draft.check()?;
            if let Some(cover) = album.draft.cover
                && before.cover != Some(cover)
                && !self.shown_items(&album).await?.iter().any(|item| item.node == cover)
            {
                return Err(Error::new(ErrorKind::Malformed, "the cover of an album is one of its files"));
            }
            album.edit = album.edit.checked_add(1).ok_or_else(no_more)?;
            let record = album.to_record(self.albums_keys().newest(), self.store().clock.now_ms())?;
            self.seen_albums().remember_album(Hash::of(&record.to_bytes()), album.clone());
            let change = Change {
                action: Action::EditAlbum,
                nodes: vec![(album.id, album.epoch)],
                writes: vec![Write::Put(record, Condition::Present)],
            };
            if self.commit(base, &change, &mut attempts).await? {
                return self.shown_album(&album).await;
            }
        }
    }

    /// Deletes an album for good. Its files stay where they are. One that is damaged goes too.
    ///
    /// Of more than a hundred files the items go first, some at a time: when the store goes away half-way, there is less in the album
    /// than before.
    ///
    /// # Errors
    /// `NotFound` when there is no such album.
    pub async fn delete_album(&self, album: &Id) -> Result<()> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        let mut begun = false;
        loop {
            let base = self.log().refresh().await?;
            let own = key::album(album);
            if self.log().hash(&own.to_bytes()).await.is_none() {
                return match begun {
                    true => Ok(()),
                    false => Err(Error::new(ErrorKind::NotFound, "there is no such album")),
                };
            }
            let mut doomed: Vec<_> =
                self.log().hashes(Collection::AlbumItem, &[CloudValue::Id(*album)]).await?.into_iter().collect();
            let last = doomed.len() < MOST_WRITES;
            doomed.truncate(MOST_WRITES);
            let mut writes: Vec<_> = doomed.into_iter().map(|(item, _)| Write::Delete(item, Condition::None)).collect();
            if last {
                writes.push(Write::Delete(own, Condition::Present));
            }
            let epoch = self.log().epoch(album).await;
            let nodes = epoch.map(|epoch| (*album, epoch)).into_iter().collect();
            if self.commit(base, &Change { action: Action::DeleteAlbum, nodes, writes }, &mut attempts).await? {
                attempts = Attempts::at_race(&self.store().clock);
                begun = true;
                if last {
                    return Ok(());
                }
            }
        }
    }
}

pub(super) fn no_more() -> Error {
    Error::new(ErrorKind::Malformed, "there are no more numbers")
}
