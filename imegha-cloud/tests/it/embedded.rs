//! What only the embedded backend does: it comes back after a restart, and fills up.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use futures::TryStreamExt as _;
use imegha_cloud::ErrorKind;
use imegha_cloud::backend::embedded::{
    Embedded, EmbeddedBlobs, EmbeddedConfig, EmbeddedRecords, check_cloud, copy_cloud,
};
use imegha_cloud::backend::{BlobStore, Condition, Key, ObjectName, Query, Record, RecordStore, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};

use crate::sample;

const MIB: u64 = 1024 * 1024;

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

fn put(seq: u64, len: usize) -> Write<CloudSchema> {
    let key = Key::new(Collection::Log, [], [CloudValue::U64(seq)]);
    let record = Record::new(key).with(Field::Entry, CloudValue::Sealed(sample::sealed(len, 1)));
    Write::Put(record, Condition::None)
}

async fn count(records: &EmbeddedRecords<CloudSchema>) -> usize {
    records.query(&Query::new(Collection::Log, [])).await.unwrap().records.len()
}

async fn read(blobs: &EmbeddedBlobs, number: u8) -> Vec<u8> {
    let body = blobs.get(&name(number), None).await.unwrap();
    body.stream.try_collect::<Vec<_>>().await.unwrap().concat()
}

/// How many files there are under a folder.
fn files(folder: &Path) -> usize {
    let inner = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path) } else { 1 }
    };
    std::fs::read_dir(folder).unwrap().map(inner).sum()
}

/// Of a folder that is gone nobody says that nothing was in it, and nothing is put where it was.
#[tokio::test]
async fn a_folder_that_is_gone_is_not_an_empty_one() {
    let root = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (root.path().join("blobs"), root.path().join("elsewhere"));
    let blobs = EmbeddedBlobs::open(&folder).unwrap();
    assert_eq!(blobs.head(&name(1)).await.unwrap_err().kind(), ErrorKind::NotFound);
    blobs.put(&name(1), sample::object(1_000, 1)).await.unwrap();
    std::fs::rename(&folder, &elsewhere).unwrap();
    for name in [name(1), name(2)] {
        assert_eq!(blobs.head(&name).await.unwrap_err().kind(), ErrorKind::Backend);
        assert_eq!(blobs.get(&name, None).await.unwrap_err().kind(), ErrorKind::Backend);
    }
    assert_eq!(blobs.list(None, 10).await.unwrap_err().kind(), ErrorKind::Backend);
    assert_eq!(blobs.put(&name(2), sample::object(1_000, 1)).await.unwrap_err().kind(), ErrorKind::Backend);
    assert!(!folder.exists());
    std::fs::rename(&elsewhere, &folder).unwrap();
    assert_eq!(read(&blobs, 1).await.len(), 1_000);
    assert_eq!(blobs.list(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let Embedded { records, blobs } = Embedded::<CloudSchema>::open(folder.path()).unwrap();
        records.transact(&[put(1, 100)]).await.unwrap();
        blobs.put(&name(1), sample::object(1_000, 1)).await.unwrap();
        let upload = blobs.begin_upload(&name(2)).await.unwrap();
        upload.put_part(2, 6 * MIB, sample::part(500, 2)).await.unwrap();
        upload.id().clone()
    };
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(folder.path()).unwrap();
    assert_eq!(count(&records).await, 1);
    assert_eq!(read(&blobs, 1).await, sample::object(1_000, 1).into_bytes());
    let upload = blobs.resume_upload(&name(2), &id).await.unwrap();
    assert_eq!(upload.complete(2, 6 * MIB + 500).await.unwrap_err().kind(), ErrorKind::Malformed);
    upload.put_part(1, 0, sample::part(6 * MIB as usize, 1)).await.unwrap();
    upload.complete(2, 6 * MIB + 500).await.unwrap();
    assert_eq!(read(&blobs, 2).await, [vec![1; 6 * MIB as usize], vec![2; 500]].concat());
}

#[tokio::test]
async fn a_crash_leaves_nothing_behind_that_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let blobs = EmbeddedBlobs::open(folder.path()).unwrap();
        let upload = blobs.begin_upload(&name(1)).await.unwrap();
        upload.put_part(1, 0, sample::part(100, 1)).await.unwrap();
        upload.id().to_owned()
    };
    // As if the process had died between publishing the object and removing the upload, and while writing another.
    let object = folder.path().join("objects/01").join(name(1).to_string());
    std::fs::create_dir(object.parent().unwrap()).unwrap();
    std::fs::rename(folder.path().join("uploads").join(id.as_str()).join("data"), object).unwrap();
    std::fs::write(folder.path().join("workshop/half"), [0; 100]).unwrap();
    let blobs = EmbeddedBlobs::open(folder.path()).unwrap();
    assert_eq!(blobs.uploads().await.unwrap(), []);
    assert_eq!(read(&blobs, 1).await, [1; 100]);
    assert_eq!(files(folder.path()), 2, "the object and the lock");
}

#[tokio::test]
async fn a_folder_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = EmbeddedBlobs::open(folder.path()).unwrap();
    assert_eq!(EmbeddedBlobs::open(folder.path()).unwrap_err().kind(), ErrorKind::Unavailable);
    // What was taken from it holds it too: it still reads and writes there.
    let upload = first.begin_upload(&name(1)).await.unwrap();
    drop(first);
    assert_eq!(EmbeddedBlobs::open(folder.path()).unwrap_err().kind(), ErrorKind::Unavailable);
    drop(upload);
    EmbeddedBlobs::open(folder.path()).unwrap();
}

#[tokio::test]
async fn two_processes_write_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cloud.sqlite");
    let (one, other) = (EmbeddedRecords::open(&path).unwrap(), EmbeddedRecords::open(&path).unwrap());
    for seq in 0..20 {
        let (writer, reader) = if seq % 2 == 0 { (&one, &other) } else { (&other, &one) };
        writer.transact(&[put(seq, 100)]).await.unwrap();
        assert_eq!(count(reader).await as u64, seq + 1);
    }
}

#[tokio::test]
async fn objects_are_dated_by_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(1_790_000_000_123));
    let config = EmbeddedConfig::default().with_clock(clock.clone());
    let blobs = EmbeddedBlobs::open_with(folder.path(), &config).unwrap();
    blobs.put(&name(1), sample::object(200, 1)).await.unwrap();
    let upload = blobs.begin_upload(&name(2)).await.unwrap();
    clock.advance(5_000);
    upload.put_part(1, 0, sample::part(100, 1)).await.unwrap();
    assert_eq!(blobs.uploads().await.unwrap()[0].begun_ms, 1_790_000_000_123);
    upload.complete(1, 100).await.unwrap();
    let times: Vec<_> = blobs.list(None, 10).await.unwrap().into_iter().map(|meta| meta.stored_ms).collect();
    assert_eq!(times, [1_790_000_000_123, 1_790_000_005_123]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a/cloud");
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(&folder).unwrap();
    records.transact(&[put(1, 100)]).await.unwrap();
    blobs.put(&name(1), sample::object(200, 1)).await.unwrap();
    let object = format!("blobs/objects/01/{}", name(1));
    for path in ["", "blobs", "blobs/objects", "cloud.sqlite", "cloud.sqlite-wal", &object] {
        let mode = std::fs::metadata(folder.join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path}: {mode:o}");
    }
}

/// A record that names an object, as a file's does.
fn naming(node: u64, object: u8) -> Write<CloudSchema> {
    let record = Record::new(Key::new(Collection::Children, [], [CloudValue::U64(node)]))
        .with(Field::Object, CloudValue::Salt([object; 24]))
        .with(Field::Size, CloudValue::U64(1_000));
    Write::Put(record, Condition::None)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_cloud_in_use_has_every_object_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live");
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(&live).unwrap();
    for number in 0..40 {
        blobs.put(&name(number), sample::object(1_000, number)).await.unwrap();
        records.transact(&[naming(number.into(), number)]).await.unwrap();
    }
    // Objects come, are named in the place of others, and the others go.
    let writing = tokio::spawn({
        let (records, blobs) = (records.clone(), blobs.clone());
        async move {
            for number in 40..=255_u8 {
                blobs.put(&name(number), sample::object(1_000, number)).await.unwrap();
                records.transact(&[naming(u64::from(number) % 40, number)]).await.unwrap();
                blobs.delete(&name(number - 40)).await.unwrap();
            }
        }
    });
    let mut copies = 0;
    while !writing.is_finished() {
        let copy = folder.path().join(copies.to_string());
        let earlier = (copies > 0).then(|| folder.path().join((copies - 1).to_string()));
        let (from, to) = (live.clone(), copy.clone());
        let made = tokio::task::spawn_blocking(move || copy_cloud(&from, &to, earlier.as_deref()).unwrap());
        let made = made.await.unwrap();
        assert_eq!((made.objects, made.bytes, made.lost.len()), (40, 40_000, 0));
        assert_eq!(check_cloud(&copy).unwrap(), made);
        assert_eq!(files(&copy), 41, "the database and what it names");
        copies += 1;
    }
    writing.await.unwrap();
    assert!(copies > 1, "it was in use");
    // A copy is a cloud, and what is lost in it is told.
    let copy = folder.path().join("0");
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(&copy).unwrap();
    let objects = blobs.list(None, 100).await.unwrap();
    assert_eq!(objects.len(), 40);
    records.transact(&[naming(1_000, objects[0].name.as_bytes()[0])]).await.unwrap();
    blobs.delete(&objects[0].name).await.unwrap();
    drop((records, blobs));
    assert_eq!(check_cloud(&copy).unwrap().lost.len(), 1);
    let nothing = copy_cloud(&folder.path().join("nothing"), &folder.path().join("copy"), None).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a57_a_full_database_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cloud.sqlite");
    let config = EmbeddedConfig::default().with_quotas(u64::MAX, MIB);
    let records = EmbeddedRecords::<CloudSchema>::open_with(&path, &config).unwrap();
    let mut kept = 0;
    let refused = loop {
        // Two at once: the transaction that does not fit leaves neither.
        match records.transact(&[put(2 * kept, 50_000), put(2 * kept + 1, 50_000)]).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::StorageFull);
    assert!((5..=10).contains(&kept), "{kept}");
    assert_eq!(count(&records).await as u64, 2 * kept);
    // Room can be made, and is room.
    let delete = Write::Delete(Key::new(Collection::Log, [], [CloudValue::U64(0)]), Condition::Present);
    records.transact(&[delete]).await.unwrap();
    records.transact(&[put(1_000, 40_000)]).await.unwrap();
    drop(records);
    let records = EmbeddedRecords::<CloudSchema>::open(&path).unwrap();
    assert_eq!(count(&records).await as u64, 2 * kept);
}

#[tokio::test]
async fn a57_a_used_up_quota_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::default().with_quotas(10_000, u64::MAX);
    let open = || EmbeddedBlobs::open_with(folder.path(), &config).unwrap();
    let full = |result: imegha_cloud::Result<()>| assert_eq!(result.unwrap_err().kind(), ErrorKind::StorageFull);
    let blobs = open();
    blobs.put(&name(1), sample::object(4_000, 1)).await.unwrap();
    let upload = blobs.begin_upload(&name(2)).await.unwrap();
    upload.put_part(1, 0, sample::part(5_000, 1)).await.unwrap();
    full(blobs.put(&name(3), sample::object(1_001, 1)).await);
    full(upload.put_part(2, 5_000, sample::part(1_001, 1)).await);
    // A part that replaces another needs only the difference.
    upload.put_part(1, 0, sample::part(6_000, 2)).await.unwrap();
    full(upload.put_part(1, 0, sample::part(6_001, 3)).await);
    let id = upload.id().clone();
    drop((blobs, upload));
    // It counts the same after a restart.
    let blobs = open();
    let upload = blobs.resume_upload(&name(2), &id).await.unwrap();
    upload.put_part(1, 0, sample::part(6_000, 2)).await.unwrap();
    full(blobs.put(&name(3), sample::object(104, 1)).await);
    assert_eq!(blobs.head(&name(3)).await.unwrap_err().kind(), ErrorKind::NotFound);
    upload.complete(1, 6_000).await.unwrap();
    full(blobs.put(&name(3), sample::object(104, 1)).await);
    blobs.delete(&name(2)).await.unwrap();
    blobs.delete(&name(2)).await.unwrap();
    blobs.put(&name(3), sample::object(6_000, 1)).await.unwrap();
    full(blobs.put(&name(4), sample::object(104, 1)).await);
    // A put that fails takes no room: the name is taken.
    blobs.delete(&name(3)).await.unwrap();
    blobs.put(&name(1), sample::object(6_000, 1)).await.unwrap_err();
    let upload = blobs.begin_upload(&name(5)).await.unwrap();
    upload.put_part(1, 0, sample::part(6_000, 2)).await.unwrap();
    upload.abort().await.unwrap();
    blobs.put(&name(3), sample::object(6_000, 1)).await.unwrap();
}

/// A write that the system refuses for want of room, without a full disk: the upload's file is the full device.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a57_a_part_that_finds_no_room_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = EmbeddedBlobs::open(folder.path()).unwrap();
    let upload = blobs.begin_upload(&name(1)).await.unwrap();
    let data = folder.path().join("uploads").join(upload.id().as_str()).join("data");
    std::fs::rename(&data, data.with_extension("kept")).unwrap();
    std::os::unix::fs::symlink("/dev/full", &data).unwrap();
    let refused = upload.put_part(1, 0, sample::part(100, 1)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::StorageFull);
    assert_eq!(upload.complete(1, 100).await.unwrap_err().kind(), ErrorKind::Malformed);
    std::fs::rename(data.with_extension("kept"), &data).unwrap();
    upload.put_part(1, 0, sample::part(100, 1)).await.unwrap();
    upload.complete(1, 100).await.unwrap();
    assert_eq!(read(&blobs, 1).await, [1; 100]);
}

/// A disk of one MiB that really fills. It needs the right to mount; without it the three tests before this one
/// stand for it, and a line says so.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a57_a_full_disk_keeps_what_it_has() {
    struct Mounted(tempfile::TempDir);
    impl Drop for Mounted {
        fn drop(&mut self) {
            // Lazily: open files do not hold it.
            let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(folder.path()).output();
    if !mount.is_ok_and(|mount| mount.status.success()) {
        println!("no right to mount: a full disk is tested by the full device and by quotas alone");
        return;
    }
    let mounted = Mounted(folder);
    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(mounted.0.path().join("cloud")).unwrap();
    let full = |result: imegha_cloud::Result<()>| assert_eq!(result.unwrap_err().kind(), ErrorKind::StorageFull);
    records.transact(&[put(1, 1_000)]).await.unwrap();
    blobs.put(&name(1), sample::object(300_000, 1)).await.unwrap();
    let upload = blobs.begin_upload(&name(2)).await.unwrap();
    upload.put_part(1, 0, sample::part(100_000, 1)).await.unwrap();
    full(blobs.put(&name(3), sample::object(900_000, 1)).await);
    full(upload.put_part(2, 100_000, sample::part(900_000, 1)).await);
    assert_eq!(blobs.head(&name(3)).await.unwrap_err().kind(), ErrorKind::NotFound);
    let mut kept = 1;
    full(loop {
        match records.transact(&[put(kept + 1, 100_000)]).await {
            Ok(()) => kept += 1,
            full => break full,
        }
    });
    assert_eq!(count(&records).await as u64, kept);
    assert_eq!(read(&blobs, 1).await, sample::object(300_000, 1).into_bytes());
    // Room can be made also when there is none.
    blobs.delete(&name(1)).await.unwrap();
    upload.put_part(1, 0, sample::part(100_000, 2)).await.unwrap();
    upload.complete(1, 100_000).await.unwrap();
    assert_eq!(read(&blobs, 2).await, [2; 100_000]);
    records.transact(&[put(1, 500)]).await.unwrap();
}
