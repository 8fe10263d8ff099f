//! Many gateways at one host.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use imegha_cloud::backend::BlobStore as _;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::gateway::{Clouds, Gateway, GatewayOptions, hosted_router};
use imegha_cloud::protocol::path;
use imegha_crypto::Fingerprint;

use super::bench::{Draft, NOW, put_object, send};
use crate::served::{owner, stranger};

#[derive(Debug)]
struct Hosts(BTreeMap<Fingerprint, Gateway>);

#[async_trait]
impl Clouds for Hosts {
    async fn gateway(&self, owner: &Fingerprint) -> imegha_cloud::Result<Option<Gateway>> {
        Ok(self.0.get(owner).cloned())
    }
}

fn host(blobs: &MemoryBlobs) -> Router {
    let owner = owner();
    let address = format!("https://host.example/cloud/{}", owner.fingerprint()).parse().unwrap();
    let clock = Arc::new(ManualClock::new(NOW * 1000));
    let options = GatewayOptions::new(&address).unwrap().with_clock(clock);
    let records = Arc::new(MemoryRecords::new());
    let gateway = Gateway::new(records, Arc::new(blobs.clone()), owner.public().clone(), options);
    let hosts = Hosts(BTreeMap::from([(owner.fingerprint(), gateway)]));
    Router::new().nest("/cloud", hosted_router(Arc::new(hosts)))
}

fn hosted(draft: Draft, owner: &Fingerprint) -> Draft {
    Draft { path: format!("/cloud/{owner}{}", draft.path), address: "https://host.example", ..draft }
}

#[tokio::test]
async fn a_cloud_is_found_by_its_owners_fingerprint() {
    let blobs = MemoryBlobs::new();
    let host = host(&blobs);
    let mine = owner().fingerprint();
    assert_eq!(send(&host, hosted(put_object(1), &mine).sign()).await.status, StatusCode::NO_CONTENT);
    let list = hosted(Draft::new("GET", path::blobs_page(None, 5), ""), &mine);
    let answer = send(&host, list.sign()).await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["objects"][0]["size"], "1000");
    assert_eq!(blobs.list(None, 5).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_stranger_does_not_learn_which_clouds_there_are() {
    let host = host(&MemoryBlobs::new());
    let (mine, none) = (owner().fingerprint(), Fingerprint::from_bytes([9; 32]));
    for path in ["/v1/version", "/v1/uploads", "/v1/blobs/x", "/v1/nowhere", "/v1/owner/history", "/"] {
        for method in ["GET", "PUT", "OPTIONS"] {
            let ask = async |owner: &Fingerprint| {
                let uri = format!("/cloud/{owner}{path}");
                send(&host, Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()).await
            };
            assert_eq!(ask(&mine).await, ask(&none).await, "{method} {path}");
        }
    }
    let strangers = Draft { signer: stranger(), ..Draft::new("GET", path::UPLOADS, "") };
    let ask = async |owner| send(&host, hosted(strangers.clone(), owner).sign()).await;
    assert_eq!(ask(&mine).await, ask(&none).await);
    for path in ["/cloud", "/cloud/x", "/cloud/x/v1/uploads", "/cloud//v1/uploads"] {
        let answer = send(&host, Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.code(), "not_found", "{path}");
    }
}

#[tokio::test]
async fn a_request_for_one_hosted_cloud_is_refused_by_another() {
    let blobs = MemoryBlobs::new();
    let host = host(&blobs);
    let for_another = hosted(put_object(1), &stranger().fingerprint());
    let mut relayed = for_another.sign();
    *relayed.uri_mut() = hosted(put_object(1), &owner().fingerprint()).path.parse().unwrap();
    assert_eq!(send(&host, relayed).await.code(), "not_found");
    assert!(blobs.list(None, 5).await.unwrap().is_empty());
}

/// A hosted cloud follows its owner as any other does, and by no history does a stranger find out which clouds there are.
#[tokio::test]
async fn a_hosted_cloud_follows_its_owner_and_says_so_to_nobody_else() {
    use super::history::{Chain, by, read, second, third};

    let host = host(&MemoryBlobs::new());
    let (mine, none) = (owner().fingerprint(), Fingerprint::from_bytes([9; 32]));
    let ask = async |draft: Draft, of: &Fingerprint| send(&host, hosted(draft, of).sign()).await;
    let two = Chain::new().then(&second());
    let strangers = Chain::of(&stranger(), Chain::new().account).then(&third());
    for draft in [two.told_by(&stranger()), two.told_by(&third()), strangers.told()] {
        for created in [NOW, 0] {
            let draft = Draft { created, ..draft.clone() };
            let answer = ask(draft.clone(), &mine).await;
            assert_eq!((answer.code().as_str(), &answer), ("not_found", &ask(draft, &none).await));
        }
    }
    assert_eq!(ask(two.told(), &none).await.code(), "not_found");
    assert_eq!(ask(read(&owner()), &mine).await.status, StatusCode::OK);
    assert_eq!(ask(two.told(), &mine).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(read(&owner()), &mine).await.code(), "not_found");
    assert_eq!(ask(by(&second(), put_object(1)), &mine).await.status, StatusCode::NO_CONTENT);
}
