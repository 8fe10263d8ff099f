//! Sessions: who asks.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{Hash, Id};
use zeroize::Zeroizing;

use super::PlatformServer;
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{Session, Sessions};
use crate::registry::{AccountRecord, AccountState, SessionRecord};
use crate::secret::random;

/// Somebody with a session.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) session: SessionRecord,
    pub(crate) account: AccountRecord,
}

impl PlatformServer {
    /// Begins a session: 256 random bits, of which the registry gets the hash.
    pub(super) async fn begin_session(&self, account: &Id, wrap_id: &Id) -> Result<Zeroizing<String>> {
        let bytes = Zeroizing::new(random::<TOKEN_LEN>()?);
        let token = Zeroizing::new(Base64UrlUnpadded::encode_string(bytes.as_slice()));
        self.registry().begin_session(token_hash(&token), *account, *wrap_id, self.options().session_ms).await?;
        Ok(token)
    }

    /// Who has this token.
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Authenticated> {
        let signed_out = || Error::refused(ProblemCode::SignedOut);
        let session = self.registry().session(&token_hash(token)).await?.ok_or_else(signed_out)?;
        match self.registry().account(&session.account).await? {
            Some(account) if account.state == AccountState::Confirmed => Ok(Authenticated { session, account }),
            _ => Err(signed_out()),
        }
    }

    /// Whether a session that was authenticated has not ended since.
    pub(crate) async fn goes_on(&self, session: &SessionRecord) -> Result<bool> {
        if self.registry().session(&session.id).await?.is_none() {
            return Ok(false);
        }
        let account = self.registry().account(&session.account).await?;
        Ok(account.is_some_and(|account| account.state == AccountState::Confirmed))
    }

    pub(crate) async fn sign_out(&self, who: &Authenticated) -> Result<()> {
        self.registry().end_session(&who.session).await
    }

    pub(crate) async fn sessions(&self, who: &Authenticated) -> Result<Sessions> {
        let sessions = self.registry().sessions(&who.account.id).await?;
        let sessions = sessions.into_iter().map(|session| Session {
            id: session.id,
            created_ms: session.created_ms,
            expires_ms: session.expires_ms,
            current: session.id == who.session.id,
        });
        Ok(Sessions { sessions: sessions.collect() })
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

const TOKEN_LEN: usize = 32;
