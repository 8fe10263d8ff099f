//! Everything of an account that concerns other people, removed.

use imegha_cloud::backend::{Condition, Query, Write};
use imegha_crypto::Id;

use super::counts::Counts;
use super::{Action, Collection, PlatformValue as V, Registry};
use crate::error::Result;

impl Registry {
    /// Removes an account's connections from both sides, its devices, and what it was told of others.
    ///
    /// To be called once the account's own record is gone or no longer that of a confirmed account: from then on nobody can ask it
    /// anything, so that nothing comes while this goes. It takes one connection after the other, each whole; stopped anywhere, it
    /// goes on when it is called again, and called once more it does nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage).
    pub async fn remove_people(&self, account: &Id) -> Result<()> {
        let mut query = Query::new(Collection::Connection, [V::Id(*account)]);
        query.limit = PAGE;
        loop {
            let page = self.store.query(&query).await?;
            for record in &page.records {
                let other = super::super::keys::place_id(record)?;
                // First what the connection would no longer lead to.
                self.forget_pokes(account, &other).await?;
                self.act(account, &other, &Action::Forget).await?;
            }
            if page.records.is_empty() {
                break;
            }
        }
        for device in self.devices(account).await? {
            self.remove_device(account, &device.id).await?;
        }
        self.drop_pokes(account, u64::MAX).await?;
        Ok(self.store.transact(&[Write::Delete(Counts::key(account), Condition::None)]).await?)
    }
}

const PAGE: usize = 100;
