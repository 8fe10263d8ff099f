//! The suite of identity providers on a user pool, and what of it only Cognito's side shows.

use std::sync::Arc;

use async_trait::async_trait;
use imegha_cloud::clock::ManualClock;
use imegha_crypto::{Email, Id};
use imegha_platform::conformance::{CodeFor, Subject};
use imegha_platform::identity::{CognitoIdentity, IdentityProvider, Recipient, Registration};
use imegha_platform::protocol::AuthString;
use imegha_platform::{ErrorKind, ProblemCode};
use zeroize::Zeroizing;

use super::mailbox::mailbox;
use super::peers::peers;
use crate::world::{DAY, NOW};

#[derive(Debug)]
pub(crate) struct Cognito {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) identity: CognitoIdentity,
}

pub(crate) async fn in_the_pool() -> Cognito {
    let clock = Arc::new(ManualClock::new(NOW));
    let peers = peers().await;
    let identity = peers.identity(peers.records().await, clock.clone()).await;
    Cognito { clock, identity }
}

#[async_trait]
impl Subject for Cognito {
    fn provider(&self) -> &dyn IdentityProvider {
        &self.identity
    }

    async fn mailed(&self, to: &Email, of: CodeFor) -> String {
        for _ in 0..100 {
            let mails = mailbox().await;
            let code = mails.iter().rev().find(|mail| mail.to == to.as_str()).map(|mail| mail.code.clone());
            // MiniStack knows two codes, and so what a mail is for.
            let expected = if of == CodeFor::Recovery { "654321" } else { "123456" };
            if code.as_deref() == Some(expected) {
                return expected.to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no mail comes");
    }

    fn advance(&self, ms: u64) {
        self.clock.advance(ms);
    }
}

imegha_platform::identity_conformance!(suite, in_the_pool);

pub(crate) fn auth(letter: char) -> AuthString {
    AuthString::new(Zeroizing::new(format!("iM1!{}", letter.to_string().repeat(43))))
}

pub(crate) async fn confirmed(subject: &Cognito, email: &Email) -> Id {
    let account = Id::generate().unwrap();
    let recipient = Recipient { email, has_account: false };
    let registration = Registration { account: &account, recipient, auth_string: &auth('a') };
    subject.identity.register(&registration).await.unwrap();
    subject.identity.check_code(&account, "123456").await.unwrap();
    account
}

pub(crate) fn new_email() -> Email {
    Email::parse(&format!("{}@example.com", Id::generate().unwrap())).unwrap()
}

/// Cognito's user is named by the account, and its address says where Cognito mails to. A decoy has none.
#[tokio::test]
async fn a_user_is_an_account() {
    let (subject, peers, email) = (in_the_pool().await, peers().await, new_email());
    let account = confirmed(&subject, &email).await;
    assert_eq!(peers.users_of(email.as_str()).await, [account.to_string()]);
    let decoy = Id::generate().unwrap();
    let recipient = Recipient { email: &email, has_account: true };
    let registration = Registration { account: &decoy, recipient, auth_string: &auth('b') };
    subject.identity.register(&registration).await.unwrap();
    assert_eq!(peers.users_of(email.as_str()).await, [account.to_string()], "nobody is written to");
    assert_eq!(peers.user(&decoy).await, Some((None, false)));
}

/// A move ends with one user, at the new address, which is verified; one that is not finished leaves nobody behind.
#[tokio::test]
async fn a_move_leaves_one_user() {
    let (subject, peers) = (in_the_pool().await, peers().await);
    let (from, to, elsewhere) = (new_email(), new_email(), new_email());
    let account = confirmed(&subject, &from).await;
    let recipient = Recipient { email: &to, has_account: false };
    subject.identity.begin_email_change(&account, &from, &auth('a'), &recipient).await.unwrap();
    assert_eq!(peers.users_of(to.as_str()).await.len(), 1, "whom Cognito mails the code to");
    assert_eq!(peers.users_of(from.as_str()).await, [account.to_string()]);
    for _ in 0..2 {
        subject.identity.confirm_email_change(&account, &from, &auth('a'), &to, "123456").await.unwrap();
        assert_eq!(peers.users_of(to.as_str()).await, [account.to_string()]);
        assert_eq!(peers.user(&account).await, Some((Some(to.as_str().to_owned()), true)));
    }
    assert!(peers.users_of(from.as_str()).await.is_empty());

    subject.clock.advance(DAY);
    let recipient = Recipient { email: &elsewhere, has_account: false };
    subject.identity.begin_email_change(&account, &to, &auth('a'), &recipient).await.unwrap();
    subject.identity.sweep(100).await.unwrap();
    assert_eq!(peers.users_of(elsewhere.as_str()).await.len(), 1, "not yet");
    subject.clock.advance(2 * DAY);
    subject.identity.sweep(100).await.unwrap();
    assert!(peers.users_of(elsewhere.as_str()).await.is_empty());
    assert_eq!(peers.user(&account).await, Some((Some(to.as_str().to_owned()), true)));
}

/// Deleting an account leaves nobody in the pool, also in the middle of a move.
#[tokio::test]
async fn nobody_is_left_of_an_account() {
    let (subject, peers) = (in_the_pool().await, peers().await);
    let (from, to) = (new_email(), new_email());
    let account = confirmed(&subject, &from).await;
    let recipient = Recipient { email: &to, has_account: false };
    subject.identity.begin_email_change(&account, &from, &auth('a'), &recipient).await.unwrap();
    subject.identity.forget(&account).await.unwrap();
    assert_eq!(peers.user(&account).await, None);
    assert!(peers.users_of(to.as_str()).await.is_empty() && peers.users_of(from.as_str()).await.is_empty());
}

/// Killed between Cognito's yes and the platform's note of it: the same code goes through.
#[tokio::test]
async fn a_code_that_cognito_has_taken_is_taken() {
    let (subject, peers, email) = (in_the_pool().await, peers().await, new_email());
    let account = Id::generate().unwrap();
    let recipient = Recipient { email: &email, has_account: false };
    let registration = Registration { account: &account, recipient, auth_string: &auth('a') };
    subject.identity.register(&registration).await.unwrap();
    let admin = peers.admin().await;
    admin.admin_confirm_sign_up().user_pool_id(&peers.pool.id).username(account.to_string()).send().await.unwrap();
    subject.identity.check_code(&account, "123456").await.unwrap();
    subject.identity.check_auth(&email, Some(&account), &auth('a')).await.unwrap();
}

/// A set-up that is wrong is said to be so at the start, in words, and nobody's password is wrong for it.
#[tokio::test]
async fn a_wrong_set_up_is_told() {
    let peers = peers().await;
    let clock = Arc::new(ManualClock::new(NOW));
    let refusal = async |config| {
        let secret = imegha_platform::ServerSecret::from_bytes([42; 32]);
        let identity = CognitoIdentity::open(config, peers.records().await, clock.clone(), secret).await.unwrap();
        let checked = identity.check().await.unwrap_err();
        assert_eq!(checked.kind(), ErrorKind::Config, "{checked:?}");
        let signed_in = identity.check_auth(&new_email(), Some(&Id::generate().unwrap()), &auth('a')).await;
        assert_ne!(signed_in.unwrap_err().code(), Some(ProblemCode::WrongPassword));
        checked.context()
    };
    in_the_pool().await.identity.check().await.unwrap();
    assert!(refusal(peers.pool.config_with(&peers.pool.client, "not-the-secret")).await.contains("secret"));
    assert!(
        refusal(peers.pool.config_with("nosuchclient", &peers.pool.client_secret)).await.contains("no such user pool")
    );
    let elsewhere = imegha_platform::identity::CognitoConfig::new(
        "us-east-1_NoSuchPool",
        &peers.pool.client,
        Zeroizing::new(peers.pool.client_secret.clone()),
    );
    assert!(refusal(elsewhere.unwrap().with_endpoint(peers.cognito.clone())).await.contains("no such user pool"));
}

/// A pool whose client tells who is there, or takes other flows, is refused at the start.
#[tokio::test]
async fn a_client_that_tells_is_refused() {
    let peers = peers().await;
    let admin = peers.admin().await;
    use aws_sdk_cognitoidentityprovider::types::{
        ExplicitAuthFlowsType as Flow, PreventUserExistenceErrorTypes as Hide,
    };
    let check = async |flow: Flow, hide: Hide| {
        let made = admin
            .create_user_pool_client()
            .user_pool_id(&peers.pool.id)
            .client_name("tests")
            .generate_secret(true)
            .explicit_auth_flows(flow)
            .prevent_user_existence_errors(hide)
            .send()
            .await
            .unwrap();
        let made = made.user_pool_client.unwrap();
        let config = peers.pool.config_with(made.client_id().unwrap(), made.client_secret().unwrap());
        let secret = imegha_platform::ServerSecret::from_bytes([42; 32]);
        let clock = Arc::new(ManualClock::new(NOW));
        CognitoIdentity::open(config, peers.records().await, clock, secret).await.unwrap().check().await
    };
    check(Flow::AllowAdminUserPasswordAuth, Hide::Enabled).await.unwrap();
    let tells = check(Flow::AllowAdminUserPasswordAuth, Hide::Legacy).await.unwrap_err();
    assert!(tells.context().contains("PreventUserExistenceErrors"), "{tells:?}");
    let other = check(Flow::AllowUserPasswordAuth, Hide::Enabled).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Config, "{other:?}");
}
