//! A platform whose identities are in a user pool of its own and whose records are in a table, and the mailbox that Cognito writes to.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use imegha_crypto::{Email, Id};
use imegha_platform::identity::{CognitoIdentity, IdentityProvider, Recipient, Registration};
use imegha_platform::mail::{Mail, Mailer as _, MemoryMailer, Message};
use imegha_platform::protocol::AuthString;
use imegha_platform::registry::Registry;
use imegha_platform::{Result, ServerParts, ServerSecret};
use tokio::sync::Mutex;

use super::mailbox::mailbox;
use super::peers::{CLOUDFORMATION, COGNITO, Pool, endpoint, peers, sdk};
use crate::world::{Parts, World};

impl World {
    /// A platform in AWS.
    pub(crate) async fn aws() -> Self {
        let [stacks, cognito] = [CLOUDFORMATION, COGNITO].map(endpoint);
        // Its mails come from an address that no other test's do.
        let from = format!("{}@imegha.example", Id::generate().unwrap());
        let identity = "arn:aws:ses:us-east-1:000000000000:identity/imegha.example";
        let pool = Pool::new(&stacks, &cognito, &[("MailIdentity", identity), ("MailFrom", &from)]).await;
        let (config, sdk) = (pool.config(), sdk().await);
        let (seen, told) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
        let parts = Parts::new(move |store, clock, mailer| {
            let secret = ServerSecret::from_bytes([42; 32]);
            let identity =
                CognitoIdentity::with_sdk(config.clone(), &sdk, store.clone(), clock.clone(), secret.clone()).unwrap();
            let identity =
                Arc::new(Posted { identity, mailer, from: from.clone(), seen: seen.clone(), told: told.clone() });
            ServerParts { registry: Registry::new(store, clock), identity, secret, host: None, push: None }
        });
        Self::of(parts, peers().await.records().await)
    }
}

/// A user pool, and what it mails put into a test's mailbox.
#[derive(Debug)]
struct Posted {
    identity: CognitoIdentity,
    mailer: MemoryMailer,
    from: String,
    /// How many of the pool's mails the test has.
    seen: Arc<Mutex<usize>>,
    /// Whose sign-up the owner of the address was told of.
    told: Arc<Mutex<BTreeSet<Id>>>,
}

impl Posted {
    /// Fetches what was mailed meanwhile; the caller knows what for.
    async fn fetch(&self, message: impl Fn(String) -> Message) {
        let mut seen = self.seen.lock().await;
        let mails = mailbox().await.into_iter().filter(|mail| mail.from == self.from);
        for mail in mails.skip(*seen) {
            *seen += 1;
            let to = Email::parse(&mail.to).unwrap();
            self.mailer.send(&Mail { to, message: message(mail.code) }).await.unwrap();
        }
    }

    /// What the embedded identity mails and Cognito does not, so that the same tests count the same mails: its owner is not told that
    /// somebody wants a taken address.
    async fn tell_the_owner(&self, recipient: &Recipient<'_>, message: Message) {
        if recipient.has_account {
            self.mailer.send(&Mail { to: recipient.email.clone(), message }).await.unwrap();
        }
    }
}

fn code(code: String) -> Message {
    Message::Code { code, minutes: 15 }
}

#[async_trait]
impl IdentityProvider for Posted {
    async fn register(&self, registration: &Registration<'_>) -> Result<()> {
        self.identity.register(registration).await?;
        // The same sign-up again is told once.
        if self.told.lock().await.insert(*registration.account) {
            self.tell_the_owner(&registration.recipient, Message::AlreadyRegistered).await;
        }
        self.fetch(code).await;
        Ok(())
    }

    async fn resend(&self, account: &Id, recipient: &Recipient<'_>) -> Result<()> {
        self.identity.resend(account, recipient).await?;
        self.tell_the_owner(recipient, Message::AlreadyRegistered).await;
        self.fetch(code).await;
        Ok(())
    }

    async fn check_code(&self, account: &Id, code: &str) -> Result<()> {
        self.identity.check_code(account, code).await
    }

    async fn check_auth(&self, email: &Email, account: Option<&Id>, auth_string: &AuthString) -> Result<()> {
        self.identity.check_auth(email, account, auth_string).await
    }

    async fn change_auth(&self, email: &Email, account: &Id, old: &AuthString, new: &AuthString) -> Result<()> {
        self.identity.change_auth(email, account, old, new).await
    }

    async fn begin_recovery(&self, email: &Email, account: Option<&Id>) -> Result<()> {
        self.identity.begin_recovery(email, account).await?;
        self.fetch(|code| Message::RecoveryCode { code, minutes: 15 }).await;
        Ok(())
    }

    async fn recover(&self, email: &Email, account: Option<&Id>, code: &str, new: &AuthString) -> Result<()> {
        self.identity.recover(email, account, code, new).await
    }

    async fn begin_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Recipient<'_>,
    ) -> Result<()> {
        self.identity.begin_email_change(account, current, auth, to).await?;
        self.tell_the_owner(to, Message::AddressWanted).await;
        self.fetch(|code| Message::EmailChangeCode { code, minutes: 15 }).await;
        Ok(())
    }

    async fn confirm_email_change(
        &self,
        account: &Id,
        current: &Email,
        auth: &AuthString,
        to: &Email,
        code: &str,
    ) -> Result<()> {
        self.identity.confirm_email_change(account, current, auth, to, code).await
    }

    async fn forget(&self, account: &Id) -> Result<()> {
        self.identity.forget(account).await
    }

    async fn sweep(&self, limit: usize) -> Result<()> {
        self.identity.sweep(limit).await
    }
}
