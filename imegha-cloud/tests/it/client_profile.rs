//! The owner's profile.

use std::sync::Arc;

use imegha_cloud::backend::{Condition, Key, Record, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{
    Action, AuditFilter, Cloud, Depth, ErrorKind, ExportOptions, MemoryDevice, Picture, Profile, Store,
};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, TamperingRecords};
use crate::client_audit::audited;
use crate::storage::{Storage, bytes, keys, other_keys};

fn ada() -> Profile {
    Profile {
        name: "Ada Lovelace".to_owned(),
        bio: "Notes on an engine.\nNote G is the longest. 🌊".to_owned(),
        phone: "+44 20 7946 0000".to_owned(),
        picture: Some(Picture { mime: "image/webp".to_owned(), bytes: bytes(Picture::MAX_LEN, 1) }),
    }
}

fn profile_key() -> Key<CloudSchema> {
    Key::new(Collection::Profile, [], [CloudValue::U64(1)])
}

#[tokio::test]
async fn it_is_written_changed_and_seen_by_other_devices() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        assert_eq!(cloud.profile().await.unwrap(), Profile::default(), "{}", storage.name);
        assert_eq!(cloud.edit_profile(|profile| *profile = ada()).await.unwrap(), ada());
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        assert_eq!(other.profile().await.unwrap(), ada(), "{}", storage.name);
        other.edit_profile(|profile| profile.phone.clear()).await.unwrap();
        let expected = Profile { phone: String::new(), ..ada() };
        assert_eq!(cloud.profile().await.unwrap(), expected);

        // Nothing is written for nothing.
        let head = cloud.refresh().await.unwrap();
        cloud.edit_profile(|profile| profile.phone.clear()).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), head);
        let edits = audited(&cloud, AuditFilter::new().action(Action::EditProfile)).await.unwrap();
        assert_eq!(edits.len(), 2);
        assert!(cloud.verify(Depth::Deep).await.unwrap().problems.is_empty(), "{}", storage.name);
    }
}

#[tokio::test]
async fn what_a_profile_cannot_be_is_refused_and_the_one_before_stays() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    cloud.edit_profile(|profile| *profile = ada()).await.unwrap();
    let picture = |mime: &str, len| Some(Picture { mime: mime.to_owned(), bytes: vec![1; len] });
    let refused: [&dyn Fn(&mut Profile); 10] = [
        &|profile| profile.name = "x".repeat(201),
        &|profile| profile.name = "a\nb".to_owned(),
        &|profile| profile.bio = "x".repeat(4_097),
        &|profile| profile.bio = "a\u{1b}[2J".to_owned(),
        &|profile| profile.phone = "1".repeat(65),
        &|profile| profile.phone = "1\u{7f}".to_owned(),
        &|profile| profile.picture = picture("image/svg+xml", 9),
        &|profile| profile.picture = picture("image/jpeg; q=1", 9),
        &|profile| profile.picture = picture("image/jpeg", 0),
        &|profile| profile.picture = picture("image/jpeg", Picture::MAX_LEN + 1),
    ];
    for (at, change) in refused.iter().enumerate() {
        let mut wrong = ada();
        change(&mut wrong);
        let error = cloud.edit_profile(|profile| *profile = wrong.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{at}");
    }
    assert_eq!(cloud.profile().await.unwrap(), ada());
    // The longest that there can be.
    let longest = Profile { name: "ä".repeat(100), bio: "\n".repeat(4_096), phone: "5".repeat(64), ..ada() };
    cloud.edit_profile(|profile| *profile = longest.clone()).await.unwrap();
    assert_eq!(Cloud::open(keys(), storage.store()).await.unwrap().profile().await.unwrap(), longest);
}

/// Storage shows an older record under the newest head, another cloud's, or none.
#[tokio::test]
async fn a09_an_older_profile_a_strangers_or_none_is_refused() {
    let memory = Storage::memory();
    let records = TamperingRecords::new(&memory.records);
    let blobs = memory.blobs.clone();
    let storage = memory.with(records.clone(), blobs);
    let cloud = storage.create().await;
    cloud.edit_profile(|profile| profile.name = "before".to_owned()).await.unwrap();
    let older = storage.records.get(&profile_key()).await.unwrap().unwrap();
    cloud.edit_profile(|profile| *profile = ada()).await.unwrap();

    let strange = Storage::memory();
    let stranger = Cloud::create(other_keys(), strange.store()).await.unwrap();
    stranger.edit_profile(|profile| profile.name = "stranger".to_owned()).await.unwrap();
    let foreign = strange.records.get(&profile_key()).await.unwrap().unwrap();

    records.replay(older.clone());
    assert_eq!(cloud.profile().await.unwrap_err().kind(), ErrorKind::Rollback);
    assert_eq!(cloud.edit_profile(|profile| profile.bio.clear()).await.unwrap_err().kind(), ErrorKind::Rollback);
    records.replay(foreign);
    assert_eq!(cloud.profile().await.unwrap_err().kind(), ErrorKind::CannotOpen);
    // The older one as if it were the newest.
    records.replay(older.with(Field::Edit, CloudValue::U64(2)));
    assert_eq!(cloud.profile().await.unwrap_err().kind(), ErrorKind::CannotOpen);
    records.attack(Box::new(|key, record| if *key == profile_key() { None } else { record }));
    assert_eq!(cloud.profile().await.unwrap_err().kind(), ErrorKind::Rollback);
    assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems.len(), 1);
    records.stop();
    assert_eq!(cloud.profile().await.unwrap(), ada());
}

#[tokio::test]
async fn two_devices_lose_nothing_of_each_other() {
    let storage = Storage::embedded();
    storage.create().await;
    let open = async || Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
    let (one, two) = (open().await, open().await);
    let count = async |cloud: &Cloud, sign: char| {
        for _ in 0..10 {
            cloud.edit_profile(|profile| profile.name.push(sign)).await.unwrap();
        }
    };
    futures::join!(count(&one, 'a'), count(&two, 'b'));
    let name = one.profile().await.unwrap().name;
    assert_eq!((name.matches('a').count(), name.matches('b').count()), (10, 10), "{name}");
}

#[tokio::test]
async fn a_failing_store_leaves_the_one_or_the_other() {
    for failure in [Failure::Before, Failure::After, Failure::Gone, Failure::Lost] {
        let storage = Storage::memory();
        let mut before = String::new();
        storage.create().await;
        for at in 0..8 {
            let plan = Plan::new(at, failure);
            let device = Arc::new(MemoryDevice::new());
            let store = Store { records: Failing::new(&storage.records, &plan), ..storage.store_of(device) };
            let Ok(cloud) = Cloud::open(keys(), store).await else { continue };
            let name = format!("{failure:?} {at}");
            let outcome = cloud.edit_profile(|profile| profile.name = name.clone()).await;
            let there = Cloud::open(keys(), storage.store()).await.unwrap().profile().await.unwrap().name;
            assert!(there == name || (outcome.is_err() && there == before), "{name}: {there}");
            before = there;
        }
    }
}

#[tokio::test]
async fn it_is_exported_as_json_and_a_damaged_one_is_reported() {
    let memory = Storage::memory();
    let records = TamperingRecords::new(&memory.records);
    let blobs = memory.blobs.clone();
    let storage = memory.with(records.clone(), blobs);
    let cloud = storage.create().await;
    let folder = tempfile::tempdir().unwrap();
    let lines = || {
        let text = std::fs::read_to_string(folder.path().join("manifest.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
    };
    cloud.export(folder.path(), &ExportOptions::new()).await.unwrap();
    assert!(lines().iter().all(|line| line["kind"] != "profile"), "none was written");
    cloud.edit_profile(|profile| *profile = ada()).await.unwrap();
    cloud.export(folder.path(), &ExportOptions::new()).await.unwrap();
    let [profile] = &lines().into_iter().filter(|line| line["kind"] == "profile").collect::<Vec<_>>()[..] else {
        panic!("one profile")
    };
    assert_eq!((&profile["name"], &profile["picture"]["mime"]), (&ada().name.into(), &"image/webp".into()));

    records.attack(Box::new(|key, record| if *key == profile_key() { None } else { record }));
    let exported = cloud.export(folder.path(), &ExportOptions::new()).await.unwrap();
    let [failed] = &exported.failed[..] else { panic!("one") };
    assert_eq!((failed.node, failed.why, &failed.cloud_path[..]), (Id::ZERO, ErrorKind::Rollback, "the profile"));
    assert!(lines().iter().any(|line| line["kind"] == "failed"));
}

/// What is planted where there is none is not taken for the owner's.
#[tokio::test]
async fn a14_a_profile_that_the_log_does_not_know_is_refused() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let planted = Record::new(profile_key()).with(Field::Edit, CloudValue::U64(1));
    storage.records.transact(&[Write::Put(planted, Condition::None)]).await.unwrap();
    assert_eq!(cloud.profile().await.unwrap_err().kind(), ErrorKind::CannotOpen);
}
