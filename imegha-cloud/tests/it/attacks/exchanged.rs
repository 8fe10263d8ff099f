//! Storage serves one object in the place of another.

use std::collections::HashMap;

use imegha_cloud::backend::ObjectName;
use imegha_cloud::schema::{CloudValue, Field};
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, Store, Thumbnail};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, Id};

use super::insider::{Insider, child};
use crate::adversary::{TamperingBlobs, read_object};
use crate::storage::{Storage, bytes, keys};

const HEAD: usize = 88;
const LEN: usize = 40_000;

fn content(data: &[u8]) -> Content {
    Content::new(BytesSource::new(data.to_vec()))
}

/// All of a file, and a range of it, which does not read the head.
async fn read(cloud: &Cloud, file: &Entry) -> [Result<Vec<u8>, ErrorKind>; 2] {
    let whole = async { cloud.download(&file.id).await?.bytes().await };
    let range = async { cloud.download_range(&file.id, 20_000..20_100).await?.bytes().await };
    [whole.await, range.await].map(|result| result.map_err(|error| error.kind()))
}

async fn object_of(cloud: &Cloud, file: &Entry) -> ObjectName {
    cloud.revisions(&file.id).await.unwrap().remove(0).object
}

/// Two files of one length, so that no length tells. Stopped in a whole read by the head that follows from the signed record
/// (`Reader::fetch`), in both by the file's own key (`device::open_chunks`): the ranged read turns red without the latter alone.
#[tokio::test]
async fn a06_two_objects_exchanged() {
    for storage in Storage::all().await {
        let adversary = TamperingBlobs::new(&storage.blobs);
        let cloud = Cloud::create(keys(), Store { blobs: adversary.clone(), ..storage.store() }).await.unwrap();
        let (one_data, other_data) = (bytes(LEN, 1), bytes(LEN, 2));
        let one = cloud.upload(&cloud.root(), "one", content(&one_data)).await.unwrap();
        let other = cloud.upload(&cloud.root(), "other", content(&other_data)).await.unwrap();
        let (one_name, other_name) = (object_of(&cloud, &one).await, object_of(&cloud, &other).await);
        let one_object = read_object(&*storage.blobs, &one_name).await.unwrap();
        let other_object = read_object(&*storage.blobs, &other_name).await.unwrap();
        let control = async || {
            for (file, data) in [(&one, &one_data), (&other, &other_data)] {
                let [whole, range] = read(&cloud, file).await;
                assert!(whole.unwrap() == *data && range.unwrap() == data[20_000..20_100], "{}", storage.name);
            }
        };
        let shown = |objects: [(ObjectName, Vec<u8>); 2]| {
            let objects = HashMap::from(objects);
            adversary.change(true, move |name, _| objects[name].clone());
        };
        shown([(one_name, one_object.clone()), (other_name, other_object.clone())]);
        control().await;

        let with_head = |head: &[u8], body: &[u8]| [&head[..HEAD], &body[HEAD..]].concat();
        let attacks = [
            [(one_name, other_object.clone()), (other_name, one_object.clone())],
            // Each with the head that it should have.
            [(one_name, with_head(&one_object, &other_object)), (other_name, with_head(&other_object, &one_object))],
        ];
        for attack in attacks {
            shown(attack);
            for file in [&one, &other] {
                assert_eq!(read(&cloud, file).await, [const { Err(ErrorKind::CannotOpen) }; 2], "{}", storage.name);
            }
        }
        adversary.stop();
        control().await;
    }
}

/// A thumbnail that is as genuine as can be: sealed under the same file key, for the same node and revision. Stopped by the key, which
/// is derived from the file's for thumbnails alone, and by the kind in the label (`content_key` and `Prefix` in imegha-crypto), and in
/// a whole read by the head before (`Reader::fetch`).
#[tokio::test]
async fn a07_a_thumbnail_served_as_content() {
    for storage in Storage::all().await {
        let adversary = TamperingBlobs::new(&storage.blobs);
        let cloud = Cloud::create(keys(), Store { blobs: adversary.clone(), ..storage.store() }).await.unwrap();
        let (data, picture) = (bytes(LEN, 1), bytes(LEN, 2));
        let file = cloud.upload(&cloud.root(), "photo", content(&data)).await.unwrap();
        let object = read_object(&*storage.blobs, &object_of(&cloud, &file).await).await.unwrap();
        let insider = Insider::of(&storage, &cloud, &file).await;
        let sealed = |kind| {
            let sealer = ContentSealer::new(&insider.file_key, kind, &file.id, 1).unwrap();
            sealer.seal_whole(picture.clone()).unwrap().into_bytes()
        };
        let thumbnail = sealed(ContentKind::Thumbnail);
        assert_eq!((thumbnail.len(), thumbnail[7]), (object.len(), 2));
        // It is a good thumbnail, and no content.
        let opens = |kind, object: &[u8]| {
            let opener = ContentOpener::new(&insider.file_key, kind, &file.id, 1, &object[..HEAD])?;
            opener.open_chunks(0, object[HEAD..].to_vec(), true)
        };
        assert!(opens(ContentKind::Thumbnail, &thumbnail).unwrap() == picture);
        assert!(opens(ContentKind::Content, &thumbnail).is_err());
        // The control: the object that is there; and the same plaintext as content of the same key opens as content.
        adversary.change(true, |_, object| object);
        let [whole, range] = read(&cloud, &file).await;
        assert!(whole.unwrap() == data && range.unwrap() == data[20_000..20_100], "{}", storage.name);
        assert!(opens(ContentKind::Content, &sealed(ContentKind::Content)).unwrap() == picture);

        let kind_changed = [&thumbnail[..7], &[1], &thumbnail[8..]].concat();
        let head_changed = [&object[..HEAD], &thumbnail[HEAD..]].concat();
        for attack in [thumbnail, kind_changed, head_changed] {
            adversary.change(true, move |_, _| attack.clone());
            assert_eq!(read(&cloud, &file).await, [const { Err(ErrorKind::CannotOpen) }; 2], "{}", storage.name);
        }
    }
}

/// The objects of one revision in each other's place, each as it was uploaded; and the thumbnail of an older revision, and of another
/// file. Stopped by what stops the one above, and where the heads are right by the key of the one revision (`Reader::of_thumbnail`).
#[tokio::test]
async fn a07_content_served_as_the_thumbnail_and_the_reverse() {
    for storage in Storage::all().await {
        let adversary = TamperingBlobs::new(&storage.blobs);
        let cloud = Cloud::create(keys(), Store { blobs: adversary.clone(), ..storage.store() }).await.unwrap();
        // Of one length, so that no length tells, and each a good picture.
        let photo = |seed| {
            let thumbnail = Thumbnail { mime: "image/jpeg".to_owned(), bytes: bytes(LEN, seed + 1) };
            content(&bytes(LEN, seed)).thumbnail(thumbnail)
        };
        let file = cloud.upload(&cloud.root(), "photo", photo(1)).await.unwrap();
        let older = objects_of(&storage, &cloud, &file.id).await;
        cloud.replace(&file.id, photo(3)).await.unwrap();
        let other = cloud.upload(&cloud.root(), "other", photo(5)).await.unwrap();
        let [own, other] =
            [objects_of(&storage, &cloud, &file.id).await, objects_of(&storage, &cloud, &other.id).await];
        let kinds =
            |objects: &[(ObjectName, Vec<u8>); 2]| objects.each_ref().map(|(_, object)| (object.len(), object[7]));
        assert_eq!(kinds(&own), [(kinds(&own)[0].0, 1), (kinds(&own)[0].0, 2)]);
        let thumbnail = async || cloud.thumbnail(&file.id).await.map_err(|error| error.kind());
        let control = async || {
            let [whole, range] = read(&cloud, &file).await;
            assert!(whole.unwrap() == bytes(LEN, 3) && range.unwrap() == bytes(LEN, 3)[20_000..20_100]);
            assert!(thumbnail().await.unwrap().bytes == bytes(LEN, 4), "{}", storage.name);
        };
        adversary.change(true, |_, object| object);
        control().await;

        let with_head = |head: &[u8], body: &[u8]| [&head[..HEAD], &body[HEAD..]].concat();
        let [(content_name, content), (thumbnail_name, picture)] = own;
        for shown in [picture.clone(), with_head(&content, &picture)] {
            adversary.change(true, move |name, object| if *name == content_name { shown.clone() } else { object });
            let [whole, range] = read(&cloud, &file).await;
            assert_eq!([whole, range], [const { Err(ErrorKind::CannotOpen) }; 2], "{}", storage.name);
            thumbnail().await.unwrap();
        }
        for wrong in [&content, &older[1].1, &other[1].1, &older[0].1] {
            for shown in [wrong.clone(), with_head(&picture, wrong)] {
                adversary
                    .change(true, move |name, object| if *name == thumbnail_name { shown.clone() } else { object });
                assert_eq!(thumbnail().await, Err(ErrorKind::CannotOpen), "{}", storage.name);
                assert!(read(&cloud, &file).await.iter().all(Result::is_ok));
            }
        }
        adversary.stop();
        control().await;
    }
}

/// Names and bytes of the objects of a file's newest revision: its content and its thumbnail.
async fn objects_of(storage: &Storage, cloud: &Cloud, file: &Id) -> [(ObjectName, Vec<u8>); 2] {
    let record = child(storage, &cloud.root(), file).await;
    let mut objects = Vec::new();
    for field in [Field::Object, Field::Thumbnail] {
        let Some(CloudValue::Salt(salt)) = record.field(field) else { panic!("{field:?} is not there") };
        let name = ObjectName::from_salt(*salt);
        objects.push((name, read_object(&*storage.blobs, &name).await.unwrap()));
    }
    objects.try_into().expect("two fields")
}
