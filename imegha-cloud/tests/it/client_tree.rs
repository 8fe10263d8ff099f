//! Folders: renaming, moving, finding.

use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, OnTaken};
use imegha_crypto::Id;

use crate::storage::{Storage, keys};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

async fn text(cloud: &Cloud, file: &Id) -> String {
    String::from_utf8(cloud.download(file).await.unwrap().bytes().await.unwrap()).unwrap()
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.shown_name.as_str()).collect()
}

/// What a second device with no memory sees in a folder is what this one sees, all of it sound.
async fn listed(storage: &Storage, cloud: &Cloud, folder: &Id) -> Vec<Entry> {
    let entries = cloud.list(folder).await.unwrap();
    let other = Cloud::open(keys(), storage.store()).await.unwrap();
    assert_eq!(entries, other.list(folder).await.unwrap(), "{}", storage.name);
    assert!(entries.iter().all(|entry| entry.damaged.is_none()), "{}: {entries:?}", storage.name);
    entries
}

#[tokio::test]
async fn renaming_changes_the_name_and_nothing_else() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let before = cloud.upload(&root, "letter.txt", content("Dear")).await.unwrap();
        cloud.replace(&before.id, content("Dear all")).await.unwrap();
        let before = cloud.entry(&before.id).await.unwrap();
        let folder = cloud.create_folder(&root, "Post").await.unwrap();

        let after = cloud.rename(&before.id, "Brief.txt").await.unwrap();
        let expected = Entry { name: "Brief.txt".into(), shown_name: "Brief.txt".into(), ..before.clone() };
        assert_eq!(after, expected);
        assert_eq!(names(&listed(&storage, &cloud, &root).await), ["Post", "Brief.txt"]);
        assert_eq!(text(&cloud, &before.id).await, "Dear all");
        assert_eq!(cloud.download_revision(&before.id, 1).await.unwrap().bytes().await.unwrap(), b"Dear");

        // Only the spelling, and nothing at all.
        assert_eq!(cloud.rename(&before.id, "BRIEF.txt").await.unwrap().name, "BRIEF.txt");
        let seq = cloud.refresh().await.unwrap();
        assert_eq!(cloud.rename(&before.id, "BRIEF.txt").await.unwrap().name, "BRIEF.txt");
        assert_eq!(cloud.refresh().await.unwrap(), seq, "a name that stays writes nothing");

        for (node, name, kind) in [
            (before.id, "post", ErrorKind::AlreadyExists),
            (folder.id, "brief.TXT", ErrorKind::AlreadyExists),
            (folder.id, "a/b", ErrorKind::Malformed),
            (folder.id, "", ErrorKind::Malformed),
            (root, "root", ErrorKind::Malformed),
            (Id::generate().unwrap(), "nobody", ErrorKind::NotFound),
        ] {
            assert_eq!(cloud.rename(&node, name).await.unwrap_err().kind(), kind, "{}: {name}", storage.name);
        }
        assert_eq!(names(&listed(&storage, &cloud, &root).await), ["Post", "BRIEF.txt"]);
    }
}

#[tokio::test]
async fn a_moved_folder_takes_all_that_is_in_it() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let [from, to, inner] = [("from", root), ("to", root), ("inner", root)];
        let from = cloud.create_folder(&from.1, from.0).await.unwrap();
        let to = cloud.create_folder(&to.1, to.0).await.unwrap();
        let inner = cloud.create_folder(&from.id, inner.0).await.unwrap();
        let deep = cloud.upload(&inner.id, "deep", content("deep")).await.unwrap();
        cloud.replace(&deep.id, content("deeper")).await.unwrap();
        let file = cloud.upload(&from.id, "file", content("file")).await.unwrap();
        // A device that knew everything before.
        let other = Cloud::open(keys(), storage.store()).await.unwrap();
        other.list(&inner.id).await.unwrap();

        let moved = cloud.move_to(&[inner.id, file.id], &to.id, OnTaken::Refuse).await.unwrap();
        assert_eq!(names(&moved), ["inner", "file"]);
        assert!(moved.iter().all(|entry| entry.parent == to.id));
        assert_eq!(moved[1], Entry { parent: to.id, ..file.clone() });
        assert!(listed(&storage, &cloud, &from.id).await.is_empty());
        assert_eq!(names(&listed(&storage, &cloud, &to.id).await), ["inner", "file"]);
        for device in [&cloud, &other, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            assert_eq!(text(device, &deep.id).await, "deeper");
            assert_eq!(device.download_revision(&deep.id, 1).await.unwrap().bytes().await.unwrap(), b"deep");
            assert_eq!(text(device, &file.id).await, "file");
            assert_eq!(names(&device.path(&deep.id).await.unwrap()), ["to", "inner", "deep"]);
        }
        // Into the folder that it is in: nothing happens.
        let seq = cloud.refresh().await.unwrap();
        assert_eq!(cloud.move_to(&[file.id], &to.id, OnTaken::Refuse).await.unwrap(), [moved[1].clone()]);
        assert_eq!(cloud.refresh().await.unwrap(), seq);
        // And everything goes on.
        other.upload(&inner.id, "new", content("new")).await.unwrap();
        other.replace(&deep.id, content("deepest")).await.unwrap();
        assert_eq!(names(&listed(&storage, &cloud, &inner.id).await), ["deep", "new"]);
        assert_eq!(text(&cloud, &deep.id).await, "deepest");
        assert_eq!(cloud.revisions(&deep.id).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_move_meets_a_taken_name_as_it_was_told() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let [from, to] = ["from", "to"].map(|name| cloud.create_folder(&root, name));
        let (from, to) = (from.await.unwrap(), to.await.unwrap());
        let old = cloud.upload(&to.id, "A.txt", content("old")).await.unwrap();
        cloud.create_folder(&to.id, "folder").await.unwrap();
        let new = cloud.upload(&from.id, "a.txt", content("new")).await.unwrap();
        let other = cloud.upload(&from.id, "other", content("other")).await.unwrap();
        let folder = cloud.upload(&from.id, "Folder", content("a file, really")).await.unwrap();

        let seq = cloud.refresh().await.unwrap();
        let error = cloud.move_to(&[other.id, new.id], &to.id, OnTaken::Refuse).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        // A folder is never replaced.
        let error = cloud.move_to(&[other.id, folder.id], &to.id, OnTaken::Replace).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(cloud.refresh().await.unwrap(), seq, "all or none");
        assert_eq!(listed(&storage, &cloud, &from.id).await.len(), 3);

        let both = cloud.move_to(&[new.id, folder.id], &to.id, OnTaken::KeepBoth).await.unwrap();
        assert_eq!(names(&both), ["a (2).txt", "Folder (2)"]);
        assert_eq!(names(&listed(&storage, &cloud, &to.id).await), ["folder", "a (2).txt", "A.txt", "Folder (2)"]);
        assert_eq!(text(&cloud, &new.id).await, "new");

        let newest = cloud.upload(&from.id, "a.TXT", content("newest")).await.unwrap();
        let replaced = cloud.move_to(&[newest.id, other.id], &to.id, OnTaken::Replace).await.unwrap();
        assert_eq!(names(&replaced), ["a.TXT", "other"]);
        assert_eq!(
            names(&listed(&storage, &cloud, &to.id).await),
            ["folder", "a (2).txt", "a.TXT", "Folder (2)", "other"]
        );
        let trash = cloud.list_trash().await.unwrap();
        assert_eq!((trash.len(), trash[0].id, trash[0].origin), (1, old.id, Some(to.id)));
        assert_eq!(text(&cloud, &old.id).await, "old");
    }
}

#[tokio::test]
async fn two_of_one_name_cannot_both_be_moved_and_a_number_lets_them() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let mut twins = Vec::new();
    for folder in ["one", "two"] {
        let folder = cloud.create_folder(&cloud.root(), folder).await.unwrap();
        twins.push(cloud.upload(&folder.id, "twin", content("")).await.unwrap().id);
    }
    for taken in [OnTaken::Refuse, OnTaken::Replace] {
        let error = cloud.move_to(&twins, &cloud.root(), taken).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{taken:?}");
    }
    let moved = cloud.move_to(&twins, &cloud.root(), OnTaken::KeepBoth).await.unwrap();
    assert_eq!(names(&moved), ["twin", "twin (2)"]);
    listed(&storage, &cloud, &cloud.root()).await;
}

#[tokio::test]
async fn hundreds_move_at_once_and_all_that_can_be_refused_is_refused_first() {
    // More than a transaction takes on each backend, many times that on the quickest.
    for (storage, count) in Storage::all().await.into_iter().zip([250, 70, 40]) {
        let cloud = storage.create().await;
        let root = cloud.root();
        let to = cloud.create_folder(&root, "to").await.unwrap();
        let mut nodes = Vec::new();
        for number in 0..count {
            nodes.push(cloud.create_folder(&root, &format!("folder {number:03}")).await.unwrap().id);
        }
        let taken = cloud.create_folder(&to.id, "FOLDER 039").await.unwrap();
        let seq = cloud.refresh().await.unwrap();
        let error = cloud.move_to(&nodes, &to.id, OnTaken::Refuse).await.unwrap_err();
        assert_eq!((error.kind(), cloud.refresh().await.unwrap()), (ErrorKind::AlreadyExists, seq));

        cloud.rename(&taken.id, "first").await.unwrap();
        let moved = cloud.move_to(&nodes, &to.id, OnTaken::Refuse).await.unwrap();
        assert_eq!(moved.iter().map(|entry| entry.id).collect::<Vec<_>>(), nodes);
        assert_eq!(listed(&storage, &cloud, &to.id).await.len(), count + 1);
        assert_eq!(names(&listed(&storage, &cloud, &root).await), ["to"]);
        cloud.trash(&nodes).await.unwrap();
        assert_eq!(cloud.list_trash().await.unwrap().len(), count);
        assert_eq!(cloud.restore(&nodes).await.unwrap().len(), count);
        assert_eq!(listed(&storage, &cloud, &to.id).await.len(), count + 1);
    }
}

#[tokio::test]
async fn a_folder_never_comes_to_lie_in_itself() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let a = cloud.create_folder(&cloud.root(), "a").await.unwrap();
        let b = cloud.create_folder(&a.id, "b").await.unwrap();
        let c = cloud.create_folder(&b.id, "c").await.unwrap();
        for (node, into) in [(a.id, a.id), (a.id, b.id), (a.id, c.id), (b.id, c.id), (cloud.root(), c.id)] {
            let error = cloud.move_to(&[node], &into, OnTaken::KeepBoth).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{}", storage.name);
        }
        // What lies below another of the same call goes with it.
        let moved = cloud.move_to(&[c.id, b.id], &cloud.root(), OnTaken::Refuse).await.unwrap();
        assert_eq!((moved.len(), moved[0].id), (1, b.id));
        assert_eq!(cloud.entry(&c.id).await.unwrap().parent, b.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_move_two_folders_into_each_other_make_no_ring() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        for round in 0..6 {
            let a = first.create_folder(&first.root(), &format!("a{round}")).await.unwrap().id;
            let b = first.create_folder(&first.root(), &format!("b{round}")).await.unwrap().id;
            let shift = |cloud: Cloud, node: Id, into: Id| {
                tokio::spawn(async move {
                    cloud.move_to(&[node], &into, OnTaken::Refuse).await.map(drop).map_err(|error| error.kind())
                })
            };
            let (one, other) = (shift(first.clone(), a, b), shift(second.clone(), b, a));
            let results = [one.await.unwrap(), other.await.unwrap()];
            let moved = results.iter().filter(|result| result.is_ok()).count();
            let refused = results.iter().filter(|result| **result == Err(ErrorKind::Malformed)).count();
            assert_eq!((moved, refused), (1, 1), "{} {results:?}", storage.name);
            assert!(first.path(&a).await.is_ok() && first.path(&b).await.is_ok());
        }
        assert_eq!(listed(&storage, &first, &first.root()).await.len(), 6);
    }
}

#[tokio::test]
async fn folders_are_not_nested_deeper_than_they_can_be_opened() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let (mut folder, mut depth) = (cloud.root(), 1);
    let error = loop {
        match cloud.create_folder(&folder, "deeper").await {
            Ok(made) => (folder, depth) = (made.id, depth + 1),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), depth), (ErrorKind::Malformed, 256));
    let fresh = Cloud::open(keys(), storage.store()).await.unwrap();
    assert!(fresh.list(&folder).await.unwrap().is_empty());
    // Nor by moving a tree under another.
    let top = cloud.create_folder(&cloud.root(), "top").await.unwrap();
    cloud.create_folder(&top.id, "inner").await.unwrap();
    let parent = cloud.entry(&folder).await.unwrap().parent;
    let error = cloud.move_to(&[top.id], &parent, OnTaken::Refuse).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    let above = cloud.entry(&parent).await.unwrap().parent;
    cloud.move_to(&[top.id], &above, OnTaken::Refuse).await.unwrap();
}

#[tokio::test]
async fn names_are_found_wherever_they_are() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let root = cloud.root();
        let trip = cloud.ensure_folder(&root, &["Photos".into(), "Trip to Åland".into()]).await.unwrap();
        assert_eq!(names(&cloud.path(&trip.id).await.unwrap()), ["Photos", "Trip to Åland"]);
        cloud.upload(&trip.id, "Sea.JPG", content("")).await.unwrap();
        cloud.upload(&root, "seaside.txt", content("")).await.unwrap();
        let gone = cloud.upload(&root, "sea that is gone", content("")).await.unwrap();
        cloud.trash(&[gone.id]).await.unwrap();

        for device in [&cloud, &Cloud::open(keys(), storage.store()).await.unwrap()] {
            let found = device.find("SEA", 10).await.unwrap();
            let found: Vec<_> = found.iter().map(|found| (found.entry.name.as_str(), found.path.join("/"))).collect();
            assert_eq!(found, [("seaside.txt", String::new()), ("Sea.JPG", "Photos/Trip to Åland".into())]);
            // A ring above that is typed as a character of its own.
            assert_eq!(device.find("a\u{30a}land", 10).await.unwrap().len(), 1, "{}", storage.name);
            assert_eq!(device.find("sea", 1).await.unwrap().len(), 1);
            assert!(device.find("", 10).await.unwrap().is_empty() && device.find("lake", 10).await.unwrap().is_empty());
            assert_eq!(device.entry_named(&root, "PHOTOS").await.unwrap().unwrap().name, "Photos");
            assert_eq!(device.entry_named(&root, "sea that is gone").await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_of_folders_is_made_once() {
    for storage in Storage::all().await {
        let first = Cloud::create(keys(), storage.store_in_real_time()).await.unwrap();
        let second = Cloud::open(keys(), storage.store_in_real_time()).await.unwrap();
        let way = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let make = |cloud: Cloud, way: [String; 3]| {
            tokio::spawn(async move { cloud.ensure_folder(&cloud.root(), &way).await.unwrap().id })
        };
        let made = [
            make(first.clone(), way.clone()),
            make(first.clone(), way.clone().map(|name| name.to_uppercase())),
            make(second.clone(), way.clone()),
        ];
        let made = futures::future::join_all(made).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
        assert!(made.iter().all(|folder| *folder == made[0]), "{}", storage.name);
        assert_eq!(first.ensure_folder(&made[0], &[]).await.unwrap().id, made[0]);

        let file = first.upload(&made[0], "file", content("")).await.unwrap();
        let error = first.ensure_folder(&made[0], &["FILE".into(), "d".into()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(first.ensure_folder(&file.id, &[]).await.unwrap_err().kind(), ErrorKind::NotFound);
        let seq = first.refresh().await.unwrap();
        let error = first.ensure_folder(&made[0], &["d".into(), "..".into()]).await.unwrap_err();
        assert_eq!((error.kind(), first.refresh().await.unwrap()), (ErrorKind::Malformed, seq));
    }
}
