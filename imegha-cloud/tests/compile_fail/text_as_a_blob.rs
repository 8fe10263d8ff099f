//! An object is never plain bytes: only sealing makes a `SealedObject` or a `SealedPart`.

use imegha_cloud::backend::{BlobStore, ObjectName, Upload};

async fn put(store: &dyn BlobStore, name: &ObjectName) {
    let _ = store.put(name, b"a photo".to_vec()).await;
    let _ = store.put(name, String::from("a text")).await;
}

async fn put_part(upload: &dyn Upload) {
    let _ = upload.put_part(1, 0, b"a photo".to_vec()).await;
}

fn main() {}
