//! Getting in without the password: the mailbox and the 24 words.

use std::rc::Rc;

use imegha_crypto::{Email, Error as CryptoError, PhraseError, RecoveryPhrase};
use imegha_platform::client::Recovery;

use super::Worker;
use super::tabs::Word;
use crate::protocol::{ErrorCode, Failure, PhraseProblem, Reply};

/// A recovery that waits for its code.
pub(super) struct BegunRecovery {
    email: Email,
    recovery: Recovery,
}

impl Worker {
    /// Has a code mailed. Where that fails, one that was begun before goes on counting.
    pub(super) async fn begin_recovery(&self, email: &str) -> Result<Reply, Failure> {
        let platform = self.platform()?;
        let code_on_terminal = platform.config().await?.code_on_terminal;
        let recovery = platform.begin_recovery(email).await?;
        let email = Email::parse(email)?;
        *self.recovery.borrow_mut() = Some(Rc::new(BegunRecovery { email, recovery }));
        Ok(Reply::CodeSent { code_on_terminal })
    }

    /// Gives the account the new password and opens it. What this device knows of the account is held against what is served.
    pub(super) async fn recover(&self, code: &str, words: &str, password: &str) -> Result<Reply, Failure> {
        let drops = self.drops.get();
        // The page has had the words looked at before; one that has not is refused alike.
        let phrase = RecoveryPhrase::parse(words).map_err(|_| Failure::new(ErrorCode::KeyRefused))?;
        let begun = self.recovery.borrow().clone().ok_or(Failure::new(ErrorCode::CodeExpired))?;
        let known = self.known(&begun.email).await?;
        let platform = self.platform()?;
        let signed_in = platform.recover(&begun.recovery, code, &phrase, password, known.as_ref()).await?;
        let session = self.enter(signed_in, None, false, drops).await?;
        self.recovery.borrow_mut().take();
        // Tabs in which the account is open have a session that has ended, in the place of which this one stands now.
        if let Some(called) = self.last_called.get() {
            self.tell(Word::Renewed, &called);
        }
        Ok(Reply::SignedIn(session))
    }
}

/// What is wrong with words, as far as they alone tell.
pub(super) fn check_phrase(words: &str) -> Reply {
    let problem = match RecoveryPhrase::parse(words) {
        Ok(_) => None,
        Err(CryptoError::Phrase(PhraseError::WordCount(words))) => Some(PhraseProblem::Count { words }),
        Err(CryptoError::Phrase(PhraseError::UnknownWord(place))) => Some(PhraseProblem::Unknown { place }),
        Err(CryptoError::Phrase(PhraseError::NotAscii)) => Some(PhraseProblem::Letters),
        Err(_) => Some(PhraseProblem::Checksum),
    };
    Reply::PhraseChecked { problem }
}
