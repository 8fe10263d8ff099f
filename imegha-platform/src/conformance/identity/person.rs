//! Somebody with an account, and how answers are judged.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{Email, Id};
use zeroize::Zeroizing;

use crate::conformance::{CodeFor, Subject};
use crate::error::Result;
use crate::identity::{Recipient, Registration};
use crate::problem::ProblemCode;
use crate::protocol::AuthString;

/// An account with an address that no other test has.
pub(super) struct Person {
    pub(super) account: Id,
    pub(super) email: Email,
    pub(super) auth: AuthString,
}

impl Person {
    /// Somebody whom the provider does not know.
    pub(super) fn new() -> Self {
        Self { account: Id::generate().expect("randomness"), email: email(), auth: auth() }
    }

    /// Somebody who awaits the code of a sign-up.
    pub(super) async fn registered(subject: &impl Subject) -> Self {
        let person = Self::new();
        person.register(subject, false).await.expect("it registers");
        person
    }

    /// Somebody whose code was given.
    pub(super) async fn confirmed(subject: &impl Subject) -> Self {
        let person = Self::registered(subject).await;
        let code = subject.mailed(&person.email, CodeFor::SignUp).await;
        subject.provider().check_code(&person.account, &code).await.expect("the code is right");
        person
    }

    pub(super) async fn register(&self, subject: &impl Subject, has_account: bool) -> Result<()> {
        let recipient = self.recipient(has_account);
        let registration = Registration { account: &self.account, recipient, auth_string: &self.auth };
        subject.provider().register(&registration).await
    }

    pub(super) fn recipient(&self, has_account: bool) -> Recipient<'_> {
        Recipient { email: &self.email, has_account }
    }

    /// Whether this is what proves the password now.
    pub(super) async fn signs_in(&self, subject: &impl Subject, auth: &AuthString) -> Result<()> {
        subject.provider().check_auth(&self.email, Some(&self.account), auth).await
    }
}

/// An address that no other test has.
pub(super) fn email() -> Email {
    let name = Id::generate().expect("randomness").to_string();
    Email::parse(&format!("{name}@example.com")).expect("an address")
}

/// What a device makes of a password.
pub(super) fn auth() -> AuthString {
    let (one, two) = (Id::generate().expect("randomness"), Id::generate().expect("randomness"));
    let bytes = [*one.as_bytes(), *two.as_bytes()].concat();
    AuthString::new(Zeroizing::new(format!("iM1!{}", Base64UrlUnpadded::encode_string(&bytes))))
}

/// A code that is not `code`.
pub(super) fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 7) % 1_000_000)
}

/// The code of the problem that an answer is, and `None` for a good one. Anything but a refusal fails the test.
#[track_caller]
pub(super) fn refusal(answer: Result<()>) -> Option<ProblemCode> {
    answer.err().map(|error| error.code().unwrap_or_else(|| panic!("no refusal: {error:?}")))
}

/// That a code was refused: as a wrong one, or as one that is no longer good.
#[track_caller]
pub(super) fn assert_no_code(answer: Result<()>) {
    let refusal = refusal(answer);
    assert!(matches!(refusal, Some(ProblemCode::WrongCode | ProblemCode::CodeExpired)), "{refusal:?}");
}

pub(super) const MINUTE: u64 = 60 * 1000;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;
