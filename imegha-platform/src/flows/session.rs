//! Sessions: who asks.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{Hash, Id};
use zeroize::Zeroizing;

use super::PlatformServer;
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{Session, Sessions};
use crate::registry::{AccountRecord, PasswordWrapRecord, SessionRecord};
use crate::secret::random;

/// Somebody with a session.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) session: SessionRecord,
    pub(crate) account: AccountRecord,
    /// The wrap that the session signed in with.
    pub(crate) wrap: PasswordWrapRecord,
}

impl PlatformServer {
    /// Begins a session: 256 random bits, of which the registry gets the hash.
    pub(super) async fn begin_session(&self, account: &AccountRecord, wrap_id: &Id) -> Result<Zeroizing<String>> {
        let token = new_token()?;
        self.registry().begin_session(token_hash(&token), account, *wrap_id, self.options().session_ms).await?;
        Ok(token)
    }

    /// A session that begins by what writes it.
    pub(super) fn new_session(
        &self,
        account: &AccountRecord,
        wrap_id: &Id,
    ) -> Result<(SessionRecord, Zeroizing<String>)> {
        let token = new_token()?;
        let session = self.registry().new_session(token_hash(&token), account, *wrap_id, self.options().session_ms);
        Ok((session, token))
    }

    /// Who has this token. A session ends when the wrap is dropped that it signed in with, and when all of the account's are ended: both
    /// are read with the account, so that nothing has to be deleted for it.
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Authenticated> {
        let signed_out = || Error::refused(ProblemCode::SignedOut);
        let id = token_hash(token);
        let mut session = self.registry().session(&id).await?.ok_or_else(signed_out)?;
        loop {
            let found = self.registry().account_with_wrap(&session.account, &session.wrap_id).await?;
            if let Some((account, wrap)) = found.filter(|(account, _)| session.is_under(account)) {
                return Ok(Authenticated { session, account, wrap });
            }
            // It may have gone over to new keys of the account since it was read.
            let again = self.registry().session(&id).await?.filter(|again| *again != session);
            session = again.ok_or_else(signed_out)?;
        }
    }

    pub(crate) async fn sign_out(&self, who: &Authenticated) -> Result<()> {
        self.registry().end_session(&who.session).await
    }

    pub(crate) async fn sessions(&self, who: &Authenticated) -> Result<Sessions> {
        let sessions = self.registry().sessions(&who.account.id).await?;
        let wraps = self.registry().password_wraps(&who.account.id).await?;
        let holds = |session: &SessionRecord| {
            session.is_under(&who.account) && wraps.iter().any(|wrap| wrap.id == session.wrap_id)
        };
        let sessions = sessions.into_iter().filter(holds).map(|session| Session {
            id: session.id,
            created_ms: session.created_ms,
            expires_ms: session.expires_ms,
            current: session.id == who.session.id,
        });
        Ok(Sessions { sessions: sessions.collect() })
    }

    /// Ends every session of the account, the one that asks too.
    pub(crate) async fn sign_out_everywhere(&self, who: &Authenticated) -> Result<()> {
        let ended = who.account.sessions_ended;
        self.registry()
            .change_account(&who.account.id, |account| account.sessions_ended = account.sessions_ended.max(ended + 1))
            .await
    }

    /// Ends a session of the one who asks; anybody else's is not found.
    pub(crate) async fn revoke_session(&self, who: &Authenticated, id: &Hash) -> Result<()> {
        match self.registry().session(id).await? {
            Some(session) if session.account == who.account.id => self.registry().end_session(&session).await,
            _ => Err(Error::refused(ProblemCode::NotFound)),
        }
    }
}

/// The hash stands for the token: 256 random bits need no salt, and looking a hash up tells nothing of its neighbours.
fn token_hash(token: &str) -> Hash {
    Hash::of(token.as_bytes())
}

fn new_token() -> Result<Zeroizing<String>> {
    let bytes = Zeroizing::new(random::<TOKEN_LEN>()?);
    Ok(Zeroizing::new(Base64UrlUnpadded::encode_string(bytes.as_slice())))
}

const TOKEN_LEN: usize = 32;
