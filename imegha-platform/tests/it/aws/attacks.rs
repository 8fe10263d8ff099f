//! Attacks on the user pool itself, past the platform.

use aws_sdk_cognitoidentityprovider as cognito;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use imegha_crypto::Email;
use imegha_platform::identity::IdentityProvider as _;

use super::cognito::{auth, confirmed, in_the_pool, new_email};
use super::peers::{Peers, peers};

/// Cognito as anybody on the network reaches it: without credentials of AWS.
async fn anybody(peers: &Peers) -> cognito::Client {
    let config = cognito::Config::builder()
        .behavior_version_latest()
        .allow_no_auth()
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(peers.cognito.as_str())
        .build();
    cognito::Client::from_conf(config)
}

#[track_caller]
fn refused<T, E: ProvideErrorMetadata, R>(answer: Result<T, SdkError<E, R>>) -> String {
    let Err(error) = answer else { panic!("it was let in") };
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("not sent").to_owned()
}

/// The mailbox alone yields nothing: Cognito hears only who has the app client's secret. What stops it is `GenerateSecret: true` in
/// `deploy/platform.yaml`; `ExplicitAuthFlows` there stops a sign-in by whoever has stolen the secret, but no credentials of AWS.
///
/// (E) has the mailbox, so knows every code, and the pool's and the client's id, which are in nobody's way.
#[tokio::test]
async fn a28_the_mailbox_moves_nothing_at_cognito() {
    let (subject, peers, email) = (in_the_pool().await, peers().await, new_email());
    let account = confirmed(&subject, &email).await;
    let (name, anybody) = (account.to_string(), anybody(peers).await);
    let stolen = auth('x');
    let sign_in = |flow: AuthFlowType, password: String, hash: Option<String>| {
        let mut request = anybody.initiate_auth().client_id(&peers.pool.client).auth_flow(flow);
        request = request.auth_parameters("USERNAME", &name).auth_parameters("PASSWORD", password);
        if let Some(hash) = hash {
            request = request.auth_parameters("SECRET_HASH", hash);
        }
        request.send()
    };
    let guessed = Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned());
    for hash in [None, guessed] {
        let forgot =
            anybody.forgot_password().client_id(&peers.pool.client).username(&name).set_secret_hash(hash.clone());
        assert_eq!(refused(forgot.send().await), "NotAuthorizedException");
        let confirm = anybody.confirm_forgot_password().client_id(&peers.pool.client).username(&name);
        let confirm = confirm.set_secret_hash(hash.clone()).confirmation_code("654321").password(stolen.expose());
        assert_eq!(refused(confirm.send().await), "NotAuthorizedException");
        let sign_up = anybody.sign_up().client_id(&peers.pool.client).username("mallory").set_secret_hash(hash.clone());
        assert_eq!(refused(sign_up.password(stolen.expose()).send().await), "NotAuthorizedException");
        for flow in [AuthFlowType::UserPasswordAuth, AuthFlowType::UserSrpAuth, AuthFlowType::UserAuth] {
            let right = auth('a').expose().to_owned();
            assert_eq!(refused(sign_in(flow, right, hash.clone()).await), "NotAuthorizedException");
        }
    }
    // Also while the platform has asked for a code that lies in the mailbox.
    subject.identity.begin_recovery(&email, Some(&account)).await.unwrap();
    let confirm =
        anybody.confirm_forgot_password().client_id(&peers.pool.client).username(&name).confirmation_code("654321");
    assert_eq!(refused(confirm.password(stolen.expose()).send().await), "NotAuthorizedException");
    subject.identity.check_auth(&email, Some(&account), &auth('a')).await.unwrap();

    // With the secret, too, nobody signs in without credentials of AWS: neither by the flow for everybody nor by the platform's.
    let hash = secret_hash(peers, &name);
    let open = sign_in(AuthFlowType::UserPasswordAuth, auth('a').expose().to_owned(), Some(hash.clone())).await;
    assert_eq!(refused(open), "InvalidParameterException");
    let admin = anybody.admin_initiate_auth().user_pool_id(&peers.pool.id).client_id(&peers.pool.client);
    let admin = admin.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", &name);
    let admin = admin.auth_parameters("PASSWORD", auth('a').expose()).auth_parameters("SECRET_HASH", &hash);
    refused(admin.send().await);

    // The positive control: the same request with the secret. It is the platform's, behind the phrase's signature.
    let confirm =
        anybody.confirm_forgot_password().client_id(&peers.pool.client).username(&name).confirmation_code("654321");
    confirm.secret_hash(hash).password(auth('n').expose()).send().await.unwrap();
    subject.identity.check_auth(&email, Some(&account), &auth('n')).await.unwrap();
}

fn secret_hash(peers: &Peers, name: &str) -> String {
    use base64ct::{Base64, Encoding as _};
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(peers.pool.client_secret.as_bytes()).unwrap();
    mac.update(format!("{name}{}", peers.pool.client).as_bytes());
    Base64::encode_string(&mac.finalize().into_bytes())
}

/// Cognito itself answers alike for a user and for none, to whoever has the secret: status and body of sign-in, reset and its code. What
/// hides it is `PreventUserExistenceErrors: ENABLED` in the template, without which `CognitoIdentity::check` refuses to start; how the
/// platform answers to a thousand of each is `known_and_unknown.rs`'s to see.
#[tokio::test]
async fn a27_cognito_does_not_tell_who_is_there() {
    let (subject, email) = (in_the_pool().await, new_email());
    let account = confirmed(&subject, &email).await;
    let mut answers = Vec::new();
    let unknown = Email::parse("nobody@example.com").unwrap();
    for (email, account) in [(&email, Some(&account)), (&unknown, None)] {
        let mut trace = Vec::new();
        let mut say = |answer: imegha_platform::Result<()>| {
            trace.push(answer.map_err(|error| (error.kind(), error.retry_after_ms())))
        };
        say(subject.identity.check_auth(email, account, &auth('w')).await);
        say(subject.identity.begin_recovery(email, account).await);
        say(subject.identity.recover(email, account, "000000", &auth('w')).await);
        answers.push(trace);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0][1].is_ok());
}
