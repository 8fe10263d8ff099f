//! Signing up: claim, register, confirm.

use super::{PlatformServer, validate};
use crate::error::{Error, Result};
use crate::identity::{Recipient, Registration};
use crate::problem::ProblemCode;
use crate::protocol::{ConfirmRequest, ResendRequest, SignUpRequest};
use crate::registry::{AccountRecord, AccountState};

impl PlatformServer {
    /// Claims email and tag, keeps the keys, and has a code mailed.
    ///
    /// A taken address runs through the same steps and gets the same answer. Only its mail differs, and no code is ever right.
    pub(crate) async fn sign_up(&self, request: &SignUpRequest) -> Result<()> {
        let new = validate::sign_up(request, self.options().policy_version)?;
        let account = self.registry().claim(&new).await?;
        // Killed between the two, the client's retry finds the claim and registers again.
        self.identity()
            .register(&Registration {
                account: &account.id,
                recipient: recipient(&account),
                auth_string: &request.auth_string,
            })
            .await
    }

    /// Confirms an account by the code of the mail.
    pub(crate) async fn confirm(&self, request: &ConfirmRequest) -> Result<()> {
        if request.code.len() != CODE_LEN || !request.code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::refused(ProblemCode::WrongCode));
        }
        self.identity().check_code(&request.account, &request.code).await?;
        self.registry().confirm(&request.account).await
    }

    /// Has another code mailed. For an account that is not there, or needs none, nothing is mailed and nothing said.
    pub(crate) async fn resend(&self, request: &ResendRequest) -> Result<()> {
        match self.registry().account(&request.account).await? {
            Some(account) if account.state != AccountState::Confirmed => {
                self.identity().resend(&account.id, &recipient(&account)).await
            }
            _ => Ok(()),
        }
    }
}

fn recipient(account: &AccountRecord) -> Recipient<'_> {
    Recipient { email: &account.email, has_account: account.state == AccountState::Decoy }
}

const CODE_LEN: usize = 6;
