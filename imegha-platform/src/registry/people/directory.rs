//! Who has an iMTag.

use imegha_crypto::Id;

use super::super::account::Claim;
use super::{AccountRecord, Registry};
use crate::error::Result;
use crate::protocol::HistoryEntry;
use crate::registry::AccountState;
use crate::tag::Tag;

/// A person, as everybody who is signed in may see him.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRecord {
    /// The account's id.
    pub account: Id,
    /// The iMTag.
    pub tag: Tag,
    /// The key history, whole.
    pub history: Vec<HistoryEntry>,
}

impl Registry {
    /// The confirmed account that has an iMTag. Who is only claiming one is not found.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage), as every method here.
    pub async fn account_id_by_tag(&self, tag: &Tag) -> Result<Option<Id>> {
        let claim = self.claim_at(&Claim::tag_key(tag)).await?;
        Ok(claim.filter(|claim| claim.expires_ms.is_none()).map(|claim| claim.account))
    }

    /// A confirmed account, as everybody may see it.
    ///
    /// # Errors
    /// As every method here.
    pub async fn person(&self, account: &Id) -> Result<Option<PersonRecord>> {
        let Some(record) = self.confirmed(account).await? else { return Ok(None) };
        let history = self.history(account).await?;
        Ok(Some(PersonRecord { account: *account, tag: record.tag, history }))
    }

    /// A confirmed account.
    pub(crate) async fn confirmed(&self, account: &Id) -> Result<Option<AccountRecord>> {
        let record = self.account(account).await?;
        Ok(record.filter(|record| record.state == AccountState::Confirmed))
    }
}
