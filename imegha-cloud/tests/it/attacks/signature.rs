//! Somebody who holds keys writes, and is not the owner.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Field};
use imegha_cloud::{BytesSource, Cloud, CloudKeys, Content, ErrorKind, Revision};
use imegha_crypto::{ContentKind, ContentSealer, FileKey, Identity};

use super::insider::{Insider, child};
use crate::storage::{Storage, keys, other_keys};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

/// The record with a revision 2 that whoever holds the node's key can make: everything is sealed as it should be, only the signature
/// is `signer`'s.
fn forge(cloud: &Cloud, insider: &Insider, signer: &Identity) -> Record<CloudSchema> {
    let [CloudValue::Id(node)] = insider.record.key.sort[..] else { panic!("a node's key") };
    let file_key = FileKey::generate().unwrap();
    let sealer = ContentSealer::new(&file_key, ContentKind::Content, &node, 2).unwrap();
    let (salt, commitment) = (sealer.salt(), sealer.commitment());
    let object = sealer.seal_whole(b"forged".to_vec()).unwrap();
    let base64 = |bytes: &[u8]| {
        use base64ct::{Base64UrlUnpadded, Encoding as _};
        Base64UrlUnpadded::encode_string(bytes)
    };
    let payload = serde_json::json!({
        "size": "6",
        "sha256": base64(imegha_crypto::Hash::of(b"forged").as_bytes()),
        "written": "1790000000000",
        "content": base64(&commitment),
    });
    let metadata = insider.node_key.derive_metadata_key(&node, 1);
    let meta = metadata.seal_revision(&node, 2, 1, payload.to_string().as_bytes()).unwrap();
    let wrapped = file_key.wrap(&insider.node_key, &node, 2, 1).unwrap();
    let signature = signer.sign_revision(&cloud.id(), &node, 2, 1, &meta, &wrapped);
    insider
        .record
        .clone()
        .with(Field::Revision, CloudValue::U64(2))
        .with(Field::RevisionMeta, CloudValue::Sealed(meta))
        .with(Field::FileKey, CloudValue::Sealed(wrapped))
        .with(Field::Signature, CloudValue::Signature(signature))
        .with(Field::Object, CloudValue::Salt(salt))
        .with(Field::Size, CloudValue::U64(object.as_bytes().len() as u64))
}

/// Whoever was given a file's keys can seal a revision, not sign it. Readers who have no log, as those to whom something is shared,
/// are stopped from taking it by `PublicIdentity::verify_revision` in `Revision::open`: without that line this turns red.
#[tokio::test]
async fn a63_a_key_holder_forges_a_revision_for_readers_without_the_log() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "letter", content("mine")).await.unwrap();
    let insider = Insider::of(&storage, &cloud, &file).await;
    let owner = keys().identity;
    let open = |record: &Record<CloudSchema>| {
        Revision::open(record, &cloud.id(), &file.id, &insider.node_key, owner.public()).map_err(|error| error.kind())
    };
    // The control: the owner's revision opens, and so does the very same forgery once the owner signs it.
    assert_eq!(open(&insider.record).unwrap().number, 1);
    assert_eq!(open(&forge(&cloud, &insider, &owner)).unwrap().number, 2);
    // The attack: signed by another, and with the owner's signature of the revision before.
    let forged = forge(&cloud, &insider, &other_keys().identity);
    assert_eq!(open(&forged).unwrap_err(), ErrorKind::CannotOpen);
    let copied = insider.record.field(Field::Signature).unwrap().clone();
    assert_eq!(open(&forged.with(Field::Signature, copied)).unwrap_err(), ErrorKind::CannotOpen);
}

/// The same against the owner's own devices, with access to storage: there the log's hash stops it before (`Log::read`).
#[tokio::test]
async fn a63_a_key_holder_with_storage_writes_a_revision() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "letter", content("mine")).await.unwrap();
        let insider = Insider::of(&storage, &cloud, &file).await;
        let honest = insider.record.clone();
        let put = async |record: &Record<CloudSchema>| {
            storage.records.transact(&[Write::Put(record.clone(), Condition::None)]).await.unwrap();
        };
        for signer in [keys().identity, other_keys().identity] {
            put(&forge(&cloud, &insider, &signer)).await;
            let fresh = Cloud::open(keys(), storage.store()).await.unwrap();
            for cloud in [&cloud, &fresh] {
                assert_eq!(cloud.download(&file.id).await.unwrap_err().kind(), ErrorKind::CannotOpen);
                assert_eq!(cloud.list(&cloud.root()).await.unwrap()[0].damaged, Some(ErrorKind::CannotOpen));
            }
            put(&honest).await;
            assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"mine");
        }
    }
}

/// Whoever holds even the DEK, and not the identity, can seal entries of the log, not sign its head.
/// Stopped by `PublicIdentity::verify_head` in `Head::open`: without that line this turns red.
#[tokio::test]
async fn a63_whoever_holds_the_dek_and_storage_extends_the_log() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "letter", content("mine")).await.unwrap();
        let honest = child(&storage, &cloud.root(), &file.id).await;

        // A client that believes in another owner writes what is in every way a cloud of these keys, but for who signed it.
        let stolen = CloudKeys { identity: other_keys().identity, ..keys() };
        let refused = Cloud::open(stolen.clone(), storage.store()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen, "it does not take the owner's head either");
        let elsewhere = Storage::memory();
        let stolen = stolen.with_cloud(cloud.id());
        let forged = Cloud::create(stolen, elsewhere.store()).await.unwrap();
        forged.upload(&forged.root(), "letter", content("forged")).await.unwrap();
        assert_eq!(forged.id(), cloud.id());
        let mut shown = elsewhere.store();
        let error = Cloud::open(keys(), shown.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotOpen, "a device that has seen nothing");

        // The control: the same steps with the owner's identity.
        shown = Storage::memory().store();
        let own = Cloud::create(keys().with_cloud(cloud.id()), shown.clone()).await.unwrap();
        own.upload(&own.root(), "letter", content("mine")).await.unwrap();
        shown.device = Arc::new(imegha_cloud::MemoryDevice::new());
        Cloud::open(keys(), shown).await.unwrap();
        assert_eq!(child(&storage, &cloud.root(), &file.id).await, honest);
    }
}
