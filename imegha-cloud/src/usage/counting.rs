//! Counting what a cloud holds.

use imegha_crypto::Id;

use crate::backend::{ObjectName, Record};
use crate::client::Cloud;
use crate::error::Result;
use crate::files::fields::Fields;
use crate::files::tree::{DEEPEST, endless};
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// What a cloud holds, in the bytes that it takes in storage: ciphertext, which is a little more than what was uploaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Contents of the newest revisions of files.
    pub newest: Amount,
    /// Contents of older revisions.
    pub older: Amount,
    /// Everything of the files in the trash: contents of all revisions, and thumbnails.
    pub trash: Amount,
    /// Thumbnails.
    pub thumbnails: Amount,
    /// The checkpoint of the log, from which a new device starts.
    pub checkpoint: Amount,
    /// Objects that no record names: of uploads that are about to be saved, or that were given up, which [`Cloud::gc`] collects.
    pub orphaned: Amount,
    /// Objects that a record names and that storage does not have: [`Cloud::verify`] tells which files they are of.
    pub missing: u64,
    /// Uploads in parts that are not finished. Storage does not tell how many bytes were sent of them.
    pub unfinished: u64,
    /// The records, those of the log among them. Not a gateway's own, of which the nonces go by themselves.
    pub records: Amount,
    /// Records that cannot be taken, because they are damaged, withheld or older than the log's. What only they name counts as orphaned.
    pub unreadable: u64,
}

/// How many, and how many bytes they have together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Usage {
    /// All objects that storage has: what [`Usage::estimate`] reckons with.
    pub fn objects(&self) -> Amount {
        let kinds = [self.newest, self.older, self.trash, self.thumbnails, self.checkpoint, self.orphaned];
        kinds.into_iter().fold(Amount::default(), Amount::plus)
    }

    fn of(&mut self, kind: Kind) -> &mut Amount {
        match kind {
            Kind::Newest => &mut self.newest,
            Kind::Older => &mut self.older,
            Kind::Trash => &mut self.trash,
            Kind::Thumbnail => &mut self.thumbnails,
            Kind::Checkpoint => &mut self.checkpoint,
        }
    }
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        *self = self.plus(Self { count: 1, bytes });
    }

    /// Lengths are storage's word: a sum of them may be past every number.
    fn plus(self, other: Self) -> Self {
        Self { count: self.count.saturating_add(other.count), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

impl Cloud {
    /// Counts what the cloud holds, by kind. No content is read and no name is opened: the records say which objects there should be,
    /// and a listing of the objects which there are and how long each is.
    ///
    /// Everything is counted at each call: it reads every record and the whole log, and lists every object. Memory holds a page of each,
    /// the folders that are still to be looked at, and 25 bytes for each object that a record names.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
    /// # use imegha_cloud::clock::SystemClock;
    /// # use imegha_cloud::{CloudKeys, MemoryDevice, Store};
    /// # use imegha_crypto::{Dek, Id, Identity};
    /// use imegha_cloud::{BytesSource, Cloud, Content, PriceList, Requests};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let keys = CloudKeys::new(Id::generate()?, Dek::generate()?, 1, Arc::new(Identity::generate()?));
    /// # let store = Store {
    /// #     records: Arc::new(MemoryRecords::default()),
    /// #     blobs: Arc::new(MemoryBlobs::default()),
    /// #     clock: Arc::new(SystemClock),
    /// #     device: Arc::new(MemoryDevice::new()),
    /// # };
    /// # let cloud = Cloud::create(keys, store).await?;
    /// let file = cloud.upload(&cloud.root(), "letter", Content::new(BytesSource::new("Dear"))).await?;
    /// cloud.replace(&file.id, Content::new(BytesSource::new("Dear all"))).await?;
    ///
    /// let usage = cloud.usage().await?;
    /// assert_eq!((usage.newest.count, usage.older.count, usage.orphaned.count), (1, 1, 0));
    /// let estimate = usage.estimate(&PriceList::AWS_2025, &Requests { object_writes: 1_000, ..Requests::default() });
    /// println!("about {} a month", estimate.total());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Rollback` when storage shows an older state of the whole cloud; `CannotOpen` when its log is damaged, or it lists things out of
    /// order; `Unavailable` when the store stays away.
    pub async fn usage(&self) -> Result<Usage> {
        let mut runs = 1;
        loop {
            let before = self.log().refresh().await?;
            let mut count = Count { cloud: self, usage: Usage::default(), named: Vec::new() };
            count.log().await?;
            count.nodes().await?;
            let checkpoint = self.log().checkpoint().await?;
            count.named.extend(checkpoint.map(|checkpoint| (checkpoint.object, Kind::Checkpoint)));
            count.objects().await?;
            count.usage.unfinished = self.store().uploads().await?.len() as u64;
            // What another device moved in between may have been counted twice or not at all.
            if runs == RUNS || self.log().refresh().await? == before {
                return Ok(count.usage);
            }
            runs += 1;
        }
    }
}

/// What an object is, as the records say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Newest,
    Older,
    Trash,
    Thumbnail,
    Checkpoint,
}

/// A run of [`Cloud::usage`].
struct Count<'a> {
    cloud: &'a Cloud,
    usage: Usage,
    named: Vec<(ObjectName, Kind)>,
}

impl Count<'_> {
    /// The log's entries and its head, and the records that there is one of, or few.
    async fn log(&mut self) -> Result<()> {
        let mut way = self.cloud.log().whole().await;
        while let Some(entries) = way.next().await? {
            self.usage.records.count += entries.len() as u64;
        }
        self.usage.records.bytes = way.bytes();
        if let Some(head) = self.cloud.store().get(&key::head()).await? {
            self.usage.records.add(head.to_bytes().len() as u64);
        }
        let few = [Collection::Cloud, Collection::Wrap, Collection::Earlier, Collection::Profile, Collection::Album];
        for collection in few {
            self.records(collection, &[], |_, _, _| {}).await?;
        }
        for album in self.cloud.album_ids().await? {
            self.records(Collection::AlbumItem, &[CloudValue::Id(album)], |_, _, _| {}).await?;
        }
        Ok(())
    }

    /// The records of all files and folders, from the root and the trash on.
    async fn nodes(&mut self) -> Result<()> {
        let (cloud, trash) = (self.cloud, self.cloud.trash_id().await?);
        // A locator holds an id under an id: they are of one length, and need not be read.
        let locator_len = Record::<CloudSchema>::new(key::locator(&Id::ZERO))
            .with(Field::Parent, CloudValue::Id(Id::ZERO))
            .to_bytes()
            .len() as u64;
        let mut folders = vec![(Id::ZERO, 0_usize, false)];
        while let Some((folder, depth, in_trash)) = folders.pop() {
            if depth > DEEPEST {
                return Err(endless());
            }
            let mut nodes = Vec::new();
            self.records(Collection::Children, &[CloudValue::Id(folder)], |count, place, record| {
                if let [CloudValue::Id(node)] = place[..] {
                    nodes.push(node);
                }
                if let Some(record) = record {
                    count.named.extend(named(record, Kind::Newest, in_trash));
                }
            })
            .await?;
            for node in nodes {
                let in_trash = in_trash || Some(node) == trash;
                self.usage.records.add(locator_len);
                if cloud.log().has_any(Collection::Children, &[CloudValue::Id(node)]).await {
                    folders.push((node, depth + 1, in_trash));
                }
                if cloud.log().has_any(Collection::Revision, &[CloudValue::Id(node)]).await {
                    self.records(Collection::Revision, &[CloudValue::Id(node)], |count, _, record| {
                        if let Some(record) = record {
                            count.named.extend(named(record, Kind::Older, in_trash));
                        }
                    })
                    .await?;
                }
            }
        }
        Ok(())
    }

    /// Counts the records of a partition, and gives each to `each`: its place, and the record if it can be taken.
    async fn records(
        &mut self,
        collection: Collection,
        partition: &[CloudValue],
        mut each: impl FnMut(&mut Self, &[CloudValue], Option<&Record<CloudSchema>>) + Send,
    ) -> Result<()> {
        let mut listing = self.cloud.log().listing(collection, partition);
        while let Some(page) = listing.next().await? {
            for (key, record) in page {
                match &record {
                    Ok(record) => self.usage.records.add(record.to_bytes().len() as u64),
                    Err(_) => self.usage.unreadable += 1,
                }
                each(self, &key.sort, record.as_ref().ok());
            }
        }
        Ok(())
    }

    /// Goes through the objects and what was noted side by side, both in the order of names.
    async fn objects(&mut self) -> Result<()> {
        self.named.sort_unstable();
        self.named.dedup_by_key(|(name, _)| *name);
        let mut named = std::mem::take(&mut self.named).into_iter().peekable();
        let mut objects = self.cloud.store().objects();
        while let Some(page) = objects.next().await? {
            for meta in page {
                while let Some((_, kind)) = named.next_if(|(name, _)| *name < meta.name) {
                    self.usage.missing += is_missed(kind);
                }
                match named.next_if(|(name, _)| *name == meta.name) {
                    Some((_, kind)) => self.usage.of(kind).add(meta.size),
                    None => self.usage.orphaned.add(meta.size),
                }
            }
        }
        self.usage.missing += named.map(|(_, kind)| is_missed(kind)).sum::<u64>();
        Ok(())
    }
}

/// The objects that a record names, whose content is of that kind.
fn named(record: &Record<CloudSchema>, content: Kind, in_trash: bool) -> impl Iterator<Item = (ObjectName, Kind)> {
    [(Field::Object, content), (Field::Thumbnail, Kind::Thumbnail)].into_iter().filter_map(move |(field, kind)| {
        let salt = Fields(record).salt(field).ok()?;
        Some((ObjectName::from_salt(salt), if in_trash { Kind::Trash } else { kind }))
    })
}

/// One, if an object of that kind that is not there is a loss. Without a checkpoint the log is read.
fn is_missed(kind: Kind) -> u64 {
    u64::from(kind != Kind::Checkpoint)
}

/// How often everything is counted when other devices write meanwhile.
const RUNS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_is_counted_beside_the_content() {
        let folder = Record::<CloudSchema>::new(key::child(&Id::ZERO, &Id::ZERO));
        assert_eq!(named(&folder, Kind::Newest, false).count(), 0);
        let file =
            folder.with(Field::Object, CloudValue::Salt([1; 24])).with(Field::Thumbnail, CloudValue::Salt([2; 24]));
        for (content, in_trash, kinds) in [
            (Kind::Newest, false, [Kind::Newest, Kind::Thumbnail]),
            (Kind::Older, false, [Kind::Older, Kind::Thumbnail]),
            (Kind::Older, true, [Kind::Trash, Kind::Trash]),
        ] {
            let names = [1, 2].map(|number| ObjectName::from_salt([number; 24]));
            assert!(named(&file, content, in_trash).eq(names.into_iter().zip(kinds)));
        }
    }
}
