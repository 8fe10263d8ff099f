//! What whoever looks at bucket and table can read there.

use std::collections::{BTreeMap, BTreeSet};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::backend::Name as _;
use imegha_cloud::schema::{CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, OnTaken, Store, Thumbnail};

use crate::adversary::{Recorded, read_object};
use crate::storage::{Storage, keys};

/// `text` as it may stand in bytes: as it is, in UTF-16, in hex, in base64 at each of its three places in a group.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        bytes.to_vec(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift], bytes].concat();
        let url = Base64UrlUnpadded::encode_string(&shifted);
        // What the neighbours have a part in is left out.
        let inner = url[(shift * 8).div_ceil(6)..shifted.len() * 8 / 6].to_owned();
        forms.push(inner.replace('-', "+").replace('_', "/").into_bytes());
        forms.push(inner.into_bytes());
    }
    forms
}

fn found(haystack: &[u8], texts: &[&str]) -> Vec<String> {
    let there = |form: &Vec<u8>| haystack.windows(form.len()).any(|window| window == &form[..]);
    texts.iter().filter(|text| forms(text).iter().any(there)).map(|text| (*text).to_owned()).collect()
}

/// Every record that was ever written and every object, after a session with folders, names, moves, the trash, new keys, a
/// photo and an album: no name, no
/// type and no text, in any of their forms; only the values and fields that RECORDS.md allows. What stops it is that a record takes no
/// text and a blob only what was sealed: `Node::update` with `payload` in the place of `sealed` would not compile.
#[tokio::test]
async fn a49_bucket_and_table_say_no_name_type_or_text() {
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let cloud = Cloud::create(keys(), Store { records: recorded.clone(), ..storage.store() }).await.unwrap();
        let root = cloud.root();
        let content = |text: &str| Content::new(BytesSource::new(text.to_owned())).mime("application/x-telltale");
        let folder = cloud.create_folder(&root, "Krankenhausakten").await.unwrap().id;
        let other = cloud.create_folder(&root, "Scheidungsunterlagen").await.unwrap().id;
        let file = cloud.upload(&folder, "Diagnosebericht.pdf", content("unheilbar verliebt")).await.unwrap().id;
        cloud.replace(&file, content("vollkommen gesund")).await.unwrap();
        cloud.rename(&file, "Entlassungsbrief.pdf").await.unwrap();
        cloud.move_to(&[file], &other, OnTaken::KeepBoth).await.unwrap();
        cloud.replace(&file, content("wieder daheim")).await.unwrap();
        cloud.mark_stale(&other).await.unwrap();
        cloud.ensure_folder(&other, &["Gerichtspost".to_owned()]).await.unwrap();
        cloud.trash(&[folder, file]).await.unwrap();
        cloud.restore(&[file]).await.unwrap();
        cloud.empty_trash().await.unwrap();
        let thumbnail = Thumbnail { mime: "image/webp".to_owned(), bytes: b"das kleine Bild".to_vec() };
        let photo = content("tausend Worte").taken_ms(1_234_567_890_123).dimensions(4_032, 3_024).thumbnail(thumbnail);
        let photo = cloud.upload(&other, "Hochzeitsfoto.jpg", photo).await.unwrap().id;
        let album = cloud.create_album("Flitterwochen").await.unwrap().id;
        cloud.add_to_album(&album, &[file, photo]).await.unwrap();
        cloud.move_in_album(&album, &[photo], Some(&file)).await.unwrap();
        cloud.edit_album(&album, |album| album.cover = Some(file)).await.unwrap();
        cloud.replace(&photo, content("tausend Worte")).await.unwrap();
        assert_eq!(cloud.find("Entlassung", 5).await.unwrap().len(), 1);
        let texts = [
            "Krankenhausakten",
            "Scheidungsunterlagen",
            "Diagnosebericht",
            "Entlassungsbrief",
            "Gerichtspost",
            "unheilbar verliebt",
            "vollkommen gesund",
            "wieder daheim",
            "das kleine Bild",
            "tausend Worte",
            "Hochzeitsfoto",
            "Flitterwochen",
            "image/webp",
            "1234567890123",
            "application/x-telltale",
            "\"folder\"",
            "create-folder",
            "create-album",
        ];

        let written = recorded.written();
        assert!(written.len() > 40, "{}", written.len());
        let mut haystack = Vec::new();
        let mut fields: BTreeMap<Collection, BTreeSet<Field>> = BTreeMap::new();
        for record in &written {
            haystack.extend(record.to_bytes());
            fields.entry(record.key.collection).or_default().extend(record.fields.keys());
            for value in record.fields.values().chain(&record.key.partition).chain(&record.key.sort) {
                // Written out, so that a new kind of value does not compile before somebody thought of it here.
                match value {
                    CloudValue::Id(_) | CloudValue::U64(_) | CloudValue::Time(_) | CloudValue::Hash(_) => {}
                    CloudValue::Signature(_) | CloudValue::PublicKey(_) | CloudValue::Salt(_) => {}
                    CloudValue::Sealed(_) | CloudValue::Identity(_) => {}
                }
            }
        }
        let revision = "file_key object revision revision_epoch revision_meta signature size thumbnail thumbnail_size";
        let node =
            "edit former_epoch former_key kind meta node_epoch node_key origin parent_epoch stale trashed written";
        let allowed = BTreeMap::from([
            (Collection::Cloud, "cloud node trash written".to_owned()),
            (Collection::Children, format!("{node} {revision}")),
            (Collection::Node, "parent".to_owned()),
            (Collection::Revision, format!("{revision} written")),
            (Collection::Album, "album_epoch album_key edit meta written".to_owned()),
            (Collection::AlbumItem, "album_epoch edit file_key meta node revision written".to_owned()),
            (Collection::Log, "entry".to_owned()),
            (Collection::Head, "hash seq signature written".to_owned()),
        ]);
        for (collection, fields) in fields {
            let allowed: BTreeSet<&str> = allowed[&collection].split(' ').collect();
            let fields: BTreeSet<&str> = fields.into_iter().map(|field| field.name()).collect();
            assert!(fields.is_subset(&allowed), "{collection:?}: {fields:?}");
        }
        for meta in storage.blobs.list(None, 1_000).await.unwrap() {
            assert!(meta.name.to_string().bytes().all(|byte| byte.is_ascii_hexdigit()), "a name is a salt");
            haystack.extend(meta.name.to_string().into_bytes());
            haystack.extend(read_object(&*storage.blobs, &meta.name).await.unwrap());
        }
        assert_eq!(found(&haystack, &texts), Vec::<String>::new(), "{}", storage.name);
        // The control: each form of each text is found where it is.
        for text in texts {
            for form in forms(text) {
                let planted = [&haystack[..1_000], &form, &haystack[1_000..2_000]].concat();
                assert_eq!(found(&planted, &texts), [text], "{:?}", String::from_utf8_lossy(&form));
            }
        }
    }
}
