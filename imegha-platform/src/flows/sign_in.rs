//! Signing in.

use imegha_crypto::{AuthSecret, Hash, Id};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{PasswordWrap, SignInReply, SignInRequest};
use crate::registry::PasswordWrapRecord;

impl PlatformServer {
    /// Signs in. Yields the answer, without its token, and the token of the new session.
    ///
    /// An account that is not confirmed cannot sign in and is not told from none: saying so, even to the right password, would tell
    /// whoever signed up with an address of somebody else's whether it was taken.
    pub(crate) async fn sign_in(&self, request: &SignInRequest) -> Result<(SignInReply, Zeroizing<String>)> {
        let wrong = || Error::refused(ProblemCode::WrongPassword);
        let email = validate::stored_email(&request.email)?;
        let auth = AuthSecret::parse_auth_string(request.auth_string.expose()).map_err(|_| wrong())?;
        let account = self.registry().account_id_by_email(&email).await?;
        self.identity().check_auth(&email, account.as_ref(), &request.auth_string).await?;
        let id = account.ok_or_else(wrong)?;
        let record = self.registry().account(&id).await?.ok_or_else(wrong)?;
        let wrap = self.wrap_beside(&id, &auth.hash()).await?.ok_or_else(wrong)?;
        let bundle = self.bundle(record).await?;
        let token = self.begin_session(&id, &wrap.id).await?;
        let wrap = PasswordWrap { id: wrap.id, dek_epoch: wrap.dek_epoch, wrap: wrap.wrap };
        Ok((SignInReply { token: None, wrap, account: bundle }, token))
    }

    /// The wrap whose H(auth) this is, and no other.
    async fn wrap_beside(&self, account: &Id, auth_hash: &Hash) -> Result<Option<PasswordWrapRecord>> {
        let wraps = self.registry().password_wraps(account).await?;
        Ok(wraps.into_iter().find(|wrap| bool::from(wrap.auth_hash.as_bytes().ct_eq(auth_hash.as_bytes()))))
    }
}
