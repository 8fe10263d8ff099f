//! What opens the account is changed: its password, how keys are derived from it, its address.

use imegha_platform::ProblemCode;
use imegha_platform::client::{Account, SignedIn};
use zeroize::Zeroizing;

use super::tabs::Word;
use super::{Inside, Worker, kept};
use crate::protocol::{self, ErrorCode, Failure, Openers, Reply};

/// A move to another address that waits for its code.
#[derive(Clone)]
pub(super) struct BegunEmailChange {
    account: imegha_crypto::Id,
    email: String,
    password: Zeroizing<String>,
}

impl Worker {
    pub(super) async fn openers(&self) -> Result<Reply, Failure> {
        // Another device may have changed them since.
        self.renew_from_platform().await?;
        Ok(Reply::Openers(Openers { iterations: self.account()?.iterations() }))
    }

    pub(super) async fn change_password(&self, old: &str, new: &str) -> Result<Reply, Failure> {
        let drops = self.drops.get();
        let (platform, account) = (self.platform()?, self.account()?);
        let signed_in = platform.change_password(&account, old, new).await?;
        self.renew(signed_in, drops).await.map(Reply::Renewed)
    }

    pub(super) async fn strengthen(&self, password: &str, iterations: u32) -> Result<Reply, Failure> {
        let drops = self.drops.get();
        let (platform, account) = (self.platform()?, self.account()?);
        let signed_in = platform.change_kdf(&account, password, iterations).await?;
        self.renew(signed_in, drops).await.map(Reply::Renewed)
    }

    /// Has the code mailed. The password is held until the code comes, so that the page need not.
    pub(super) async fn begin_email_change(
        &self,
        password: Zeroizing<String>,
        email: String,
    ) -> Result<Reply, Failure> {
        let (platform, account) = (self.platform()?, self.account()?);
        let code_on_terminal = platform.config().await?.code_on_terminal;
        platform.begin_email_change(&account, &password, &email).await?;
        *self.email_change.borrow_mut() = Some(BegunEmailChange { account: account.id, email, password });
        Ok(Reply::CodeSent { code_on_terminal })
    }

    pub(super) async fn confirm_email_change(&self, code: &str) -> Result<Reply, Failure> {
        let drops = self.drops.get();
        let (platform, account) = (self.platform()?, self.account()?);
        let begun = self.email_change.borrow().clone().filter(|begun| begun.account == account.id);
        let BegunEmailChange { email, password, .. } = begun.ok_or(Failure::new(ErrorCode::CodeExpired))?;
        let confirmed = platform.confirm_email_change(&account, &password, &email, code).await;
        // Then it begins again, with the password asked anew.
        if confirmed.as_ref().is_err_and(|error| error.code() == Some(ProblemCode::CodeExpired)) {
            self.email_change.borrow_mut().take();
        }
        let signed_in = confirmed?;
        let session = self.renew(signed_in, drops).await?;
        self.email_change.borrow_mut().take();
        Ok(Reply::Renewed(session))
    }

    pub(super) async fn accept_policy(&self, version: u32) -> Result<Reply, Failure> {
        self.account()?;
        self.platform()?.accept_policy(version).await?;
        let session = {
            let mut inside = self.inside.borrow_mut();
            let inside = inside.as_mut().ok_or(Failure::new(ErrorCode::SignedOut))?;
            inside.accepted_policy = version;
            inside.session()
        };
        self.tell_renewed();
        Ok(Reply::Renewed(session))
    }

    /// The account that is open.
    pub(super) fn account(&self) -> Result<Account, Failure> {
        let inside = self.inside.borrow();
        inside.as_ref().map(|inside| inside.account.clone()).ok_or(Failure::new(ErrorCode::SignedOut))
    }

    /// Puts the changed account in the place of the one that is open, here, on this device and in the other tabs. Its cloud stays open as it
    /// is. `begun` is how often keys had been dropped when the change was asked for.
    async fn renew(&self, signed_in: SignedIn, begun: u32) -> Result<protocol::Session, Failure> {
        if self.drops.get() != begun {
            return self.let_go().await;
        }
        let session = self.put(signed_in).await?;
        self.tell_renewed();
        Ok(session)
    }

    /// Locked or signed out while the account was changed: the change stands, and the session that it began is nobody's.
    pub(super) async fn let_go<T>(&self) -> Result<T, Failure> {
        if self.inside.borrow().is_none() {
            let _ = self.platform()?.sign_out().await;
        }
        Err(Failure::new(ErrorCode::Stopped))
    }

    async fn put(&self, signed_in: SignedIn) -> Result<protocol::Session, Failure> {
        let SignedIn { mut account, known, policy_version, current_policy_version } = signed_in;
        let device = self.device()?;
        self.remember(&account.email, &known).await?;
        let (session, old) = {
            let mut inside = self.inside.borrow_mut();
            let inside = inside.as_mut().filter(|inside| inside.account.id == account.id);
            let inside = inside.ok_or(Failure::new(ErrorCode::SignedOut))?;
            // The place of the cloud is as it is open here; who moves it says so apart.
            account.gateway = inside.account.gateway.clone();
            let old = std::mem::replace(&mut inside.account, account);
            inside.known = known;
            inside.accepted_policy = policy_version;
            inside.policy = current_policy_version;
            (inside.session(), old.email)
        };
        let Some(database) = device.database() else { return Ok(session) };
        // What is kept names the address.
        let mine = self.account()?;
        if kept::load(database).await.is_some_and(|kept| kept.account() == mine.id) {
            kept::keep(database, &mine.keep()).await?;
        }
        if old != mine.email {
            device.forget_account(&old).await;
        }
        if self.inside.borrow().is_none() {
            kept::forget(database).await?;
        }
        Ok(session)
    }

    /// Opens the account as the platform has it now, with the key that is here: under another address, if another tab has moved it there.
    pub(super) async fn renew_from_platform(&self) -> Result<protocol::Session, Failure> {
        let (drops, platform, account) = (self.drops.get(), self.platform()?, self.account()?);
        let seen = self.inside.borrow().as_ref().map(|inside| inside.known.clone());
        // Another tab may have seen more than this one.
        let known = self.known(&account.email).await?.or(seen).ok_or(Failure::new(ErrorCode::SignedOut))?;
        let mut signed_in = platform.resume(&account.keep(), &known).await?;
        let newest = signed_in.account.newest_email().clone();
        if newest != account.email
            && let Some(known) = self.known(&newest).await?
        {
            let mut moved = account;
            moved.email = newest;
            signed_in = platform.resume(&moved.keep(), &known).await?;
        }
        if self.drops.get() != drops {
            return Err(Failure::new(ErrorCode::Stopped));
        }
        self.put(signed_in).await
    }

    /// Tells other tabs that the account was changed here.
    pub(super) fn tell_renewed(&self) {
        let called = self.inside.borrow().as_ref().map(Inside::called);
        if let Some(called) = called {
            self.tell(Word::Renewed, &called);
        }
    }
}
