//! Moving the account to another address.

use super::password::not_weaker;
use super::{Authenticated, PlatformServer, validate};
use crate::error::{Error, Result};
use crate::identity::Recipient;
use crate::problem::ProblemCode;
use crate::protocol::{ChangeEmailRequest, ConfirmEmailRequest};

impl PlatformServer {
    /// Has a code mailed to the new address. A taken one gets the same answer, and a mail that says so.
    pub(crate) async fn begin_email_change(&self, who: &Authenticated, request: &ChangeEmailRequest) -> Result<()> {
        let email = validate::stored_email(&request.email)?;
        let has_account = self.registry().is_taken(&email, &who.account.id).await?;
        let to = Recipient { email: &email, has_account };
        self.identity().begin_email_change(&who.account.id, &who.wrap.email, &request.auth_string, &to).await
    }

    /// Moves the account to the address whose code this is: claims it and adds the password's wrap for it in one transaction. Of two accounts that
    /// give the code of one address the first has it, and the other's code is worth nothing any more.
    pub(crate) async fn confirm_email_change(&self, who: &Authenticated, request: &ConfirmEmailRequest) -> Result<()> {
        let email = validate::stored_email(&request.email)?;
        let auth_hash = validate::auth_hash(&request.new_auth_string)?;
        validate::code(&request.code)?;
        let keys = self.keys_of(who).await?;
        let wrap = validate::password(&request.add, email.clone(), auth_hash, &keys.account)?;
        not_weaker(&wrap, &keys)?;
        if request.add.next.version != keys.account.keys_version + 1 {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        let id = &who.account.id;
        self.identity().confirm_email_change(id, &who.wrap.email, &request.auth_string, &email, &request.code).await?;
        let wrap = self.add_password(&keys, &request.add, wrap).await?;
        self.replace_auth(who, &request.auth_string, &request.new_auth_string, &wrap).await
    }
}
