//! Where the certificate comes from.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::SelfSigned;

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// `IMEGHA_TLS_CERT` and `IMEGHA_TLS_KEY`: PEM files, the chain with the server's own certificate first.
    Files { chain: PathBuf, key: PathBuf },
    /// `IMEGHA_TLS=self-signed`: made here, and kept in the data folder.
    SelfSigned(SelfSigned),
}

/// A certificate and its key, in PEM. No `Debug`: nothing prints a key.
#[derive(PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(super) chain: Vec<u8>,
    pub(super) key: Vec<u8>,
    /// SHA-256 of a self-signed one, as browsers show it.
    pub(super) fingerprint: Option<String>,
}

impl Source {
    /// Reads the certificate; a self-signed one that is missing, about to expire or for other hosts is made.
    ///
    /// # Errors
    /// In words: which file, and what is wrong with it.
    pub(super) fn read(&self) -> Result<Certificate> {
        let (chain, key) = match self {
            Self::SelfSigned(made) => return made.read_or_make(),
            Self::Files { chain, key } => (chain, key),
        };
        let certificate = Certificate {
            chain: read(chain, "IMEGHA_TLS_CERT")?,
            key: read(key, "IMEGHA_TLS_KEY")?,
            fingerprint: None,
        };
        ensure!(
            contains(&certificate.chain, b"-----BEGIN CERTIFICATE-----"),
            "{} holds no certificate in PEM form (IMEGHA_TLS_CERT)",
            chain.display()
        );
        ensure!(
            contains(&certificate.key, b"PRIVATE KEY-----"),
            "{} holds no private key in PEM form (IMEGHA_TLS_KEY)",
            key.display()
        );
        ensure!(
            !contains(&certificate.key, b"ENCRYPTED"),
            "the key in {} is encrypted; a server that starts by itself needs it without a passphrase (IMEGHA_TLS_KEY)",
            key.display()
        );
        Ok(certificate)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files { chain, key } => write!(
                f,
                "the certificate in {} with the key in {} (is the key that certificate's?)",
                chain.display(),
                key.display()
            ),
            Self::SelfSigned(_) => f.write_str("the self-signed certificate"),
        }
    }
}

fn read(path: &Path, variable: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read ({variable})", path.display()))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
