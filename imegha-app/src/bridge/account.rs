//! The account, as the pages that recover and change it ask for it.

use imegha_worker::protocol::{
    ErrorCode, Failure, OpenSession, Openers, PhraseProblem, Recalled, Reply, Request, Session,
};
use leptos::prelude::*;

use super::client::Client;
use super::message::failure;

impl Client {
    /// Has a code mailed to whom wants to recover the account. Answers whether it is printed on the server's terminal instead.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn begin_recovery(self, email: String) -> Result<bool, Failure> {
        self.code_sent(Request::BeginRecovery { email }).await
    }

    /// What is wrong with words, as far as they alone tell; nothing when they can be a recovery phrase.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn check_phrase(self, words: String) -> Result<Option<PhraseProblem>, Failure> {
        match self.ask(Request::CheckPhrase { words }).await? {
            Reply::PhraseChecked { problem } => Ok(problem),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// What opens the account.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn openers(self) -> Result<Openers, Failure> {
        match self.ask(Request::Openers).await? {
            Reply::Openers(openers) => Ok(openers),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Gives the account another password.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn change_password(self, old: String, new: String) -> Result<(), Failure> {
        self.change(Request::ChangePassword { old, new }).await
    }

    /// Has its keys derived with more iterations.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn strengthen(self, password: String, iterations: u32) -> Result<(), Failure> {
        self.change(Request::Strengthen { password, iterations }).await
    }

    /// Has a code mailed to the address that the account is to move to. Answers as [`Client::begin_recovery`].
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn begin_email_change(self, password: String, email: String) -> Result<bool, Failure> {
        self.code_sent(Request::BeginEmailChange { password, email }).await
    }

    /// Moves the account there.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn confirm_email_change(self, code: String) -> Result<(), Failure> {
        self.change(Request::ConfirmEmailChange { code }).await
    }

    /// A new recovery phrase, kept beside the old one from now on.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn new_phrase(self, password: String) -> Result<Vec<String>, Failure> {
        match self.ask(Request::NewPhrase { password }).await? {
            Reply::NewPhrase { words } => Ok(words),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Drops the old one.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn keep_phrase(self, recalled: Vec<Recalled>) -> Result<(), Failure> {
        self.ask(Request::KeepPhrase { recalled }).await.map(drop)
    }

    /// Drops the old one, and has everything behind it renewed.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn renew_keys(self, password: String, recalled: Vec<Recalled>) -> Result<(), Failure> {
        self.change(Request::RenewKeys { password, recalled }).await
    }

    /// The account's sessions.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn sessions(self) -> Result<Vec<OpenSession>, Failure> {
        match self.ask(Request::Sessions).await? {
            Reply::Sessions { sessions } => Ok(sessions),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Ends one of them.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn end_session(self, id: String) -> Result<(), Failure> {
        self.ask(Request::EndSession { id }).await.map(drop)
    }

    /// Ends all of them, and signs out here.
    ///
    /// # Errors
    /// As [`Client::ask`]: then nothing was done.
    pub(crate) async fn leave_everywhere(self) -> Result<(), Failure> {
        self.ask(Request::SignOutEverywhere).await?;
        self.left();
        Ok(())
    }

    /// Deletes the account.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn delete_account(self, password: String) -> Result<(), Failure> {
        self.ask(Request::DeleteAccount { password }).await?;
        self.left();
        Ok(())
    }

    /// Accepts the policy in force.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn accept_policy(self, version: u32) -> Result<(), Failure> {
        self.change(Request::AcceptPolicy { version }).await
    }

    /// Shows the account as it was changed, here or in another tab.
    pub(super) fn renewed(self, session: Session) {
        if self.session.with_untracked(Option::is_some) {
            self.session.set(Some(session));
        }
    }

    async fn change(self, request: Request) -> Result<(), Failure> {
        match self.ask(request).await? {
            Reply::Renewed(session) => {
                self.renewed(session);
                Ok(())
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    async fn code_sent(self, request: Request) -> Result<bool, Failure> {
        match self.ask(request).await? {
            Reply::CodeSent { code_on_terminal } => Ok(code_on_terminal),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
