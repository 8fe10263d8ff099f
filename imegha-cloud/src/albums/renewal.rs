//! Replacing an album's key once the account's keys were renewed: whoever has seen the former DEK knows it.

use imegha_crypto::{AlbumKey, Hash};

use super::album::{FormerKey, KnownAlbum};
use super::editing::no_more;
use super::item::Item;
use super::reading::is_damage;
use crate::backend::{Condition, Record, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{ErrorKind, Result};
use crate::files::MOST_WRITES;
use crate::files::fields::Fields;
use crate::log::{Action, Change, Position};
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

impl Cloud {
    /// Replaces the key of an album where that is to be done before anything more is sealed under it, and finishes what another device
    /// began. `true` when there was something: what was read before is to be read again.
    pub(super) async fn renew_album(
        &self,
        album: &KnownAlbum,
        base: Position,
        attempts: &mut Attempts,
    ) -> Result<bool> {
        if !album.stale && album.former.is_none() {
            return Ok(false);
        }
        let mut renewal = self.begin_album_renewal(album).await?;
        self.commit_each(base, attempts, || renewal.next_change(self)).await
    }

    async fn begin_album_renewal(&self, album: &KnownAlbum) -> Result<Renewal> {
        let holder = album.former.as_ref().map_or(album.epoch, |former| former.epoch);
        let (mut waiting, mut damaged) = (Vec::new(), false);
        for (_, record) in self.log().list(Collection::AlbumItem, &[CloudValue::Id(album.id)]).await? {
            match record {
                Ok(record) if Fields(&record).epoch(Field::AlbumEpoch)? == holder => waiting.push(record),
                Ok(_) => {}
                Err(error) if is_damage(&error) => damaged = true,
                Err(error) => return Err(error),
            }
        }
        let mut album = album.clone();
        let fresh = album.former.is_none();
        if fresh {
            album.former = Some(FormerKey { key: album.key.clone(), epoch: album.epoch });
            album.key = AlbumKey::generate()?;
            album.epoch = album.epoch.checked_add(1).ok_or_else(no_more)?;
            album.edit = album.edit.checked_add(1).ok_or_else(no_more)?;
            album.stale = false;
        }
        Ok(Renewal { album, waiting, fresh, damaged })
    }
}

/// A key that is being replaced, in as many changes as it takes.
struct Renewal {
    /// With its new key, and the former one until the last change.
    album: KnownAlbum,
    /// The items that stand under the former key still.
    waiting: Vec<Record<CloudSchema>>,
    /// Whether the new key is not written yet.
    fresh: bool,
    /// Whether an item under the former key cannot be read: then that key stays, for as long as there need be no third.
    damaged: bool,
}

impl Renewal {
    /// The next change, if there is more to do.
    fn next_change(&mut self, cloud: &Cloud) -> Result<Option<Change>> {
        if self.album.former.is_none() {
            return Ok(None);
        }
        let mut writes = Vec::new();
        while writes.len() + 1 < MOST_WRITES
            && let Some(record) = self.waiting.pop()
        {
            match self.renewed(&record) {
                Ok((item, record)) => {
                    cloud.seen_albums().remember_item(Hash::of(&record.to_bytes()), item);
                    writes.push(Write::Put(record, Condition::Present));
                }
                Err(error) if error.kind() == ErrorKind::CannotOpen => self.damaged = true,
                Err(error) => return Err(error),
            }
        }
        // A third key has no place: what was damaged all the time loses its place in the album, and no file is lost.
        let gives_up = self.album.stale && writes.is_empty();
        let last = self.waiting.is_empty() && (!self.damaged || gives_up);
        if last {
            self.album.former = None;
        }
        if self.fresh || last {
            let record = self.album.to_record(cloud.albums_keys().newest(), cloud.store().clock.now_ms())?;
            cloud.seen_albums().remember_album(Hash::of(&record.to_bytes()), self.album.clone());
            writes.push(Write::Put(record, Condition::Present));
        }
        self.fresh = false;
        let nodes = vec![(self.album.id, self.album.epoch)];
        Ok((!writes.is_empty()).then_some(Change { action: Action::Rekey, nodes, writes }))
    }

    fn renewed(&self, record: &Record<CloudSchema>) -> Result<(Item, Record<CloudSchema>)> {
        Item::open(record, &self.album)?.renewed(record, &self.album)
    }
}
