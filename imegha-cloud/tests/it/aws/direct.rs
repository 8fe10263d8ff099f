//! Bodies that go straight between client and bucket.

use std::collections::BTreeMap;
use std::sync::Arc;

use imegha_cloud::backend::aws::Aws;
use imegha_cloud::backend::remote::RemoteBlobs;
use imegha_cloud::backend::{Announced, BlobStore as _, ObjectName, Presign as _, PresignedUrl, UploadId};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{BytesSource, Content, ErrorKind};
use reqwest::{Client, RequestBuilder, StatusCode};

use super::line::Line;
use super::peers::{new_cloud, new_cloud_with};
use crate::sample::{object, part};
use crate::served::Served;
use crate::storage::{Storage, bytes};

/// The one suite through a gateway that lets everything past it that it can.
mod remote {
    use super::{Line, Served, new_cloud_with, served_with};

    async fn served() -> (Served, ()) {
        (served_with(new_cloud_with(&Line::new().sdk().await).await, 1).await, ())
    }

    crate::served::remote_conformance!(served);
}

/// A gateway that lets bodies of `from_len` bytes and more past it. Its client has heard so.
async fn served_with(cloud: Aws<CloudSchema>, from_len: u64) -> Served {
    let presign = Arc::new(cloud.blobs.clone());
    let with = |options: imegha_cloud::gateway::GatewayOptions| options.with_direct(presign, from_len);
    let served = Served::start_with(Arc::new(cloud.records), Arc::new(cloud.blobs), with).await;
    RemoteBlobs::new(served.remote()).list(None, 1).await.unwrap();
    served
}

/// A cloud's files go past the gateway; what is asked of S3 by it is what has no body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_pass_the_gateway_by() {
    let line = Line::new();
    let served = served_with(new_cloud_with(&line.sdk().await).await, 1 << 20).await;
    let storage = Storage::behind(served);
    let cloud = storage.create().await;
    line.take_requests();
    let content = bytes((16 << 20) + 1_000, 7);
    let file = cloud.upload(&cloud.root(), "3 parts", Content::new(BytesSource::new(content.clone()))).await.unwrap();
    let counted = line.take_requests();
    let s3 = |counted: &BTreeMap<String, u32>| {
        let of_s3 = |name: &&str| counted.contains_key(*name);
        ["PutObject", "GetObject", "UploadPart", "CreateMultipartUpload", "ListParts", "CompleteMultipartUpload"]
            .into_iter()
            .filter(of_s3)
            .map(|name| (name.to_owned(), counted[name]))
            .collect::<Vec<_>>()
    };
    // The last part is short, and goes through.
    let expected = [("UploadPart", 1), ("CreateMultipartUpload", 1), ("ListParts", 1), ("CompleteMultipartUpload", 1)];
    assert_eq!(s3(&counted), expected.map(|(name, count)| (name.to_owned(), count)));
    let large = cloud.upload(&cloud.root(), "1 part", Content::new(BytesSource::new(bytes(2 << 20, 8)))).await.unwrap();
    assert_eq!(s3(&line.take_requests()), []);
    assert!(cloud.download(&file.id).await.unwrap().bytes().await.unwrap() == content);
    assert!(cloud.download(&large.id).await.unwrap().bytes().await.unwrap() == bytes(2 << 20, 8));
    // It is read by ranges, of which the last is short.
    assert_eq!(s3(&line.take_requests()), [("GetObject".to_owned(), 1)]);
}

/// An address takes just what was announced, once, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_good_for_one_object_of_announced_bytes() {
    let blobs = new_cloud().await.blobs;
    let (name, bytes) = (name(1), object(5_000, 1).into_bytes());
    let announced = Announced { len: 5_000, crc32: crc32fast::hash(&bytes) };
    let url = blobs.presign_put(&name, &announced).await.unwrap();
    let mut others = bytes.clone();
    others[4_000] ^= 1;
    let mut longer = bytes.clone();
    longer.push(0);
    for (what, request) in [
        ("without the condition", put(&url, &announced, bytes.clone()).header("x-nothing", "")),
        ("other bytes", unless_there(put(&url, &announced, others.clone()))),
        ("longer", unless_there(put(&url, &announced, longer))),
        ("other bytes, and their checksum", unless_there(put(&url, &of(&others), others))),
        ("without a checksum", unless_there(Client::new().put(url.as_str()).body(bytes.clone()))),
    ] {
        let status = request.send().await.unwrap().status();
        assert!(status.is_client_error(), "{what}: {status}");
        assert_eq!(blobs.head(&name).await.unwrap_err().kind(), ErrorKind::NotFound, "{what}");
    }
    assert_eq!(unless_there(put(&url, &announced, bytes.clone())).send().await.unwrap().status(), StatusCode::OK);
    let again = unless_there(put(&url, &announced, bytes.clone())).send().await.unwrap().status();
    assert_eq!(again, StatusCode::PRECONDITION_FAILED);

    let read = blobs.presign_get(&name).await.unwrap();
    assert_eq!(Client::new().get(read.as_str()).send().await.unwrap().bytes().await.unwrap(), bytes);
    let part = Client::new().get(read.as_str()).header("range", "bytes=10-19").send().await.unwrap();
    assert_eq!(
        (part.status(), part.bytes().await.unwrap()),
        (StatusCode::PARTIAL_CONTENT, bytes[10..20].to_vec().into())
    );
    // Not another object, not another method.
    let elsewhere = read.as_str().replace(&name.to_string(), &self::name(2).to_string());
    assert_eq!(Client::new().get(elsewhere).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(Client::new().delete(read.as_str()).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let later = read.as_str().replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    assert_eq!(Client::new().get(later).send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

/// Parts that came to addresses are checked by S3's own list, and joined with those that the handle sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_others_send_are_looked_up() {
    let blobs = new_cloud().await.blobs;
    let upload = blobs.begin_upload(&name(1)).await.unwrap();
    const LEN: usize = (5 << 20) + 1;
    let first = part(LEN, 1).into_bytes();
    let url = upload.presign_part(1, 0, &of(&first)).await.unwrap().expect("S3 has addresses");
    upload.put_part(2, LEN as u64, part(500, 2)).await.unwrap();
    // The same bytes get another address, others under that number none, nor do those of a number that came through the handle.
    assert!(upload.presign_part(1, 0, &of(&first)).await.unwrap().is_some());
    assert_eq!(upload.presign_part(1, 0, &of(&first[1..])).await.unwrap(), None);
    assert_eq!(upload.presign_part(2, LEN as u64, &of(&[2; 500])).await.unwrap(), None);
    // It was announced, and has not come.
    assert_eq!(upload.complete(2, LEN as u64 + 500).await.unwrap_err().kind(), ErrorKind::Malformed);
    let status = put(&url, &of(&first), first.clone()).send().await.unwrap().status();
    assert_eq!(status, StatusCode::OK);
    for size in [LEN as u64, LEN as u64 + 499, LEN as u64 + 501] {
        assert_eq!(upload.complete(2, size).await.unwrap_err().kind(), ErrorKind::Malformed, "{size}");
    }
    upload.complete(2, LEN as u64 + 500).await.unwrap();
    assert_eq!(blobs.head(&name(1)).await.unwrap().size, LEN as u64 + 500);
    assert!(put(&url, &of(&first), first).send().await.unwrap().status().is_client_error());
    let gone = blobs.resume_upload(&name(1), &UploadId::parse(upload.id().as_str()).unwrap()).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
}

fn put(url: &PresignedUrl, announced: &Announced, body: Vec<u8>) -> RequestBuilder {
    let checksum = <base64ct::Base64 as base64ct::Encoding>::encode_string(&announced.crc32.to_be_bytes());
    Client::new().put(url.as_str()).header("x-amz-checksum-crc32", checksum).body(body)
}

fn unless_there(request: RequestBuilder) -> RequestBuilder {
    request.header("if-none-match", "*")
}

fn of(bytes: &[u8]) -> Announced {
    Announced { len: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
}

fn name(number: u8) -> ObjectName {
    ObjectName::from_salt([number; 24])
}
