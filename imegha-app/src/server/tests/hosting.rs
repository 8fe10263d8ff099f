//! An account and its hosted cloud over HTTP, with the server stopped and started again in between.

use imegha_cloud::{BytesSource, Cloud, Content, ErrorKind};
use imegha_platform::client::{GatewayAddress, Platform};
use imegha_platform::{CloudHost as _, ProblemCode};

use super::Setting;
use super::running::{PASSWORD, Running, free_address, keys, sign_up, store};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_is_there_after_a_restart() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let setting = Setting::new(root.path(), &origin);

    let running = Running::start(&setting, address).await;
    let url = {
        let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
        let account = sign_up(&setting, &platform, "ann@example.org", "ann").await;
        let url = platform.host_cloud().await.expect("a cloud").url;
        assert_eq!(url.as_str(), format!("{origin}/cloud/{}", account.identity.fingerprint()));
        assert_eq!(platform.host_cloud().await.expect("the same").url, url, "asked again, it is the same cloud");
        let cloud = Cloud::create(keys(&account), store(&account, &url)).await.expect("created");
        platform
            .set_gateway(&account, None, GatewayAddress { url: url.clone(), cloud: cloud.id() })
            .await
            .expect("set");
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
    let (address, origin) = free_address();
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

/// A server that stops giving clouds keeps those that it has.
#[tokio::test(flavor = "multi_thread")]
async fn no_cloud_is_made_where_none_are_hosted_and_those_there_stay() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let platform = || Platform::new(origin.parse().expect("an origin")).expect("a client");
    let setting = Setting::new(root.path(), &origin);
    let running = Running::start(&setting, address).await;
    let anns = platform();
    let ann = sign_up(&setting, &anns, "ann@example.org", "ann").await;
    let url = anns.host_cloud().await.expect("a cloud").url;
    Cloud::create(keys(&ann), store(&ann, &url)).await.expect("created");
    running.stop().await;

    let setting = Setting::with(root.path(), &origin, &[("IMEGHA_HOSTED_CLOUDS", "off")]);
    let running = Running::start(&setting, address).await;
    let bobs = platform();
    let bob = sign_up(&setting, &bobs, "bob@example.org", "bob").await;
    assert!(!bobs.config().await.expect("a config").hosted_clouds);
    let refused = bobs.host_cloud().await.expect_err("none are hosted");
    assert_eq!(refused.kind(), imegha_platform::ErrorKind::Refused(ProblemCode::NoHostedClouds));
    assert!(!root.path().join("data/clouds").join(bob.identity.fingerprint().to_string()).exists());
    let cloud = Cloud::open(keys(&ann), store(&ann, &url)).await.expect("it is there");
    cloud.upload(&cloud.root(), "note", Content::new(BytesSource::new("kept"))).await.expect("uploaded");
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
