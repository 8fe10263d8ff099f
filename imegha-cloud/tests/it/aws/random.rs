//! The random operations of `crate::random`, on S3 and DynamoDB.

use super::peers::new_cloud;
use crate::random::runs;
use crate::storage::Storage;

#[test]
fn three_devices_and_a_plain_tree_agree_on_s3_and_dynamodb() {
    runs(1, 20, || Box::pin(async { Storage::aws(new_cloud().await) }));
}
