//! Looking at everything that there should be, and telling what is not as it should.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::Id;

use super::entry::NodeKind;
use super::fields::Fields;
use super::looked::{Looked, Progress};
use super::node::{self, Node};
use super::object::Reader;
use super::parent_key::ParentKey;
use super::revision::Revision;
use super::thumbnail::KeptThumbnail;
use crate::albums::{Item, KnownAlbum};
use crate::backend::{ObjectName, Record};
use crate::client::{Cloud, Store};
use crate::error::{Error, ErrorKind, Result};
use crate::log::key;
use crate::schema::{CloudSchema, CloudValue, Collection, Field};

/// How much [`Cloud::verify`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Depth {
    /// Every record, and of every object whether it is there and how long it is.
    Quick,
    /// Also every byte of every object, of the newest and the older revisions.
    Deep,
}

/// What [`Cloud::verify`] has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that the log knows and that storage showed as they should be.
    pub records: u64,
    /// Files and folders that opened, the root and the trash among them.
    pub nodes: u64,
    /// Objects that are as they should be, as far as they were looked at.
    pub objects: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

/// Something that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, folder or album that it is about; nothing when it is about the cloud.
    pub node: Option<Id>,
    /// What is wrong.
    pub what: Fault,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The log is not there from its beginning to its end, or says something else than this device knows: that may come from a wrong
    /// checkpoint.
    Log,
    /// Storage shows an older record than the log has, or none at all.
    Withheld,
    /// A record, a name or a revision cannot be opened, or is not the owner's.
    CannotOpen,
    /// No way of folders that can be opened leads to it from the root or the trash.
    Unreachable,
    /// An object is not there.
    ObjectMissing,
    /// An object is of another length than its record says, or cannot be opened.
    ObjectDamaged,
    /// A thumbnail is not there, or cannot be opened. The file itself is not touched by that: saved anew it has another.
    Thumbnail,
}

impl Cloud {
    /// Looks at every record that the log knows, opens every file and folder, checks every signature, and looks at every object.
    /// Nothing is changed. What is damaged does not stop it: it is in the report.
    ///
    /// # Errors
    /// `Rollback` when storage shows an older state of the whole cloud; `Unavailable` when the store stays away.
    pub async fn verify(&self, depth: Depth) -> Result<Report> {
        self.verify_with(depth, |_| {}).await
    }

    /// The same, and tells how far it is: when the objects are begun, and after each piece that was looked at. When another device writes
    /// meanwhile it may begin anew, and so may what it tells.
    ///
    /// It changes nothing, so it can be dropped at any moment.
    ///
    /// # Errors
    /// As [`Cloud::verify`].
    pub async fn verify_with(&self, depth: Depth, tell: impl Fn(Looked) + Send + Sync) -> Result<Report> {
        let mut runs = 1;
        loop {
            let before = self.log().refresh().await?;
            let report = self.verify_once(depth, &tell).await?;
            // What another device changed in between may look as if it were wrong.
            if report.problems.is_empty() || runs == RUNS || self.log().refresh().await? == before {
                return Ok(report);
            }
            runs += 1;
        }
    }

    async fn verify_once(&self, depth: Depth, tell: &(dyn Fn(Looked) + Send + Sync)) -> Result<Report> {
        let mut survey = Survey {
            cloud: self,
            report: Report::default(),
            children: HashMap::new(),
            revisions: HashMap::new(),
            albums: Vec::new(),
            items: HashMap::new(),
        };
        match self.log().check().await {
            Ok(()) => {}
            Err(error) if tells_damage(&error) => survey.wrong(None, Fault::Log),
            Err(error) => return Err(error),
        }
        survey.read_records().await?;
        survey.open_albums();
        let files = survey.open_nodes().await?;
        survey.look_at_objects(files, depth, tell).await?;
        Ok(survey.report)
    }
}

/// A run of [`Cloud::verify`].
struct Survey<'a> {
    cloud: &'a Cloud,
    report: Report,
    /// The records of nodes by their folder.
    children: HashMap<Id, Vec<Record<CloudSchema>>>,
    /// The records of older revisions by their file.
    revisions: HashMap<Id, Vec<Record<CloudSchema>>>,
    /// The records of albums.
    albums: Vec<Record<CloudSchema>>,
    /// The records of what is in albums, by their album.
    items: HashMap<Id, Vec<Record<CloudSchema>>>,
}

impl Survey<'_> {
    fn wrong(&mut self, node: Option<Id>, what: Fault) {
        self.report.problems.push(Problem { node, what });
    }

    /// Counts a record that is there, or says what is wrong with it.
    fn take<T>(&mut self, node: Option<Id>, record: Result<T>) -> Result<Option<T>> {
        match record {
            Ok(record) => {
                self.report.records += 1;
                Ok(Some(record))
            }
            Err(error) if tells_damage(&error) => {
                let withheld = error.kind() == ErrorKind::Rollback;
                self.wrong(node, if withheld { Fault::Withheld } else { Fault::CannotOpen });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn read_records(&mut self) -> Result<()> {
        let log = self.cloud.log();
        let mut alone = Vec::new();
        for partition in log.partitions().await? {
            let owner = match partition.parts[..] {
                [CloudValue::Id(id)] => Some(id),
                _ => None,
            };
            let (Collection::Children | Collection::Revision | Collection::AlbumItem, Some(owner)) =
                (partition.collection, owner)
            else {
                alone.push(partition);
                continue;
            };
            let listed = match log.list(partition.collection, &partition.parts).await {
                Err(error) if tells_damage(&error) => {
                    // Not the state of the whole cloud: of that the caller is told.
                    log.refresh().await?;
                    self.wrong(Some(owner), Fault::CannotOpen);
                    continue;
                }
                listed => listed?,
            };
            for (place, record) in listed {
                let node = match (partition.collection, &place.sort[..]) {
                    (Collection::Children, [CloudValue::Id(node)]) => *node,
                    _ => owner,
                };
                let Some(record) = self.take(Some(node), record)? else { continue };
                let kept = match partition.collection {
                    Collection::Children => &mut self.children,
                    Collection::AlbumItem => &mut self.items,
                    _ => &mut self.revisions,
                };
                kept.entry(owner).or_default().push(record);
            }
        }
        let keys = alone.iter().flat_map(|partition| partition.records.iter().map(|(name, _)| key::known(name)));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let read = stream::iter(keys).map(|key| async move {
            let node = match (key.collection, &key.partition[..], &key.sort[..]) {
                (_, [CloudValue::Id(id)], _) | (Collection::Album, _, [CloudValue::Id(id)]) => Some(*id),
                _ => None,
            };
            (node, log.read(&key).await)
        });
        let read: Vec<_> = read.buffered(AT_ONCE).collect().await;
        for (node, record) in read {
            let record = self.take(node, record)?.flatten();
            self.albums.extend(record.filter(|record| record.key.collection == Collection::Album));
        }
        Ok(())
    }

    /// Opens every album and what is in it. That an item's file is gone is nothing that is wrong.
    fn open_albums(&mut self) {
        let albums_keys = self.cloud.albums_keys();
        for record in std::mem::take(&mut self.albums) {
            let [CloudValue::Id(id)] = record.key.sort[..] else { continue };
            let items = self.items.remove(&id).unwrap_or_default();
            match KnownAlbum::open(&record, &albums_keys) {
                Ok(album) => {
                    let opens = |record| Item::open(record, &album).and_then(|item| item.open_file_key(record, &album));
                    for _ in items.iter().filter(|record| opens(record).is_err()) {
                        self.wrong(Some(id), Fault::CannotOpen);
                    }
                }
                Err(_) => self.wrong(Some(id), Fault::CannotOpen),
            }
        }
        for album in std::mem::take(&mut self.items).into_keys() {
            // The album's own record has been told of, if it is withheld.
            let told = self.report.problems.iter().any(|problem| problem.node == Some(album));
            if !told {
                self.wrong(Some(album), Fault::Unreachable);
            }
        }
    }

    /// Opens every node from the root and the trash on, and gives the revisions of all files.
    async fn open_nodes(&mut self) -> Result<Vec<Revision>> {
        let mut revisions = Vec::new();
        let tops: HashSet<Id> = [Some(self.cloud.root()), self.cloud.trash_id().await?].into_iter().flatten().collect();
        let mut folders = vec![(Id::ZERO, self.cloud.tree().folder_key(&Id::ZERO).await?)];
        while let Some((folder, key)) = folders.pop() {
            for record in self.children.remove(&folder).unwrap_or_default() {
                let (_, id) = node::place(&record)?;
                if folder == Id::ZERO && !tops.contains(&id) {
                    self.wrong(Some(id), Fault::Unreachable);
                    continue;
                }
                match self.open_node(&record, &key).await {
                    Ok(node) => {
                        self.report.nodes += 1;
                        match node.kind {
                            NodeKind::Folder => folders.push((id, ParentKey::Node(node.epoch_key(), node.former))),
                            NodeKind::File => revisions.extend(self.open_revisions(&record, &node)),
                        }
                    }
                    Err(error) if tells_damage(&error) => self.wrong(Some(id), Fault::CannotOpen),
                    Err(error) => return Err(error),
                }
            }
        }
        // What nothing led to: its folder is not there, cannot be opened, or lies below itself.
        let lost = self.children.values().flatten().map(|record| node::place(record).map(|(_, id)| id));
        let mut lost = lost.collect::<Result<Vec<Id>>>()?;
        lost.extend(self.revisions.keys());
        lost.sort_unstable();
        lost.dedup();
        for id in lost {
            self.wrong(Some(id), Fault::Unreachable);
        }
        Ok(revisions)
    }

    async fn open_node(&self, record: &Record<CloudSchema>, key: &ParentKey) -> Result<Node> {
        let node = Node::open(record, key)?;
        let log = self.cloud.log();
        let locator = log.read(&key::locator(&node.id)).await?;
        let stands = locator.is_some_and(|locator| Fields(&locator).id(Field::Parent).ok() == Some(node.parent));
        match stands && log.epoch(&node.id).await == Some(node.epoch) {
            true => Ok(node),
            false => Err(Error::new(ErrorKind::CannotOpen, "a node does not stand where the log says")),
        }
    }

    fn open_revisions(&mut self, newest: &Record<CloudSchema>, node: &Node) -> Vec<Revision> {
        let mut revisions = Vec::new();
        let older = self.revisions.remove(&node.id).unwrap_or_default();
        for record in older.iter().chain([newest]) {
            let opened = self.cloud.tree().revision_in(record, node).and_then(|revision| revision.stands_in(record));
            match opened {
                Ok(revision) => revisions.push(revision),
                Err(_) => self.wrong(Some(node.id), Fault::CannotOpen),
            }
        }
        revisions
    }

    async fn look_at_objects(
        &mut self,
        revisions: Vec<Revision>,
        depth: Depth,
        tell: &(dyn Fn(Looked) + Send + Sync),
    ) -> Result<()> {
        let cloud = self.cloud;
        let objects: Vec<_> = revisions
            .into_iter()
            .flat_map(|revision| {
                let thumbnail = KeptThumbnail::of(&revision).map(Object::Thumbnail);
                [Object::Content(revision)].into_iter().chain(thumbnail)
            })
            .collect();
        let progress = &Progress::begin(tell, objects.iter().map(Object::len));
        let looked = stream::iter(objects).map(|object| async move {
            let (node, len) = (object.node(), object.len());
            let fault = cloud.look_at_object(&object, depth, progress).await?;
            progress.looked_at(1, if depth == Depth::Quick { len } else { 0 });
            Ok::<_, Error>((node, len, fault))
        });
        let mut looked = looked.buffered(if depth == Depth::Deep { 1 } else { AT_ONCE });
        while let Some((node, len, fault)) = looked.try_next().await? {
            match fault {
                Some(fault) => self.wrong(Some(node), fault),
                None => {
                    self.report.objects += 1;
                    self.report.bytes += len;
                }
            }
        }
        Ok(())
    }
}

impl Cloud {
    async fn look_at_object(&self, object: &Object, depth: Depth, progress: &Progress<'_>) -> Result<Option<Fault>> {
        match self.store().head(object.name()).await {
            Ok(meta) if meta.size == object.len() => {}
            Ok(_) => return Ok(Some(object.fault(Fault::ObjectDamaged))),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(object.fault(Fault::ObjectMissing))),
            Err(error) => return Err(error),
        }
        if depth == Depth::Quick {
            return Ok(None);
        }
        let read = async {
            let mut pieces = object.reader(self.store())?.read();
            while let Some(piece) = pieces.try_next().await? {
                progress.looked_at(0, piece.len() as u64);
            }
            Ok(())
        };
        match read.await {
            Ok(()) => Ok(None),
            Err(error) if tells_damage(&error) => Ok(Some(object.fault(Fault::ObjectDamaged))),
            Err(error) => Err(error),
        }
    }
}

/// An object that there should be.
enum Object {
    Content(Revision),
    Thumbnail(KeptThumbnail),
}

impl Object {
    fn node(&self) -> Id {
        match self {
            Self::Content(revision) => revision.node,
            Self::Thumbnail(kept) => kept.node,
        }
    }

    fn name(&self) -> &ObjectName {
        match self {
            Self::Content(revision) => &revision.object,
            Self::Thumbnail(kept) => &kept.part.object,
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Content(revision) => revision.object_len,
            Self::Thumbnail(kept) => kept.part.object_len,
        }
    }

    fn reader(&self, store: &Store) -> Result<Reader> {
        match self {
            Self::Content(revision) => Reader::new(store, revision),
            Self::Thumbnail(kept) => Reader::of_thumbnail(store, kept),
        }
    }

    /// What to say of it, when that is wrong with it.
    fn fault(&self, what: Fault) -> Fault {
        match self {
            Self::Content(_) => what,
            Self::Thumbnail(_) => Fault::Thumbnail,
        }
    }
}

/// How often everything is looked at when other devices write meanwhile.
const RUNS: u32 = 3;
/// Records and objects that are asked for at once.
const AT_ONCE: usize = 16;

/// Whether an error is about what is stored, and not about the way to it.
fn tells_damage(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback | ErrorKind::NotFound)
}
