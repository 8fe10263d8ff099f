//! Uploads that stop anywhere and go on: what arrived is not sent again, and what comes out is what went in.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use imegha_cloud::{
    BytesSource, CancelToken, Cloud, Content, DeviceStore, Entry, Error, ErrorKind, FileDevice, HeldJournal,
    JournalStore, MemoryDevice, Result, Store, StreamSource, Unfinished,
};
use imegha_crypto::{Hash, Id};

use crate::adversary::{Failing, Failure, Plan};
use crate::storage::{Blobs, Storage, bytes, keys};
use crate::watched::{Sent, Watched};

const PART: usize = 8 * 1024 * 1024;

fn resumable(data: &Bytes, upload: &Id) -> Content {
    Content::new(BytesSource::new(data.clone())).resumable(upload)
}

fn stream(data: &Bytes, size: Option<u64>) -> StreamSource {
    let pieces: Vec<_> = data.chunks(1_000_003).map(|piece| Ok(data.slice_ref(piece))).collect();
    StreamSource::new(futures::stream::iter(pieces), size)
}

async fn read(cloud: &Cloud, file: &Id) -> Vec<u8> {
    cloud.download(file).await.unwrap().bytes().await.unwrap()
}

/// A process that starts: nothing is left of the one before but what is on the device's disk.
async fn start(storage: &Storage, device: &Path, blobs: Arc<Blobs>) -> Cloud {
    let store = Store { blobs, ..storage.store_of(Arc::new(FileDevice::new(device))) };
    Cloud::open(keys(), store).await.unwrap()
}

/// The same with both stores behind `plan`. Nothing when it does not even open.
async fn start_failing(storage: &Storage, device: &Path, blobs: Arc<Blobs>, plan: &Arc<Plan>) -> Option<Cloud> {
    let blobs = Failing::new(&blobs, plan);
    let records = Failing::new(&storage.records, plan);
    let store = Store { records, blobs, ..storage.store_of(Arc::new(FileDevice::new(device))) };
    Cloud::open(keys(), store).await.ok()
}

fn journals(device: &Path) -> usize {
    let files = std::fs::read_dir(device).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "journal" || extension == "lock")).count()
}

/// What is uploaded: a new file, or a new revision of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    New,
    Revision,
}

async fn save(cloud: &Cloud, what: What, file: &Entry, name: &str, content: Content) -> Result<Entry> {
    match what {
        What::New => cloud.upload(&cloud.root(), name, content).await,
        What::Revision => cloud.replace(&file.id, content).await,
    }
}

/// Stops an upload at call after call, each with a file of its own, and goes on with it in a new process, until one makes fewer calls
/// than that.
async fn stopped_at_every_call(storage: &Storage, failure: Failure, what: What, len: usize) -> u32 {
    let data: Bytes = bytes(len, 5).into();
    let device = tempfile::tempdir().unwrap();
    storage.create().await;
    for fail_at in 0.. {
        let at = format!("{} {what:?} {failure:?} at call {fail_at}", storage.name);
        let honest = start(storage, device.path(), storage.blobs.clone()).await;
        let old = honest.upload(&honest.root(), &format!("old {fail_at}"), Content::new(BytesSource::new("old"))).await;
        let (old, name, upload) = (old.unwrap(), format!("new {fail_at}"), Id::generate().unwrap());
        let objects = storage.objects().await;

        let plan = Plan::new(fail_at, failure);
        let before = Watched::new(&storage.blobs);
        let process = async {
            let cloud = start_failing(storage, device.path(), before.clone(), &plan).await?;
            Some(save(&cloud, what, &old, &name, resumable(&data, &upload)).await)
        };
        match plan.until_death(process).await.flatten() {
            Some(Ok(entry)) => {
                assert!(!plan.failed() && read(&honest, &entry.id).await == data, "{at}");
                return fail_at;
            }
            Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{at}: {error:?}"),
            None => {}
        }

        let after = Watched::new(&storage.blobs);
        let cloud = start(storage, device.path(), after.clone()).await;
        let entry = save(&cloud, what, &old, &name, resumable(&data, &upload)).await.expect(&at);
        assert!(read(&cloud, &entry.id).await == data, "{at}");
        assert_eq!(honest.entry(&entry.id).await.unwrap(), entry, "{at}");
        let listed = honest.list(&honest.root()).await.unwrap();
        assert!(listed.iter().all(|entry| entry.name == entry.shown_name), "{at}: a second file");
        assert_eq!(cloud.unfinished().await.unwrap(), [], "{at}");
        assert_eq!(journals(device.path()), 0, "{at}");

        // A process that had time to say so does not send again what had arrived; one that was killed forgets the last at most.
        let (arrived, again) = (before.acknowledged(), after.numbers());
        let twice = arrived.iter().filter(|number| again.contains(number)).count();
        match failure {
            Failure::Gone => assert_eq!(twice, 0, "{at}: {arrived:?} {again:?}"),
            _ => assert!(twice <= 2, "{at}: {arrived:?} {again:?}"),
        }
        // What goes on is the same object, and what is sent again the same bytes.
        for Sent { object, number, offset, part, .. } in after.sent() {
            for one in before.sent().iter().filter(|one| (one.object, one.number) == (object, number)) {
                assert!(one.part == part && one.offset == offset, "{at}");
            }
            let begun = before.sent().first().map(|one| one.object);
            assert!(begun.is_none_or(|begun| begun == object), "{at}");
        }
        // Nothing is left over, but for an upload whose id was lost with the answer.
        let (now, unfinished) = storage.objects().await;
        let lost = usize::from(failure == Failure::DiesAfter && before.sent().is_empty());
        assert_eq!(now, objects.0 + 1, "{at}");
        assert!(unfinished <= objects.1 + lost, "{at}: {unfinished}");
    }
    unreachable!("an upload makes fewer than four billion calls")
}

#[tokio::test]
async fn an_upload_goes_on_after_storage_went_away_at_any_call() {
    for storage in Storage::all().await {
        assert!(stopped_at_every_call(&storage, Failure::Gone, What::New, PART + 100).await > 8);
    }
    assert!(stopped_at_every_call(&Storage::memory(), Failure::Gone, What::Revision, 2 * PART).await > 8);
}

#[tokio::test]
async fn an_upload_goes_on_after_its_process_was_killed_at_any_call() {
    for failure in [Failure::DiesBefore, Failure::DiesAfter] {
        assert!(stopped_at_every_call(&Storage::memory(), failure, What::New, 2 * PART + 100).await > 8);
        assert!(stopped_at_every_call(&Storage::embedded(), failure, What::Revision, PART + 100).await > 8);
    }
}

/// Uploads until `at` bytes are stored, and pauses there.
async fn pause_at(cloud: &Cloud, name: &str, content: Content, at: u64) -> CancelToken {
    let token = CancelToken::new();
    let pulled = token.clone();
    let content = content.cancel(&token).progress(move |done, _| {
        if done >= at {
            pulled.pause();
        }
    });
    let error = cloud.upload(&cloud.root(), name, content).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    token
}

#[tokio::test]
async fn what_is_paused_goes_on() {
    for storage in Storage::all().await {
        let watched = Watched::new(&storage.blobs);
        let store = Store { blobs: watched.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let (data, folder): (Bytes, _) = (bytes(4 * PART, 1).into(), cloud.create_folder(&cloud.root(), "f").await);
        let folder = folder.unwrap().id;
        for at in [0, PART, 2 * PART, 4 * PART] {
            let (upload, name) = (Id::generate().unwrap(), at.to_string());
            let earlier = watched.sent().len();
            let token = pause_at(&cloud, &name, resumable(&data, &upload), at as u64).await;
            assert!(token.is_paused() && !token.is_cancelled());
            let arrived: Vec<u32> =
                watched.sent()[earlier..].iter().filter(|sent| sent.acknowledged).map(|sent| sent.number).collect();
            let unfinished = cloud.unfinished().await.unwrap();
            if at == 0 {
                // Not a byte was read, so there is nothing to go on with.
                assert_eq!((unfinished, storage.objects().await.1), (vec![], 0));
            } else {
                assert!(arrived.len() * PART >= at);
                let expected = Unfinished {
                    upload,
                    file: None,
                    folder: cloud.root(),
                    name: name.clone(),
                    size: Some(data.len() as u64),
                    sent: (arrived.len() * PART) as u64,
                    begun_ms: unfinished[0].begun_ms,
                };
                assert_eq!(unfinished, [expected], "{}", storage.name);
            }
            assert!(cloud.list(&cloud.root()).await.unwrap().iter().all(|entry| entry.name != name));

            // It goes on into another folder, under another name.
            let between = watched.sent().len();
            let first = std::sync::Mutex::new(None);
            let first = Arc::new(first);
            let heard = first.clone();
            let content = resumable(&data, &upload).progress(move |done, _| {
                heard.lock().unwrap().get_or_insert(done);
            });
            let entry = cloud.upload(&folder, &format!("renamed {at}"), content).await.unwrap();
            assert!(read(&cloud, &entry.id).await == data && entry.parent == folder);
            let again: Vec<u32> = watched.sent()[between..].iter().map(|sent| sent.number).collect();
            assert!(again.iter().all(|number| !arrived.contains(number)), "{arrived:?} {again:?}");
            assert_eq!(arrived.len() + again.len(), 4, "{}", storage.name);
            assert_eq!(*first.lock().unwrap(), Some(0));
            assert_eq!(cloud.unfinished().await.unwrap(), []);
            assert_eq!(storage.objects().await.1, 0);
        }
    }
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let data: Bytes = bytes(3 * PART, 1).into();
        for at in [PART, 3 * PART] {
            // Paused, then given up.
            let upload = Id::generate().unwrap();
            let token = pause_at(&cloud, "x", resumable(&data, &upload), at as u64).await;
            if at < 3 * PART {
                assert_eq!(storage.objects().await, (0, 1));
            }
            cloud.discard_upload(&upload).await.unwrap();
            assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((0, 0), vec![]), "{at}");
            cloud.discard_upload(&upload).await.unwrap();
            token.cancel();
            assert!(token.is_cancelled() && !token.is_paused());
            token.pause();
            assert!(token.is_cancelled() && !token.is_paused());

            // Paused, gone on with, cancelled.
            pause_at(&cloud, "x", resumable(&data, &upload), at as u64).await;
            let token = CancelToken::new();
            let pulled = token.clone();
            let content = resumable(&data, &upload).cancel(&token).progress(move |done, _| {
                if done > 0 {
                    pulled.cancel();
                }
            });
            let error = cloud.upload(&cloud.root(), "x", content).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((0, 0), vec![]), "{at}");
        }
        // What has no journal is cancelled by a pause.
        pause_at(&cloud, "x", Content::new(BytesSource::new(data.clone())), PART as u64).await;
        assert_eq!(storage.objects().await, (0, 0));
        // Giving up what was uploaded to its end takes nothing away.
        let upload = Id::generate().unwrap();
        let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
        cloud.discard_upload(&upload).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
    }
}

#[tokio::test]
async fn a_small_file_has_no_journal() {
    let storage = Storage::memory();
    let device = tempfile::tempdir().unwrap();
    let cloud = Cloud::create(keys(), storage.store_of(Arc::new(FileDevice::new(device.path())))).await.unwrap();
    let upload = Id::generate().unwrap();
    for (name, len) in [("a", 0), ("b", 100), ("c", PART)] {
        let data = bytes(len, 1).into();
        let entry = cloud.upload(&cloud.root(), name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        assert_eq!(journals(device.path()), 0);
    }
}

#[tokio::test]
async fn a_journal_is_worked_on_by_one() {
    let storage = Storage::memory();
    let folder = tempfile::tempdir().unwrap();
    let memory: Arc<dyn DeviceStore> = Arc::new(MemoryDevice::new());
    let file = || -> Arc<dyn DeviceStore> { Arc::new(FileDevice::new(folder.path())) };
    Cloud::create(keys(), storage.store()).await.unwrap();
    let data: Bytes = bytes(2 * PART, 1).into();
    // Two processes have each a device of their own on one folder.
    for (number, devices) in [[memory.clone(), memory], [file(), file()]].into_iter().enumerate() {
        let [one, other] = devices.map(|device| storage.store_of(device));
        let (one, other) = (Cloud::open(keys(), one).await.unwrap(), Cloud::open(keys(), other).await.unwrap());
        let (upload, name) = (Id::generate().unwrap(), number.to_string());
        // It waits for its source behind the first part.
        let first = futures::stream::iter([Ok(data.slice(..PART + 1))]);
        let source = StreamSource::new(futures::StreamExt::chain(first, futures::stream::pending()), None);
        let (root, content) = (one.root(), Content::new(source).resumable(&upload));
        let working = one.upload(&root, &name, content);
        let others = async {
            while storage.objects().await.1 == 0 {
                tokio::task::yield_now().await;
            }
            for refused in [
                other.upload(&root, &name, resumable(&data, &upload)).await.map(drop),
                other.discard_upload(&upload).await,
            ] {
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
            }
            assert_eq!(other.unfinished().await.unwrap(), [], "it is being worked on");
        };
        tokio::select! {
            result = working => panic!("its source never ends: {result:?}"),
            () = others => {}
        }
        // The one that worked on it is gone.
        let entry = other.upload(&root, &name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&other, &entry.id).await == data);
        assert_eq!(storage.objects().await.1, 0);
    }
}

#[tokio::test]
async fn a_damaged_journal_begins_anew_and_loses_nothing() {
    let storage = Storage::memory();
    let folder = tempfile::tempdir().unwrap();
    storage.create().await;
    let data: Bytes = bytes(2 * PART + 5, 1).into();
    let damages: [fn(&mut Vec<u8>); 4] =
        [|journal| journal[100] ^= 1, |journal| journal.truncate(50), Vec::clear, |journal| journal.extend([0; 9])];
    for (number, damage) in damages.iter().enumerate() {
        let cloud = start(&storage, folder.path(), storage.blobs.clone()).await;
        let (upload, other, name) = (Id::generate().unwrap(), Id::generate().unwrap(), number.to_string());
        let path = |upload: &Id| folder.path().join(format!("{}.{upload}.journal", cloud.id()));
        pause_at(&cloud, &name, resumable(&data, &upload), PART as u64).await;
        let mut journal = std::fs::read(path(&upload)).unwrap();
        // Neither does it say its name, nor does it open as another upload's.
        assert!(!journal.windows(name.len() + 2).any(|window| window == format!("\"{name}\"").as_bytes()));
        std::fs::write(path(&other), &journal).unwrap();
        damage(&mut journal);
        std::fs::write(path(&upload), journal).unwrap();

        let left = storage.objects().await.1;
        let entry = cloud.upload(&cloud.root(), &name, resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        // What nobody knows of any more is for `gc` to collect.
        assert_eq!(storage.objects().await.1, left);
        assert_eq!(cloud.unfinished().await.unwrap(), [], "another upload's journal is none");
        assert_eq!(journals(folder.path()), 0);
    }
}

/// A device whose disk is full for journals after some saves.
#[derive(Debug)]
struct Filling {
    inner: MemoryDevice,
    left: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct FillingJournal {
    inner: Box<dyn HeldJournal>,
    left: Arc<AtomicUsize>,
}

#[async_trait]
impl DeviceStore for Filling {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>> {
        self.inner.load(cloud).await
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<()> {
        self.inner.save(cloud, state).await
    }

    fn journals(&self) -> &dyn JournalStore {
        self
    }
}

#[async_trait]
impl JournalStore for Filling {
    async fn hold(&self, cloud: &Id, upload: &Id) -> Result<Box<dyn HeldJournal>> {
        let inner = self.inner.journals().hold(cloud, upload).await?;
        Ok(Box::new(FillingJournal { inner, left: self.left.clone() }))
    }

    async fn list(&self, cloud: &Id) -> Result<Vec<Id>> {
        self.inner.journals().list(cloud).await
    }
}

#[async_trait]
impl HeldJournal for FillingJournal {
    async fn load(&self) -> Result<Option<Vec<u8>>> {
        self.inner.load().await
    }

    async fn save(&self, journal: Vec<u8>) -> Result<()> {
        let taken = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        taken.map_err(|_| Error::new(ErrorKind::StorageFull, "a disk that a test fills"))?;
        self.inner.save(journal).await
    }

    async fn remove(&self) -> Result<()> {
        self.inner.remove().await
    }
}

/// Turns red when `Resumption::enter` does not wait for the journal to be saved.
#[tokio::test]
async fn no_part_is_sent_before_the_journal_is_on_the_disk() {
    let data: Bytes = bytes(3 * PART + 1, 1).into();
    // One save for each of four parts, and one before the transaction.
    for saves in 0..5 {
        let storage = Storage::memory();
        let watched = Watched::new(&storage.blobs);
        let left = Arc::new(AtomicUsize::new(saves));
        let device = Arc::new(Filling { inner: MemoryDevice::new(), left: left.clone() });
        let store = Store { blobs: watched.clone(), ..storage.store_of(device) };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let upload = Id::generate().unwrap();
        let error = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{saves}");
        assert!(watched.numbers().iter().all(|number| *number as usize <= saves), "{saves}: {:?}", watched.numbers());
        assert_eq!(
            storage.objects().await,
            if saves == 0 { (0, 0) } else { (0, usize::from(saves < 4)) }.max((usize::from(saves == 4), 0))
        );
        assert_eq!(cloud.list(&cloud.root()).await.unwrap(), []);

        left.store(100, Ordering::SeqCst);
        let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
        assert!(read(&cloud, &entry.id).await == data);
        assert_eq!(storage.objects().await, (1, 0));
    }
}

/// Changes of a source between two runs.
fn changes(data: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let flipped = |at: usize| {
        let mut data = data.to_vec();
        data[at] ^= 1;
        data
    };
    vec![
        ("the first byte", flipped(0)),
        ("the last byte", flipped(data.len() - 1)),
        ("cut behind a part", data[..PART].to_vec()),
        ("cut to nothing", Vec::new()),
        ("longer", [data, &[1]].concat()),
        ("longer by a part", [data, &vec![1; PART]].concat()),
    ]
}

#[tokio::test]
async fn a_source_that_changed_is_uploaded_anew() {
    let storage = Storage::memory();
    let watched = Watched::new(&storage.blobs);
    let cloud = Cloud::create(keys(), Store { blobs: watched.clone(), ..storage.store() }).await.unwrap();
    let data: Bytes = bytes(2 * PART, 1).into();
    for known in [true, false] {
        for at in [PART, 2 * PART] {
            for (change, changed) in changes(&data) {
                // What was not sealed yet may change: one such case is enough.
                if at == PART && change != "the last byte" {
                    continue;
                }
                let case = format!("{change}, {at} bytes sent, size known: {known}");
                let changed = Bytes::from(changed);
                let size = |data: &Bytes| known.then_some(data.len() as u64);
                let begin = |name: &'static str, upload: &Id| {
                    let content = Content::new(stream(&data, size(&data))).resumable(upload);
                    pause_at(&cloud, name, content, at as u64)
                };
                // With a source that goes back.
                let upload = Id::generate().unwrap();
                let objects = storage.objects().await;
                begin("x", &upload).await;
                let begun = watched.sent().last().unwrap().object;
                let before = watched.sent().len();
                let content = match known {
                    true => resumable(&changed, &upload),
                    false => Content::new(Unsized(BytesSource::new(changed.clone()))).resumable(&upload),
                };
                let entry = cloud.upload(&cloud.root(), &case, content).await.expect(&case);
                assert!(read(&cloud, &entry.id).await == changed, "{case}");
                assert_eq!(entry.sha256, Some(Hash::of(&changed)), "{case}");
                let sealed_again = watched.sent()[before..].iter().any(|sent| sent.object == begun && sent.number == 1);
                assert!(!sealed_again, "{case}");
                assert_eq!(storage.objects().await, (objects.0 + 1, 0), "{case}");
                assert_eq!(cloud.unfinished().await.unwrap(), [], "{case}");

                // With one that does not: the next try begins anew.
                let upload = Id::generate().unwrap();
                begin("y", &upload).await;
                let content = || Content::new(stream(&changed, size(&changed))).resumable(&upload);
                let name = format!("{case}, again");
                match cloud.upload(&cloud.root(), &name, content()).await {
                    // It could tell by the length, or it goes on: what changed was not sealed yet.
                    Ok(entry) => {
                        assert!(at == PART || known && changed.len() != data.len(), "{case}");
                        assert!(read(&cloud, &entry.id).await == changed, "{case}");
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Source, "{case}");
                        assert_eq!(storage.objects().await, (objects.0 + 1, 0), "{case}");
                        assert_eq!(cloud.unfinished().await.unwrap(), [], "{case}");
                        let entry = cloud.upload(&cloud.root(), &name, content()).await.expect(&case);
                        assert!(read(&cloud, &entry.id).await == changed, "{case}");
                    }
                }
            }
        }
    }
}

/// A source that can go back and does not say how long it is.
struct Unsized(BytesSource);

#[async_trait]
impl imegha_cloud::Source for Unsized {
    fn size(&self) -> Option<u64> {
        None
    }

    async fn read(&mut self, max: usize) -> Result<Bytes> {
        self.0.read(max).await
    }

    async fn rewind(&mut self) -> Result<()> {
        self.0.rewind().await
    }
}

#[tokio::test]
async fn an_upload_that_storage_forgot_begins_anew() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let data: Bytes = bytes(2 * PART + 5, 1).into();
        for at in [PART, data.len()] {
            let (upload, name) = (Id::generate().unwrap(), at.to_string());
            pause_at(&cloud, &name, resumable(&data, &upload), at as u64).await;
            // Collected because it lay there too long.
            for begun in storage.blobs.uploads().await.unwrap() {
                let begun = storage.blobs.resume_upload(&begun.name, &begun.id).await.unwrap();
                begun.abort().await.unwrap();
            }
            let names = cloud.list(&cloud.root()).await.unwrap().len();
            let objects = storage.blobs.list(None, 1_000).await.unwrap();
            if objects.len() > names {
                for object in &objects {
                    if at == data.len() && names == 1 {
                        // The complete object, which nothing names: it is the one that is not the first file's.
                        let first = &cloud.list(&cloud.root()).await.unwrap()[0];
                        let named = cloud.revisions(&first.id).await.unwrap()[0].object;
                        if object.name != named {
                            storage.blobs.delete(&object.name).await.unwrap();
                        }
                    }
                }
            }
            // The source cannot go back, and need not: nothing of it was read yet.
            let content = Content::new(stream(&data, Some(data.len() as u64))).resumable(&upload);
            let entry = cloud.upload(&cloud.root(), &name, content).await.unwrap();
            assert!(read(&cloud, &entry.id).await == data, "{}", storage.name);
            assert_eq!(storage.objects().await, (names + 1, 0));
        }
    }
}

#[tokio::test]
async fn an_upload_of_which_storage_lost_parts_begins_anew() {
    let storage = Storage::memory();
    let data: Bytes = bytes(3 * PART, 1).into();
    let (device, upload) = (Arc::new(MemoryDevice::new()), Id::generate().unwrap());
    let losing = Watched::new(&storage.blobs);
    losing.lose_parts();
    let store = Store { blobs: losing, ..storage.store_of(device.clone()) };
    let cloud = Cloud::create(keys(), store).await.unwrap();
    pause_at(&cloud, "x", resumable(&data, &upload), PART as u64).await;

    let cloud = Cloud::open(keys(), storage.store_of(device)).await.unwrap();
    let entry = cloud.upload(&cloud.root(), "x", resumable(&data, &upload)).await.unwrap();
    assert!(read(&cloud, &entry.id).await == data);
    assert_eq!(storage.objects().await, (1, 0));
}

#[tokio::test]
async fn a_file_that_was_replaced_meanwhile_is_a_conflict_once() {
    for storage in Storage::all().await {
        let cloud = storage.create().await;
        let file = cloud.upload(&cloud.root(), "x", Content::new(BytesSource::new("first"))).await.unwrap().id;
        let data: Bytes = bytes(2 * PART, 1).into();
        let upload = Id::generate().unwrap();
        let token = CancelToken::new();
        let pulled = token.clone();
        let content = resumable(&data, &upload).cancel(&token).progress(move |done, _| {
            if done > 0 {
                pulled.pause();
            }
        });
        assert_eq!(cloud.replace(&file, content).await.unwrap_err().kind(), ErrorKind::Cancelled);
        let [Unfinished { file: Some(begun), name, .. }] = &cloud.unfinished().await.unwrap()[..] else {
            panic!("one")
        };
        assert_eq!((begun, name.as_str()), (&file, "x"));

        cloud.replace(&file, Content::new(BytesSource::new("second"))).await.unwrap();
        let refused = cloud.replace(&file, resumable(&data, &upload)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!((storage.objects().await, cloud.unfinished().await.unwrap()), ((2, 0), vec![]));
        assert_eq!(read(&cloud, &file).await, b"second");
        // Whoever insists saves it over the other's.
        let entry = cloud.replace(&file, resumable(&data, &upload)).await.unwrap();
        assert_eq!(entry.revision, 3);
        assert!(read(&cloud, &file).await == data);
    }
}

/// An object is sealed for its file: the journal of one is of no use to another.
#[tokio::test]
async fn an_upload_does_not_go_on_as_another_file() {
    let storage = Storage::memory();
    let cloud = storage.create().await;
    let file = cloud.upload(&cloud.root(), "x", Content::new(BytesSource::new("first"))).await.unwrap().id;
    let data: Bytes = bytes(2 * PART, 1).into();
    let upload = Id::generate().unwrap();
    pause_at(&cloud, "new", resumable(&data, &upload), PART as u64).await;
    cloud.replace(&file, resumable(&data, &upload)).await.unwrap();
    assert!(read(&cloud, &file).await == data);
    assert_eq!(storage.objects().await, (2, 0));
}
