//! The services that these tests speak to, one user pool for all of them, and a place of its own in a table for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cognitoidentityprovider as cognito;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::backend::aws::{AwsConfig, AwsRecords};
use imegha_cloud::clock::Clock;
use imegha_crypto::Id;
use imegha_platform::ServerSecret;
use imegha_platform::identity::{CognitoConfig, CognitoIdentity};
use imegha_platform::registry::PlatformSchema;
use tokio::sync::OnceCell;
use url::Url;
use zeroize::Zeroizing;

use super::service::{Service, Stack, output};

/// The services, and what was made in them.
pub(crate) struct Peers {
    pub(crate) cognito: Url,
    dynamodb: Url,
    pub(crate) pool: Pool,
    table: String,
}

/// A user pool that the platform's own template has made.
pub(crate) struct Pool {
    cognito: Url,
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) client_secret: String,
}

impl Pool {
    /// One more, of a stack with these parameters.
    pub(crate) async fn new(stacks: &Url, cognito: &Url, parameters: &[(&str, &str)]) -> Self {
        let stack = Stack::new(Service { endpoint: stacks.clone(), sdk: sdk().await });
        stack.ask("CreateStack", parameters).await;
        let made = stack.settled("CREATE_COMPLETE").await;
        let (id, client) = (output(&made, "UserPool"), output(&made, "UserPoolClient"));
        let client_secret = client_secret(cognito, &id, &client).await;
        Self { cognito: cognito.clone(), id, client, client_secret }
    }

    /// The pool, as a platform is told of it. The tokens' issuer is AWS's name also where AWS is not, so their keys have an address
    /// of their own.
    pub(crate) fn config(&self) -> CognitoConfig {
        self.config_with(&self.client, &self.client_secret)
    }

    pub(crate) fn config_with(&self, client: &str, secret: &str) -> CognitoConfig {
        let jwks = self.cognito.join(&format!("/{}/.well-known/jwks.json", self.id)).unwrap();
        CognitoConfig::new(&self.id, client, Zeroizing::new(secret.to_owned()))
            .unwrap()
            .with_endpoint(self.cognito.clone())
            .with_jwks(jwks)
    }
}

/// The services, with a user pool that the platform's own template has made, and a table.
pub(crate) async fn peers() -> &'static Peers {
    static PEERS: OnceCell<Peers> = OnceCell::const_new();
    PEERS
        .get_or_init(|| async {
            let [cognito, stacks, dynamodb] = [COGNITO, CLOUDFORMATION, DYNAMODB].map(endpoint);
            let pool = Pool::new(&stacks, &cognito, &[]).await;
            let set = std::env::var("IMEGHA_TEST_PLATFORM_TABLE").ok().filter(|value| !value.is_empty());
            let table = set.unwrap_or_else(|| "imegha-platform-tests".to_owned());
            Service { endpoint: dynamodb.clone(), sdk: sdk().await }.create_table(&table).await;
            Peers { cognito, dynamodb, pool, table }
        })
        .await
}

impl Peers {
    /// Records that no other test sees.
    pub(crate) async fn records(&self) -> Arc<dyn RecordStore<PlatformSchema>> {
        let config = AwsConfig::default().with_dynamodb_endpoint(self.dynamodb.clone());
        let config = config.with_prefix(&new_prefix()).unwrap();
        Arc::new(AwsRecords::<PlatformSchema>::open(&self.table, &config).await.unwrap())
    }

    /// An identity in the pool.
    pub(crate) async fn identity(
        &self,
        store: Arc<dyn RecordStore<PlatformSchema>>,
        clock: Arc<dyn Clock>,
    ) -> CognitoIdentity {
        CognitoIdentity::open(self.pool.config(), store, clock, ServerSecret::from_bytes([42; 32])).await.unwrap()
    }

    /// Cognito as an administrator sees it.
    pub(crate) async fn admin(&self) -> cognito::Client {
        admin(&self.cognito).await
    }

    /// A user's address, and whether it is verified, as Cognito has it; `None` if there is no such user.
    pub(crate) async fn user(&self, account: &Id) -> Option<(Option<String>, bool)> {
        let admin = self.admin().await;
        let user =
            admin.admin_get_user().user_pool_id(&self.pool.id).username(account.to_string()).send().await.ok()?;
        let value = |name: &str| {
            let attribute = user.user_attributes().iter().find(|attribute| attribute.name() == name);
            attribute.and_then(|attribute| attribute.value()).map(str::to_owned)
        };
        Some((value("email"), value("email_verified").as_deref() == Some("true")))
    }

    /// The names of all users that have this address.
    pub(crate) async fn users_of(&self, email: &str) -> Vec<String> {
        let filter = format!("email = \"{email}\"");
        let found = self.admin().await.list_users().user_pool_id(&self.pool.id).filter(filter).send().await.unwrap();
        found.users().iter().map(|user| user.username().unwrap().to_owned()).collect()
    }
}

pub(crate) async fn admin(endpoint: &Url) -> cognito::Client {
    let builder = cognito::config::Builder::from(&sdk().await).endpoint_url(endpoint.as_str());
    cognito::Client::from_conf(builder.build())
}

/// What the runbook says how to read.
pub(crate) async fn client_secret(endpoint: &Url, pool: &str, client: &str) -> String {
    let described = admin(endpoint).await.describe_user_pool_client().user_pool_id(pool).client_id(client).send().await;
    described.unwrap().user_pool_client.unwrap().client_secret.expect("the client has a secret")
}

/// Credentials and region of the environment.
pub(crate) async fn sdk() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// Where a service is that a variable names.
pub(crate) fn endpoint(variable: &str) -> Url {
    let set = std::env::var(variable).ok().and_then(|value| value.parse().ok());
    set.unwrap_or_else(|| {
        panic!("{variable} says where to ask: `cargo xtask test --only platform-aws` (CONTRIBUTING.md)")
    })
}

fn new_prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Of this run: the services may have been there before it.
    let run = &Id::generate().unwrap().to_string()[..12];
    format!("{run}-{}/", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub(crate) const COGNITO: &str = "IMEGHA_TEST_COGNITO_ENDPOINT";
pub(crate) const CLOUDFORMATION: &str = "IMEGHA_TEST_CLOUDFORMATION_ENDPOINT";
const DYNAMODB: &str = "IMEGHA_TEST_DYNAMODB_ENDPOINT";
