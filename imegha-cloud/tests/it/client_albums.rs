//! Albums: files under a title and in an order, and what becomes of them when the files go elsewhere.

use std::sync::Arc;

use imegha_cloud::backend::Key;
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection};
use imegha_cloud::{
    Action, AlbumDraft, AuditFilter, BytesSource, Cloud, Content, Depth, ErrorKind, ExportOptions, Fault, OnTaken,
    Problem, Store,
};
use imegha_crypto::Id;

use crate::adversary::{Failing, Failure, Plan, Recorded, TamperingRecords};
use crate::client_audit::audited;
use crate::export::manifest;
use crate::storage::{Storage, keys};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

/// So many files in the root, called "0", "1" and so on.
async fn files(cloud: &Cloud, count: usize) -> Vec<Id> {
    let mut files = Vec::new();
    for number in 0..count {
        files.push(cloud.upload(&cloud.root(), &number.to_string(), content("x")).await.unwrap().id);
    }
    files
}

/// The ids of an album's files, in its order.
async fn shown(cloud: &Cloud, album: &Id) -> Vec<Id> {
    cloud.album_files(album, 0, usize::MAX).await.unwrap().iter().map(|entry| entry.id).collect()
}

fn kind<T: std::fmt::Debug>(result: imegha_cloud::Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[tokio::test]
async fn files_are_added_moved_and_taken_out_and_every_device_sees_it() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        assert_eq!(cloud.albums().await.unwrap(), []);
        let f = files(&cloud, 5).await;
        let album = cloud.create_album("Sommer 🌊").await.unwrap();
        assert_eq!((album.title.as_str(), album.cover, album.files), ("Sommer 🌊", None, 0));
        assert_eq!(cloud.add_to_album(&album.id, &[f[0], f[1], f[0]]).await.unwrap(), 2);
        assert_eq!(cloud.add_to_album(&album.id, &[f[1], f[2], f[3], f[4]]).await.unwrap(), 3);
        assert_eq!(shown(&cloud, &album.id).await, f, "{}", storage.name);

        cloud.move_in_album(&album.id, &[f[4], f[2]], Some(&f[0])).await.unwrap();
        let order = [f[4], f[2], f[0], f[1], f[3]];
        assert_eq!(shown(&cloud, &album.id).await, order, "{}", storage.name);
        cloud.move_in_album(&album.id, &[f[4]], None).await.unwrap();
        cloud.move_in_album(&album.id, &[f[3]], Some(&f[1])).await.unwrap();
        let order = [f[2], f[0], f[3], f[1], f[4]];
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        for device in [&cloud, &other] {
            assert_eq!(shown(device, &album.id).await, order, "{}", storage.name);
            let page: Vec<Id> =
                device.album_files(&album.id, 1, 2).await.unwrap().iter().map(|entry| entry.id).collect();
            assert_eq!(page, order[1..3]);
            assert_eq!(device.album_files(&album.id, 5, 2).await.unwrap(), []);
        }
        assert_eq!(other.remove_from_album(&album.id, &[f[0], f[4], cloud.root()]).await.unwrap(), 2);
        assert_eq!(shown(&cloud, &album.id).await, [f[2], f[3], f[1]], "{}", storage.name);
        assert_eq!(other.remove_from_album(&album.id, &[f[0]]).await.unwrap(), 0);

        // Title and cover; nothing is written for nothing.
        let edited = cloud.edit_album(&album.id, |album| album.title = "Winter".to_owned()).await.unwrap();
        assert_eq!((edited.title.as_str(), edited.cover, edited.files), ("Winter", Some(f[2]), 3));
        cloud.edit_album(&album.id, |album| album.cover = Some(f[1])).await.unwrap();
        let head = cloud.refresh().await.unwrap();
        cloud.edit_album(&album.id, |album| album.cover = Some(f[1])).await.unwrap();
        assert_eq!(cloud.add_to_album(&album.id, &[f[1]]).await.unwrap(), 0);
        cloud.move_in_album(&album.id, &[], None).await.unwrap();
        assert_eq!(cloud.refresh().await.unwrap(), head);
        assert_eq!(other.album(&album.id).await.unwrap().cover, Some(f[1]));
        cloud.remove_from_album(&album.id, &[f[1]]).await.unwrap();
        assert_eq!(other.album(&album.id).await.unwrap().cover, Some(f[2]), "{}", storage.name);

        let second = cloud.create_album("Winter").await.unwrap();
        let listed: Vec<Id> = other.albums().await.unwrap().iter().map(|album| album.id).collect();
        assert!(listed.len() == 2 && listed.contains(&second.id) && listed.contains(&album.id));
        let report = other.verify(Depth::Deep).await.unwrap();
        assert_eq!(report.problems, [], "{}", storage.name);
        cloud.delete_album(&album.id).await.unwrap();
        assert_eq!(other.albums().await.unwrap(), [second]);
        assert_eq!(kind(other.delete_album(&album.id).await), ErrorKind::NotFound);
        assert_eq!(kind(other.album_files(&album.id, 0, 9).await), ErrorKind::NotFound);
        assert_eq!(other.list(&cloud.root()).await.unwrap().len(), 5, "the files stay");
        for (action, times) in [
            (Action::CreateAlbum, 2),
            (Action::EditAlbum, 2),
            (Action::AddToAlbum, 2),
            (Action::MoveInAlbum, 3),
            (Action::RemoveFromAlbum, 2),
            (Action::DeleteAlbum, 1),
        ] {
            let entries = audited(&other, AuditFilter::new().action(action)).await.unwrap();
            assert_eq!(entries.len(), times, "{action:?}");
        }
        assert_eq!(audited(&other, AuditFilter::new().node(&album.id)).await.unwrap().len(), 11, "{}", storage.name);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_changes() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let f = files(&cloud, 3).await;
    let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
    let album = cloud.create_album(&"ä".repeat(100)).await.unwrap().id;
    cloud.add_to_album(&album, &f[..2]).await.unwrap();
    cloud.trash(&[f[2]]).await.unwrap();
    let none = Id::from_bytes([7; 16]);
    let head = cloud.refresh().await.unwrap();
    for title in ["", " \t", "a\nb", "\u{7f}", &"x".repeat(201)] {
        assert_eq!(kind(cloud.create_album(title).await), ErrorKind::Malformed, "{title:?}");
        let edited = cloud.edit_album(&album, |album| album.title = title.to_owned()).await;
        assert_eq!(kind(edited), ErrorKind::Malformed, "{title:?}");
        assert!(AlbumDraft { title: title.to_owned(), cover: None }.check().is_err());
    }
    for wrong in [none, folder, cloud.root(), f[2]] {
        assert_eq!(kind(cloud.add_to_album(&album, &[f[0], wrong]).await), ErrorKind::NotFound);
        assert_eq!(kind(cloud.edit_album(&album, |album| album.cover = Some(wrong)).await), ErrorKind::Malformed);
        assert_eq!(kind(cloud.move_in_album(&album, &[f[0], wrong], None).await), ErrorKind::NotFound);
        assert_eq!(kind(cloud.move_in_album(&album, &[f[0]], Some(&wrong)).await), ErrorKind::NotFound);
    }
    assert_eq!(kind(cloud.move_in_album(&album, &[f[0]], Some(&f[0])).await), ErrorKind::Malformed);
    assert_eq!(kind(cloud.add_to_album(&none, &[f[0]]).await), ErrorKind::NotFound);
    assert_eq!(kind(cloud.remove_from_album(&none, &[f[0]]).await), ErrorKind::NotFound);
    assert_eq!(kind(cloud.edit_album(&none, |_| {}).await), ErrorKind::NotFound);
    assert_eq!(kind(cloud.album(&none).await), ErrorKind::NotFound);
    // Two are in it: 9,998 more are as many as there may be. Too many are refused before the first is looked for, and before one is added.
    let mut many: Vec<Id> = (0..9_998_u128).map(|number| Id::from_bytes((1 + number).to_be_bytes())).collect();
    many.splice(..0, f[..2].iter().copied());
    assert_eq!(kind(cloud.add_to_album(&album, &many).await), ErrorKind::NotFound);
    many.push(none);
    assert_eq!(kind(cloud.add_to_album(&album, &many).await), ErrorKind::Malformed);
    assert_eq!(cloud.refresh().await.unwrap(), head);
    assert_eq!(shown(&cloud, &album).await, f[..2]);
}

#[tokio::test]
async fn a_file_is_shown_as_it_is_now_and_not_while_it_is_in_the_trash_or_gone() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
        let f = files(&cloud, 3).await;
        let album = cloud.create_album("a").await.unwrap().id;
        cloud.add_to_album(&album, &f).await.unwrap();
        cloud.edit_album(&album, |album| album.cover = Some(f[1])).await.unwrap();

        // Another content, name, place and key.
        let replaced = cloud.replace(&f[1], content("newer").mime("image/png")).await.unwrap();
        cloud.move_to(&[f[1]], &folder, OnTaken::Refuse).await.unwrap();
        cloud.mark_stale(&folder).await.unwrap();
        let renamed = cloud.rename(&f[1], "other").await.unwrap();
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        for device in [&cloud, &other] {
            let entries = device.album_files(&album, 0, 9).await.unwrap();
            assert_eq!(entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), f, "{}", storage.name);
            assert_eq!((&entries[1].name, &entries[1].parent), (&renamed.name, &folder));
            assert_eq!((entries[1].revision, &entries[1].sha256), (2, &replaced.sha256));
            assert_eq!(device.download(&f[1]).await.unwrap().bytes().await.unwrap(), b"newer");
        }

        // In the trash with its folder, and back.
        cloud.trash(&[folder]).await.unwrap();
        let album_now = other.album(&album).await.unwrap();
        assert_eq!((album_now.files, album_now.cover), (2, Some(f[0])), "{}", storage.name);
        assert_eq!(shown(&other, &album).await, [f[0], f[2]]);
        cloud.restore(&[folder]).await.unwrap();
        assert_eq!(shown(&other, &album).await, f, "{}", storage.name);
        assert_eq!(other.album(&album).await.unwrap().cover, Some(f[1]));

        // Gone: it is not shown, nothing is wrong, and its item goes with the next change.
        cloud.trash(&[f[1]]).await.unwrap();
        cloud.empty_trash().await.unwrap();
        assert_eq!(shown(&other, &album).await, [f[0], f[2]], "{}", storage.name);
        assert_eq!(other.verify(Depth::Deep).await.unwrap().problems, []);
        assert_eq!(items(&storage, &album).await, 3);
        let more = cloud.upload(&cloud.root(), "more", content("m")).await.unwrap().id;
        other.add_to_album(&album, &[more]).await.unwrap();
        assert_eq!(items(&storage, &album).await, 3);
        assert_eq!(shown(&cloud, &album).await, [f[0], f[2], more], "{}", storage.name);
    }
}

async fn items(storage: &Storage, album: &Id) -> usize {
    let query = imegha_cloud::backend::Query::new(Collection::AlbumItem, [CloudValue::Id(*album)]);
    storage.records.query(&query).await.unwrap().records.len()
}

#[tokio::test]
async fn more_files_than_a_transaction_takes() {
    let storage = Storage::memory();
    let recorded = Recorded::new(&storage.records);
    let cloud = Cloud::create(keys(), Store { records: recorded.clone(), ..storage.store() }).await.unwrap();
    let f = files(&cloud, 210).await;
    let album = cloud.create_album("many").await.unwrap().id;
    let before = recorded.count();
    assert_eq!(cloud.add_to_album(&album, &f).await.unwrap(), 210);
    assert_eq!(recorded.count(), before + 3);
    assert_eq!(shown(&cloud, &album).await, f);
    cloud.move_in_album(&album, &f[100..], Some(&f[1])).await.unwrap();
    let order = [&f[..1], &f[100..], &f[1..100]].concat();
    let plan = Plan::new(u32::MAX, Failure::Before);
    let records = Failing::new(&storage.records, &plan);
    let other = Cloud::open(keys(), Store { records, ..storage.store() }).await.unwrap();
    assert_eq!(shown(&other, &album).await, order);
    // What is known costs the head of the log alone.
    let calls = plan.calls();
    assert_eq!(shown(&other, &album).await, order);
    assert_eq!(plan.calls(), calls + 1);
    assert_eq!(cloud.remove_from_album(&album, &f[5..205]).await.unwrap(), 200);
    assert_eq!(shown(&other, &album).await, [&f[..1], &f[205..], &f[1..5]].concat());
    cloud.add_to_album(&album, &f).await.unwrap();
    let before = recorded.count();
    cloud.delete_album(&album).await.unwrap();
    assert_eq!((recorded.count(), items(&storage, &album).await), (before + 3, 0));
    assert_eq!(other.usage().await.unwrap().unreadable, 0);
}

/// Whatever transaction fails while an album is deleted: it is whole, or less, or gone, and deleting it again ends it.
#[tokio::test]
async fn a_deletion_that_breaks_off_is_finished_by_the_next() {
    for failure in [Failure::Before, Failure::After, Failure::Gone, Failure::Lost] {
        for at in 0..3 {
            let storage = Storage::memory();
            let cloud = storage.create().await;
            let f = files(&cloud, 120).await;
            let album = cloud.create_album("a").await.unwrap().id;
            cloud.add_to_album(&album, &f).await.unwrap();
            let plan = Plan::of_writes(at, failure);
            let store = Store { records: Failing::new(&storage.records, &plan), ..storage.store() };
            let broken = Cloud::open(keys(), store).await.unwrap().delete_album(&album).await;
            assert_eq!(cloud.verify(Depth::Quick).await.unwrap().problems, [], "{failure:?} {at}");
            match cloud.delete_album(&album).await {
                Ok(()) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{failure:?} {at}: {broken:?}"),
            }
            assert_eq!((cloud.albums().await.unwrap().len(), items(&storage, &album).await), (0, 0));
        }
    }
}

/// Two devices at once: what both did is there, and what is deleted is not added to.
#[tokio::test]
async fn two_devices_change_one_album() {
    for storage in Storage::all().await {
        let one = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let f = files(&one, 6).await;
        let album = one.create_album("a").await.unwrap().id;
        let other = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let (left, right) = tokio::join!(one.add_to_album(&album, &f[..3]), other.add_to_album(&album, &f[2..]));
        assert_eq!(left.unwrap() + right.unwrap(), 6, "{}", storage.name);
        let (left, right) = tokio::join!(
            one.edit_album(&album, |album| album.title = "b".to_owned()),
            other.edit_album(&album, |album| album.cover = Some(f[5])),
        );
        left.unwrap();
        right.unwrap();
        let seen = one.album(&album).await.unwrap();
        assert_eq!((seen.title.as_str(), seen.cover, seen.files), ("b", Some(f[5]), 6), "{}", storage.name);
        let (moved, deleted) = tokio::join!(one.move_in_album(&album, &f[..1], None), other.delete_album(&album));
        deleted.unwrap();
        assert!(moved.is_ok() || kind(moved) == ErrorKind::NotFound);
        assert_eq!(one.albums().await.unwrap(), [], "{}", storage.name);
        assert_eq!(items(&storage, &album).await, 0);
    }
}

/// Storage that withholds, exchanges or goes back with the records of albums: told, and the rest is shown. Stopped by the hashes of the
/// log (`Log::read`, `Listing::next`).
#[tokio::test]
async fn what_storage_does_to_albums_is_told() {
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let records: Arc<crate::storage::Records> = recorded.clone();
        let adversary = TamperingRecords::new(&records);
        let cloud = Cloud::create(keys(), Store { records: adversary.clone(), ..storage.store() }).await.unwrap();
        let f = files(&cloud, 3).await;
        let album = cloud.create_album("a").await.unwrap().id;
        let second = cloud.create_album("b").await.unwrap().id;
        for album in [&album, &second] {
            cloud.add_to_album(album, &f).await.unwrap();
        }
        cloud.edit_album(&album, |album| album.title = "c".to_owned()).await.unwrap();
        cloud.move_in_album(&album, &f[2..], Some(&f[0])).await.unwrap();
        let device =
            async || Cloud::open(keys(), Store { records: adversary.clone(), ..storage.store() }).await.unwrap();
        let fresh = device().await;
        assert_eq!(shown(&fresh, &album).await, [f[2], f[0], f[1]], "{}", storage.name);

        let own = Key::<CloudSchema>::new(Collection::Album, [], [CloudValue::Id(album)]);
        let written = recorded.written();
        let stale = written.iter().find(|record| record.key == own).unwrap().clone();
        adversary.replay(stale);
        let listed = device().await.albums().await.unwrap();
        let damaged: Vec<_> = listed.iter().map(|album| (album.id, album.damaged)).collect();
        assert!(damaged.contains(&(album, Some(ErrorKind::Rollback))) && damaged.contains(&(second, None)));
        assert_eq!(kind(device().await.album_files(&album, 0, 9).await), ErrorKind::Rollback, "{}", storage.name);
        let told = |what| Problem { node: Some(album), what };
        assert_eq!(device().await.verify(Depth::Quick).await.unwrap().problems, [told(Fault::Withheld)]);

        // An older place of an item, and an item that is not shown at all: the others are.
        let moved = written.iter().rfind(|record| record.key.collection == Collection::AlbumItem).unwrap().key.clone();
        let older = written.iter().find(|record| record.key == moved).unwrap().clone();
        adversary.replay(older);
        assert_eq!(shown(&device().await, &album).await, [f[0], f[1]], "{}", storage.name);
        assert_eq!(device().await.verify(Depth::Quick).await.unwrap().problems, [told(Fault::Withheld)]);
        adversary.attack(Box::new(move |key, record| if *key == moved { None } else { record }));
        assert_eq!(shown(&device().await, &album).await, [f[0], f[1]], "{}", storage.name);
        assert_eq!(device().await.verify(Depth::Quick).await.unwrap().problems, [told(Fault::Withheld)]);
        // Whoever deletes it needs none of it.
        device().await.delete_album(&album).await.unwrap();
        adversary.stop();
        assert_eq!(device().await.albums().await.unwrap().len(), 1);
        assert_eq!(items(&storage, &album).await, 0);
    }
}

#[tokio::test]
async fn an_export_says_what_is_in_an_album() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let f = files(&cloud, 3).await;
    let folder = cloud.create_folder(&cloud.root(), "folder").await.unwrap().id;
    cloud.move_to(&f[1..2], &folder, OnTaken::Refuse).await.unwrap();
    let album = cloud.create_album("Sommer").await.unwrap().id;
    cloud.create_album("leer").await.unwrap();
    cloud.add_to_album(&album, &[f[2], f[1], f[0]]).await.unwrap();
    cloud.trash(&f[..1]).await.unwrap();
    cloud.edit_album(&album, |album| album.cover = Some(f[1])).await.unwrap();
    let temporary = tempfile::tempdir().unwrap();
    cloud.export(temporary.path(), &ExportOptions::new()).await.unwrap();
    let mut albums = manifest(temporary.path());
    albums.retain(|line| line["kind"] == "album");
    albums.sort_by_key(|line| line["title"].to_string());
    assert_eq!(albums.len(), 2);
    assert_eq!(albums[0]["title"], "Sommer");
    assert_eq!(albums[0]["files"], serde_json::json!(["files/2", "files/folder/1"]));
    assert_eq!(albums[0]["cover"], "files/folder/1");
    assert_eq!((albums[1]["files"].as_array().unwrap().len(), albums[1].get("cover")), (0, None));
}
