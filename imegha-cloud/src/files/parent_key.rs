//! What holds a node's key.

use imegha_crypto::{Id, NodeKey, Sealed};

use super::fields::Fields;
use super::node::refused;
use crate::backend::Record;
use crate::client::Deks;
use crate::error::Result;
use crate::schema::{CloudSchema, CloudValue, Field};

/// The root's key is held by the DEK, and so is the trash's; every other's by its parent's.
#[derive(Clone, Debug)]
pub(crate) enum ParentKey {
    Dek(Deks),
    Node(EpochKey, Option<EpochKey>),
}

/// A node's key, and which of its keys it is.
#[derive(Clone, Debug)]
pub(crate) struct EpochKey {
    pub(crate) key: NodeKey,
    pub(crate) epoch: u32,
}

impl ParentKey {
    /// The epoch of the key that wraps what is written now.
    pub(crate) fn epoch(&self) -> u32 {
        match self {
            Self::Dek(deks) => deks.epoch(),
            Self::Node(EpochKey { epoch, .. }, _) => *epoch,
        }
    }

    /// Whether what was wrapped under this key's epoch `wrapped_under` may be known to whoever has seen the account's former keys.
    pub(crate) fn was_renewed_since(&self, wrapped_under: u32) -> bool {
        matches!(self, Self::Dek(deks) if wrapped_under < deks.epoch())
    }

    /// Wraps the key of a node in the folder `parent`.
    pub(crate) fn wrap(&self, child: &EpochKey, node: &Id, parent: &Id) -> Result<Sealed> {
        Ok(match self {
            Self::Dek(deks) => child.key.wrap_root(deks.dek(), node, child.epoch, deks.epoch())?,
            Self::Node(EpochKey { key, epoch }, _) => child.key.wrap(key, node, parent, child.epoch, *epoch)?,
        })
    }

    /// Unwraps the key of a node that was wrapped under this key's epoch `wrapped_under`, the latest or the former.
    pub(crate) fn unwrap(
        &self,
        wrapped: &Sealed,
        node: &Id,
        parent: &Id,
        epoch: u32,
        wrapped_under: u32,
    ) -> Result<EpochKey> {
        let key = match self {
            Self::Dek(deks) => {
                let dek = deks.in_epoch(wrapped_under).ok_or_else(refused)?;
                NodeKey::unwrap_root(wrapped, dek, node, epoch, wrapped_under)?
            }
            Self::Node(latest, former) => {
                let holder =
                    [Some(latest), former.as_ref()].into_iter().flatten().find(|key| key.epoch == wrapped_under);
                NodeKey::unwrap(wrapped, &holder.ok_or_else(refused)?.key, node, parent, epoch, wrapped_under)?
            }
        };
        Ok(EpochKey { key, epoch })
    }

    /// The record of a child whose keys are wrapped under the latest key in place of the former. Whoever knew the former knows the
    /// child's: it is stale.
    pub(crate) fn rewrap(&self, record: &Record<CloudSchema>) -> Result<Record<CloudSchema>> {
        let (parent, node) = super::node::place(record)?;
        let fields = Fields(record);
        let wrapped_under = fields.epoch(Field::ParentEpoch)?;
        let mut rewrapped = record
            .clone()
            .with(Field::ParentEpoch, CloudValue::U64(self.epoch().into()))
            .with(Field::Stale, CloudValue::U64(1));
        for (key, epoch) in [(Field::NodeKey, Field::NodeEpoch), (Field::FormerKey, Field::FormerEpoch)] {
            if key == Field::FormerKey && record.field(key).is_none() {
                continue;
            }
            let held = self.unwrap(fields.sealed(key)?, &node, &parent, fields.epoch(epoch)?, wrapped_under)?;
            rewrapped = rewrapped.with(key, CloudValue::Sealed(self.wrap(&held, &node, &parent)?));
        }
        Ok(rewrapped)
    }
}
