//! The audit log: what the owner did, all of it and in order, on every backend.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::backend::{Condition, Key, Record, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{
    Action, AuditAction, AuditEntry, AuditFilter, BytesSource, Cloud, Content, Depth, ErrorKind, MemoryDevice, OnTaken,
    Result, Store,
};
use imegha_crypto::{Purpose, log};

use crate::adversary::{Failing, Failure, Plan, SmallPages};
use crate::storage::{NOW_MS, Storage, keys};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Everything that `filter` takes.
pub(crate) async fn audited(cloud: &Cloud, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
    let mut audit = cloud.audit(filter).await?;
    let mut all = Vec::new();
    while let Some(entries) = audit.next_page().await? {
        assert!((1..=200).contains(&entries.len()));
        all.extend(entries);
    }
    Ok(all)
}

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

/// A session of every kind of change, each a day after the one before; what was done and to whom is compared.
async fn says_what_was_done(storage: &Storage) {
    let clock = Arc::new(ManualClock::new(NOW_MS));
    let cloud = Cloud::create(keys(), Store { clock: clock.clone(), ..storage.store() }).await.unwrap();
    let root = cloud.root();
    let mut expected = vec![(NOW_MS, Action::CreateCloud, vec![root])];
    let mut did = |action, nodes: &[_]| {
        use imegha_cloud::clock::Clock as _;
        expected.push((clock.now_ms(), action, nodes.to_vec()));
        clock.advance(DAY_MS);
    };
    clock.advance(DAY_MS);
    let folder = cloud.create_folder(&root, "folder").await.unwrap().id;
    did(Action::CreateFolder, &[folder]);
    let file = cloud.upload(&root, "file", content("1")).await.unwrap().id;
    did(Action::Upload, &[file]);
    cloud.replace(&file, content("2")).await.unwrap();
    did(Action::Replace, &[file]);
    cloud.rename(&file, "letter").await.unwrap();
    did(Action::Rename, &[file]);
    cloud.mark_stale(&folder).await.unwrap();
    did(Action::MarkStale, &[folder]);
    cloud.move_to(&[file], &folder, OnTaken::Refuse).await.unwrap();
    // The folder that is written into gets its new key first, at the same moment.
    did(Action::Rekey, &[folder]);
    expected.push((expected.last().unwrap().0, Action::Move, vec![file]));

    let audit = audited(&cloud, AuditFilter::new()).await.unwrap();
    let done: Vec<_> = audit
        .iter()
        .rev()
        .map(|entry| match &entry.action {
            AuditAction::Known(action) => (entry.time_ms, *action, entry.nodes.clone()),
            AuditAction::Other(name) => panic!("{name}"),
        })
        .collect();
    assert_eq!(done, expected, "{}", storage.name);
    assert!(audit.iter().rev().map(|entry| entry.seq).eq(1..=expected.len() as u64));
    assert!(audit.iter().all(|entry| entry.actor == keys().identity.fingerprint()));

    // Another device that has seen nothing reads the same, and so does one that gets three entries at a time.
    let other = Cloud::open(keys(), storage.store()).await.unwrap();
    assert_eq!(audited(&other, AuditFilter::new()).await.unwrap(), audit);
    let small = Store { records: Arc::new(SmallPages(storage.records.clone())), ..storage.store() };
    let other = Cloud::open(keys(), small).await.unwrap();
    assert_eq!(audited(&other, AuditFilter::new()).await.unwrap(), audit);

    // A node's name is the tree's to say, while there is one.
    cloud.trash(&[folder]).await.unwrap();
    cloud.empty_trash().await.unwrap();
    let purged = audited(&cloud, AuditFilter::new().action(Action::Purge)).await.unwrap();
    assert_eq!(purged.len(), 1);
    assert!([folder, file].iter().all(|node| purged[0].nodes.contains(node)), "{purged:?}");
    assert_eq!(cloud.path(&file).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn it_says_what_was_done_when_and_to_what() {
    for storage in Storage::all().await {
        says_what_was_done(&storage).await;
    }
}

#[tokio::test]
async fn it_is_filtered_by_time_action_and_node() {
    for storage in Storage::all().await {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let cloud = Cloud::create(keys(), Store { clock: clock.clone(), ..storage.store() }).await.unwrap();
        let mut folders = Vec::new();
        for name in ["one", "two", "three"] {
            clock.advance(DAY_MS);
            folders.push(cloud.create_folder(&cloud.root(), name).await.unwrap().id);
        }
        clock.advance(DAY_MS);
        cloud.rename(&folders[0], "uno").await.unwrap();
        let seqs =
            async |filter| audited(&cloud, filter).await.unwrap().iter().map(|entry| entry.seq).collect::<Vec<_>>();
        let all = AuditFilter::new;
        assert_eq!(seqs(all()).await, [5, 4, 3, 2, 1]);
        assert_eq!(seqs(all().since_ms(NOW_MS + 2 * DAY_MS)).await, [5, 4, 3]);
        assert_eq!(seqs(all().before_ms(NOW_MS + 2 * DAY_MS)).await, [2, 1]);
        assert_eq!(seqs(all().since_ms(NOW_MS + DAY_MS).before_ms(NOW_MS + 3 * DAY_MS)).await, [3, 2]);
        assert_eq!(seqs(all().action(Action::CreateFolder)).await, [4, 3, 2]);
        assert_eq!(seqs(all().action(Action::Rename).action(Action::CreateCloud)).await, [5, 1]);
        assert_eq!(seqs(all().node(&folders[0])).await, [5, 2]);
        assert_eq!(seqs(all().node(&folders[0]).node(&folders[2])).await, [5, 4, 2]);
        assert_eq!(seqs(all().node(&folders[0]).action(Action::CreateFolder)).await, [2]);
        assert!(seqs(all().action(AuditAction::Other("dance".into()))).await.is_empty());
        assert!(seqs(all().since_ms(NOW_MS + 5 * DAY_MS)).await.is_empty());
    }
}

/// What a later version did, which has another name for it, says more of it than this one knows, and keeps records of a kind of its own.
#[tokio::test]
async fn what_a_newer_writer_did_is_told_by_its_own_name() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let (id, keys) = (cloud.id(), keys());
        let head_key = Key::<CloudSchema>::new(Collection::Head, [], [CloudValue::U64(1)]);
        let head = storage.records.get(&head_key).await.unwrap().unwrap();
        let Some(CloudValue::Hash(previous)) = head.field(Field::Hash) else { panic!("a head has a hash") };
        let node = Base64UrlUnpadded::encode_string(cloud.root().as_bytes());
        let hologram = b"\x00\x0aholograms\x00\x63\x00\x01x";
        let hologram = serde_json::json!({
            "key": Base64UrlUnpadded::encode_string(hologram), "hash": Base64UrlUnpadded::encode_string(&[7; 32]),
        });
        let payload = serde_json::json!({
            "time": "1790000000007", "action": "dance", "dek_epoch": 1, "partner": {"of": "whom"},
            "nodes": [{"node": node, "epoch": 1, "steps": 3}], "records": [hologram],
        });
        let purpose = keys.dek.derive_purpose_key(Purpose::Log, &id);
        let sealed = log::seal_entry(&purpose, &id, 2, previous, payload.to_string().as_bytes()).unwrap();
        let hash = log::entry_hash(&id, 2, previous, &sealed);
        let entry_key = Key::new(Collection::Log, [], [CloudValue::U64(2)]);
        let head = Record::new(head_key)
            .with(Field::Seq, CloudValue::U64(2))
            .with(Field::Hash, CloudValue::Hash(hash))
            .with(Field::Written, CloudValue::Time(7))
            .with(Field::Signature, CloudValue::Signature(keys.identity.sign_head(&id, 2, &hash, 7)));
        let entry = Record::new(entry_key).with(Field::Entry, CloudValue::Sealed(sealed));
        let writes = [entry, head].map(|record| Write::Put(record, Condition::None));
        storage.records.transact(&writes).await.unwrap();

        let dance = AuditAction::Other("dance".to_owned());
        let danced = audited(&cloud, AuditFilter::new().action(dance.clone())).await.unwrap();
        let expected = AuditEntry {
            seq: 2,
            time_ms: 1_790_000_000_007,
            actor: keys.identity.fingerprint(),
            action: dance,
            nodes: vec![cloud.root()],
        };
        assert_eq!(danced, [expected], "{}", storage.name);
        assert_eq!(audited(&cloud, AuditFilter::new()).await.unwrap().len(), 2);

        // Everything that this version knows goes on; only what it would take for nobody's stays.
        let folder = cloud.create_folder(&cloud.root(), "after it").await.unwrap();
        let again = Cloud::open(keys, storage.store()).await.unwrap();
        assert_eq!(again.list(&again.root()).await.unwrap(), [folder], "{}", storage.name);
        assert!(again.verify(Depth::Quick).await.unwrap().problems.is_empty(), "{}", storage.name);
        assert_eq!(again.gc().await.unwrap_err().kind(), ErrorKind::Version, "{}", storage.name);
    }
}

#[tokio::test]
async fn it_comes_in_pages_and_what_is_written_meanwhile_is_not_in_it() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let cloud = storage.create().await;
        let folder = cloud.create_folder(&cloud.root(), "0").await.unwrap().id;
        for number in 1..=430 {
            cloud.rename(&folder, &number.to_string()).await.unwrap();
        }
        let mut audit = cloud.audit(AuditFilter::new()).await.unwrap();
        let mut lens = Vec::new();
        let mut seqs = Vec::new();
        while let Some(page) = audit.next_page().await.unwrap() {
            lens.push(page.len());
            seqs.extend(page.iter().map(|entry| entry.seq));
            cloud.rename(&folder, &format!("meanwhile {}", lens.len())).await.unwrap();
        }
        assert_eq!(lens, [32, 200, 200]);
        assert!(seqs.into_iter().eq((1..=432).rev()));
        assert!(audit.next_page().await.unwrap().is_none(), "it stays at its end");
        // Pages without anything that is wanted are passed over; where a page ends with the log there is no empty one.
        let first = audited(&cloud, AuditFilter::new().action(Action::CreateCloud)).await.unwrap();
        assert_eq!(first.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1]);
        for number in 436..=600 {
            cloud.rename(&folder, &number.to_string()).await.unwrap();
        }
        assert_eq!(cloud.audit(AuditFilter::new()).await.unwrap().next_page().await.unwrap().unwrap().len(), 200);
    }
}

#[tokio::test]
async fn a_page_that_the_store_did_not_give_can_be_asked_for_again() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let honest = storage.create().await;
        for name in ["one", "two"] {
            honest.create_folder(&honest.root(), name).await.unwrap();
        }
        let expected = audited(&honest, AuditFilter::new()).await.unwrap();
        let device = Arc::new(MemoryDevice::new());
        Cloud::open(keys(), storage.store_of(device.clone())).await.unwrap();
        let (mut told, mut hidden) = (0, 0);
        for fail_at in 0.. {
            // Once, which nobody hears of; and for good.
            let plan = Plan::new(fail_at, Failure::Before);
            let records = Failing::new(&storage.records, &plan);
            let cloud = Cloud::open(keys(), Store { records, ..storage.store_of(device.clone()) }).await.unwrap();
            assert_eq!(audited(&cloud, AuditFilter::new()).await.unwrap(), expected, "{} {fail_at}", storage.name);
            hidden += u32::from(plan.failed());

            let plan = Plan::new(fail_at, Failure::Gone);
            let records = Failing::new(&storage.records, &plan);
            let result = match Cloud::open(keys(), Store { records, ..storage.store_of(device.clone()) }).await {
                Ok(cloud) => audited(&cloud, AuditFilter::new()).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(entries) => {
                    assert!(entries == expected && !plan.failed());
                    break;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable),
            }
            told += 1;
        }
        assert!(told >= 5 && hidden >= 5, "{told} {hidden}");

        let plan = Plan::new(u32::MAX, Failure::Gone);
        let records = Failing::new(&storage.records, &plan);
        let cloud = Cloud::open(keys(), Store { records, ..storage.store_of(device) }).await.unwrap();
        let mut audit = cloud.audit(AuditFilter::new()).await.unwrap();
        plan.fail_now();
        assert_eq!(audit.next_page().await.unwrap_err().kind(), ErrorKind::Unavailable);
        plan.recover();
        assert_eq!(audit.next_page().await.unwrap().unwrap(), expected);
    }
}
