//! Signing up: claim, register, confirm.

use imegha_crypto::Id;

use super::{PlatformServer, validate};
use crate::error::Result;
use crate::identity::{Recipient, Registration};
use crate::protocol::{AuthString, ConfirmRequest, SignUpRequest};
use crate::registry::{AccountRecord, AccountState};

impl PlatformServer {
    /// Claims email and tag, and keeps the keys.
    ///
    /// A taken address runs through the same steps and gets the same answer. Only its mail differs, and no code is ever right.
    pub(crate) async fn claim(&self, request: &SignUpRequest) -> Result<AccountRecord> {
        let new = validate::sign_up(request, self.options().policy_version)?;
        self.registry().claim(&new).await
    }

    /// Takes a claimed account up with who proves identities, and has a code mailed. Stopped between the two, the client's retry
    /// finds the claim and registers again.
    pub(crate) async fn register(&self, account: &AccountRecord, auth_string: &AuthString) -> Result<()> {
        let registration = Registration { account: &account.id, recipient: recipient(account), auth_string };
        self.identity().register(&registration).await
    }

    /// Confirms an account by the code of the mail.
    pub(crate) async fn confirm(&self, request: &ConfirmRequest) -> Result<()> {
        validate::code(&request.code)?;
        self.identity().check_code(&request.account, &request.code).await?;
        self.registry().confirm(&request.account).await
    }

    /// An account that awaits a code. Which there are is told to nobody.
    pub(crate) async fn awaiting_code(&self, account: &Id) -> Result<Option<AccountRecord>> {
        let account = self.registry().account(account).await?;
        let awaits = |account: &AccountRecord| matches!(account.state, AccountState::Unconfirmed | AccountState::Decoy);
        Ok(account.filter(awaits))
    }

    /// Has another code mailed.
    pub(crate) async fn resend(&self, account: &AccountRecord) -> Result<()> {
        self.identity().resend(&account.id, &recipient(account)).await
    }
}

fn recipient(account: &AccountRecord) -> Recipient<'_> {
    Recipient { email: &account.email, has_account: account.state == AccountState::Decoy }
}
