//! The audit log, what a cloud holds, and its export, on S3 and DynamoDB.

use super::peers::new_cloud;
use crate::storage::Storage;
use crate::{client_audit, client_usage, export};

async fn storage() -> Storage {
    Storage::aws(new_cloud().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_says_what_was_done() {
    client_audit::says_what_was_done(&storage().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_counted_once_and_by_its_kind() {
    client_usage::counts_to_the_byte(&storage().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_out_as_it_went_in() {
    export::comes_out_whole(&storage().await).await;
}
