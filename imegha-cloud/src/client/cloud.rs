//! The client of one cloud.

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::lock::Mutex;
use imegha_crypto::Id;

use super::epochs::Deks;
use super::keys::CloudKeys;
use super::store::Store;
use crate::albums;
use crate::backend::{Condition, Record, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::files::NodeKind;
use crate::files::fields::Fields;
use crate::files::node::Node;
use crate::files::parent_key::ParentKey;
use crate::files::tree::Tree;
use crate::log::{Action, Change, Log, Position, key};
use crate::schema::{CloudValue, Field};

/// A person's cloud: its keys and its storage.
///
/// Cheap to clone; clones share what they have read. Every method first takes the head of the log, so that what other devices
/// wrote is seen, and an older state is reported as [`ErrorKind::Rollback`].
///
/// ```
/// # use std::sync::Arc;
/// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
/// # use imegha_cloud::clock::SystemClock;
/// # use imegha_crypto::{Dek, Id, Identity};
/// use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, MemoryDevice, Store};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
/// let store = Store {
///     records: Arc::new(MemoryRecords::default()),
///     blobs: Arc::new(MemoryBlobs::default()),
///     clock: Arc::new(SystemClock),
///     device: Arc::new(MemoryDevice::new()),
/// };
/// let cloud = Cloud::create(keys.clone(), store.clone()).await?;
/// let photos = cloud.create_folder(&cloud.root(), "Photos").await?;
/// let content = Content::new(BytesSource::new("not quite a photo")).mime("image/jpeg");
/// let photo = cloud.upload(&photos.id, "sea.jpg", content).await?;
///
/// let again = Cloud::open(keys, store).await?;
/// assert_eq!(again.list(&photos.id).await?, [photo.clone()]);
/// assert_eq!(again.download(&photo.id).await?.bytes().await?, b"not quite a photo");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Cloud(Arc<Inner>);

struct Inner {
    id: Id,
    root: Id,
    keys: CloudKeys,
    store: Store,
    log: Arc<Log>,
    tree: Tree,
    /// Known once it was read: there is one trash, made when it is first needed.
    trash: OnceLock<Id>,
    albums: albums::Seen,
    writer: Mutex<()>,
}

impl Cloud {
    /// Creates a cloud in empty storage: its id, its root folder, the first entry of its log.
    ///
    /// # Errors
    /// `AlreadyExists` when there is one.
    pub async fn create(keys: CloudKeys, store: Store) -> Result<Self> {
        if store.get(&key::cloud()).await?.is_some() {
            return Err(there_is_one());
        }
        let id = keys.cloud.map_or_else(Id::generate, Ok)?;
        let now_ms = store.clock.now_ms();
        let root = Node::generate(Id::generate()?, Id::ZERO, NodeKind::Folder, "", now_ms)?;
        let cloud = Record::new(key::cloud())
            .with(Field::CloudId, CloudValue::Id(id))
            .with(Field::NodeId, CloudValue::Id(root.id))
            .with(Field::Written, CloudValue::Time(now_ms));
        let root_record = root.to_record(&ParentKey::Dek(Deks::of(&keys)), now_ms)?;
        let wrap = keys.recovery_wrap.as_ref().map(|wrap| keys.recovery_record(wrap, now_ms)).transpose()?;
        let records = [cloud, root_record, root.to_locator()].into_iter().chain(wrap);
        let change = Change {
            action: Action::CreateCloud,
            nodes: vec![(root.id, root.epoch)],
            writes: records.map(|record| Write::Put(record, Condition::Absent)).collect(),
        };
        let log = Log::new(id, &keys, &store);
        if let Err(not) = log.append(Position::START, &change).await {
            let found = store.get(&key::cloud()).await.ok().flatten();
            let other = found.is_some_and(|found| Fields(&found).id(Field::CloudId).ok() != Some(id));
            return Err(if other || not.error.kind() == ErrorKind::Conflict { there_is_one() } else { not.error });
        }
        Ok(Self::new(id, root.id, keys, store, log))
    }

    /// Opens the cloud that is there, and reads its log from what this device remembers. One that remembers nothing starts from the
    /// newest checkpoint, if that can be used, and else from the first entry.
    ///
    /// # Errors
    /// `NotFound` when there is no cloud in this storage; `CannotOpen` when it is not of these keys, or damaged; `Rollback` when
    /// it is in an older state than this device has seen, or is another one than [`CloudKeys::cloud`] says.
    pub async fn open(keys: CloudKeys, store: Store) -> Result<Self> {
        let found = store.get(&key::cloud()).await?;
        let Some(found) = found else {
            return Err(match keys.cloud {
                // A device that knows the id and has a memory of it has seen it there.
                Some(id) if store.device.load(&id).await?.is_some() => {
                    Error::new(ErrorKind::Rollback, "storage has lost the cloud that this device has seen")
                }
                _ => Error::new(ErrorKind::NotFound, "there is no cloud in this storage"),
            });
        };
        let id = Fields(&found).id(Field::CloudId)?;
        if keys.cloud.is_some_and(|expected| expected != id) {
            return Err(Error::new(ErrorKind::Rollback, "storage shows another cloud than this device knows"));
        }
        let log = Log::open(id, &keys, &store).await?;
        let record = log.read(&key::cloud()).await?;
        let record = record.ok_or_else(|| Error::new(ErrorKind::CannotOpen, "the log knows of no cloud"))?;
        let root = Fields(&record).id(Field::NodeId)?;
        if Fields(&record).id(Field::CloudId)? != id {
            return Err(Error::new(ErrorKind::CannotOpen, "the cloud's record is of another cloud"));
        }
        let cloud = Self::new(id, root, keys, store, log);
        cloud.begin_epoch_if_it_can().await?;
        Ok(cloud)
    }

    /// The same, which writes a checkpoint of its log past every `entries` of them; 1,000 unless this is called.
    ///
    /// A device that knows nothing of the cloud starts from the newest checkpoint instead of the first entry. It costs an object, an entry
    /// and a moment of the change that it comes after.
    #[must_use]
    pub fn checkpoint_every(self, entries: std::num::NonZeroU64) -> Self {
        self.log().distance.store(entries.get(), std::sync::atomic::Ordering::Relaxed);
        self
    }

    /// The cloud's id.
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// The id of the root folder.
    pub fn root(&self) -> Id {
        self.0.root
    }

    fn new(id: Id, root: Id, keys: CloudKeys, store: Store, log: Log) -> Self {
        let log = Arc::new(log);
        let tree = Tree::new(id, &keys, log.clone());
        let (trash, albums, writer) = (OnceLock::new(), albums::Seen::default(), Mutex::new(()));
        Self(Arc::new(Inner { id, root, keys, store, log, tree, trash, albums, writer }))
    }

    pub(crate) fn keys(&self) -> &CloudKeys {
        &self.0.keys
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn log(&self) -> &Log {
        &self.0.log
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.0.tree
    }

    /// The trash, if this device has met it.
    pub(crate) fn known_trash(&self) -> &OnceLock<Id> {
        &self.0.trash
    }

    /// What was opened of albums.
    pub(crate) fn seen_albums(&self) -> &albums::Seen {
        &self.0.albums
    }

    /// Held by whoever builds a change and appends it, so that transfers of one process do not race each other.
    pub(crate) fn writer(&self) -> &Mutex<()> {
        &self.0.writer
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").field("id", &self.0.id).field("root", &self.0.root).finish_non_exhaustive()
    }
}

fn there_is_one() -> Error {
    Error::new(ErrorKind::AlreadyExists, "there is a cloud in this storage already")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{BytesSource, Content};

    /// Every future goes to another thread, whatever holds it: this compiles or it does not.
    #[test]
    fn futures_can_be_sent() {
        fn sent<T: Send>(_: impl FnOnce(&'static Cloud, &'static Id) -> T) {}
        sent(|cloud, id| cloud.list(id));
        sent(|cloud, id| cloud.path(id));
        sent(|cloud, id| cloud.create_folder(id, ""));
        sent(|cloud, id| cloud.rename(id, ""));
        sent(|cloud, id| cloud.move_to(std::slice::from_ref(id), id, crate::OnTaken::Refuse));
        sent(|cloud, id| cloud.trash(std::slice::from_ref(id)));
        sent(|cloud, id| cloud.restore(std::slice::from_ref(id)));
        sent(|cloud, id| cloud.purge(std::slice::from_ref(id)));
        sent(|cloud, id| cloud.ensure_folder(id, &[]));
        sent(|cloud, _| cloud.find("", 1));
        sent(|cloud, _| cloud.gc());
        sent(|cloud, _| cloud.verify(crate::Depth::Deep));
        sent(|cloud, _| cloud.usage());
        #[cfg(not(target_arch = "wasm32"))]
        sent(|cloud, _| async { cloud.export("", &crate::ExportOptions::new()).await });
        #[cfg(not(target_arch = "wasm32"))]
        sent(|cloud, _| async { cloud.export_tar(Vec::new(), "", &crate::ExportOptions::new()).await.map(drop) });
        sent(|cloud, _| async { cloud.audit(Default::default()).await?.next_page().await });
        sent(|cloud, id| cloud.upload(id, "", Content::new(BytesSource::new(""))));
        sent(|cloud, id| cloud.upload_all(id, Vec::new()));
        sent(|cloud, id| cloud.replace(id, Content::new(BytesSource::new(""))));
        sent(|cloud, id| cloud.revisions(id));
        sent(|cloud, id| cloud.restore_revision(id, 1));
        sent(|cloud, id| async { cloud.prune(id, &crate::KeepRevisions::none()).await });
        sent(|cloud, _| cloud.albums());
        sent(|cloud, id| cloud.album_files(id, 0, 1));
        sent(|cloud, _| cloud.create_album(""));
        sent(|cloud, id| cloud.edit_album(id, |album| album.title.clear()));
        sent(|cloud, id| cloud.add_to_album(id, std::slice::from_ref(id)));
        sent(|cloud, id| cloud.remove_from_album(id, std::slice::from_ref(id)));
        sent(|cloud, id| cloud.move_in_album(id, std::slice::from_ref(id), None));
        sent(|cloud, id| cloud.delete_album(id));
        sent(|cloud, _| cloud.profile());
        sent(|cloud, _| cloud.edit_profile(|profile| profile.name.clear()));
        sent(|cloud, _| async { cloud.migrate(cloud.store().clone(), &crate::CancelToken::new(), |_| {}).await });
        sent(|cloud, id| cloud.discard_upload(id));
        sent(|cloud, _| async { cloud.keep_recovery_wrap(cloud.keys().recovery_wrap.as_ref().unwrap()).await });
        sent(|cloud, _| cloud.unfinished());
        sent(|cloud, id| cloud.download(id));
        sent(|cloud, id| cloud.thumbnail(id));
        sent(|cloud, _| Cloud::open(cloud.keys().clone(), cloud.store().clone()));
        sent(|cloud, _| Cloud::create(cloud.keys().clone(), cloud.store().clone()));
    }
}
