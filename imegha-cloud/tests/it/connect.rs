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
