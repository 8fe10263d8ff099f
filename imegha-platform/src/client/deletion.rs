//! Deleting an account.

use http::Method;

use super::account::Account;
use super::platform::Platform;
use crate::error::Result;
use crate::protocol::DeleteAccountRequest;

impl Platform {
    /// Deletes the account at the platform: its address, tag, keys and sessions. The personal cloud stays where it is, and nothing opens it from
    /// then on but what the person has: the recovery phrase, with access to the storage.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`WrongPassword`](crate::ProblemCode::WrongPassword),
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries); [`SignedOut`](crate::ProblemCode::SignedOut), also when an earlier call, whose
    /// answer was lost, has deleted it.
    pub async fn delete_account(&self, account: &Account, password: &str) -> Result<()> {
        let auth_string = self.current_auth(account, password).await?;
        self.tell(Method::POST, "account/delete", Some(&DeleteAccountRequest { auth_string })).await?;
        self.set_token(None);
        Ok(())
    }
}
