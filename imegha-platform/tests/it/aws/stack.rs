//! The template of a platform, made, used, updated and deleted by a service that speaks the protocol of CloudFormation.

use std::sync::Arc;

use imegha_cloud::backend::aws::{AwsConfig, AwsRecords};
use imegha_cloud::clock::ManualClock;
use imegha_crypto::Id;
use imegha_platform::ServerSecret;
use imegha_platform::identity::{CognitoConfig, CognitoIdentity, IdentityProvider as _, Recipient, Registration};
use imegha_platform::registry::{PlatformSchema, Registry};
use zeroize::Zeroizing;

use super::cognito::{auth, new_email};
use super::peers::{CLOUDFORMATION, COGNITO, client_secret, endpoint, sdk};
use super::service::{Service, Stack, output};
use crate::world::NOW;

/// What the template makes serves accounts, and neither an update nor the stack's end touches them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_outlive_their_stack() {
    let [stacks, cognito] = [CLOUDFORMATION, COGNITO].map(endpoint);
    let stack = Stack::new(Service { endpoint: stacks.clone(), sdk: sdk().await });
    stack.ask("CreateStack", &[]).await;
    let made = stack.settled("CREATE_COMPLETE").await;
    let [pool, client, table] = ["UserPool", "UserPoolClient", "Table"].map(|name| output(&made, name));
    assert!(output(&made, "ServerRole").contains(":role/") && output(&made, "ServerPolicy").contains(":policy/"));
    assert!(!made.contains(&client_secret(&cognito, &pool, &client).await), "the secret is no output");

    let secret = client_secret(&cognito, &pool, &client).await;
    let config = CognitoConfig::new(&pool, &client, Zeroizing::new(secret.clone())).unwrap();
    let jwks = cognito.join(&format!("/{pool}/.well-known/jwks.json")).unwrap();
    let config = config.with_endpoint(cognito.clone()).with_jwks(jwks);
    // The stack's own table: it lies where the stack was made.
    let records = AwsConfig::default().with_dynamodb_endpoint(stacks);
    let records = Arc::new(AwsRecords::<PlatformSchema>::open(&table, &records).await.unwrap());
    let clock = Arc::new(ManualClock::new(NOW));
    let server_secret = ServerSecret::from_bytes([42; 32]);
    let identity = CognitoIdentity::open(config, records.clone(), clock.clone(), server_secret).await.unwrap();
    identity.check().await.unwrap();
    let (email, account) = (new_email(), Id::generate().unwrap());
    let recipient = Recipient { email: &email, has_account: false };
    let registration = Registration { account: &account, recipient, auth_string: &auth('a') };
    identity.register(&registration).await.unwrap();
    identity.check_code(&account, "123456").await.unwrap();
    identity.check_auth(&email, Some(&account), &auth('a')).await.unwrap();
    assert_eq!(Registry::new(records, clock).account(&account).await.unwrap(), None);

    stack.ask("UpdateStack", &[("ServerService", "ecs-tasks.amazonaws.com")]).await;
    let updated = stack.settled("UPDATE_COMPLETE").await;
    assert_eq!(["UserPool", "UserPoolClient", "Table"].map(|name| output(&updated, name)), [&*pool, &*client, &*table]);
    assert_eq!(client_secret(&cognito, &pool, &client).await, secret);
    identity.check_auth(&email, Some(&account), &auth('a')).await.unwrap();

    stack.ask("DeleteStack", &[]).await;
    stack.settled("does not exist").await;
    identity.check().await.unwrap();
    identity.check_auth(&email, Some(&account), &auth('a')).await.unwrap();
}
