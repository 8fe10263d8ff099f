//! Every record on one account.

use imegha_cloud::backend::{Name as _, Record};
use imegha_crypto::Id;

use super::Registry;
use super::account::Claim;
use super::fields::{PlatformKey, PlatformRecord};
use super::keys::place_hash;
use super::people::owner_key;
use super::schema::{Collection, Field, PlatformSchema, PlatformValue as V};
use super::sessions::session_key;
use crate::error::Result;

impl Registry {
    /// Every record on an account that there is, of each collection.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub(crate) async fn everything_on(&self, id: &Id) -> Result<Vec<PlatformRecord>> {
        let Some(keys) = self.account_keys(id).await? else { return Ok(Vec::new()) };
        let account = &keys.account;
        let mut records = Vec::new();
        for collection in Collection::ALL {
            // Each collection is named: a new one is not left out by mistake.
            match collection {
                Collection::Account
                | Collection::PasswordWrap
                | Collection::RecoveryWrap
                | Collection::PreviousDek
                | Collection::Identity
                | Collection::History
                | Collection::AccountSession
                | Collection::Credential
                | Collection::Code
                | Collection::Connection
                | Collection::People
                | Collection::Device
                | Collection::Poke => records.extend(self.partition(*collection, id).await?),
                Collection::Session => {
                    for place in self.partition(Collection::AccountSession, id).await? {
                        records.extend(self.at(&session_key(&place_hash(&place)?)).await?);
                    }
                }
                Collection::DeviceOwner => {
                    for device in self.partition(Collection::Device, id).await? {
                        records.extend(self.claim_of(&owner_key(&place_hash(&device)?), id).await?);
                    }
                }
                Collection::Email => {
                    // Two, while it moves.
                    for email in keys.emails() {
                        records.extend(self.claim_of(&Claim::email_key(email), id).await?);
                    }
                }
                Collection::Tag => records.extend(self.claim_of(&Claim::tag_key(&account.tag), id).await?),
                // By the keyed hash of an address; by time; by a random hash, for ten minutes.
                Collection::Lockout | Collection::Due | Collection::Challenge => {}
            }
        }
        Ok(records)
    }

    /// The record of a key.
    pub(crate) async fn at(&self, key: &PlatformKey) -> Result<Option<Record<PlatformSchema>>> {
        Ok(self.store.get(key).await?)
    }

    /// A claim, if it is this account's.
    async fn claim_of(&self, key: &PlatformKey, id: &Id) -> Result<Option<PlatformRecord>> {
        let record = self.at(key).await?;
        Ok(record.filter(|record| record.field(Field::Account) == Some(&V::Id(*id))))
    }
}
