//! Folders, moves, the trash, search.

use std::collections::HashMap;

use imegha_cloud::{Cloud, OnTaken as CloudOnTaken, TRASH_DAYS};
use imegha_crypto::Id;

use super::files::named;
use super::{Worker, node_of};
use crate::protocol::{Entry, Failure, Hit, OnTaken, Reply, Trashed};

impl Worker {
    pub(super) async fn create_folder(&self, parent: Option<&str>, name: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let parent = node_of(&cloud, parent)?;
        let entry = cloud.create_folder(&parent, name).await.map_err(named)?;
        self.tell_changed(&cloud);
        Ok(Reply::Stored(entry.into()))
    }

    pub(super) async fn ensure_folder(&self, parent: Option<&str>, path: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let parent = node_of(&cloud, parent)?;
        let entry = cloud.ensure_folder(&parent, path).await.map_err(named)?;
        self.tell_changed(&cloud);
        Ok(Reply::Stored(entry.into()))
    }

    pub(super) async fn rename(&self, node: &str, name: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let entry = cloud.rename(&node, name).await.map_err(named)?;
        self.tell_changed(&cloud);
        Ok(Reply::Stored(entry.into()))
    }

    pub(super) async fn move_to(
        &self,
        nodes: &[String],
        folder: Option<&str>,
        taken: OnTaken,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let (nodes, folder) = (nodes_of(&cloud, nodes)?, node_of(&cloud, folder)?);
        let taken = match taken {
            OnTaken::Ask => CloudOnTaken::Refuse,
            OnTaken::KeepBoth => CloudOnTaken::KeepBoth,
            OnTaken::Replace => CloudOnTaken::Replace,
        };
        let moved = cloud.move_to(&nodes, &folder, taken).await.map_err(named);
        // Many go in several steps: even one that failed may have changed something.
        self.tell_changed(&cloud);
        moved.map(|_| Reply::Done)
    }

    pub(super) async fn trash(&self, nodes: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let trashed = cloud.trash(&nodes_of(&cloud, nodes)?).await;
        self.tell_changed(&cloud);
        trashed?;
        Ok(Reply::Done)
    }

    pub(super) async fn list_trash(&self) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let mut origins = HashMap::new();
        let mut entries = Vec::new();
        for entry in cloud.list_trash().await? {
            let origin = match entry.origin {
                Some(origin) => origin_of(&cloud, origin, &mut origins).await?,
                None => None,
            };
            let trashed_ms = entry.trashed_ms.unwrap_or(entry.written_ms);
            let purged_ms = trashed_ms.saturating_add(TRASH_DAYS * DAY_MS);
            entries.push(Trashed { entry: entry.into(), trashed_ms, purged_ms, origin });
        }
        Ok(Reply::Trash { entries })
    }

    pub(super) async fn restore(&self, nodes: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let restored = cloud.restore(&nodes_of(&cloud, nodes)?).await;
        self.tell_changed(&cloud);
        restored?;
        Ok(Reply::Done)
    }

    /// Removes for good what the page names; all of the trash when it names nothing.
    pub(super) async fn purge(&self, nodes: Option<&[String]>) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let purged = match nodes {
            Some(nodes) => cloud.purge(&nodes_of(&cloud, nodes)?).await,
            None => cloud.empty_trash().await,
        };
        self.tell_changed(&cloud);
        purged?;
        Ok(Reply::Done)
    }

    pub(super) async fn find(&self, text: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let mut found = cloud.find(text, MOST_HITS + 1).await?;
        let more = found.len() > MOST_HITS;
        found.truncate(MOST_HITS);
        let mut hits: Vec<_> = found
            .into_iter()
            .map(|found| Hit {
                folder: found.entry.parent.to_string(),
                entry: Entry::from(found.entry),
                path: found.path,
            })
            .collect();
        hits.sort_by_cached_key(|hit| (!hit.entry.folder, hit.entry.name.to_lowercase()));
        Ok(Reply::Found { hits, more })
    }
}

/// The names of the folders to where something was; nothing when that folder is gone.
async fn origin_of(
    cloud: &Cloud,
    origin: Id,
    known: &mut HashMap<Id, Option<Vec<String>>>,
) -> Result<Option<Vec<String>>, Failure> {
    if let Some(path) = known.get(&origin) {
        return Ok(path.clone());
    }
    let path = match cloud.path(&origin).await {
        // Its folder may have followed it: then it goes back to the root.
        Ok(path) if path.first().is_some_and(|outermost| outermost.trashed_ms.is_some()) => None,
        Ok(path) => Some(path.into_iter().map(|folder| folder.shown_name).collect()),
        Err(error) if error.kind() == imegha_cloud::ErrorKind::Unavailable => return Err(error.into()),
        Err(_) => None,
    };
    known.insert(origin, path.clone());
    Ok(path)
}

pub(super) fn nodes_of(cloud: &Cloud, nodes: &[String]) -> Result<Vec<Id>, Failure> {
    nodes.iter().map(|node| node_of(cloud, Some(node))).collect()
}

/// More hits than this are of no use to who reads them.
const MOST_HITS: usize = 200;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
