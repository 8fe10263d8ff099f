//! Everything anew, after a password, a phrase or a device was seen: behind a new password and a new phrase a new key and a new identity, for the
//! account and for its cloud.

use imegha_cloud::clock::{Clock as _, SystemClock};

use super::Worker;
use crate::protocol::{Failure, Recalled, Reply};

impl Worker {
    /// Drops the old recovery phrases as [`Request::KeepPhrase`](crate::protocol::Request::KeepPhrase) does, and then renews the keys. Asked again
    /// after a lost answer it goes on from where it was.
    pub(super) async fn renew_keys(&self, password: &str, recalled: Vec<Recalled>) -> Result<Reply, Failure> {
        let begun = self.drops.get();
        let platform = self.platform()?;
        let new = self.drop_old_phrases(recalled).await?;
        let account = self.account()?;
        let signed_in = platform.renew(&account, password, new.phrase(), SystemClock.now_ms()).await?;
        if self.drops.get() != begun {
            return self.let_go().await;
        }
        let wrap = signed_in.account.recovery_wrap(new.phrase())?;
        let stays = self.inside.borrow().as_ref().is_some_and(|inside| inside.stays);
        // What is under way is under way with the former keys.
        self.end_what_runs();
        let session = self.enter(signed_in, Some(wrap), stays, begun).await?;
        self.new_phrase.borrow_mut().take();
        // They know the former keys: each of them asks for the password.
        self.tell_renewed();
        Ok(Reply::Renewed(session))
    }
}
