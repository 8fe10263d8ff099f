//! The one suite, on S3 and DynamoDB, and on a gateway before them.

use std::sync::Arc;

use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::schema::CloudSchema;

use super::line::Line;
use super::peers::{new_cloud, new_cloud_with};

async fn new_records() -> (Arc<dyn RecordStore<CloudSchema>>, ()) {
    (Arc::new(new_cloud().await.records), ())
}

async fn new_blobs() -> (Arc<dyn BlobStore>, ()) {
    (Arc::new(new_cloud_with(&Line::new().sdk().await).await.blobs), ())
}

imegha_cloud::record_conformance!(records, new_records);
imegha_cloud::blob_conformance!(blobs, new_blobs);

mod remote {
    use std::sync::Arc;

    use crate::aws::line::Line;
    use crate::aws::peers::new_cloud_with;
    use crate::served::Served;

    async fn served() -> (Served, ()) {
        let cloud = new_cloud_with(&Line::new().sdk().await).await;
        (Served::start(Arc::new(cloud.records), Arc::new(cloud.blobs)).await, ())
    }

    crate::served::remote_conformance!(served);
}
