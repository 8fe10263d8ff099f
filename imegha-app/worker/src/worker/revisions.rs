//! The revisions of a file.

use imegha_cloud::KeepRevisions;
use imegha_cloud::clock::{Clock as _, SystemClock};

use super::{Worker, node_of};
use crate::protocol::{Amount, Failure, Keep, Reply, Revision};

impl Worker {
    pub(super) async fn revisions(&self, node: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let revisions = cloud.revisions(&node).await?.into_iter().map(|revision| Revision {
            number: revision.number,
            size: revision.size,
            written_ms: revision.written_ms,
        });
        Ok(Reply::Revisions { revisions: revisions.collect() })
    }

    /// Makes an older revision the newest again. Its bytes pass through this worker, a piece at a time.
    pub(super) async fn restore_revision(&self, node: &str, number: u64) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let entry = cloud.restore_revision(&node, number).await?;
        self.tell_changed(&cloud);
        Ok(Reply::Stored(entry.into()))
    }

    pub(super) async fn prunable(&self, node: &str, keep: Keep) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let prunable = cloud.prunable(&node, &rule(keep)).await?;
        let bytes = prunable.iter().fold(0, |sum: u64, revision| sum.saturating_add(revision.object_len));
        Ok(Reply::Pruned(Amount { count: prunable.len() as u64, bytes }))
    }

    pub(super) async fn prune(&self, node: &str, keep: Keep) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let pruned = cloud.prune(&node, &rule(keep)).await;
        // What broke off has removed some.
        self.tell_changed(&cloud);
        let pruned = pruned?;
        Ok(Reply::Pruned(Amount { count: pruned.objects, bytes: pruned.bytes }))
    }
}

fn rule(keep: Keep) -> KeepRevisions {
    let rule = KeepRevisions::none().last(keep.last as usize);
    if keep.days == 0 {
        return rule;
    }
    rule.since_ms(SystemClock.now_ms().saturating_sub(u64::from(keep.days) * DAY_MS))
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
