//! The changes of an account: on every backend, from two devices.

mod deletion;
mod email;
mod interleaved;
mod killed;
mod model;
mod password;
mod phrase;
mod recovery;
mod sessions;
mod stopped;

use imegha_platform::client::{Account, NewPhrase, Platform, SignedIn};
use imegha_platform::{Error, ProblemCode, Result};

use crate::world::World;

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

/// A program of several threads may make any change on any of them.
#[test]
fn changes_are_futures_that_may_be_sent() {
    fn sent<'a, T: Send>(_: impl FnOnce(&'a Platform, &'a Account, &'a NewPhrase) -> T) {}
    sent(|platform, account, _| platform.change_password(account, "", ""));
    sent(|platform, account, _| platform.change_kdf(account, "", 0));
    sent(|platform, account, _| platform.confirm_email_change(account, "", "", ""));
    sent(|platform, account, new| platform.add_phrase(account, "", new));
    sent(|platform, account, new| platform.drop_other_phrases(account, new, ""));
}
