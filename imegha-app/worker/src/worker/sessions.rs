//! Who else is in, and the end: of a session, of all of them, of the account.

use imegha_crypto::Hash;
use imegha_platform::{ErrorKind as PlatformKind, ProblemCode};

use super::{Worker, kept};
use crate::protocol::{ErrorCode, Failure, OpenSession, Reply};

impl Worker {
    pub(super) async fn sessions(&self) -> Result<Reply, Failure> {
        self.account()?;
        let sessions = self.platform()?.sessions().await?;
        let sessions = sessions.into_iter().map(|session| OpenSession {
            id: session.id.to_string(),
            began_ms: session.created_ms,
            ends_ms: session.expires_ms,
            current: session.current,
        });
        Ok(Reply::Sessions { sessions: sessions.collect() })
    }

    pub(super) async fn end_session(&self, id: &str) -> Result<Reply, Failure> {
        let id = Hash::parse_hex(id).map_err(|_| Failure::new(ErrorCode::NotFound))?;
        match self.platform()?.revoke_session(&id).await {
            // It has ended by itself, or an answer was lost.
            Err(error) if error.code() == Some(ProblemCode::NotFound) => Ok(Reply::Done),
            ended => Ok(ended.map(|()| Reply::Done)?),
        }
    }

    /// Unlike signing out it is not done when the platform cannot be told: the other devices are what it is for.
    pub(super) async fn sign_out_everywhere(&self) -> Result<Reply, Failure> {
        let told = self.platform()?.sign_out_everywhere().await;
        // Whose session was ended before this has ended none of the others: that is said, so that they sign in and do it.
        if !told.as_ref().is_err_and(|error| error.code() != Some(ProblemCode::SignedOut)) {
            self.forget_here().await;
        }
        Ok(told.map(|()| Reply::Done)?)
    }

    /// Deletes the account. Asked once more when an answer is lost: an account that was there a moment ago, and is not any more, was deleted.
    pub(super) async fn delete_account(&self, password: &str) -> Result<Reply, Failure> {
        let (platform, account) = (self.platform()?, self.account()?);
        // That the session is there is known before, so that its being gone behind says something.
        platform.sessions().await?;
        let mut told = platform.delete_account(&account, password).await;
        if told.as_ref().is_err_and(|error| error.kind() == PlatformKind::Network) {
            told = match platform.delete_account(&account, password).await {
                Err(error) if error.code() == Some(ProblemCode::SignedOut) => Ok(()),
                told => told,
            };
        }
        told?;
        self.forget_here().await;
        let device = self.device()?;
        device.forget_account(&account.email).await;
        device.forget_recovery_wrap(&account).await;
        device.forget_people(&account.id).await;
        Ok(Reply::Done)
    }

    /// Whether the session is still there: another device may have ended it, and then the keys go from this one. That the platform does not
    /// answer says nothing.
    pub(super) async fn check_session(&self) -> Result<(), Failure> {
        let account = self.account()?;
        match self.platform()?.gateway(&account).await {
            Err(error) if error.code() == Some(ProblemCode::SignedOut) => {
                self.drop_keys();
                // What is kept may be another account's, which has signed in in another tab.
                if let Some(database) = self.device()?.database()
                    && kept::load(database).await.is_some_and(|kept| kept.account() == account.id)
                {
                    kept::forget(database).await?;
                }
                Err(Failure::new(ErrorCode::SignedOut))
            }
            _ => Ok(()),
        }
    }
}
