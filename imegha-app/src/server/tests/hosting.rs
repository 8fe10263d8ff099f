//! An account and its hosted cloud over HTTP, with the server stopped and started again in between.

use std::net::SocketAddr;
use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, ErrorKind, MemoryDevice, Store};
use imegha_platform::CloudHost as _;
use imegha_platform::client::{Account, GatewayAddress, Platform, SignUp};
use imegha_platform::mail::Message;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use super::Setting;
use crate::server::serve;

const PASSWORD: &str = "plum cactus governs tuesday";

/// A server that runs.
struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    async fn start(setting: &Setting, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let (site, data) = setting.open();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            serve(listener, site, async { drop(stopped.await) }).await.expect("it serves");
            drop(data);
        });
        Self { stop, served }
    }

    async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.served.await.expect("it ends");
    }
}

/// A free address, and the origin that it makes.
async fn free_address() -> (SocketAddr, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (address, format!("http://{address}"))
}

/// Signs up with the code of the mail, and signs in.
async fn sign_up(setting: &Setting, platform: &Platform, email: &str, tag: &str) -> Account {
    let new = SignUp::prepare(email, tag, PASSWORD, 1_790_000_000_000).await.expect("keys");
    platform.sign_up(&new, true, 1).await.expect("claimed");
    let Message::Code { code, .. } = setting.mailer.next().await.message else { panic!("a code was expected") };
    platform.confirm(&new.account(), &code).await.expect("confirmed");
    platform.sign_in_first(&new).await.expect("signed in").account
}

fn store(account: &Account, url: &Url) -> Store {
    let clock = Arc::new(SystemClock);
    let audience = account.history.first().fingerprint();
    let remote = Remote::new(url.clone(), account.identity.clone(), audience, clock.clone()).expect("an address");
    Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock,
        device: Arc::new(MemoryDevice::new()),
    }
}

fn keys(account: &Account) -> CloudKeys {
    CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_is_there_after_a_restart() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address().await;
    let setting = Setting::new(root.path(), &origin);

    let running = Running::start(&setting, address).await;
    let url = {
        let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
        let account = sign_up(&setting, &platform, "ann@example.org", "ann").await;
        let url = platform.host_cloud().await.expect("a cloud").url;
        assert_eq!(url.as_str(), format!("{origin}/cloud/{}", account.identity.fingerprint()));
        assert_eq!(platform.host_cloud().await.expect("the same").url, url, "asked again, it is the same cloud");
        let cloud = Cloud::create(keys(&account), store(&account, &url)).await.expect("created");
        platform.set_gateway(&account, GatewayAddress { url: url.clone(), cloud: cloud.id() }).await.expect("set");
        cloud.upload(&cloud.root(), "note", Content::new(BytesSource::new("kept"))).await.expect("uploaded");
        url
    };
    running.stop().await;

    let running = Running::start(&setting, address).await;
    let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
    let account = platform.sign_in("ann@example.org", PASSWORD).await.expect("signed in").account;
    let gateway = account.gateway.clone().expect("it was set");
    assert_eq!(gateway.url, url);
    let cloud = Cloud::open(keys(&account).with_cloud(gateway.cloud), store(&account, &url)).await.expect("opened");
    let entries = cloud.list(&cloud.root()).await.expect("listed");
    assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["note"]);
    let note = cloud.download(&entries[0].id).await.expect("found").bytes().await.expect("opened");
    assert_eq!(note, b"kept");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_is_its_owners_alone_and_full_at_its_quota() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address().await;
    let setting = Setting::with_quota(root.path(), &origin, 200_000);
    let running = Running::start(&setting, address).await;
    let platform = || Platform::new(origin.parse().expect("an origin")).expect("a client");

    let (anns, bobs) = (platform(), platform());
    let ann = sign_up(&setting, &anns, "ann@example.org", "ann").await;
    let bob = sign_up(&setting, &bobs, "bob@example.org", "bob").await;
    let url = anns.host_cloud().await.expect("a cloud").url;
    let cloud = Cloud::create(keys(&ann), store(&ann, &url)).await.expect("created");

    // Bob's signature at Ann's address, with his audience and with hers: to him there is nothing.
    let mut posing = bob.clone();
    for history in [bob.history.clone(), ann.history.clone()] {
        posing.history = history;
        let refused = Cloud::open(keys(&posing), store(&posing, &url)).await.expect_err("not his");
        assert_eq!(refused.kind(), ErrorKind::NotFound);
    }
    // Nobody has a cloud who has not asked for one.
    let nowhere =
        url.as_str().replace(&ann.identity.fingerprint().to_string(), &bob.identity.fingerprint().to_string());
    let nowhere = nowhere.parse().expect("an address");
    let refused = Cloud::open(keys(&bob), store(&bob, &nowhere)).await.expect_err("there is none");
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    assert!(!root.path().join("data/clouds").join(bob.identity.fingerprint().to_string()).exists());

    let large = Content::new(BytesSource::new(vec![7; 250_000]));
    let full = cloud.upload(&cloud.root(), "large", large).await.expect_err("past the quota");
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    let small = Content::new(BytesSource::new(vec![7; 1_000]));
    cloud.upload(&cloud.root(), "small", small).await.expect("there is room for this");
    running.stop().await;
}

#[tokio::test]
async fn a_cloud_of_one_account_is_not_given_to_another() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let setting = Setting::new(root.path(), "https://cloud.example");
    let (site, _data) = setting.open();
    let identity = imegha_crypto::Identity::generate().expect("keys");
    let [one, other] = [1, 2].map(|byte| imegha_crypto::Id::from_bytes([byte; 16]));
    let url = site.clouds.create(&one, identity.public()).await.expect("made");
    assert_eq!(site.clouds.create(&one, identity.public()).await.expect("there"), url);
    assert!(site.clouds.create(&other, identity.public()).await.is_err());
}
