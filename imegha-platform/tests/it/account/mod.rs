//! The changes of an account: on every backend, from two devices.

mod deletion;
mod email;
mod interleaved;
mod killed;
mod model;
mod password;
mod phrase;
mod recovery;
mod renewal;
mod renewal_refused;
mod renewal_seen;
mod sessions;
mod stopped;

use imegha_crypto::RecoveryPhrase;
use imegha_platform::client::{Account, NewPhrase, Platform, SignedIn};
use imegha_platform::{Error, ProblemCode, Result};

use crate::world::{NOW, PASSWORD, World};

pub(crate) const NEW: &str = "umbrella quartz meanders nightly";
pub(crate) const OTHER: &str = "granite otters whistle thrice";

/// The code that a refusal has.
pub(crate) fn refusal<T>(result: Result<T>) -> Option<ProblemCode> {
    result.err().as_ref().and_then(Error::code)
}

/// That a password opens the account, on a device that does not know it.
pub(crate) async fn opens(world: &World, email: &str, password: &str) -> SignedIn {
    world.client().sign_in(email, password).await.unwrap()
}

/// That it does not.
pub(crate) async fn opens_not(world: &World, email: &str, password: &str) {
    let outcome = world.client().sign_in(email, password).await;
    assert_eq!(refusal(outcome), Some(ProblemCode::WrongPassword));
}

/// Another device that is signed in.
pub(crate) async fn device(world: &World, email: &str, password: &str) -> (Platform, SignedIn) {
    let client = world.client();
    let signed_in = client.sign_in(email, password).await.unwrap();
    (client, signed_in)
}

/// Somebody whose password and phrase took the place of those that were seen.
pub(crate) struct Replaced {
    pub(crate) client: Platform,
    pub(crate) signed_in: SignedIn,
    /// Of the words that are the account's now; the password is [`NEW`].
    pub(crate) phrase: RecoveryPhrase,
    /// Of those that were.
    pub(crate) old_phrase: RecoveryPhrase,
}

impl Replaced {
    /// The first two steps of the order in which everything of an account becomes new.
    pub(crate) async fn new(world: &World, email: &str, tag: &str) -> Self {
        let sign_up = world.account(email, tag).await;
        let client = world.client();
        let signed_in = client.sign_in_first(&sign_up).await.unwrap();
        Self::of(client, &signed_in, sign_up.phrase().clone()).await
    }

    /// The same of somebody who is signed in with [`PASSWORD`].
    pub(crate) async fn of(client: Platform, signed_in: &SignedIn, old_phrase: RecoveryPhrase) -> Self {
        let signed_in = client.change_password(&signed_in.account, PASSWORD, NEW).await.unwrap();
        let new = NewPhrase::prepare(&signed_in.account).unwrap();
        client.add_phrase(&signed_in.account, NEW, &new).await.unwrap();
        let words: Vec<_> = new.phrase().words().collect();
        client.drop_other_phrases(&signed_in.account, &new, &words.join(" ")).await.unwrap();
        Self { client, signed_in, phrase: new.phrase().clone(), old_phrase }
    }

    /// The third.
    pub(crate) async fn renew(&self) -> Result<SignedIn> {
        self.client.renew(&self.signed_in.account, NEW, &self.phrase, NOW + 1).await
    }
}

/// A program of several threads may make any change on any of them.
#[test]
fn changes_are_futures_that_may_be_sent() {
    fn sent<'a, T: Send>(_: impl FnOnce(&'a Platform, &'a Account, &'a NewPhrase) -> T) {}
    sent(|platform, account, _| platform.change_password(account, "", ""));
    sent(|platform, account, _| platform.change_kdf(account, "", 0));
    sent(|platform, account, _| platform.confirm_email_change(account, "", "", ""));
    sent(|platform, account, new| platform.add_phrase(account, "", new));
    sent(|platform, account, new| platform.drop_other_phrases(account, new, ""));
    sent(|platform, account, new| platform.renew(account, "", new.phrase(), 0));
}
