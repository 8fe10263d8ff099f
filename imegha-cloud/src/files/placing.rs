//! Putting nodes into another folder: what moving, the trash and restoring have in common.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_crypto::Id;

use super::entry::{Entry, NodeKind};
use super::list;
use super::moves::OnTaken;
use super::names::Names;
use super::node::{Node, Trashed};
use super::revision::Revision;
use super::tree::{DEEPEST, Folder, Opened};
use crate::backend::{Condition, Write};
use crate::client::Cloud;
use crate::client::retry::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::log::{Action, Change, key};
use crate::schema::CloudSchema;

/// Where nodes are put.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    Folder(Id, OnTaken),
    Trash,
    Restore,
}

impl Aim {
    /// How many nodes a transaction takes: each is three writes, and three more when it sends another to the trash.
    fn batch(self) -> usize {
        match self {
            Self::Folder(_, OnTaken::Replace) => 16,
            _ => 32,
        }
    }

    fn action(self) -> Action {
        match self {
            Self::Folder(..) => Action::Move,
            Self::Trash => Action::Trash,
            Self::Restore => Action::Restore,
        }
    }
}

impl Cloud {
    /// Puts nodes where `aim` says, a batch a transaction. What can be refused is refused before anything is written.
    pub(crate) async fn place(&self, nodes: &[Id], aim: Aim) -> Result<Vec<Entry>> {
        let _writer = self.writer().lock().await;
        self.log().refresh().await?;
        let mut left = self.topmost(nodes, aim).await?;
        if next_batch(&left, aim.batch()).len() < left.len() {
            let left: Vec<Id> = left.iter().map(|(node, _)| *node).collect();
            Placing::new(self, aim, HashSet::new()).await?.plan(&left).await?;
        }
        let mut placed = HashMap::new();
        let mut settled = HashSet::new();
        let mut attempts = Attempts::at_race(&self.store().clock);
        while !left.is_empty() {
            let base = self.log().refresh().await?;
            let batch = next_batch(&left, aim.batch());
            let mut placing = Placing::new(self, aim, settled.clone()).await?;
            placing.plan(&batch).await?;
            let written = match placing.need {
                Some(Need::Trash) => self.make_trash().await.map(|_| false)?,
                Some(Need::Keys(folder, node)) => {
                    if !self.renew(&folder, node.as_ref(), base, &mut attempts).await? {
                        settled.insert(node.map_or(folder, |node| node.id));
                    }
                    false
                }
                None if placing.writes.is_empty() => true,
                None => self.commit(base, &placing.change(), &mut attempts).await?,
            };
            if written {
                left.retain(|(node, _)| !batch.contains(node));
                placed.extend(placing.placed.into_iter().map(|entry| (entry.id, entry)));
                attempts = Attempts::at_race(&self.store().clock);
            }
        }
        Ok(nodes.iter().filter_map(|node| placed.remove(node)).collect())
    }

    /// The nodes without what is named twice and without what lies below another of them, each with the folder that it is to be
    /// restored to, if it is.
    async fn topmost(&self, nodes: &[Id], aim: Aim) -> Result<Vec<(Id, Id)>> {
        let mut named = HashSet::new();
        let nodes: Vec<Id> = nodes.iter().copied().filter(|node| named.insert(*node)).collect();
        let mut topmost = Vec::with_capacity(nodes.len());
        for Opened { node, .. } in self.open_all(&nodes).await? {
            let above = match (aim, node.parent) {
                (Aim::Restore, _) | (_, Id::ZERO) => Vec::new(),
                (_, parent) => self.tree().lineage(&parent).await?,
            };
            if !above.iter().any(|folder| named.contains(&folder.id)) {
                let restored = node.trashed.filter(|_| matches!(aim, Aim::Restore));
                topmost.push((node.id, restored.map_or(Id::ZERO, |trashed| trashed.origin)));
            }
        }
        Ok(topmost)
    }

    /// The newest revisions of files that are not in the trash.
    ///
    /// # Errors
    /// `NotFound` when one of them is none, or in the trash.
    pub(crate) async fn open_files(&self, files: &[Id]) -> Result<Vec<Revision>> {
        let mut revisions = Vec::with_capacity(files.len());
        for opened in self.open_all(files).await? {
            let (opened, revision) = self.as_file(opened)?;
            self.living(&opened.node.parent).await?;
            revisions.push(revision);
        }
        Ok(revisions)
    }

    /// Opens nodes, several at a time.
    async fn open_all(&self, nodes: &[Id]) -> Result<Vec<Opened>> {
        let opened = stream::iter(nodes.to_vec()).map(|node| async move { self.tree().open(&node).await });
        opened.buffered(OPENED_AT_ONCE).try_collect().await
    }

    /// How many levels a node and what is below it are.
    async fn height(&self, node: &Node) -> Result<usize> {
        let (mut level, mut height) = (vec![node.id], 0);
        while !level.is_empty() && height <= DEEPEST {
            height += 1;
            let mut below = Vec::new();
            for folder in &level {
                below.extend(self.children_of(folder).await?);
            }
            level = below;
        }
        Ok(height)
    }
}

/// The nodes of the next transaction. What came from a folder that is to be restored itself waits for it.
fn next_batch(left: &[(Id, Id)], most: usize) -> Vec<Id> {
    let waits = |origin: &Id| left.iter().any(|(node, _)| node == origin);
    let mut batch: Vec<Id> = left.iter().filter(|(_, origin)| !waits(origin)).map(|(node, _)| *node).collect();
    if batch.is_empty() {
        batch = left.iter().map(|(node, _)| *node).collect();
    }
    batch.truncate(most);
    batch
}

/// The plan of one batch.
struct Placing<'a> {
    cloud: &'a Cloud,
    aim: Aim,
    trash: Option<Id>,
    /// Folders and nodes about whose keys nothing more can be done now: what stands under the former is damaged.
    settled: HashSet<Id>,
    places: HashMap<Id, Place>,
    /// What is to be done before this plan can be carried out.
    need: Option<Need>,
    nodes: Vec<(Id, u32)>,
    writes: Vec<Write<CloudSchema>>,
    placed: Vec<Entry>,
}

enum Need {
    Trash,
    /// New keys on the way to a folder, and to a node in it.
    Keys(Id, Option<Node>),
}

/// A folder that something is put into.
struct Place {
    lineage: Vec<Folder>,
    names: Names,
}

impl<'a> Placing<'a> {
    async fn new(cloud: &'a Cloud, aim: Aim, settled: HashSet<Id>) -> Result<Self> {
        let trash = cloud.trash_id().await?;
        let (places, nodes, writes, placed) = (HashMap::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { cloud, aim, trash, settled, places, need: None, nodes, writes, placed })
    }

    /// Plans where each of `nodes` goes, and refuses what cannot be.
    async fn plan(&mut self, nodes: &[Id]) -> Result<()> {
        for opened in self.cloud.open_all(nodes).await? {
            let Some(target) = self.target(&opened.node).await? else { continue };
            if target == opened.node.parent {
                self.placed.push(self.cloud.tree().entry(&opened.record, &opened.parent_key)?);
                continue;
            }
            let depth = self.enter(&target).await?.lineage.len();
            if self.places[&target].lineage.iter().any(|folder| folder.id == opened.node.id) {
                return Err(Error::new(ErrorKind::Malformed, "a folder cannot be moved into itself"));
            }
            if opened.node.kind == NodeKind::Folder {
                list::refuse_depth(depth + self.cloud.height(&opened.node).await?)?;
            }
            let name = self.name(&target, &opened.node, nodes).await?;
            self.put(opened, &target, name).await?;
        }
        Ok(())
    }

    fn change(&mut self) -> Change {
        let (nodes, writes) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.writes));
        Change { action: self.aim.action(), nodes, writes }
    }

    /// The folder that a node goes to. None when there is no trash yet.
    async fn target(&mut self, node: &Node) -> Result<Option<Id>> {
        if node.parent == Id::ZERO {
            return Err(Error::new(ErrorKind::Malformed, "neither the root nor the trash can be moved"));
        }
        if let Aim::Restore = self.aim {
            let trashed = node.trashed.filter(|_| self.trash == Some(node.parent));
            let trashed = trashed.ok_or_else(|| Error::new(ErrorKind::NotFound, "this is not in the trash"))?;
            return match self.cloud.living(&trashed.origin).await {
                Ok(_) => Ok(Some(trashed.origin)),
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::CannotOpen | ErrorKind::Rollback) =>
                {
                    Ok(Some(self.cloud.root()))
                }
                Err(error) => Err(error),
            };
        }
        self.cloud.living(&node.parent).await?;
        if let Aim::Folder(folder, _) = self.aim {
            return match self.trash == Some(folder) {
                true => Err(Error::new(ErrorKind::NotFound, "nothing is moved into the trash by hand")),
                false => Ok(Some(folder)),
            };
        }
        if self.trash.is_none() {
            self.need = Some(Need::Trash);
        }
        Ok(self.trash)
    }

    /// Looks at a folder that something goes to.
    async fn enter(&mut self, folder: &Id) -> Result<&Place> {
        if !self.places.contains_key(folder) {
            let (lineage, names) = if self.trash == Some(*folder) {
                // Nobody looks for names in the trash.
                (self.cloud.tree().lineage(folder).await?, Names::of(Vec::new()))
            } else {
                (self.cloud.living(folder).await?, self.cloud.names(folder).await?)
            };
            if lineage.iter().any(|folder| folder.outdated) && !self.settled.contains(folder) {
                self.need.get_or_insert(Need::Keys(*folder, None));
            }
            self.places.insert(*folder, Place { lineage, names });
        }
        Ok(&self.places[folder])
    }

    /// The name that a node has in its new folder.
    async fn name(&mut self, target: &Id, node: &Node, nodes: &[Id]) -> Result<String> {
        let place = self.places.get_mut(target).expect("entered before");
        let name = match (self.aim, place.names.holder(&node.name)) {
            (Aim::Trash, _) => return Ok(node.name.clone()),
            (_, None) => node.name.clone(),
            (Aim::Restore | Aim::Folder(_, OnTaken::KeepBoth), Some(_)) => place.names.free(&node.name),
            (Aim::Folder(_, OnTaken::Replace), Some((holder, NodeKind::File))) if !nodes.contains(&holder) => {
                self.displace(&holder).await?;
                node.name.clone()
            }
            (Aim::Folder(..), Some(_)) => return Err(list::taken()),
        };
        if name != node.name && !self.settled.contains(&node.id) {
            // A number is a new secret, however small: it must not be sealed under a key that is to be replaced.
            let above = self.cloud.tree().lineage(&node.parent).await?;
            if node.is_outdated() || above.iter().any(|folder| folder.outdated) {
                self.need.get_or_insert(Need::Keys(node.parent, Some(node.clone())));
            }
        }
        let place = self.places.get_mut(target).expect("entered before");
        place.names.give(&name, node.id, node.kind);
        Ok(name)
    }

    /// Sends a file to the trash, so that another takes its place.
    async fn displace(&mut self, file: &Id) -> Result<()> {
        let Some(trash) = self.trash else {
            self.need = Some(Need::Trash);
            return Ok(());
        };
        let opened = self.cloud.tree().open(file).await?;
        self.enter(&trash).await?;
        let name = opened.node.name.clone();
        self.put(opened, &trash, name).await
    }

    /// Plans the writes that take a node from its folder to another.
    async fn put(&mut self, opened: Opened, target: &Id, name: String) -> Result<()> {
        let Opened { mut node, record, .. } = opened;
        let origin = std::mem::replace(&mut node.parent, *target);
        let now_ms = self.cloud.store().clock.now_ms();
        node.trashed = (self.trash == Some(*target)).then_some(Trashed { ms: now_ms, origin });
        node.edit += 1;
        node.name = name;
        // Whoever was given the folder that it leaves knows its key.
        node.stale = true;
        let key = &self.places[target].lineage.last().expect("a folder is the last of its lineage").key;
        let record = node.update(record, key)?;
        self.placed.push(self.cloud.tree().entry(&record, key)?);
        self.nodes.push((node.id, node.epoch));
        self.writes.push(Write::Delete(key::child(&origin, &node.id), Condition::Present));
        self.writes.push(Write::Put(record, Condition::Absent));
        self.writes.push(Write::Put(node.to_locator(), Condition::Present));
        Ok(())
    }
}

/// Nodes that are read at once.
const OPENED_AT_ONCE: usize = 16;
