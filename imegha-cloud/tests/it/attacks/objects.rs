//! Storage changes the object that holds a file's content.

use std::sync::Arc;

use imegha_cloud::backend::ObjectName;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, Store, ToDisk};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Hash, hazmat};

use super::insider::Insider;
use crate::adversary::{TamperingBlobs, read_object};
use crate::storage::{Storage, bytes, keys};

const CHUNK: usize = 16_384;
const SEALED_CHUNK: usize = 16_400;
const HEAD: usize = 88;

/// A file of three chunks in a cloud whose objects an adversary holds.
struct Scene {
    storage: Storage,
    cloud: Cloud,
    adversary: Arc<TamperingBlobs>,
    file: Entry,
    data: Vec<u8>,
}

impl Scene {
    async fn new(storage: Storage, data: Vec<u8>) -> Self {
        let adversary = TamperingBlobs::new(&storage.blobs);
        let store = Store { blobs: adversary.clone(), ..storage.store() };
        let cloud = Cloud::create(keys(), store).await.unwrap();
        let file = cloud.upload(&cloud.root(), "x", content(&data)).await.unwrap();
        let scene = Self { storage, cloud, adversary, file, data };
        scene.control().await;
        scene
    }

    /// The positive control: the same steps, with a store that shows what it has, give the file.
    async fn control(&self) {
        self.adversary.change(true, |_, object| object);
        assert!(self.read().await.unwrap() == self.data, "{}", self.storage.name);
        self.adversary.stop();
        assert!(self.read().await.unwrap() == self.data, "{}", self.storage.name);
    }

    async fn read(&self) -> Result<Vec<u8>, ErrorKind> {
        let download = self.cloud.download(&self.file.id).await.map_err(|error| error.kind())?;
        download.bytes().await.map_err(|error| error.kind())
    }

    /// The attack must give the one error and no plaintext, whether the store admits the new length or not.
    async fn refuses(&self, what: &str, change: impl Fn(Vec<u8>) -> Vec<u8> + Clone + Send + 'static) {
        for lie in [true, false] {
            let change = change.clone();
            self.adversary.change(lie, move |_, object| change(object));
            assert_eq!(self.read().await, Err(ErrorKind::CannotOpen), "{}: {what}", self.storage.name);
        }
        self.adversary.stop();
    }

    async fn object(&self) -> Vec<u8> {
        let revision = self.cloud.revisions(&self.file.id).await.unwrap().remove(0);
        read_object(&*self.storage.blobs, &revision.object).await.unwrap()
    }
}

fn content(data: &[u8]) -> Content {
    Content::new(BytesSource::new(data.to_vec()))
}

/// Chunk `number` of an object.
fn chunk(object: &[u8], number: usize) -> &[u8] {
    let start = HEAD + number * SEALED_CHUNK;
    &object[start..(start + SEALED_CHUNK).min(object.len())]
}

/// An object of these chunks behind the head of another.
fn joined(object: &[u8], chunks: &[&[u8]]) -> Vec<u8> {
    [&object[..HEAD], &chunks.concat()[..]].concat()
}

/// Stopped in the head by the comparison with the head that follows from the signed record (`Reader::fetch`), behind it by the tag
/// of each chunk (`device::open_chunks`): without either line this turns red.
#[tokio::test]
async fn a01_any_bit_of_an_object_flipped() {
    // Every byte on one backend; on the other, which serves the same bytes, every 97th, and both ends of every chunk.
    for (storage, step) in [(Storage::memory(), 1), (Storage::embedded(), 97)] {
        let scene = Scene::new(storage, bytes(2 * CHUNK + 100, 1)).await;
        let len = scene.object().await.len();
        assert_eq!(len, HEAD + 2 * SEALED_CHUNK + 116);
        let mut tried = 0;
        for at in 0..len {
            let edge =
                at < HEAD || (at - HEAD) % SEALED_CHUNK < 2 || (at - HEAD) % SEALED_CHUNK >= CHUNK || at + 18 > len;
            if at % step != 0 && !edge {
                continue;
            }
            // All eight bits of the head, one of every byte behind it.
            for bit in if at < HEAD { 0..8 } else { at % 8..at % 8 + 1 } {
                scene.adversary.change(true, move |_, mut object| {
                    object[at] ^= 1 << bit;
                    object
                });
                assert_eq!(scene.read().await, Err(ErrorKind::CannotOpen), "byte {at}, bit {bit}");
                tried += 1;
            }
        }
        assert!(tried > len / step);
        scene.control().await;
    }
}

/// The same for a ranged read, which does not read the head: nothing of a chunk that was changed comes out.
/// Stopped by the tag of each chunk (`device::open_chunks`).
#[tokio::test]
async fn a01_any_chunk_flipped_under_a_ranged_read() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(2 * CHUNK + 100, 1)).await;
        for number in 0..3 {
            let start = (number * CHUNK) as u64;
            let range = start..(start + 50);
            let read = async || {
                let download = scene.cloud.download_range(&scene.file.id, range.clone()).await.unwrap();
                download.bytes().await.map_err(|error| error.kind())
            };
            for at in [0, 100, 115] {
                scene.adversary.change(true, move |_, mut object| {
                    object[HEAD + number * SEALED_CHUNK + at] ^= 0x40;
                    object
                });
                assert_eq!(read().await, Err(ErrorKind::CannotOpen), "chunk {number}");
                // Other chunks are readable still.
                let other = if number == 0 { CHUNK as u64 } else { 0 };
                let download = scene.cloud.download_range(&scene.file.id, other..other + 9).await.unwrap();
                assert_eq!(download.bytes().await.unwrap(), &scene.data[other as usize..][..9]);
            }
            scene.adversary.stop();
            assert_eq!(read().await.unwrap(), &scene.data[start as usize..][..50]);
        }
    }
}

/// Three lines stop this, each by itself: the length that the store says and the bytes that it sends are compared with the record's
/// (`Reader::fetch`, twice), and the last chunk must be short (`device::open_chunks`). It turns red only without all of them.
#[tokio::test]
async fn a02_truncated_to_every_length() {
    for storage in [Storage::memory, Storage::embedded] {
        for size in [0, 1, 16_383, 16_384, 16_385, 49_152] {
            let scene = Scene::new(storage(), bytes(size, 2)).await;
            let len = scene.object().await.len();
            // Every length of the small ones; of the others each side of every border, and cuts within what lies between.
            let edges = (0..=len.div_ceil(SEALED_CHUNK)).map(|chunk| HEAD + chunk * SEALED_CHUNK);
            let borders = edges
                .flat_map(|edge| [edge - 17, edge - 16, edge - 1, edge, edge + 1, edge + 15, edge + 16, edge + 17]);
            let mut cuts: Vec<usize> =
                if len < 200 { (0..len).collect() } else { borders.chain((0..len).step_by(1_777)).collect() };
            cuts.extend([0, 1, 31, 32, 55, 56, 87, 88, len - 16, len - 1]);
            for cut in cuts.into_iter().filter(|cut| *cut < len) {
                scene
                    .refuses(&format!("{size} bytes cut to {cut}"), move |mut object| {
                        object.truncate(cut);
                        object
                    })
                    .await;
            }
            scene.control().await;
        }
    }
}

/// The empty last chunk of a file of whole chunks is cut, and the record's length is no help: it is the adversary who has the
/// object's length put right. Stopped by the rule that the last chunk is short (`ContentOpener::open_chunks`).
#[tokio::test]
async fn a02_cut_of_the_empty_last_chunk_shows_without_any_record() {
    let scene = Scene::new(Storage::memory(), bytes(CHUNK, 2)).await;
    let insider = Insider::of(&scene.storage, &scene.cloud, &scene.file).await;
    let object = scene.object().await;
    let opener =
        ContentOpener::new(&insider.file_key, ContentKind::Content, &scene.file.id, 1, &object[..HEAD]).unwrap();
    assert!(opener.open_chunks(0, object[HEAD..].to_vec(), true).unwrap() == scene.data);
    assert!(opener.open_chunks(0, object[HEAD..HEAD + SEALED_CHUNK].to_vec(), true).is_err());
}

/// Stopped by the same three lines as `a02`.
#[tokio::test]
async fn a03_bytes_and_chunks_appended() {
    for storage in [Storage::memory, Storage::embedded] {
        for size in [0, 1, 16_384, 40_000] {
            let scene = Scene::new(storage(), bytes(size, 3)).await;
            for more in [1, 15, 16, 17, SEALED_CHUNK, 2 * SEALED_CHUNK] {
                scene
                    .refuses(&format!("{size} and {more} zeros"), move |mut object| {
                        object.extend(vec![0; more]);
                        object
                    })
                    .await;
            }
            scene
                .refuses("its own last chunk again", |object| {
                    let last = object.len() - (object.len() - HEAD) % SEALED_CHUNK;
                    let again = object[last..].to_vec();
                    [object, again].concat()
                })
                .await;
            scene.control().await;
        }
    }
}

/// Stopped by the nonce of each chunk, which is its place (`ContentOpener::open_chunks`).
#[tokio::test]
async fn a04_chunks_swapped_repeated_removed() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(3 * CHUNK + 100, 4)).await;
        for order in [
            &[1, 0, 2, 3][..],
            &[0, 2, 1, 3],
            &[2, 1, 0, 3],
            &[0, 0, 2, 3],
            &[0, 1, 1, 3],
            &[1, 1, 1, 3],
            &[0, 1, 3],
            &[1, 2, 3],
            &[0, 1, 2],
            &[3],
            &[0, 1, 2, 2, 3],
            &[0, 1, 2, 3, 3],
        ] {
            scene
                .refuses(&format!("{order:?}"), move |object| {
                    let chunks: Vec<_> = order.iter().map(|number| chunk(&object, *number)).collect();
                    joined(&object, &chunks)
                })
                .await;
        }
        scene.control().await;
    }
}

/// Stopped by the key of each chunk: another revision has another file key, another attempt another salt
/// (`ContentOpener::open_chunks`).
#[tokio::test]
async fn a05_chunks_of_two_revisions_spliced() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(3 * CHUNK, 5)).await;
        let older = scene.object().await;
        let data = bytes(3 * CHUNK, 6);
        scene.cloud.replace(&scene.file.id, content(&data)).await.unwrap();
        let scene = Scene { data, ..scene };
        let newer = scene.object().await;
        assert_eq!(older.len(), newer.len());
        scene.control().await;
        for number in 0..4 {
            let older = older.clone();
            scene
                .refuses(&format!("chunk {number}"), move |newer| {
                    let mut chunks: Vec<_> = (0..4).map(|number| chunk(&newer, number)).collect();
                    chunks[number] = chunk(&older, number);
                    joined(&newer, &chunks)
                })
                .await;
        }
        scene.control().await;
    }
}

#[tokio::test]
async fn a05_chunks_of_two_attempts_with_one_file_key_spliced() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(3 * CHUNK, 5)).await;
        let insider = Insider::of(&scene.storage, &scene.cloud, &scene.file).await;
        let sealer = ContentSealer::new(&insider.file_key, ContentKind::Content, &scene.file.id, 1).unwrap();
        let other = sealer.seal_whole(bytes(3 * CHUNK, 6)).unwrap().into_bytes();
        // The other attempt opens by itself: its chunks are real, only not this object's.
        let opener =
            ContentOpener::new(&insider.file_key, ContentKind::Content, &scene.file.id, 1, &other[..HEAD]).unwrap();
        assert!(opener.open_chunks(0, other[HEAD..].to_vec(), true).unwrap() == bytes(3 * CHUNK, 6));
        for number in 0..4 {
            let other = other.clone();
            scene
                .refuses(&format!("chunk {number}"), move |object| {
                    let mut chunks: Vec<_> = (0..4).map(|number| chunk(&object, number)).collect();
                    chunks[number] = chunk(&other, number);
                    joined(&object, &chunks)
                })
                .await;
        }
        // Nor does it stand for this one as a whole: the record names this one's commitment.
        scene.refuses("the whole attempt", move |_| other.clone()).await;
        scene.control().await;
    }
}

/// Stopped by the head that follows from the signed record, twice: the object must begin with it (`Reader::fetch`), and only chunks that
/// are sealed under its commitment open (`device::open_chunks`). It turns red only without both.
#[tokio::test]
async fn a08_an_older_object_with_the_current_record_and_the_reverse() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(40_000, 8)).await;
        let older = scene.cloud.revisions(&scene.file.id).await.unwrap()[0].object;
        let data = bytes(40_000, 9);
        scene.cloud.replace(&scene.file.id, content(&data)).await.unwrap();
        let newer = scene.cloud.revisions(&scene.file.id).await.unwrap()[0].object;
        let first = scene.data.clone();
        let scene = Scene { data, ..scene };
        scene.control().await;
        let [older_bytes, newer_bytes] = [
            read_object(&*scene.storage.blobs, &older).await.unwrap(),
            read_object(&*scene.storage.blobs, &newer).await.unwrap(),
        ];
        assert_eq!(older_bytes.len(), newer_bytes.len());

        let read_first = async || {
            let download = scene.cloud.download_revision(&scene.file.id, 1).await.unwrap();
            download.bytes().await.map_err(|error| error.kind())
        };
        assert!(read_first().await.unwrap() == first);
        scene.adversary.change(true, move |name, object| if *name == newer { older_bytes.clone() } else { object });
        assert_eq!(scene.read().await, Err(ErrorKind::CannotOpen), "older object, current record");
        scene.adversary.change(true, move |name, object| if *name == older { newer_bytes.clone() } else { object });
        assert_eq!(read_first().await, Err(ErrorKind::CannotOpen), "current object, older record");
        scene.control().await;
    }
}

/// One body that plain AES-GCM opens under two keys, into two plaintexts. Here the commitment in the head is of one key only, and
/// the record names it: stopped by the comparison of the head (`Reader::fetch`) and that of the commitment (`ContentOpener::new`).
#[tokio::test]
async fn a12_an_object_sealed_under_another_key() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(30_000, 12)).await;
        let stranger = FileKey::generate().unwrap();
        let sealer = ContentSealer::new(&stranger, ContentKind::Content, &scene.file.id, 1).unwrap();
        let foreign = sealer.seal_whole(bytes(30_000, 13)).unwrap().into_bytes();
        let opener = ContentOpener::new(&stranger, ContentKind::Content, &scene.file.id, 1, &foreign[..HEAD]).unwrap();
        assert!(opener.open_chunks(0, foreign[HEAD..].to_vec(), true).unwrap() == bytes(30_000, 13));

        let whole = foreign.clone();
        scene.refuses("head and chunks of another key", move |_| whole.clone()).await;
        let chunks = foreign.clone();
        scene.refuses("chunks of another key", move |object| [&object[..HEAD], &chunks[HEAD..]].concat()).await;
        scene.refuses("head of another key", move |object| [&foreign[..HEAD], &object[HEAD..]].concat()).await;
        scene.control().await;
    }
}

/// Two keys and one body, made as the published attacks make it (Grubbs, Lu, Ristenpart 2017): one free block sets the tag under both.
/// Plain GCM opens it twice. Under the other key it is stopped by the commitment, which is compared before any chunk is opened
/// (`ContentOpener::new`); under the file's own by the signed SHA-256 (`Cut::take`): without either line this turns red.
#[tokio::test]
async fn a12_a_body_that_plain_gcm_opens_under_two_keys() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(48, 14)).await;
        let insider = Insider::of(&scene.storage, &scene.cloud, &scene.file).await;
        let object = scene.object().await;
        let salt: [u8; 24] = object[32..56].try_into().unwrap();
        let context = hazmat::label("file", &[&object[..32]]);
        let other = FileKey::generate().unwrap();
        let derive = |key: &FileKey| hazmat::derive_chunk_key(hazmat::RawKey::raw(key), &context, &salt);
        let keys = [derive(&insider.file_key), derive(&other)];

        let (body, tag) = super::two_keys::body_for(keys);
        let opened = keys.map(|(key, nonce)| hazmat::aes_gcm_open(&key, &nonce, &body, &tag).unwrap());
        assert_ne!(opened[0], opened[1], "plain GCM opens it under both keys");
        assert_eq!(body.len(), 48);

        // Under the file's own key it is a body that opens: then the signed record's SHA-256 speaks (`Cut::take`).
        let two_faced = [&object[..HEAD], &body, &tag].concat();
        assert_eq!(two_faced.len(), object.len());
        scene.refuses("a body for two keys", move |_| two_faced.clone()).await;
        // Under the other key it does not get as far: the head is not that key's.
        assert!(ContentOpener::new(&other, ContentKind::Content, &scene.file.id, 1, &object[..HEAD]).is_err());
        scene.control().await;
    }
}

/// No other parser is tried. Stopped by the comparison of the head (`Reader::fetch`).
#[tokio::test]
async fn a13_an_unknown_version_or_kind() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(20_000, 13)).await;
        for (at, is) in [(6, 1), (7, 1)] {
            assert_eq!(scene.object().await[at], is);
            for byte in (0..=255).filter(|byte| *byte != is) {
                scene
                    .refuses(&format!("byte {at} is {byte}"), move |mut object| {
                        object[at] = byte;
                        object
                    })
                    .await;
            }
        }
        scene
            .refuses("another magic", |mut object| {
                object[..6].copy_from_slice(b"IMSEAL");
                object
            })
            .await;
        scene.control().await;
    }
}

/// A file that was damaged leaves nothing at the path that it was to be written to.
#[tokio::test]
async fn a01_nothing_is_left_on_disk() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(9 * 1024 * 1024, 1)).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        let len = scene.object().await.len();
        scene.adversary.change(true, move |_, mut object| {
            object[len - 1] ^= 1;
            object
        });
        let error = scene.cloud.download_to_path(&scene.file.id, &path, ToDisk::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotOpen);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        scene.adversary.stop();
        scene.cloud.download_to_path(&scene.file.id, &path, ToDisk::new()).await.unwrap();
        assert_eq!(Hash::of(&std::fs::read(&path).unwrap()), Hash::of(&scene.data));
    }
}

/// An object that is gone is told as what it is: something that cannot be opened.
#[tokio::test]
async fn a02_an_object_that_is_gone() {
    for storage in Storage::all().await {
        let scene = Scene::new(storage, bytes(100, 1)).await;
        let name: ObjectName = scene.cloud.revisions(&scene.file.id).await.unwrap()[0].object;
        scene.storage.blobs.delete(&name).await.unwrap();
        assert_eq!(scene.read().await, Err(ErrorKind::CannotOpen));
    }
}
