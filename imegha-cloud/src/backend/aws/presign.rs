//! Addresses by which a client reads and writes single objects of the bucket.

use async_trait::async_trait;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};

use super::AwsBlobs;
use super::error::request;
use crate::backend::presign::PRESIGNED_FOR;
use crate::backend::{Announced, ObjectName, Presign, PresignedUrl, UploadId};
use crate::error::Result;

#[async_trait]
impl Presign for AwsBlobs {
    async fn presign_get(&self, name: &ObjectName) -> Result<PresignedUrl> {
        let bucket = &self.bucket;
        let get = bucket.client.get_object().bucket(&bucket.name).key(bucket.key(name));
        get.presigned(limit()).await.map(url).map_err(request("signing an address"))
    }

    async fn presign_put(&self, name: &ObjectName, announced: &Announced) -> Result<PresignedUrl> {
        let bucket = &self.bucket;
        let put = bucket.client.put_object().bucket(&bucket.name).key(bucket.key(name)).if_none_match("*");
        let put = put.content_length(announced.len as i64).checksum_crc32(announced.checksum());
        put.presigned(limit()).await.map(url).map_err(request("signing an address"))
    }
}

impl AwsBlobs {
    pub(super) async fn presign_part(
        &self,
        name: &ObjectName,
        id: &UploadId,
        number: u32,
        announced: &Announced,
    ) -> Result<PresignedUrl> {
        let bucket = &self.bucket;
        let part = bucket.client.upload_part().bucket(&bucket.name).key(bucket.key(name)).upload_id(id.as_str());
        let part = part.part_number(number as i32).content_length(announced.len as i64);
        let part = part.checksum_crc32(announced.checksum());
        part.presigned(limit()).await.map(url).map_err(request("signing an address"))
    }
}

fn limit() -> PresigningConfig {
    PresigningConfig::expires_in(PRESIGNED_FOR).expect("it is less than a week")
}

fn url(signed: PresignedRequest) -> PresignedUrl {
    PresignedUrl::new(signed.uri())
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use url::Url;

    use super::*;
    use crate::backend::aws::AwsConfig;

    /// What of a request an address binds.
    fn signed(url: &PresignedUrl) -> (Url, String) {
        let url = Url::parse(url.as_str()).unwrap();
        let parameter =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(parameter("X-Amz-Expires").as_deref(), Some("300"));
        (url.clone(), parameter("X-Amz-SignedHeaders").unwrap())
    }

    #[tokio::test]
    async fn an_address_binds_length_checksum_and_condition() {
        let credentials = SharedCredentialsProvider::new(Credentials::new("key", "secret", None, None, "tests"));
        let sdk =
            SdkConfig::builder().behavior_version(BehaviorVersion::latest()).credentials_provider(credentials).build();
        let config = AwsConfig::default().with_region("eu-north-1").with_prefix("mine/").unwrap();
        let blobs = AwsBlobs::with_sdk("a-bucket", &config, &sdk).unwrap();
        let (name, announced) = (ObjectName::from_salt([7; 24]), Announced { len: 9, crc32: 0xcbf4_3926 });

        let (url, headers) = signed(&blobs.presign_get(&name).await.unwrap());
        assert_eq!(url.path(), format!("/mine/{name}"));
        assert_eq!(headers, "host");
        let (url, headers) = signed(&blobs.presign_put(&name, &announced).await.unwrap());
        assert_eq!(url.path(), format!("/mine/{name}"));
        assert_eq!(headers, "content-length;host;if-none-match;x-amz-checksum-crc32");
        let id = UploadId::parse("an-id").unwrap();
        let (url, headers) = signed(&blobs.presign_part(&name, &id, 3, &announced).await.unwrap());
        assert_eq!(headers, "content-length;host;x-amz-checksum-crc32");
        let query = url.query().unwrap();
        assert!(query.contains("partNumber=3&uploadId=an-id"), "{query}");
        assert_eq!(announced.checksum(), "y/Q5Jg==");
    }
}
