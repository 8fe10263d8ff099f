//! What was opened of albums, for as long as the log's latest hashes stay the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use imegha_crypto::{Hash, Id};

use super::album::KnownAlbum;
use super::item::Item;

/// Albums and items in memory, each with the hash of its record: of one that was read, or that is about to be written. What the log does not
/// name in the end is asked for by nobody.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Maps>);

#[derive(Debug, Default)]
struct Maps {
    albums: HashMap<Id, (Hash, KnownAlbum)>,
    items: HashMap<Id, (Hash, Item)>,
}

impl Seen {
    pub(super) fn album(&self, id: &Id, record: Hash) -> Option<KnownAlbum> {
        self.maps().albums.get(id).filter(|(known, _)| *known == record).map(|(_, album)| album.clone())
    }

    pub(super) fn item(&self, id: &Id, record: Hash) -> Option<Item> {
        self.maps().items.get(id).filter(|(known, _)| *known == record).map(|(_, item)| item.clone())
    }

    pub(super) fn remember_album(&self, record: Hash, album: KnownAlbum) {
        let mut maps = self.maps();
        if maps.albums.len() >= MOST_ALBUMS {
            maps.albums.clear();
        }
        maps.albums.insert(album.id, (record, album));
    }

    pub(super) fn remember_item(&self, record: Hash, item: Item) {
        let mut maps = self.maps();
        if maps.items.len() >= MOST_ITEMS {
            maps.items.clear();
        }
        maps.items.insert(item.id, (record, item));
    }

    fn maps(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some 300 bytes each.
const MOST_ALBUMS: usize = 2_000;
/// Some 200 bytes each.
const MOST_ITEMS: usize = 500_000;
