//! Where the certificate comes from.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use imegha_cloud::serving::PemPair;

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
    pub(super) pair: PemPair,
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
        let pair = PemPair::read((chain, "IMEGHA_TLS_CERT"), (key, "IMEGHA_TLS_KEY"))?;
        Ok(Certificate { pair, fingerprint: None })
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
