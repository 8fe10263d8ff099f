//! The server's one secret.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use imegha_crypto::Hash;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// 32 random bytes that a platform keeps for itself, the same through its life: with them it answers for addresses without an
/// account always alike, and keeps codes and the addresses of failed sign-ins only as keyed hashes.
///
/// Losing it locks nobody out; somebody who has it can tell which addresses have accounts.
#[derive(Clone)]
pub struct ServerSecret(Zeroizing<[u8; 32]>);

impl ServerSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// [`ErrorKind::Device`] when the machine has no randomness to give.
    pub fn generate() -> Result<Self> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// The one that these bytes are, from wherever the operator keeps secrets.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the secret from a file of 32 bytes, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the file cannot be read or made, or is not 32 bytes long.
    pub fn load_or_create(path: &std::path::Path) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::with_source(ErrorKind::Config, "the platform's secret cannot be read or made", error)
        };
        match std::fs::read(path).map(Zeroizing::new) {
            Ok(bytes) => {
                let bytes: [u8; 32] = bytes
                    .as_slice()
                    .try_into()
                    .map_err(|_| Error::new(ErrorKind::Config, "the platform's secret is not 32 bytes long"))?;
                Ok(Self::from_bytes(bytes))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = Self::generate()?;
                write_new(path, secret.0.as_slice()).map_err(failed)?;
                Ok(secret)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// HMAC-SHA256 (RFC 2104) over a purpose and its parts, each behind its length.
    pub(crate) fn keyed_hash(&self, purpose: &'static str, parts: &[&[u8]]) -> Hash {
        keyed_hash(&self.0, purpose, parts)
    }
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerSecret(redacted)")
    }
}

/// HMAC-SHA256 (RFC 2104) under `key` over a purpose and its parts, each behind its length.
pub(crate) fn keyed_hash(key: &[u8; 32], purpose: &'static str, parts: &[&[u8]]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in [purpose.as_bytes()].iter().chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Hash::from_bytes(mac.finalize().into_bytes().into())
}

/// Random bytes of the machine.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Device, "this machine has no randomness").caused_by(error.to_string())
    })?;
    Ok(bytes)
}

/// Writes a new file that only its owner reads, and has it on disk before it returns.
fn write_new(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;

    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_outlives_the_process_and_is_redacted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("platform.secret");
        let made = ServerSecret::load_or_create(&path).unwrap();
        let read = ServerSecret::load_or_create(&path).unwrap();
        assert_eq!(made.keyed_hash("test", &[b"a"]), read.keyed_hash("test", &[b"a"]));
        assert_eq!(format!("{made:?}"), "ServerSecret(redacted)");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, b"short").unwrap();
        assert_eq!(ServerSecret::load_or_create(&path).unwrap_err().kind(), ErrorKind::Config);
    }

    #[test]
    fn purposes_and_parts_do_not_run_together() {
        let secret = ServerSecret::from_bytes([7; 32]);
        let hash = secret.keyed_hash("a", &[b"bc", b"d"]);
        for other in [secret.keyed_hash("a", &[b"b", b"cd"]), secret.keyed_hash("ab", &[b"c", b"d"])] {
            assert_ne!(hash, other);
        }
    }
}
