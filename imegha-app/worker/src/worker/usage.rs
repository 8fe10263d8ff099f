//! What the cloud holds.

use imegha_cloud::{PriceList, Requests};

use super::Worker;
use crate::protocol::{Amount, Estimate, Failure, Reply, Usage};

impl Worker {
    /// Counts everything, and reckons what a month of keeping it costs. Requests are not reckoned: nobody counts them.
    pub(super) async fn usage(&self) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let quota = self.quota().await?;
        let usage = cloud.usage().await?;
        let estimate = usage.estimate(&PriceList::AWS_2025, &Requests::default());
        Ok(Reply::Usage(Usage {
            newest: usage.newest.into(),
            older: usage.older.into(),
            trash: usage.trash.into(),
            thumbnails: usage.thumbnails.into(),
            checkpoint: usage.checkpoint.into(),
            orphaned: usage.orphaned.into(),
            records: usage.records.into(),
            objects: usage.objects().into(),
            unfinished: usage.unfinished,
            troubled: usage.missing.saturating_add(usage.unreadable),
            quota,
            estimate: Estimate {
                objects: estimate.objects.0,
                records: estimate.records.0,
                listed: estimate.listed.to_owned(),
            },
        }))
    }

    /// What this cloud may hold, if the platform is its host. Somebody's own has no limit but what they pay.
    async fn quota(&self) -> Result<Option<u64>, Failure> {
        let gateway = self.inside.borrow().as_ref().and_then(|inside| Some(inside.home.as_ref()?.gateway.clone()));
        let is_hosted = gateway.is_some_and(|gateway| self.is_host(&gateway));
        Ok(if is_hosted { self.platform()?.config().await?.hosted_bytes } else { None })
    }
}

impl From<imegha_cloud::Amount> for Amount {
    fn from(amount: imegha_cloud::Amount) -> Self {
        Self { count: amount.count, bytes: amount.bytes }
    }
}
