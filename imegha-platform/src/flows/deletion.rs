//! Deleting an account.

use imegha_crypto::Id;

use super::{Authenticated, PlatformServer};
use crate::error::Result;
use crate::protocol::DeleteAccountRequest;

impl PlatformServer {
    /// Deletes an account. From the first step on it is gone for everybody; what is left when the rest fails, the next sweep removes.
    pub(crate) async fn delete_account(&self, who: &Authenticated, request: &DeleteAccountRequest) -> Result<()> {
        self.check_auth(who, &request.auth_string).await?;
        self.registry().begin_deletion(&who.account.id).await?;
        if let Err(error) = self.finish_deletion(&who.account.id).await {
            tracing::warn!(?error, "an account is not deleted to its end yet");
        }
        Ok(())
    }

    /// Removes what is left of an account whose deletion has begun.
    pub(super) async fn finish_deletion(&self, account: &Id) -> Result<()> {
        // First what the registry would no longer lead to.
        self.identity().forget(account).await?;
        self.registry().finish_deletion(account).await
    }
}
