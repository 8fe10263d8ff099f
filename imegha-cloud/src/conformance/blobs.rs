//! What every [`BlobStore`] does.

use futures::TryStreamExt as _;
use futures::future::{join, join_all};
use imegha_crypto::{SealedObject, SealedPart};

use crate::backend::blobs::{BlobStore, MAX_LISTING, MAX_PARTS, MIN_PART_LEN, ObjectName, Upload, UploadId};
use crate::error::{ErrorKind, Result};

/// An empty store has no object, no upload, and an empty listing.
pub async fn nothing_is_there_at_first(store: &dyn BlobStore) {
    refused(ErrorKind::NotFound, store.get(&name(1), None).await);
    refused(ErrorKind::NotFound, store.get(&name(1), Some(0..1)).await);
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
    assert_eq!(store.list(None, MAX_LISTING).await.expect("list"), []);
    assert_eq!(store.list(Some(&name(1)), 1).await.expect("list"), []);
    assert_eq!(store.uploads().await.expect("uploads"), []);
}

/// Small and large objects come back as they were.
pub async fn an_object_is_read_as_it_was_written(store: &dyn BlobStore) {
    for (number, len) in [(1, SMALLEST), (2, 16_487), (3, 200_000), (4, 1 << 21)] {
        let bytes = object(len, number);
        store.put(&name(number), sealed(&bytes)).await.expect("put");
        let body = store.get(&name(number), None).await.expect("get");
        assert_eq!((body.size, body.range.clone()), (len as u64, 0..len as u64));
        assert!(collect(body).await == bytes);
    }
}

/// A second put of a name is refused, and the first object stays.
pub async fn an_object_never_changes(store: &dyn BlobStore) {
    let bytes = object(1_000, 1);
    store.put(&name(1), sealed(&bytes)).await.expect("put");
    refused(ErrorKind::AlreadyExists, store.put(&name(1), sealed(&object(1_000, 2))).await);
    refused(ErrorKind::AlreadyExists, store.put(&name(1), sealed(&bytes)).await);
    assert!(read(store, 1).await == bytes);
}

/// Of many puts of one name at the same time one wins, and it is that one's object.
pub async fn one_of_many_puts_wins(store: &dyn BlobStore) {
    for round in 0..4 {
        let results = join_all(
            (0..8).map(|writer| async move { store.put(&name(round), sealed(&object(70_000, writer))).await }),
        )
        .await;
        let winners: Vec<_> = (0..8u8).filter(|writer| results[usize::from(*writer)].is_ok()).collect();
        assert_eq!(winners.len(), 1);
        for error in results.into_iter().filter_map(Result::err) {
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        }
        assert!(read(store, round).await == object(70_000, winners[0]));
    }
}

/// Ranges at the beginning, in the middle, at the end, and past it.
pub async fn a_range_is_read(store: &dyn BlobStore) {
    const LEN: u64 = 200_000;
    let bytes = object(LEN as usize, 1);
    store.put(&name(1), sealed(&bytes)).await.expect("put");
    let ranges = [
        (0..1, 0..1),
        (0..88, 0..88),
        (88..16_488, 88..16_488),
        (65_535..65_537, 65_535..65_537),
        (1_000..190_000, 1_000..190_000),
        (LEN - 1..LEN, LEN - 1..LEN),
        (0..LEN, 0..LEN),
        (LEN - 5..LEN + 1, LEN - 5..LEN),
        (0..u64::MAX, 0..LEN),
    ];
    for (asked, got) in ranges {
        let body = store.get(&name(1), Some(asked)).await.expect("get");
        assert_eq!((body.size, body.range.clone()), (LEN, got.clone()));
        assert!(collect(body).await == bytes[got.start as usize..got.end as usize]);
    }
}

/// A range that begins at or past the end, or is empty, is refused.
pub async fn a_range_past_the_end_is_refused(store: &dyn BlobStore) {
    store.put(&name(1), sealed(&object(1_000, 1))).await.expect("put");
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is tested")]
    for range in [1_000..1_001, 1_001..2_000, u64::MAX - 1..u64::MAX, 0..0, 5..5, 5..3] {
        refused(ErrorKind::Malformed, store.get(&name(1), Some(range)).await);
    }
}

/// `head` tells name, size and a time, the same as the listing.
pub async fn head_tells_size_and_time(store: &dyn BlobStore) {
    store.put(&name(1), sealed(&object(1_234, 1))).await.expect("put");
    let meta = store.head(&name(1)).await.expect("head");
    assert_eq!((meta.name, meta.size), (name(1), 1_234));
    assert!(meta.stored_ms > 0);
    assert_eq!(store.list(None, 10).await.expect("list"), [meta]);
}

/// A deleted object is neither read nor listed; deleting it again is no error; its name is free.
pub async fn a_deleted_object_is_gone(store: &dyn BlobStore) {
    store.put(&name(1), sealed(&object(1_000, 1))).await.expect("put");
    store.put(&name(2), sealed(&object(1_000, 2))).await.expect("put");
    for _ in 0..2 {
        store.delete(&name(1)).await.expect("delete");
        refused(ErrorKind::NotFound, store.get(&name(1), None).await);
        refused(ErrorKind::NotFound, store.head(&name(1)).await);
        assert_eq!(listed(store, None, 10).await, [name(2)]);
    }
    store.put(&name(1), sealed(&object(1_000, 3))).await.expect("put");
    assert!(read(store, 1).await == object(1_000, 3));
}

/// A listing is in the order of the names, whatever the order of the puts.
pub async fn a_listing_is_in_order(store: &dyn BlobStore) {
    for number in [9, 255, 1, 16, 128, 15, 0] {
        store.put(&name(number), sealed(&object(SMALLEST, number))).await.expect("put");
    }
    assert_eq!(listed(store, None, 10).await, [0, 1, 9, 15, 16, 128, 255].map(name));
    assert_eq!(listed(store, None, 3).await, [0, 1, 9].map(name));
}

/// A listing goes on after a name, also one that is not there; pages join to the whole.
pub async fn a_listing_goes_on_after_a_name(store: &dyn BlobStore) {
    let mut names = [3, 9, 15, 16, 128].map(name).to_vec();
    // Names that share their beginning, so that folders by prefix are crossed and walked.
    names.extend([1, 2, 3].map(|last| {
        let mut salt = [9; 24];
        salt[23] = last;
        ObjectName::from_salt(salt)
    }));
    names.sort();
    for name in &names {
        store.put(name, sealed(&object(SMALLEST, 1))).await.expect("put");
    }
    for limit in 1..=names.len() + 1 {
        let mut all = Vec::new();
        while let page = listed(store, all.last(), limit).await
            && !page.is_empty()
        {
            assert!(page.len() <= limit);
            all.extend(page);
        }
        assert_eq!(all, names, "limit: {limit}");
    }
    assert_eq!(listed(store, Some(&name(20)), 10).await, [name(128)]);
}

/// Limits of 0 and past 1,000 are refused.
pub async fn a_listing_has_1_to_1000_objects(store: &dyn BlobStore) {
    refused(ErrorKind::Malformed, store.list(None, 0).await);
    refused(ErrorKind::Malformed, store.list(None, MAX_LISTING + 1).await);
    store.list(None, MAX_LISTING).await.expect("the largest limit");
}

/// Parts of different lengths, and a single one, make an object.
pub async fn parts_join_to_an_object(store: &dyn BlobStore) {
    for (number, lens) in [(1, &[PART, PART + 77, 1][..]), (2, &[1_000])] {
        let parts = parts(lens);
        let upload = store.begin_upload(&name(number)).await.expect("begin");
        for (index, part) in parts.iter().enumerate() {
            send(&*upload, &parts, index, part).await.expect("put part");
        }
        upload.complete(parts.len() as u32, total(&parts)).await.expect("complete");
        assert!(read(store, number).await == parts.concat());
        assert_eq!(store.head(&name(number)).await.expect("head").size, total(&parts));
    }
}

/// The order in which parts are sent does not matter.
pub async fn parts_come_in_any_order(store: &dyn BlobStore) {
    let parts = parts(&[PART, PART + 3, 500]);
    for (number, order) in [(1, [2, 1, 0]), (2, [1, 2, 0])] {
        let upload = store.begin_upload(&name(number)).await.expect("begin");
        for index in order {
            send(&*upload, &parts, index, &parts[index]).await.expect("put part");
        }
        upload.complete(3, total(&parts)).await.expect("complete");
        assert!(read(store, number).await == parts.concat());
    }
}

/// Parts may be sent at the same time, by two handles of the upload.
pub async fn parts_come_at_the_same_time(store: &dyn BlobStore) {
    let parts = parts(&[PART, PART, PART, 9]);
    let one = store.begin_upload(&name(1)).await.expect("begin");
    let other = store.resume_upload(&name(1), one.id()).await.expect("resume");
    let handles = [&*one, &*other];
    let sent = join_all((0..4).map(|index| send(handles[index % 2], &parts, index, &parts[index]))).await;
    assert!(sent.iter().all(Result::is_ok));
    other.complete(4, total(&parts)).await.expect("complete");
    assert!(read(store, 1).await == parts.concat());
}

/// The same part again changes nothing; the same number with other bytes replaces them, longer or shorter.
pub async fn a_part_sent_again_replaces_the_first(store: &dyn BlobStore) {
    let parts = parts(&[PART, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for _ in 0..2 {
        send(&*upload, &parts, 0, &parts[0]).await.expect("put part");
    }
    for len in [900, 20, 500] {
        send(&*upload, &parts, 1, &object(len, 9)).await.expect("put part");
    }
    send(&*upload, &parts, 1, &parts[1]).await.expect("put part");
    upload.complete(2, total(&parts)).await.expect("complete");
    assert!(read(store, 1).await == parts.concat());
}

/// Completing with fewer parts than were sent takes the first of them.
pub async fn parts_beyond_the_last_are_dropped(store: &dyn BlobStore) {
    let parts = parts(&[PART, PART]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for index in [0, 1] {
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    upload.complete(1, PART as u64).await.expect("complete");
    assert!(read(store, 1).await == parts[0]);
}

/// Until an upload completes nobody sees anything of it under its name.
pub async fn an_upload_is_invisible_until_it_completes(store: &dyn BlobStore) {
    let parts = parts(&[PART, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for index in [0, 1] {
        refused(ErrorKind::NotFound, store.get(&name(1), None).await);
        refused(ErrorKind::NotFound, store.head(&name(1)).await);
        assert_eq!(listed(store, None, 10).await, []);
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    assert_eq!(listed(store, None, 10).await, []);
    upload.complete(2, total(&parts)).await.expect("complete");
    assert_eq!(listed(store, None, 10).await, [name(1)]);
}

/// A missing part is refused; the upload can be completed once it was sent.
pub async fn a_missing_part_is_refused(store: &dyn BlobStore) {
    let parts = parts(&[PART, PART, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    refused(ErrorKind::Malformed, upload.complete(0, 0).await);
    refused(ErrorKind::Malformed, upload.complete(1, PART as u64).await);
    for index in [0, 2] {
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    refused(ErrorKind::Malformed, upload.complete(3, total(&parts)).await);
    refused(ErrorKind::Malformed, upload.complete(4, total(&parts)).await);
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
    send(&*upload, &parts, 1, &parts[1]).await.expect("put part");
    upload.complete(3, total(&parts)).await.expect("complete");
    assert!(read(store, 1).await == parts.concat());
}

/// Parts with a gap between them are refused.
pub async fn a_gap_is_refused(store: &dyn BlobStore) {
    let parts = parts(&[PART, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    send(&*upload, &parts, 0, &parts[0]).await.expect("put part");
    upload.put_part(2, PART as u64 + 1, part(&parts[1])).await.expect("put part");
    refused(ErrorKind::Malformed, upload.complete(2, total(&parts)).await);
    refused(ErrorKind::Malformed, upload.complete(2, total(&parts) + 1).await);
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
}

/// Parts that join to another size than is said are refused.
pub async fn a_wrong_size_is_refused(store: &dyn BlobStore) {
    let parts = parts(&[PART, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for index in [0, 1] {
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    for size in [0, PART as u64, total(&parts) - 1, total(&parts) + 1, u64::MAX] {
        refused(ErrorKind::Malformed, upload.complete(2, size).await);
    }
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
    upload.complete(2, total(&parts)).await.expect("complete");
}

/// A part that is not the last and shorter than 5 MiB is refused when the upload completes.
pub async fn a_short_part_is_refused(store: &dyn BlobStore) {
    let parts = parts(&[MIN_PART_LEN as usize - 1, 500]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for index in [0, 1] {
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    refused(ErrorKind::Malformed, upload.complete(2, total(&parts)).await);
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
}

/// Part numbers of 0 and past 10,000 are refused.
pub async fn a_part_has_a_number_of_1_to_10000(store: &dyn BlobStore) {
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for number in [0, MAX_PARTS + 1, u32::MAX] {
        refused(ErrorKind::Malformed, upload.put_part(number, 0, part(&[1; 100])).await);
        refused(ErrorKind::Malformed, upload.complete(number, 100).await);
    }
    upload.put_part(MAX_PARTS, 0, part(&[1; 100])).await.expect("put part");
}

/// After an abort the upload takes no part, does not complete, and is not resumed.
pub async fn an_aborted_upload_is_gone(store: &dyn BlobStore) {
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    upload.put_part(1, 0, part(&[1; 100])).await.expect("put part");
    upload.abort().await.expect("abort");
    refused(ErrorKind::NotFound, upload.put_part(1, 0, part(&[1; 100])).await);
    refused(ErrorKind::NotFound, upload.complete(1, 100).await);
    refused(ErrorKind::NotFound, store.resume_upload(&name(1), upload.id()).await);
    refused(ErrorKind::NotFound, store.head(&name(1)).await);
    assert_eq!(store.uploads().await.expect("uploads"), []);
    upload.abort().await.expect("abort again");
}

/// Another handle, with only name and id, sends the parts that are missing and completes.
pub async fn an_upload_is_resumed_by_another_handle(store: &dyn BlobStore) {
    let parts = parts(&[PART, PART, 500]);
    let id = {
        let upload = store.begin_upload(&name(1)).await.expect("begin");
        send(&*upload, &parts, 1, &parts[1]).await.expect("put part");
        upload.id().clone()
    };
    for index in [0, 2] {
        let upload = store.resume_upload(&name(1), &id).await.expect("resume");
        assert_eq!(upload.id(), &id);
        send(&*upload, &parts, index, &parts[index]).await.expect("put part");
    }
    let upload = store.resume_upload(&name(1), &id).await.expect("resume");
    upload.complete(3, total(&parts)).await.expect("complete");
    assert!(read(store, 1).await == parts.concat());
}

/// An upload is resumed only under its own name and id.
pub async fn a_resumed_upload_is_of_that_name(store: &dyn BlobStore) {
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    refused(ErrorKind::NotFound, store.resume_upload(&name(2), upload.id()).await);
    for id in ["x", ".", "..", "../x", "a/b?c#d%2F", &"y".repeat(256)] {
        let id = UploadId::parse(id).expect("it is an id");
        refused(ErrorKind::NotFound, store.resume_upload(&name(1), &id).await);
    }
    store.resume_upload(&name(1), upload.id()).await.expect("resume");
}

/// A completed upload takes no part, does not complete again, and is not resumed; an abort does not touch the object.
pub async fn a_completed_upload_is_gone(store: &dyn BlobStore) {
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    upload.put_part(1, 0, part(&[1; 100])).await.expect("put part");
    upload.complete(1, 100).await.expect("complete");
    refused(ErrorKind::NotFound, upload.put_part(1, 0, part(&[2; 100])).await);
    refused(ErrorKind::NotFound, upload.complete(1, 100).await);
    refused(ErrorKind::NotFound, store.resume_upload(&name(1), upload.id()).await);
    upload.abort().await.expect("abort");
    assert!(read(store, 1).await == [1; 100]);
}

/// An object that came by the same name meanwhile stays, and the upload is told.
pub async fn a_name_taken_meanwhile_stays(store: &dyn BlobStore) {
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    upload.put_part(1, 0, part(&[1; 100])).await.expect("put part");
    let bytes = object(1_000, 2);
    store.put(&name(1), sealed(&bytes)).await.expect("put");
    refused(ErrorKind::AlreadyExists, upload.complete(1, 100).await);
    assert!(read(store, 1).await == bytes);
    upload.abort().await.expect("abort");
    assert!(read(store, 1).await == bytes);
    assert_eq!(store.uploads().await.expect("uploads"), []);
}

/// Of two uploads of one name that complete at the same time one wins, and it is that one's object.
pub async fn one_of_two_uploads_wins(store: &dyn BlobStore) {
    for round in 0..4 {
        let one = store.begin_upload(&name(round)).await.expect("begin");
        let two = store.begin_upload(&name(round)).await.expect("begin");
        assert_ne!(one.id(), two.id());
        one.put_part(1, 0, part(&[1; 300])).await.expect("put part");
        two.put_part(1, 0, part(&[2; 300])).await.expect("put part");
        let winner = match join(one.complete(1, 300), two.complete(1, 300)).await {
            (Ok(()), Err(error)) => (1, error),
            (Err(error), Ok(())) => (2, error),
            other => panic!("one of two wins: {other:?}"),
        };
        assert_eq!(winner.1.kind(), ErrorKind::AlreadyExists);
        assert!(read(store, round).await == [winner.0; 300]);
    }
}

/// Uploads are listed from their beginning to their end.
pub async fn unfinished_uploads_are_listed(store: &dyn BlobStore) {
    let mut uploads = Vec::new();
    for number in [1, 1, 2, 3] {
        uploads.push((name(number), store.begin_upload(&name(number)).await.expect("begin")));
    }
    while let Some((last_name, last)) = uploads.pop() {
        let listed = store.uploads().await.expect("uploads");
        assert_eq!(listed.len(), uploads.len() + 1);
        let found = listed.iter().find(|meta| &meta.id == last.id()).expect("it is listed");
        assert!(found.name == last_name && found.begun_ms > 0);
        if uploads.len().is_multiple_of(2) {
            last.abort().await.expect("abort");
        } else {
            last.put_part(1, 0, part(&[1; 100])).await.expect("put part");
            last.complete(1, 100).await.expect("complete");
        }
    }
    assert_eq!(store.uploads().await.expect("uploads"), []);
}

/// A large object streams in pieces of bounded length, whole and by ranges across its parts.
pub async fn a_large_object_comes_in_pieces(store: &dyn BlobStore) {
    let parts = parts(&[2 * PART, PART, PART, 12_345]);
    let upload = store.begin_upload(&name(1)).await.expect("begin");
    for (index, part) in parts.iter().enumerate() {
        send(&*upload, &parts, index, part).await.expect("put part");
    }
    upload.complete(4, total(&parts)).await.expect("complete");
    let whole = parts.concat();
    let across = PART as u64 - 7..3 * PART as u64 + 9;
    for range in [None, Some(across)] {
        let mut body = store.get(&name(1), range.clone()).await.expect("get");
        let mut at = range.unwrap_or_default().start as usize;
        while let Some(piece) = body.stream.try_next().await.expect("read") {
            assert!(piece.len() <= 1 << 20, "a piece of {} bytes", piece.len());
            assert!(whole[at..at + piece.len()] == piece);
            at += piece.len();
        }
        assert_eq!(at as u64, body.range.end);
    }
}

/// A little more than the shortest part.
const PART: usize = MIN_PART_LEN as usize + 1_001;

/// The length of a sealed object of no plaintext.
const SMALLEST: usize = 104;

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}

/// Bytes that have the form of a sealed object and differ from place to place.
fn object(len: usize, seed: u8) -> Vec<u8> {
    let mut bytes = b"IMEGHA\x01\x01".to_vec();
    let mut block = 0u32;
    while bytes.len() < len {
        bytes.extend(block.to_be_bytes());
        bytes.extend([seed; 60]);
        block += 1;
    }
    bytes.truncate(len);
    bytes
}

fn sealed(bytes: &[u8]) -> SealedObject {
    SealedObject::from_received(bytes.to_vec()).expect("the length is that of a sealed object")
}

fn part(bytes: &[u8]) -> SealedPart {
    SealedPart::from_received(bytes.to_vec()).expect("a part is not empty")
}

fn parts(lens: &[usize]) -> Vec<Vec<u8>> {
    lens.iter().zip(1..).map(|(len, seed)| object(*len, seed)).collect()
}

fn total(parts: &[Vec<u8>]) -> u64 {
    parts.iter().map(|part| part.len() as u64).sum()
}

/// Sends `bytes` as the part that stands at `index` among `parts`.
async fn send(upload: &dyn Upload, parts: &[Vec<u8>], index: usize, bytes: &[u8]) -> Result<()> {
    upload.put_part(index as u32 + 1, total(&parts[..index]), part(bytes)).await
}

async fn read(store: &dyn BlobStore, number: u8) -> Vec<u8> {
    collect(store.get(&name(number), None).await.expect("get")).await
}

async fn collect(body: crate::backend::BlobBody) -> Vec<u8> {
    let pieces: Vec<_> = body.stream.try_collect().await.expect("read");
    pieces.concat()
}

async fn listed(store: &dyn BlobStore, after: Option<&ObjectName>, limit: usize) -> Vec<ObjectName> {
    store.list(after, limit).await.expect("list").into_iter().map(|meta| meta.name).collect()
}

fn refused<T: std::fmt::Debug>(kind: ErrorKind, result: Result<T>) {
    let error = result.expect_err("this is refused");
    assert_eq!(error.kind(), kind, "{error:?}");
}
