//! A password, a phrase or a device was seen: the cloud goes on under a new DEK and a new identity, and nothing that was there is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{
    Action, AuditFilter, BytesSource, CancelToken, Cloud, CloudKeys, Content, Depth, Error, ErrorKind, Result, Store,
};
use imegha_crypto::{AlbumKey, Id, NodeKey, Purpose, RecordKind, RecoveryPhrase, Sealed, Signature, log};

use crate::adversary::{Failing, Failure, Plan, TamperingRecords};
use crate::client_audit::audited;
use crate::storage::{Records, Storage, keys, renewed};

fn content(text: &'static str) -> Content {
    Content::new(BytesSource::new(text))
}

async fn text(cloud: &Cloud, file: &Id, revision: u64) -> Vec<u8> {
    cloud.download_revision(file, revision).await.unwrap().bytes().await.unwrap()
}

async fn records(storage: &Storage, collection: Collection, partition: &[CloudValue]) -> Vec<Record<CloudSchema>> {
    storage.records.query(&Query::new(collection, partition.to_vec())).await.unwrap().records
}

fn sealed(record: &Record<CloudSchema>, field: Field) -> &Sealed {
    match record.field(field) {
        Some(CloudValue::Sealed(sealed)) => sealed,
        other => panic!("{other:?}"),
    }
}

fn number(record: &Record<CloudSchema>, field: Field) -> u64 {
    match record.field(field) {
        Some(CloudValue::U64(number)) => *number,
        other => panic!("{other:?}"),
    }
}

/// How often the keys were renewed, as the log has it.
async fn renewals(cloud: &Cloud) -> usize {
    audited(cloud, AuditFilter::new())
        .await
        .unwrap()
        .iter()
        .filter(|entry| entry.action == Action::RenewKeys.into())
        .count()
}

/// Everything is there as it was, on a device that has the new keys and one that comes anew.
#[tokio::test]
async fn what_was_written_before_is_read_and_what_comes_after_is_under_the_new_keys() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let folder = cloud.create_folder(&root, "Letters").await.unwrap();
        let file = cloud.upload(&folder.id, "one", content("1")).await.unwrap();
        cloud.replace(&file.id, content("2")).await.unwrap();
        let gone = cloud.upload(&root, "gone", content("gone")).await.unwrap();
        cloud.trash(&[gone.id]).await.unwrap();
        let album = cloud.create_album("Summer").await.unwrap();
        cloud.add_to_album(&album.id, &[file.id]).await.unwrap();
        cloud.edit_profile(|profile| profile.name = "Alice".into()).await.unwrap();
        let before = audited(&cloud, AuditFilter::new()).await.unwrap();

        let device = storage.store();
        for times in 1..=3 {
            let cloud = Cloud::open(renewed(times), device.clone()).await.unwrap();
            assert_eq!(renewals(&cloud).await, times, "{}", storage.name);
            assert_eq!(text(&cloud, &file.id, 1).await, b"1");
            assert_eq!(cloud.list_trash().await.unwrap()[0].name, "gone");
            assert_eq!(cloud.albums().await.unwrap()[0].title, "Summer");
            assert_eq!(cloud.album_files(&album.id, 0, 10).await.unwrap()[0].id, file.id);
            assert_eq!(cloud.profile().await.unwrap().name, "Alice");
            assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, [], "{}", storage.name);
        }
        let cloud = Cloud::open(renewed(3), storage.store()).await.unwrap();
        let added = cloud.upload(&folder.id, "two", content("new")).await.unwrap();
        cloud.replace(&file.id, content("3")).await.unwrap();
        cloud.restore(&[gone.id]).await.unwrap();
        cloud.add_to_album(&album.id, &[added.id]).await.unwrap();
        cloud.edit_album(&album.id, |album| album.title = "Autumn".into()).await.unwrap();
        cloud.edit_profile(|profile| profile.bio = "still here".into()).await.unwrap();

        let fresh = Cloud::open(renewed(3), storage.store()).await.unwrap();
        for device in [&cloud, &fresh] {
            for (revision, expected) in [(1, b"1"), (2, b"2"), (3, b"3")] {
                assert_eq!(text(device, &file.id, revision).await, expected);
            }
            assert_eq!(text(device, &gone.id, 1).await, b"gone");
            let albums = device.albums().await.unwrap();
            assert_eq!((albums[0].title.as_str(), albums[0].files), ("Autumn", 2));
            let profile = device.profile().await.unwrap();
            assert_eq!((profile.name.as_str(), profile.bio.as_str()), ("Alice", "still here"));
            assert_eq!(device.verify(Depth::Deep).await.unwrap().problems, [], "{}", storage.name);
        }
        // Who did it: what was done before was done by the identity of that time.
        let after = audited(&fresh, AuditFilter::new()).await.unwrap();
        assert_eq!(after[after.len() - before.len()..], before);
        assert_eq!(after[0].actor, renewed(3).identity.fingerprint());
        assert_eq!(before[0].actor, keys().identity.fingerprint());
    }
}

/// Somebody has the former DEK, the former identity, and every key that these opened, and can read the storage. What is written after the
/// renewal opens by none of it. Stopped by `ParentKey::was_renewed_since` in `Node::open`, by `KnownAlbum::stale` and by what purpose keys
/// seal with (`PurposeKeys::newest`): without either this turns red.
#[tokio::test]
async fn a64_what_is_written_after_a_renewal_opens_by_none_of_the_former_keys() {
    for storage in Storage::all().await {
        let seen = storage.create().await;
        let root = seen.root();
        let folder = seen.create_folder(&root, "folder").await.unwrap().id;
        let album = seen.create_album("album").await.unwrap().id;
        let old = seen.upload(&folder, "old", content("old")).await.unwrap().id;
        seen.add_to_album(&album, &[old]).await.unwrap();
        seen.edit_profile(|profile| profile.name = "old".into()).await.unwrap();
        let opened = async |before: bool| {
            let dek = keys().dek;
            let albums = dek.derive_purpose_key(Purpose::Albums, &seen_id(&storage).await);
            let roots = records(&storage, Collection::Children, &[CloudValue::Id(Id::ZERO)]).await;
            let key = roots.iter().find_map(|record| {
                (1..9).find_map(|own| NodeKey::unwrap_root(sealed(record, Field::NodeKey), &dek, &root, own, 1).ok())
            });
            let known = records(&storage, Collection::Album, &[]).await.iter().any(|record| {
                (1..9).any(|epoch| AlbumKey::unwrap(sealed(record, Field::AlbumKey), &albums, &album, epoch).is_ok())
            });
            let profile = &records(&storage, Collection::Profile, &[]).await[0];
            let edit = number(profile, Field::Edit);
            let purpose = dek.derive_purpose_key(Purpose::Profile, &seen_id(&storage).await);
            let open = purpose.open_record(
                sealed(profile, Field::Profile),
                RecordKind::Profile,
                &seen_id(&storage).await,
                edit,
            );
            assert_eq!([key.is_some(), known, open.is_ok()], [before; 3], "{}", storage.name);
            key
        };
        let root_key = opened(true).await.unwrap();
        let folder_record = &records(&storage, Collection::Children, &[CloudValue::Id(root)]).await[0];
        let folder_key =
            NodeKey::unwrap(sealed(folder_record, Field::NodeKey), &root_key, &folder, &root, 1, 1).unwrap();

        let cloud = Cloud::open(renewed(1), storage.store()).await.unwrap();
        let new = cloud.upload(&folder, "new", content("new")).await.unwrap().id;
        cloud.add_to_album(&album, &[new]).await.unwrap();
        cloud.edit_profile(|profile| profile.name = "new".into()).await.unwrap();
        opened(false).await;
        for record in records(&storage, Collection::Children, &[CloudValue::Id(folder)]).await {
            let [CloudValue::Id(child)] = record.key.sort[..] else { panic!("a child") };
            let opens = |own, parent| {
                NodeKey::unwrap(sealed(&record, Field::NodeKey), &folder_key, &child, &folder, own, parent).is_ok()
            };
            assert!(!(1..9).any(|own| (1..9).any(|parent| opens(own, parent))), "{}", storage.name);
        }
        for record in records(&storage, Collection::AlbumItem, &[CloudValue::Id(album)]).await {
            assert_eq!(number(&record, Field::AlbumEpoch), 2, "{}", storage.name);
        }
        // Every entry of the log from the renewal on.
        let id = seen_id(&storage).await;
        let purpose = keys().dek.derive_purpose_key(Purpose::Log, &id);
        let (mut previous, mut opens) = (imegha_crypto::Hash::ZERO, Vec::new());
        for (seq, record) in (1..).zip(records(&storage, Collection::Log, &[]).await) {
            let entry = sealed(&record, Field::Entry);
            opens.push(log::open_entry(entry, &purpose, &id, seq, &previous).is_ok());
            previous = log::entry_hash(&id, seq, &previous, entry);
        }
        let last = opens.iter().rposition(|opens| *opens).unwrap();
        assert!(opens[..=last].iter().all(|opens| *opens) && opens.len() - last > 4, "{opens:?}");
    }
}

async fn seen_id(storage: &Storage) -> Id {
    match records(storage, Collection::Cloud, &[]).await[0].field(Field::CloudId) {
        Some(CloudValue::Id(id)) => *id,
        other => panic!("{other:?}"),
    }
}

/// Whoever has the former keys and writes to the storage: a head that the former identity signs, at the place where the log is, or
/// behind one more entry, under either epoch's number. Every device that knows of the renewal refuses it, also one that begins anew.
/// Stopped by `check_signer`, by `Index::apply`, and by the epoch that an entry must name (`Walk::next`): without these it turns red.
#[tokio::test]
async fn a09_the_former_identity_signs_no_head_any_more() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let id = cloud.id();
        let tampering = TamperingRecords::new(&storage.records);
        let store = || Store { records: tampering.clone(), ..storage.store() };
        let device = store();
        let mut entries = Vec::new();
        for renewal in [0, 1] {
            let keys = renewed(renewal);
            let open = Cloud::open(keys.clone(), device.clone()).await.unwrap();
            open.create_folder(&open.root(), ["before", "after"][renewal]).await.unwrap();
            entries.push(open);
        }
        let cloud = entries.pop().unwrap();
        let (thief, owner) = (keys(), renewed(1));
        let head = records(&storage, Collection::Head, &[]).await.remove(0);
        let (seq, hash) = (
            number(&head, Field::Seq),
            *match head.field(Field::Hash) {
                Some(CloudValue::Hash(hash)) => hash,
                other => panic!("{other:?}"),
            },
        );
        let forged_head = |by: &CloudKeys, seq, hash| {
            let ms = 1_790_000_000_000;
            let signature: Signature = by.identity.sign_head(&id, seq, &hash, ms);
            head.clone()
                .with(Field::Seq, CloudValue::U64(seq))
                .with(Field::Hash, CloudValue::Hash(hash))
                .with(Field::Written, CloudValue::Time(ms))
                .with(Field::Signature, CloudValue::Signature(signature))
        };
        let entry = |sealed_by: &CloudKeys, epoch: u32| {
            let payload = format!(r#"{{"time":"1","action":"rename","dek_epoch":{epoch},"nodes":[],"records":[]}}"#);
            let purpose = sealed_by.dek.derive_purpose_key(Purpose::Log, &id);
            log::seal_entry(&purpose, &id, seq + 1, &hash, payload.as_bytes()).unwrap()
        };
        // The control: the owner's own, made in the same way, are taken.
        tampering.replay(forged_head(&owner, seq, hash));
        assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 2);
        Cloud::open(owner.clone(), store()).await.unwrap();
        tampering.replay(forged_head(&thief, seq, hash));
        assert_eq!(cloud.list(&cloud.root()).await.unwrap_err().kind(), ErrorKind::CannotOpen, "{}", storage.name);
        assert_eq!(Cloud::open(owner.clone(), store()).await.unwrap_err().kind(), ErrorKind::CannotOpen);

        for (sealed_by, epoch, signed_by, taken) in [
            (&thief, 1, &thief, false),
            (&thief, 2, &thief, false),
            (&thief, 1, &owner, false),
            (&thief, 2, &owner, false),
            (&owner, 1, &owner, false),
            (&owner, 2, &thief, false),
            (&owner, 2, &owner, true),
        ] {
            let sealed = entry(sealed_by, epoch);
            let hash = log::entry_hash(&id, seq + 1, &hash, &sealed);
            let place = Key::new(Collection::Log, [], [CloudValue::U64(seq + 1)]);
            let record = Record::new(place.clone()).with(Field::Entry, CloudValue::Sealed(sealed));
            storage.records.transact(&[Write::Put(record, Condition::Absent)]).await.unwrap();
            tampering.replay(forged_head(signed_by, seq + 1, hash));
            let known = cloud.list(&cloud.root()).await;
            let fresh = Cloud::open(owner.clone(), store()).await;
            assert_eq!([known.is_ok(), fresh.is_ok()], [taken; 2], "epoch {epoch} {}", storage.name);
            tampering.stop();
            if !taken {
                storage.records.transact(&[Write::Delete(place, Condition::None)]).await.unwrap();
                cloud.list(&cloud.root()).await.unwrap();
            }
        }
    }
}

/// A device that has the former keys and writes on, from before the renewal or after it.
#[tokio::test]
async fn a30_the_former_keys_open_and_write_nothing_any_more() {
    for storage in Storage::all().await {
        let lost = storage.create().await;
        lost.create_folder(&lost.root(), "before").await.unwrap();
        Cloud::open(renewed(1), storage.store()).await.unwrap();
        let refused = lost.create_folder(&lost.root(), "by whoever found it").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen, "{}", storage.name);
        assert_eq!(Cloud::open(keys(), storage.store()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        let cloud = Cloud::open(renewed(1), storage.store()).await.unwrap();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 1);
    }
}

/// At each call of the storage the device may die. Whatever came of it: the old keys open the cloud or the new ones do, the phrase does,
/// and the next device brings it to its end.
#[tokio::test]
async fn a29_killed_at_any_call_of_a_renewal_one_state_opens() {
    let phrase = RecoveryPhrase::generate().unwrap();
    let wrapped = |keys: CloudKeys| {
        let kek = phrase.derive_keys().kek;
        let wrap = keys.dek.wrap_by_recovery(&kek, &keys.account, keys.dek_epoch).unwrap();
        keys.with_recovery_wrap(wrap)
    };
    let (former, next) = (wrapped(keys()), wrapped(renewed(1)));
    let (mut at, mut died) = (0, 0);
    'calls: loop {
        for failure in [Failure::DiesBefore, Failure::DiesAfter] {
            let storage = Storage::memory();
            let cloud = Cloud::create(former.clone(), storage.store()).await.unwrap();
            let file = cloud.upload(&cloud.root(), "the only copy", content("here")).await.unwrap().id;
            let plan = Plan::new(at, failure);
            let failing = Store { records: Failing::new(&storage.records, &plan), ..storage.store() };
            let device = async {
                Cloud::open(former.clone(), failing.clone()).await.unwrap().prepare_renewal(&next).await.unwrap();
                Cloud::open(next.clone(), failing.clone()).await.unwrap()
            };
            if plan.until_death(device).await.is_some() {
                assert!(died > 10, "{died}");
                break 'calls;
            }
            died += 1;
            // By 24 words and the storage alone.
            let found = CloudKeys::recover(&phrase, &storage.store()).await.unwrap();
            let cloud = Cloud::open(found.clone(), storage.store()).await.unwrap();
            assert_eq!(text(&cloud, &file, 1).await, b"here", "{at} {failure:?}");
            assert_eq!(found.dek == next.dek, Cloud::open(former.clone(), storage.store()).await.is_err());
            // And another device, whose platform has told it of the renewal, which knows no wrap.
            let cloud = Cloud::open(renewed(1), storage.store()).await.unwrap();
            assert_eq!(text(&cloud, &file, 1).await, b"here");
            assert_eq!(renewals(&cloud).await, 1);
            assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
        }
        at += 1;
    }
}

/// Recovery without the platform, of a cloud whose keys were renewed more than once.
#[tokio::test]
async fn the_phrase_alone_opens_what_was_written_in_every_epoch() {
    for storage in Storage::all().await {
        let phrase = RecoveryPhrase::generate().unwrap();
        let mut files = Vec::new();
        let mut cloud = storage.create().await;
        for times in 0..3 {
            files.push(cloud.upload(&cloud.root(), &times.to_string(), content("kept")).await.unwrap().id);
            let next = renewed(times + 1);
            let wrap = next.dek.wrap_by_recovery(&phrase.derive_keys().kek, &next.account, next.dek_epoch).unwrap();
            let next = next.with_recovery_wrap(wrap);
            cloud.prepare_renewal(&next).await.unwrap();
            // Prepared twice is prepared once.
            cloud.prepare_renewal(&next).await.unwrap();
            cloud = Cloud::open(next, storage.store()).await.unwrap();
            assert_eq!(records(&storage, Collection::Wrap, &[]).await.len(), 1, "{}", storage.name);
        }
        let found = CloudKeys::recover(&phrase, &storage.store()).await.unwrap();
        assert_eq!((found.dek_epoch, found.earlier.len()), (4, 3));
        for (found, earlier) in found.earlier.iter().zip(&renewed(3).earlier) {
            assert_eq!((&found.dek, found.dek_epoch), (&earlier.dek, earlier.dek_epoch));
            assert_eq!(found.identity.fingerprint(), earlier.identity.fingerprint());
        }
        let opened = Cloud::open(found, storage.store()).await.unwrap();
        for file in files {
            assert_eq!(text(&opened, &file, 1).await, b"kept");
        }
        opened.create_folder(&opened.root(), "and is written to").await.unwrap();
        // Storage that withholds an epoch's keys gives nothing false instead.
        let tampering = TamperingRecords::new(&storage.records);
        tampering.attack(Box::new(|key, record| record.filter(|_| key.collection != Collection::Earlier)));
        let store = Store { records: tampering.clone(), ..storage.store() };
        let found = CloudKeys::recover(&phrase, &store).await.unwrap();
        assert_eq!(Cloud::open(found, store.clone()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        tampering.stop();
        Cloud::open(CloudKeys::recover(&phrase, &store).await.unwrap(), store).await.unwrap();
    }
}

/// As long as the store takes no change the cloud is read, and nothing is written under the former keys; the next change begins the epoch.
#[tokio::test]
async fn a_cloud_that_cannot_be_written_to_is_read_and_renewed_by_the_next_change() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        cloud.create_folder(&cloud.root(), "there").await.unwrap();
        let full = Arc::new(Full { inner: storage.records.clone(), is_full: AtomicBool::new(true) });
        let cloud = Cloud::open(renewed(1), Store { records: full.clone(), ..storage.store() }).await.unwrap();
        assert_eq!(cloud.list(&cloud.root()).await.unwrap().len(), 1);
        assert_eq!(cloud.create_folder(&cloud.root(), "no").await.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(renewals(&cloud).await, 0, "{}", storage.name);
        full.is_full.store(false, Ordering::SeqCst);
        cloud.create_folder(&cloud.root(), "new").await.unwrap();
        let names = audited(&cloud, AuditFilter::new()).await.unwrap();
        let names: Vec<_> = names.iter().map(|entry| entry.action.clone()).collect();
        assert_eq!(names[..3], [Action::CreateFolder.into(), Action::Rekey.into(), Action::RenewKeys.into()]);
    }
}

/// Storage that takes nothing more.
#[derive(Debug)]
struct Full {
    inner: Arc<Records>,
    is_full: AtomicBool,
}

#[async_trait]
impl RecordStore<CloudSchema> for Full {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        self.inner.get(key).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        match self.is_full.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::StorageFull, "a disk that a test has filled")),
            false => self.inner.transact(writes).await,
        }
    }
}

/// Two devices that hear of it at the same time: one of them begins the epoch.
#[tokio::test]
async fn of_two_devices_one_begins_the_epoch() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        cloud.create_folder(&cloud.root(), "there").await.unwrap();
        let open = || Cloud::open(renewed(1), storage.store_in_real_time());
        let (one, other) = futures::join!(open(), open());
        let (one, other) = (one.unwrap(), other.unwrap());
        let root = one.root();
        let (folder, another) = futures::join!(one.create_folder(&root, "one"), other.create_folder(&root, "other"));
        assert_ne!(folder.unwrap().id, another.unwrap().id);
        assert_eq!((renewals(&one).await, one.list(&one.root()).await.unwrap().len()), (1, 3), "{}", storage.name);
    }
}

/// More items than a change takes, with the line going dead at every change: the next device goes on, and every item ends under the new
/// key. One that storage withholds meanwhile keeps the former key there, for when it is shown again.
#[tokio::test]
async fn an_album_gets_a_new_key_however_many_files_it_has() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let root = cloud.root();
    let mut files = Vec::new();
    for name in 0..200 {
        files.push(cloud.upload(&root, &name.to_string(), content("x")).await.unwrap().id);
    }
    let album = cloud.create_album("many").await.unwrap().id;
    cloud.add_to_album(&album, &files[..199]).await.unwrap();
    let shown = async |cloud: &Cloud| {
        cloud.album_files(&album, 0, 999).await.unwrap().iter().map(|file| file.id).collect::<Vec<_>>()
    };
    let epochs = async || {
        let of = |record: &Record<CloudSchema>| number(record, Field::AlbumEpoch);
        let mut epochs: Vec<u64> =
            records(&storage, Collection::AlbumItem, &[CloudValue::Id(album)]).await.iter().map(of).collect();
        epochs.sort_unstable();
        epochs.dedup();
        epochs
    };
    let items = async |cloud: &Cloud| cloud.add_to_album(&album, &files).await;
    let mut seen_between = false;
    for at in 0.. {
        let plan = Plan::of_writes(at, Failure::Gone);
        let failing = Store { records: Failing::new(&storage.records, &plan), ..storage.store() };
        let Ok(cloud) = Cloud::open(renewed(1), failing).await else { panic!("it is read") };
        let added = items(&cloud).await;
        seen_between |= epochs().await == [1, 2];
        let fresh = Cloud::open(renewed(1), storage.store()).await.unwrap();
        assert_eq!(fresh.verify(Depth::Deep).await.unwrap().problems, []);
        if added.is_ok() {
            break;
        }
        assert_eq!(shown(&fresh).await, files[..199], "{at}");
    }
    assert!(seen_between);
    assert_eq!(epochs().await, [2]);
    let cloud = Cloud::open(renewed(1), storage.store()).await.unwrap();
    assert_eq!(shown(&cloud).await, files);

    // The next renewal, while an item is withheld.
    let withheld = records(&storage, Collection::AlbumItem, &[CloudValue::Id(album)]).await[7].key.clone();
    let tampering = TamperingRecords::new(&storage.records);
    let hide = withheld.clone();
    tampering.attack(Box::new(move |key, record| record.filter(|_| *key != hide)));
    let store = Store { records: tampering.clone(), ..storage.store() };
    let cloud = Cloud::open(renewed(2), store.clone()).await.unwrap();
    cloud.remove_from_album(&album, &[files[0]]).await.unwrap();
    cloud.add_to_album(&album, &[files[0]]).await.unwrap();
    assert_eq!(epochs().await, [2, 3]);
    tampering.stop();
    let cloud = Cloud::open(renewed(2), store).await.unwrap();
    assert_eq!(shown(&cloud).await.len(), 200);
    cloud.edit_album(&album, |album| album.title = "whole again".into()).await.unwrap();
    assert_eq!(epochs().await, [3]);
    assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
}

/// A cloud that had left for another place when the keys were renewed arrives there, and goes on under them.
#[tokio::test]
async fn a_cloud_that_is_on_its_way_arrives_under_the_renewed_keys() {
    let (from, to) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    let file = cloud.upload(&cloud.root(), "one", content("1")).await.unwrap().id;
    // Dies between leaving and arriving.
    let mut at = 0;
    loop {
        let plan = Plan::of_writes(at, Failure::Gone);
        let there = Store { records: Failing::new(&to.records, &plan), ..to.store() };
        let moved = cloud.migrate(there, &CancelToken::new(), |_| {}).await;
        assert!(moved.is_err(), "it arrived before it had left");
        if cloud.has_left().await.unwrap() {
            break;
        }
        at += 1;
    }
    let cloud = Cloud::open(renewed(1), from.store()).await.unwrap();
    assert_eq!(cloud.create_folder(&cloud.root(), "no").await.unwrap_err().kind(), ErrorKind::Moved);
    let moved = cloud.migrate(to.store(), &CancelToken::new(), |_| {}).await.unwrap().cloud;
    assert_eq!(text(&moved, &file, 1).await, b"1");
    moved.create_folder(&moved.root(), "yes").await.unwrap();
    assert_eq!(moved.verify(Depth::Deep).await.unwrap().problems, []);
    let fresh = Cloud::open(renewed(1), to.store()).await.unwrap();
    assert_eq!(fresh.list(&fresh.root()).await.unwrap().len(), 2);
    assert!(Cloud::open(keys(), to.store()).await.is_err());
}

/// An upload that the former keys' journal remembers begins anew: whoever has seen the device may know that journal's file key.
#[tokio::test]
async fn an_upload_that_was_begun_under_the_former_keys_begins_anew() {
    let storage = Storage::memory();
    storage.create().await;
    let device = storage.store();
    let content = || Content::new(BytesSource::new(vec![7; 20 * 1024 * 1024]));
    let plan = Plan::new(0, Failure::Gone);
    let failing = Store { blobs: Failing::new(&storage.blobs, &plan), ..device.clone() };
    plan.recover();
    let cloud = Cloud::open(keys(), failing).await.unwrap();
    plan.fail_after(2);
    let id = Id::generate().unwrap();
    assert!(cloud.upload(&cloud.root(), "large", content().resumable(&id)).await.is_err());
    let cloud = Cloud::open(renewed(1), device).await.unwrap();
    let file = cloud.upload(&cloud.root(), "large", content().resumable(&id)).await.unwrap();
    assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), vec![7; 20 * 1024 * 1024]);
    assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
}
