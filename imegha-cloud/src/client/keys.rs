//! What opens a cloud.

use std::fmt;
use std::sync::Arc;

use imegha_crypto::{Dek, Id, Identity, Sealed};

use super::epochs::EarlierKeys;

/// The keys of an account, and what else a device knows of its cloud before it opens it.
#[derive(Clone)]
pub struct CloudKeys {
    /// The account's id.
    pub account: Id,
    /// The key under which everything stands.
    pub dek: Dek,
    /// The DEK's epoch, from 1.
    pub dek_epoch: u32,
    /// The owner's current identity: it signs the log's head and every revision, and what it did not sign is refused.
    pub identity: Arc<Identity>,
    /// The id that the cloud must have, where the device knows it: storage that shows another cloud is then refused.
    pub cloud: Option<Id>,
    /// The DEK wrapped by the recovery phrase (FORMAT 5, `dek-by-recovery`). [`Cloud::create`](crate::Cloud::create) keeps a copy in
    /// the cloud, so that phrase and storage are enough to open everything.
    pub recovery_wrap: Option<Sealed>,
    /// What the account had before its keys were renewed, the newest first: what was written then opens by it, and nothing is written
    /// under it. [`with_earlier`](Self::with_earlier) brings them into order.
    pub earlier: Vec<EarlierKeys>,
}

impl CloudKeys {
    /// The keys of an account whose cloud's id the device does not know yet.
    pub fn new(account: Id, dek: Dek, dek_epoch: u32, identity: Arc<Identity>) -> Self {
        Self { account, dek, dek_epoch, identity, cloud: None, recovery_wrap: None, earlier: Vec::new() }
    }

    /// The same, for the cloud of that id and no other.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Id) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// The same, with the wrap that [`Cloud::create`](crate::Cloud::create) is to keep in the cloud.
    #[must_use]
    pub fn with_recovery_wrap(mut self, wrap: Sealed) -> Self {
        self.recovery_wrap = Some(wrap);
        self
    }

    /// The same, for an account whose keys were renewed: with those of each epoch before, in any order.
    #[must_use]
    pub fn with_earlier(mut self, earlier: impl IntoIterator<Item = EarlierKeys>) -> Self {
        self.earlier.extend(earlier);
        self.earlier.retain(|earlier| earlier.dek_epoch < self.dek_epoch);
        self.earlier.sort_by_key(|earlier| std::cmp::Reverse(earlier.dek_epoch));
        self.earlier.dedup_by_key(|earlier| earlier.dek_epoch);
        self
    }
}

impl fmt::Debug for CloudKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudKeys")
            .field("account", &self.account)
            .field("dek_epoch", &self.dek_epoch)
            .field("cloud", &self.cloud)
            .finish_non_exhaustive()
    }
}
