//! The AWS Encryption SDK with a raw AES keyring: AES-256-GCM in frames, with a key commitment as the product has one, and without
//! the ECDSA signature that is its default and slower. It takes and gives whole buffers of its own.

use aws_esdk::client::Client;
use aws_esdk::material_providers::client::Client as Providers;
use aws_esdk::material_providers::types::keyring::KeyringRef;
use aws_esdk::material_providers::types::material_providers_config::MaterialProvidersConfig;
use aws_esdk::material_providers::types::{AesWrappingAlg, EsdkAlgorithmSuiteId};
use aws_esdk::types::aws_encryption_sdk_config::AwsEncryptionSdkConfig;
use aws_smithy_types::Blob;
use tokio::runtime::Runtime;

use super::Peer;
use crate::Result;

pub struct Esdk {
    runtime: Runtime,
    client: Client,
    keyring: KeyringRef,
    frame: usize,
    plain: Option<Blob>,
    sealed: Option<Blob>,
}

impl Esdk {
    /// `frame` bytes of plaintext in a frame: 4,096 is the default, more is allowed.
    pub fn new(frame: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let client = Client::from_conf(AwsEncryptionSdkConfig::builder().build()?)?;
        let providers = Providers::from_conf(MaterialProvidersConfig::builder().build()?)?;
        let keyring = providers
            .create_raw_aes_keyring()
            .key_namespace("peers")
            .key_name("one")
            .wrapping_key(vec![7; 32])
            .wrapping_alg(AesWrappingAlg::AlgAes256GcmIv12Tag16);
        let keyring = runtime.block_on(keyring.send())?;
        Ok(Self { runtime, client, keyring, frame, plain: None, sealed: None })
    }
}

impl Peer for Esdk {
    fn name(&self) -> &'static str {
        if self.frame > 4096 { "aws-esdk, frames of 1 MiB" } else { "aws-esdk" }
    }

    fn prepare(&mut self, plain: &[u8], _sealed: &mut Vec<u8>) {
        self.plain = Some(Blob::new(plain));
    }

    fn seal(&mut self, _plain: &[u8], _sealed: &mut Vec<u8>) -> Result<()> {
        let sealing = self
            .client
            .encrypt()
            .plaintext(self.plain.take().ok_or("it was prepared")?)
            .keyring(self.keyring.clone())
            .algorithm_suite_id(EsdkAlgorithmSuiteId::AlgAes256GcmHkdfSha512CommitKey)
            .frame_length(self.frame as i64);
        self.sealed = self.runtime.block_on(sealing.send())?.ciphertext;
        Ok(())
    }

    fn open(&mut self, _sealed: &mut Vec<u8>, _opened: &mut Vec<u8>) -> Result<()> {
        let sealed = self.sealed.take().ok_or("it was sealed")?;
        let opening = self.client.decrypt().ciphertext(sealed).keyring(self.keyring.clone());
        self.plain = self.runtime.block_on(opening.send())?.plaintext;
        Ok(())
    }

    fn opened<'a>(&self, _sealed: &'a [u8], _opened: &'a [u8], _len: usize) -> std::borrow::Cow<'a, [u8]> {
        self.plain.as_ref().map(|plain| plain.as_ref().to_vec()).unwrap_or_default().into()
    }
}
