//! Taking a gateway for an account: the owner's own and no other, and no second cloud.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::remote::Remote;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{CancelToken, Cloud, CloudKeys, Connected, ErrorKind, MemoryDevice, Result};
use imegha_crypto::Id;
use url::Url;

use crate::gateway::history::{Chain, TAG, second, third};
use crate::served::{Served, owner, stranger};
use crate::storage::{Storage, keys, other_keys};

async fn served() -> Served {
    Served::start(Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new())).await
}

async fn connect(gateway: &Url, keys: CloudKeys) -> Result<Connected> {
    let (clock, device) = (Arc::new(SystemClock), Arc::new(MemoryDevice::new()));
    Cloud::connect(gateway.clone(), owner().fingerprint(), keys, clock, device).await
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[tokio::test]
async fn an_account_gets_a_cloud_once() {
    let served = served().await;
    let made = connect(&served.address, keys()).await.unwrap();
    assert!(made.created);
    made.cloud.create_folder(&made.cloud.root(), "folder").await.unwrap();
    for keys in [keys(), keys().with_cloud(made.cloud.id())] {
        let found = connect(&served.address, keys).await.unwrap();
        assert!(!found.created && found.cloud.id() == made.cloud.id());
        assert_eq!(found.cloud.list(&found.cloud.root()).await.unwrap().len(), 1);
    }
    // It has one already, so none is made elsewhere, and what is there is not taken for it.
    let empty = self::served().await;
    assert_eq!(kind(connect(&empty.address, keys().with_cloud(made.cloud.id())).await), ErrorKind::NotFound);
    assert!(connect(&empty.address, keys()).await.unwrap().created, "nothing was made by the refusal");
    let another = keys().with_cloud(Id::generate().unwrap());
    assert_eq!(kind(connect(&served.address, another).await), ErrorKind::AlreadyExists);
    let others = CloudKeys { identity: owner(), ..other_keys() };
    assert_eq!(kind(connect(&served.address, others).await), ErrorKind::CannotOpen);
}

#[tokio::test]
async fn a_cloud_that_has_left_is_not_taken() {
    let served = served().await;
    let cloud = connect(&served.address, keys()).await.unwrap().cloud;
    cloud.migrate(Storage::memory().store(), &CancelToken::new(), |_| {}).await.unwrap();
    assert_eq!(kind(connect(&served.address, keys()).await), ErrorKind::Moved);
}

/// One that is another's answers as to a stranger. Stopped by the first question of `Remote::check_owner`.
#[tokio::test]
async fn a_gateway_of_another_owner_is_refused() {
    let served = served().await;
    let remote = |signer: Arc<imegha_crypto::Identity>| {
        let audience = signer.fingerprint();
        Remote::new(served.address.clone(), signer, audience, Arc::new(SystemClock)).unwrap()
    };
    remote(owner()).check_owner().await.unwrap();
    assert_eq!(kind(remote(stranger()).check_owner().await), ErrorKind::Denied);
    let keys = CloudKeys { identity: stranger(), ..keys() };
    let device = Arc::new(MemoryDevice::new());
    let refused =
        Cloud::connect(served.address.clone(), stranger().fingerprint(), keys, Arc::new(SystemClock), device).await;
    assert_eq!(kind(refused), ErrorKind::Denied);
}

/// One that answers to everybody is no gateway of anybody's. Stopped by the second question of `Remote::check_owner`.
#[tokio::test]
async fn a_gateway_that_looks_at_no_signature_is_refused() {
    let answer = async |request: Request, _: Next| match request.uri().path().ends_with("/v1/version") {
        true => axum::Json(imegha_cloud::protocol::VersionAnswer::current()).into_response(),
        false => axum::Json(serde_json::json!({ "objects": [] })).into_response(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let app = Router::new().fallback(async || ()).layer(from_fn(answer));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    assert_eq!(kind(connect(&address, keys()).await), ErrorKind::Denied);
    server.abort();
}

#[tokio::test]
async fn an_address_is_https_or_on_this_machine() {
    for address in ["http://cloud.example", "http://192.168.1.2:8080", "ftp://cloud.example"] {
        assert_eq!(kind(connect(&address.parse().unwrap(), keys()).await), ErrorKind::Malformed, "{address}");
    }
    // Nobody is there; it is asked all the same.
    assert_eq!(kind(connect(&"http://127.0.0.1:9".parse().unwrap(), keys()).await), ErrorKind::Unavailable);
}

fn remote_of(served: &Served, signer: Arc<imegha_crypto::Identity>) -> Remote {
    Remote::new(served.address.clone(), signer, owner().fingerprint(), Arc::new(SystemClock)).unwrap()
}

async fn connect_telling(gateway: &Url, chain: &Chain, keys: CloudKeys) -> Result<Connected> {
    let (clock, device) = (Arc::new(SystemClock), Arc::new(MemoryDevice::new()));
    Cloud::connect_telling(gateway.clone(), &chain.history, TAG, keys, clock, device).await
}

/// The keys of the account whose history that is.
fn keys_of(chain: &Chain, identity: Arc<imegha_crypto::Identity>) -> CloudKeys {
    CloudKeys { account: chain.account, identity, ..keys() }
}

#[tokio::test]
async fn a_gateway_that_does_not_know_the_newest_identity_is_told_once() {
    let served = served().await;
    let first = Chain::new();
    let two = first.then(&second());
    let (old, new) = (keys_of(&first, owner()), keys_of(&two, second()));
    assert_eq!(
        kind(connect_telling(&served.address, &two, old.clone()).await),
        ErrorKind::Malformed,
        "another's history"
    );
    assert_eq!(kind(connect(&served.address, new.clone()).await), ErrorKind::Denied, "it was not told");
    assert!(connect_telling(&served.address, &two, new.clone()).await.unwrap().created);
    for _ in 0..2 {
        assert!(!connect_telling(&served.address, &two, new.clone()).await.unwrap().created);
        assert!(!connect(&served.address, new.clone()).await.unwrap().created, "it knows");
    }
    // A device that was lost has the first identity, and the history up to it.
    assert_eq!(kind(connect(&served.address, old.clone()).await), ErrorKind::Denied);
    assert_eq!(kind(connect_telling(&served.address, &first, old).await), ErrorKind::Denied);
    assert_eq!(kind(remote_of(&served, owner()).follow(&first.history, &first.account, TAG).await), ErrorKind::Denied);
    // An account whose identity never changed connects as ever.
    let another = self::served().await;
    assert!(connect_telling(&another.address, &first, keys_of(&first, owner())).await.unwrap().created);
}

#[tokio::test]
async fn a_history_is_told_to_its_own_gateway_by_its_last_identity() {
    let served = served().await;
    let two = Chain::new().then(&second());
    let follow =
        async |chain: &Chain, signer| remote_of(&served, signer).follow(&chain.history, &chain.account, TAG).await;
    let strangers = Chain::of(&stranger(), two.account).then(&third());
    assert_eq!(kind(follow(&strangers, third()).await), ErrorKind::Malformed);
    for signer in [owner(), stranger()] {
        assert_eq!(kind(follow(&two, signer).await), ErrorKind::Denied);
    }
    assert_eq!(
        kind(remote_of(&served, second()).follow(&two.history, &two.account, "mallory").await),
        ErrorKind::Denied
    );
    follow(&two, second()).await.unwrap();
    follow(&two, second()).await.unwrap();
    assert_eq!(kind(follow(&Chain::new().then(&third()), third()).await), ErrorKind::Denied, "a fork");
    follow(&two.then(&third()), third()).await.unwrap();
    remote_of(&served, third()).check_owner().await.unwrap();
}

/// One from before there were histories has no such path. It goes on serving the first identity.
#[tokio::test]
async fn a_gateway_that_is_too_old_to_be_told_says_so() {
    let old = |app: Router| {
        app.layer(from_fn(async |request: Request, next: Next| {
            match request.uri().path().ends_with("/owner/history") {
                true => (http::StatusCode::NOT_FOUND, "").into_response(),
                false => next.run(request).await,
            }
        }))
    };
    let stores = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
    let served = Served::start_behind(stores.0, stores.1, Arc::new(SystemClock), old).await;
    let two = Chain::new().then(&second());
    let refused = connect_telling(&served.address, &two, keys_of(&two, second())).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Version);
    assert!(refused.to_string().contains("until it is updated"), "{refused}");
    assert!(connect(&served.address, keys()).await.unwrap().created);
}
