//! Signing in.

use imegha_crypto::{AuthSecret, Hash};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{PasswordWrap, SignInReply, SignInRequest};
use crate::registry::{AccountKeys, PasswordWrapRecord};

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
        let keys = self.registry().account_keys(&id).await?.ok_or_else(wrong)?;
        let wrap = wrap_beside(&keys, &auth.hash()).ok_or_else(wrong)?;
        let token = self.begin_session(&keys.account, &wrap.id).await?;
        let wrap = PasswordWrap { id: wrap.id, dek_epoch: wrap.dek_epoch, wrap: wrap.wrap.clone() };
        Ok((SignInReply { token: None, wrap, account: self.bundle(keys)? }, token))
    }
}

/// The wrap whose H(auth) this is, and no other. The newest of them: a change that was made again because its answer was lost leaves two of
/// one password.
fn wrap_beside<'a>(keys: &'a AccountKeys, auth_hash: &Hash) -> Option<&'a PasswordWrapRecord> {
    keys.passwords.iter().rfind(|wrap| bool::from(wrap.auth_hash.as_bytes().ct_eq(auth_hash.as_bytes())))
}
