//! The platform is gone: 24 words and the storage are enough, and nothing less is.

use std::sync::Arc;

use async_trait::async_trait;
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, CancelToken, Cloud, CloudKeys, Content, Depth, ErrorKind, Result};
use imegha_crypto::{Dek, Hash, Id, Identity, RecoveryPhrase};

use crate::adversary::SmallPages;
use crate::storage::{Storage, keys, other_keys};

/// A cloud of [`keys`] that these words open, with a folder and a file in it.
async fn cloud_of(phrase: &RecoveryPhrase, storage: &Storage) -> Cloud {
    let keys = keys();
    let wrap = keys.dek.wrap_by_recovery(&phrase.derive_keys().kek, &keys.account, keys.dek_epoch).unwrap();
    let cloud = Cloud::create(keys.with_recovery_wrap(wrap), storage.store()).await.unwrap();
    let folder = cloud.create_folder(&cloud.root(), "Photos").await.unwrap();
    let content = Content::new(BytesSource::new("the only copy"));
    cloud.upload(&folder.id, "sea.jpg", content).await.unwrap();
    cloud
}

/// The records that are there for phrases, as storage has them.
async fn wraps(storage: &Storage) -> Vec<Record<CloudSchema>> {
    storage.records.query(&Query::new(Collection::Wrap, [])).await.unwrap().records
}

/// A record that a stranger plants beside the others: his own wraps, by a phrase of his own.
fn planted(phrase: &RecoveryPhrase, account: Id, epoch: u32, identity: &Identity) -> Record<CloudSchema> {
    let dek = Dek::generate().unwrap();
    let wrap = dek.wrap_by_recovery(&phrase.derive_keys().kek, &account, epoch).unwrap();
    let wrapped = identity.wrap(&dek, &account, epoch).unwrap();
    let id = Id::generate().unwrap();
    Record::new(Key::new(Collection::Wrap, [], [CloudValue::Id(id)]))
        .with(Field::DekEpoch, CloudValue::U64(epoch.into()))
        .with(Field::Wrap, CloudValue::Sealed(wrap))
        .with(Field::Account, CloudValue::Id(account))
        .with(Field::Identity, CloudValue::Sealed(wrapped))
        .with(Field::Fingerprint, CloudValue::Hash(Hash::from_bytes(*identity.fingerprint().as_bytes())))
        .with(Field::Written, CloudValue::Time(7))
}

/// A cloud that was made without: on a device that does not have it, say. The device that does brings it later.
#[tokio::test]
async fn a_cloud_that_was_made_without_gets_it_later_and_once() {
    for storage in Storage::all().await {
        let cloud = Cloud::create(keys(), storage.store()).await.unwrap();
        cloud.create_folder(&cloud.root(), "Photos").await.unwrap();
        // What somebody plants is none of the log's, and does not keep the owner's out.
        let (phrase, stranger) = (RecoveryPhrase::generate().unwrap(), RecoveryPhrase::generate().unwrap());
        let planted = planted(&stranger, keys().account, 1, &Identity::generate().unwrap());
        storage.records.transact(&[Write::Put(planted, Condition::Absent)]).await.unwrap();
        assert!(!cloud.has_recovery_wrap().await.unwrap(), "{}", storage.name);
        assert_eq!(CloudKeys::recover(&phrase, &storage.store()).await.unwrap_err().kind(), ErrorKind::CannotOpen);

        let by = |phrase: &RecoveryPhrase| {
            keys().dek.wrap_by_recovery(&phrase.derive_keys().kek, &keys().account, keys().dek_epoch).unwrap()
        };
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        cloud.keep_recovery_wrap(&by(&phrase)).await.unwrap();
        assert!(cloud.has_recovery_wrap().await.unwrap() && other.has_recovery_wrap().await.unwrap());
        let found = CloudKeys::recover(&phrase, &storage.store()).await.unwrap();
        let opened = Cloud::open(found, storage.store()).await.unwrap();
        assert_eq!(opened.list(&opened.root()).await.unwrap().len(), 1, "{}", storage.name);

        // Once: another device that has not heard of it, and the same again, write nothing.
        let seq = cloud.refresh().await.unwrap();
        other.keep_recovery_wrap(&by(&phrase)).await.unwrap();
        cloud.keep_recovery_wrap(&by(&stranger)).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq);
        assert_eq!(wraps(&storage).await.len(), 2);
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
    }
}

/// A new phrase: its wrap is added, then the others go, and at no moment none opens.
#[tokio::test]
async fn a_new_phrase_takes_the_place_of_the_old_one() {
    for storage in Storage::all().await {
        let (old, new) = (RecoveryPhrase::generate().unwrap(), RecoveryPhrase::generate().unwrap());
        let cloud = cloud_of(&old, &storage).await;
        let planted = planted(&RecoveryPhrase::generate().unwrap(), keys().account, 1, &Identity::generate().unwrap());
        storage.records.transact(&[Write::Put(planted.clone(), Condition::Absent)]).await.unwrap();
        let wrap = keys().dek.wrap_by_recovery(&new.derive_keys().kek, &keys().account, keys().dek_epoch).unwrap();
        let recovers = async |phrase: &RecoveryPhrase| CloudKeys::recover(phrase, &storage.store()).await.is_ok();

        // Nothing is dropped for a phrase that the cloud does not keep.
        let refused = cloud.drop_other_recovery_wraps(&wrap).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotFound, "{}", storage.name);
        assert!(recovers(&old).await && !recovers(&new).await);

        cloud.add_recovery_wrap(&wrap).await.unwrap();
        assert!(recovers(&old).await && recovers(&new).await, "{}", storage.name);
        // Again, on another device: its answer may have been lost.
        let seq = cloud.refresh().await.unwrap();
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        other.add_recovery_wrap(&wrap).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq);

        other.drop_other_recovery_wraps(&wrap).await.unwrap();
        assert!(!recovers(&old).await && recovers(&new).await, "{}", storage.name);
        let seq = cloud.refresh().await.unwrap();
        cloud.drop_other_recovery_wraps(&wrap).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), seq, "nothing is left to drop");
        assert!(wraps(&storage).await.contains(&planted), "what is not the log's is not touched");
        assert_eq!(wraps(&storage).await.len(), 2);
        assert_eq!(cloud.verify(Depth::Deep).await.unwrap().problems, []);
    }
}

/// A cloud that has left takes none where it was.
#[tokio::test]
async fn where_a_cloud_has_left_none_is_kept() {
    let (from, to) = (Storage::memory(), Storage::memory());
    let cloud = from.create().await;
    let moved = cloud.migrate(to.store(), &CancelToken::new(), |_| {}).await.unwrap().cloud;
    let phrase = RecoveryPhrase::generate().unwrap();
    let wrap = keys().dek.wrap_by_recovery(&phrase.derive_keys().kek, &keys().account, 1).unwrap();
    assert_eq!(cloud.keep_recovery_wrap(&wrap).await.unwrap_err().kind(), ErrorKind::Moved);
    moved.keep_recovery_wrap(&wrap).await.unwrap();
    CloudKeys::recover(&phrase, &to.store()).await.unwrap();
}

#[tokio::test]
async fn phrase_and_storage_are_enough_to_open_everything() {
    for storage in Storage::all().await {
        let phrase = RecoveryPhrase::generate().unwrap();
        cloud_of(&phrase, &storage).await;

        // What was written down, as it is typed years later.
        let typed = phrase.words().collect::<Vec<_>>().join("  \n").to_uppercase();
        let found = CloudKeys::recover(&RecoveryPhrase::parse(&typed).unwrap(), &storage.store()).await.unwrap();
        assert_eq!((found.account, found.dek_epoch), (keys().account, 1), "{}", storage.name);
        assert_eq!(found.identity.fingerprint(), keys().identity.fingerprint());
        let cloud = Cloud::open(found, storage.store()).await.unwrap();
        let file = cloud.find("sea", 10).await.unwrap().remove(0).entry;
        assert_eq!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap(), b"the only copy");
        // It is the owner's, not a reader's.
        cloud.rename(&file.id, "the sea.jpg").await.unwrap();
    }
}

#[tokio::test]
async fn other_words_open_nothing_and_no_words_are_said_to_be_kept_where_none_are() {
    for storage in Storage::all().await {
        let phrase = RecoveryPhrase::generate().unwrap();
        let kind = async |phrase| CloudKeys::recover(phrase, &storage.store()).await.unwrap_err().kind();
        assert_eq!(kind(&phrase).await, ErrorKind::NotFound, "{}", storage.name);
        cloud_of(&phrase, &storage).await;
        assert_eq!(kind(&RecoveryPhrase::generate().unwrap()).await, ErrorKind::CannotOpen, "{}", storage.name);
    }
    for storage in Storage::all().await {
        storage.create().await;
        let none = CloudKeys::recover(&RecoveryPhrase::generate().unwrap(), &storage.store()).await.unwrap_err();
        assert_eq!(none.kind(), ErrorKind::NotFound, "{}", storage.name);
    }
}

/// Whoever has the storage can write anything there, but nothing that these words open.
#[tokio::test]
async fn what_is_planted_beside_a_wrap_neither_opens_nor_stands_in_the_way() {
    let storage = Storage::memory();
    let phrase = RecoveryPhrase::generate().unwrap();
    cloud_of(&phrase, &storage).await;
    let [wrap] = &wraps(&storage).await[..] else { panic!("one wrap") };
    let stranger = other_keys();
    let other = RecoveryPhrase::generate().unwrap();
    let at = |record: &Record<CloudSchema>| Record { key: record.key.clone(), ..wrap.clone() };

    let mut bare = planted(&other, keys().account, 9, &stranger.identity);
    bare = Record::new(bare.key).with(Field::Written, CloudValue::Time(7));
    let strangers = planted(&other, keys().account, 9, &stranger.identity);
    let another = planted(&other, stranger.account, 1, &stranger.identity);
    // The owner's own, of another account or epoch, or with another identity.
    let of_another = at(&planted(&other, stranger.account, 1, &stranger.identity))
        .with(Field::Account, CloudValue::Id(stranger.account));
    let newer = at(&planted(&other, stranger.account, 1, &stranger.identity)).with(Field::DekEpoch, CloudValue::U64(2));
    let mixed = at(&another).with(Field::Identity, another.field(Field::Identity).unwrap().clone());
    let records = [bare, strangers, of_another, newer, mixed];
    let writes: Vec<_> = records.into_iter().map(|record| Write::Put(record, Condition::None)).collect();
    storage.records.transact(&writes).await.unwrap();
    assert_eq!(wraps(&storage).await.len(), 6);

    let found = CloudKeys::recover(&phrase, &storage.store()).await.unwrap();
    assert_eq!((found.account, found.dek_epoch), (keys().account, 1));
    assert_eq!(found.identity.fingerprint(), keys().identity.fingerprint());
    Cloud::open(found, storage.store()).await.unwrap();
    let other = CloudKeys::recover(&other, &storage.store()).await.unwrap();
    let refused = Cloud::open(other, storage.store()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CannotOpen, "the cloud is none of the stranger's");
}

#[tokio::test]
async fn it_is_found_on_any_page_and_wants_all_of_its_fields() {
    let storage = Storage::memory();
    let phrase = RecoveryPhrase::generate().unwrap();
    cloud_of(&phrase, &storage).await;
    let [wrap] = &wraps(&storage).await[..] else { panic!("one wrap") };
    for field in [Field::Wrap, Field::Identity, Field::Account, Field::DekEpoch, Field::Fingerprint] {
        let without = wrap.fields.iter().filter(|(name, _)| **name != field);
        let fields = without.map(|(name, value)| (*name, value.clone())).collect();
        let without = Record { key: wrap.key.clone(), fields };
        storage.records.transact(&[Write::Put(without, Condition::None)]).await.unwrap();
        let refused = CloudKeys::recover(&phrase, &storage.store()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen, "{field:?}");
    }
    storage.records.transact(&[Write::Put(wrap.clone(), Condition::None)]).await.unwrap();

    let pages = Storage::memory().with(Arc::new(SmallPages(storage.records.clone())), storage.blobs.clone());
    let mut records: Vec<_> =
        (0..5).map(|_| planted(&RecoveryPhrase::generate().unwrap(), keys().account, 1, &keys().identity)).collect();
    records.push(wrap.clone());
    let writes: Vec<_> = records.into_iter().map(|record| Write::Put(record, Condition::None)).collect();
    storage.records.transact(&writes).await.unwrap();
    CloudKeys::recover(&phrase, &pages.store()).await.unwrap();
}

/// Storage that says after every page that there is another one.
#[derive(Debug)]
struct Endless(Record<CloudSchema>);

#[async_trait]
impl RecordStore<CloudSchema> for Endless {
    async fn get(&self, _: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        Ok(None)
    }

    async fn query(&self, _: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        Ok(Page { records: vec![self.0.clone()], next: Some(self.0.key.sort.clone()) })
    }

    async fn transact(&self, _: &[Write<CloudSchema>]) -> Result<()> {
        unreachable!("nothing is written")
    }
}

#[tokio::test]
async fn storage_that_never_ends_is_not_listened_to_for_ever() {
    let phrase = RecoveryPhrase::generate().unwrap();
    let wrap = planted(&RecoveryPhrase::generate().unwrap(), keys().account, 1, &keys().identity);
    let memory = Storage::memory();
    let endless = memory.blobs.clone();
    let endless = memory.with(Arc::new(Endless(wrap)), endless);
    let refused = CloudKeys::recover(&phrase, &endless.store()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CannotOpen);
}
