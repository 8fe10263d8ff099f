//! The bucket that Lambda takes the gateway's program from.

use std::path::Path;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, PublicAccessBlockConfiguration};

use super::aws::{Account, said};
use crate::failure::{Code, Failure, Result};

/// Reads the program, and refuses what is none.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let zip = std::fs::read(path).map_err(|error| Failure::disk(path, &error))?;
    let names_bootstrap = zip.windows(BOOTSTRAP.len()).any(|window| window == BOOTSTRAP);
    if !zip.starts_with(b"PK\x03\x04") || !names_bootstrap || zip.len() > MAX_LEN {
        let words = "this is not the gateway's program: `cargo xtask lambda` builds it";
        return Err(Failure::usage(words).about(&path.to_string_lossy()));
    }
    Ok(zip)
}

/// A bucket of this account's.
pub(super) struct CodeBucket<'a> {
    account: &'a Account,
    s3: Client,
    pub(super) name: String,
}

impl<'a> CodeBucket<'a> {
    pub(super) fn of(account: &'a Account, name: Option<&str>) -> Self {
        let own = || format!("imegha-code-{}-{}", account.id, account.region);
        let name = name.map_or_else(own, str::to_owned);
        Self { account, s3: Client::new(&account.sdk), name }
    }

    /// Puts the program there, and the template beside it, so that the stack can be updated in the console, too.
    pub(super) async fn send(&self, key: &str, program: Vec<u8>) -> Result<()> {
        self.put(key, program).await?;
        self.put(TEMPLATE_KEY, imegha_cloud::deploy::TEMPLATE.as_bytes().to_vec()).await
    }

    /// Puts a file there. The bucket is made if there is none, and must be this account's: who guessed its name would otherwise choose
    /// what the gateway is.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        let Account { id, region, .. } = self.account;
        let head = || self.s3.head_bucket().bucket(&self.name).expected_bucket_owner(id);
        if let Err(error) = head().send().await {
            if !error.as_service_error().is_some_and(|error| error.is_not_found()) {
                let words =
                    format!("the bucket {} cannot be used; is it another account's? (--code-bucket)", self.name);
                return Err(error.as_service_error().map_or_else(
                    || said("looking for the bucket of the program", region, &error),
                    |_| Failure::new(Code::Failed, words.clone()),
                ));
            }
            self.create().await?;
        }
        let put = self.s3.put_object().bucket(&self.name).key(key).expected_bucket_owner(id);
        let put = put.body(ByteStream::from(bytes)).send().await;
        put.map(drop).map_err(|error| said("sending the gateway's program", region, &error))
    }

    async fn create(&self) -> Result<()> {
        let region = &self.account.region;
        let mut create = self.s3.create_bucket().bucket(&self.name);
        // The first of all regions is the one that has no name here.
        if region != "us-east-1" {
            let place = BucketLocationConstraint::from(region.as_str());
            create = create
                .create_bucket_configuration(CreateBucketConfiguration::builder().location_constraint(place).build());
        }
        match create.send().await {
            Err(error) if error.code() != Some("BucketAlreadyOwnedByYou") => {
                return Err(said("making a bucket for the program", region, &error));
            }
            _ => {}
        }
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let block = self.s3.put_public_access_block().bucket(&self.name).public_access_block_configuration(block);
        block.send().await.map(drop).map_err(|error| said("closing the bucket of the program", region, &error))
    }
}

const TEMPLATE_KEY: &str = "personal-cloud.yaml";

const BOOTSTRAP: &[u8] = b"bootstrap";

/// What Lambda takes.
const MAX_LEN: usize = 50 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_a_zip_with_a_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        for (bytes, is_one) in [
            (&b"PK\x03\x04...bootstrap..."[..], true),
            (b"PK\x03\x04...index.js...", false),
            (b"\x7fELF bootstrap", false),
            (b"", false),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path).is_ok(), is_one);
        }
        assert_eq!(read(&folder.path().join("none")).unwrap_err().code(), Code::NotFound);
    }
}
