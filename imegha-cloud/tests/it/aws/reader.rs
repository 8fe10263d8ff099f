//! What is in the account can be read without this code: `tests/reader.py` knows FORMAT.md and RECORDS.md, and nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use imegha_cloud::backend::aws::Aws;
use imegha_cloud::backend::{Condition, Query, RecordStore as _, Write};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, OnTaken};
use imegha_crypto::RecoveryPhrase;

use super::peers::{Peers, config, new_prefix, peers, sdk};
use crate::export::tree;
use crate::storage::{Storage, bytes, keys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_a_hundred_lines_opens_everything() {
    let there = Cloudlet::new().await;
    let cloud = &there.cloud;
    let root = cloud.root();
    let photos = cloud.create_folder(&root, "Photos").await.unwrap();
    let summer = cloud.create_folder(&photos.id, "Sommer ☀").await.unwrap();
    let mut expected = BTreeMap::new();
    // Nothing, less than a chunk, exactly one, and several parts.
    for (name, len) in [("empty", 0), ("small.txt", 1_000), ("chunk", 16_384), ("large.bin", (8 << 20) + 12_345)] {
        cloud.upload(&summer.id, name, of(len)).await.unwrap();
        expected.insert(format!("files/Sommer ☀/{name}"), bytes(len, len as u64));
    }
    let replaced = cloud.upload(&root, "replaced", of(10)).await.unwrap();
    cloud.replace(&replaced.id, of(20)).await.unwrap();
    expected.insert("files/replaced".to_owned(), bytes(20, 20));
    // A folder that was moved has its keys replaced at the next write below it.
    cloud.move_to(&[summer.id], &root, OnTaken::Refuse).await.unwrap();
    cloud.upload(&summer.id, "later", of(30)).await.unwrap();
    expected.insert("files/Sommer ☀/later".to_owned(), bytes(30, 30));
    let gone = cloud.upload(&root, "gone", of(40)).await.unwrap();
    cloud.trash(&[gone.id]).await.unwrap();
    expected.insert("trash/gone".to_owned(), bytes(40, 40));

    let folder = tempfile::tempdir().unwrap();
    let output = there.read(&there.phrase, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut read = tree(folder.path());
    read.retain(|path, _| !path.ends_with('/'));
    assert!(read == expected, "{:?} was read, {:?} is there", read.keys(), expected.keys());
}

/// It reads what is there, and not whatever lies there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reader_refuses_other_words_and_another_record() {
    let there = Cloudlet::new().await;
    let file = there.cloud.upload(&there.cloud.root(), "file", of(1_000)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refused = |phrase: &RecoveryPhrase, words: &str| {
        let output = there.read(phrase, folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{said}");
        assert!(!folder.path().join("files/file").exists());
    };
    refused(&RecoveryPhrase::generate().unwrap(), "another key");

    // Whoever has the storage takes the file out of the folder's sight, or gives it another time.
    let records = &there.aws.records;
    let of_root = Query::new(Collection::Children, [CloudValue::Id(there.cloud.root())]);
    let record = records.query(&of_root).await.unwrap().records.remove(0);
    assert_eq!(record.key.sort, [CloudValue::Id(file.id)]);
    let older = record.clone().with(Field::Written, CloudValue::Time(7));
    records.transact(&[Write::Put(older, Condition::Present)]).await.unwrap();
    refused(&there.phrase, "not the log's latest");
    records.transact(&[Write::Put(record, Condition::Present)]).await.unwrap();
    assert!(there.read(&there.phrase, folder.path()).status.success());
}

/// A cloud in the account, and the words that open it.
struct Cloudlet {
    cloud: Cloud,
    phrase: RecoveryPhrase,
    prefix: String,
    aws: Aws<CloudSchema>,
    peers: &'static Peers,
}

impl Cloudlet {
    async fn new() -> Self {
        let (peers, prefix, phrase) = (peers().await, new_prefix(), RecoveryPhrase::generate().unwrap());
        let config = config().await.with_prefix(&prefix).unwrap();
        let open = || async { Aws::with_sdk(&peers.bucket, &peers.table, &config, &sdk().await).unwrap() };
        let keys = keys();
        let wrap = keys.dek.wrap_by_recovery(&phrase.derive_keys().kek, &keys.account, keys.dek_epoch).unwrap();
        let store = Storage::aws(open().await).store();
        let cloud = Cloud::create(keys.with_recovery_wrap(wrap), store).await.unwrap();
        Self { cloud, phrase, prefix, aws: open().await, peers }
    }

    fn read(&self, phrase: &RecoveryPhrase, folder: &Path) -> Output {
        let python = std::env::var_os("IMEGHA_TEST_PYTHON").expect(
            "IMEGHA_TEST_PYTHON names a Python with boto3 and cryptography: `cargo xtask test --only aws` has one",
        );
        let mut reader = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reader.py"))
            .args([&self.peers.bucket, &self.peers.table, &self.prefix])
            .arg(folder)
            .env("AWS_ENDPOINT_URL_S3", self.peers.s3.as_str())
            .env("AWS_ENDPOINT_URL_DYNAMODB", self.peers.dynamodb.as_str())
            .env("AWS_DEFAULT_REGION", std::env::var("AWS_REGION").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let words = phrase.words().collect::<Vec<_>>().join(" ");
        reader.stdin.take().unwrap().write_all(words.as_bytes()).unwrap();
        reader.wait_with_output().unwrap()
    }
}

fn of(len: usize) -> Content {
    Content::new(BytesSource::new(bytes(len, len as u64)))
}
