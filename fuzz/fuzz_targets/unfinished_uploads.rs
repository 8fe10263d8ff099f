//! The files of an unfinished upload in an embedded store, as a crash or a bad disk may leave them.
//!
//! Nothing panics. The store opens or says why not; an upload that it takes up goes on, and only parts that its journal lists whole
//! are joined.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use imegha_cloud::ErrorKind;
use imegha_cloud::backend::BlobStore as _;
use imegha_cloud::backend::embedded::{EmbeddedBlobs, EmbeddedConfig};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tokio::runtime::Runtime;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir_in(memory()).expect("a temporary folder"));
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

fuzz_target!(|input: (&[u8], &[u8], u16, bool)| {
    let (upload, parts, data, sane) = input;
    let folder = FOLDER.path().join("uploads").join("00".repeat(16));
    fs::create_dir_all(&folder).expect("made");
    // Half of the time a name that is one, so that the journal is looked at.
    let name = format!("{} 5\n", "ab".repeat(24));
    fs::write(folder.join("upload"), if sane { name.as_bytes() } else { upload }).expect("written");
    fs::write(folder.join("parts"), parts).expect("written");
    fs::write(folder.join("data"), vec![7; data.into()]).expect("written");
    // With a quota, so that what is there is counted.
    let config = EmbeddedConfig::default().with_quotas(1 << 40, 1 << 40);
    if let Ok(blobs) = EmbeddedBlobs::open_with(FOLDER.path(), &config) {
        RUNTIME.block_on(async {
            for meta in blobs.uploads().await.expect("listed") {
                let upload = blobs.resume_upload(&meta.name, &meta.id).await.expect("it is there");
                if let Err(error) = upload.complete(1, data.into()).await {
                    assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::AlreadyExists), "{error:?}");
                }
                blobs.delete(&meta.name).await.expect("deleted");
            }
        });
    }
    let _ = fs::remove_dir_all(&folder);
});

/// A folder in memory where there is one: a target writes a thousand files a second.
fn memory() -> std::path::PathBuf {
    let shm = std::path::PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}
