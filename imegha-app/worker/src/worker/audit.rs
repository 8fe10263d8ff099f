//! What the owner did: read page by page, or all of it into a file.

use std::collections::{HashMap, HashSet, VecDeque};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_cloud::backend::Name as _;
use imegha_cloud::{Action, Audit, AuditAction, Cloud};
use imegha_crypto::Id;

use super::albums::title_of;
use super::check::path_of;
use super::download::{Parts, UNKNOWN};
use super::{Answer, Worker, node_of};
use crate::protocol::{AuditEntry, AuditFilter, AuditNode, ErrorCode, Failure, Reply};

/// How far the log has been read for the page.
pub(super) struct Reading {
    cloud: Cloud,
    audit: Audit,
    /// What was read and not yet told.
    rest: VecDeque<imegha_cloud::AuditEntry>,
}

impl Worker {
    /// Begins to read. What was being read before is forgotten.
    pub(super) async fn audit(&self, filter: &AuditFilter) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let mut reading = self.reading.lock().await;
        reading.take();
        let audit = cloud.audit(wanted(&cloud, filter)?).await?;
        next(reading.insert(Reading { cloud, audit, rest: VecDeque::new() })).await
    }

    /// Reads on.
    pub(super) async fn more_audit(&self) -> Result<Reply, Failure> {
        let now = self.cloud()?.id();
        let mut reading = self.reading.lock().await;
        match reading.as_mut().filter(|reading| reading.cloud.id() == now) {
            Some(reading) => next(reading).await,
            None => Err(Failure::new(ErrorCode::NotFound)),
        }
    }

    /// Writes all of it into a file, the newest first.
    pub(super) async fn export_audit(&self, filter: &AuditFilter) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let mut audit = cloud.audit(wanted(&cloud, filter)?).await?;
        let (mut parts, mut count) = (Parts::new(), 0);
        while let Some(entries) = audit.next_page().await? {
            for entry in entries {
                let mut line = entry.to_json_line();
                line.push('\n');
                parts.push(line.as_bytes())?;
                count += 1;
            }
        }
        Ok(Answer { blob: Some(parts.join(UNKNOWN)?), ..Reply::AuditExported { count }.into() })
    }
}

fn wanted(cloud: &Cloud, filter: &AuditFilter) -> Result<imegha_cloud::AuditFilter, Failure> {
    let mut wanted = imegha_cloud::AuditFilter::new();
    if let Some(ms) = filter.since_ms {
        wanted = wanted.since_ms(ms);
    }
    if let Some(ms) = filter.before_ms {
        wanted = wanted.before_ms(ms);
    }
    if let Some(action) = &filter.action {
        // The page may have words for what this worker does not know; then the log's name is looked for.
        let other = || AuditAction::Other(action.clone());
        wanted = wanted.action(Action::from_name(action).map_or_else(other, AuditAction::Known));
    }
    if let Some(node) = &filter.node {
        wanted = wanted.node(&node_of(cloud, Some(node))?);
    }
    Ok(wanted)
}

/// The next entries, with what their files, folders and albums are called now.
async fn next(reading: &mut Reading) -> Result<Reply, Failure> {
    let Reading { cloud, audit, rest } = reading;
    while rest.len() <= PAGE {
        let Some(entries) = audit.next_page().await? else { break };
        rest.extend(entries);
    }
    let page: Vec<_> = rest.iter().take(PAGE).cloned().collect();
    let mut nodes: Vec<Id> = page.iter().flat_map(|entry| entry.nodes.iter().take(MOST_NODES).copied()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let albums: HashSet<Id> =
        page.iter().filter(|entry| is_of_album(entry)).flat_map(|entry| &entry.nodes).copied().collect();
    let named = stream::iter(nodes).map(async |node| {
        let path = match albums.contains(&node) {
            true => title_of(cloud, &node).await?.map(|title| vec![title]),
            false => path_of(cloud, &node).await?,
        };
        Ok::<_, Failure>((node, path))
    });
    let paths: HashMap<_, _> = named.buffer_unordered(AT_ONCE).try_collect().await?;
    // Taken off only now: a page that failed is asked for again.
    rest.drain(..page.len());
    let entries = page.into_iter().map(|entry| {
        let named = |node: &Id| AuditNode { id: node.to_string(), path: paths.get(node).cloned().flatten() };
        AuditEntry {
            seq: entry.seq,
            time_ms: entry.time_ms,
            action: entry.action.name().to_owned(),
            nodes: entry.nodes.iter().take(MOST_NODES).map(named).collect(),
            count: entry.nodes.len() as u64,
        }
    });
    Ok(Reply::Audit { entries: entries.collect(), more: !rest.is_empty() })
}

/// Whether what was changed is an album.
fn is_of_album(entry: &imegha_cloud::AuditEntry) -> bool {
    let AuditAction::Known(action) = &entry.action else { return false };
    matches!(
        action,
        Action::CreateAlbum
            | Action::EditAlbum
            | Action::AddToAlbum
            | Action::RemoveFromAlbum
            | Action::MoveInAlbum
            | Action::DeleteAlbum
    )
}

/// How many entries are told at once.
const PAGE: usize = 50;

/// How many files and folders of an entry are named; the others are counted.
const MOST_NODES: usize = 5;

/// How many names are looked up at once.
const AT_ONCE: usize = 8;
