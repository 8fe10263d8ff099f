//! A certificate and its key, from the files that whoever renews certificates writes.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use axum_server::tls_rustls::RustlsConfig;

/// A certificate's chain, the server's own certificate first, and its key; both in PEM form.
#[derive(Clone, PartialEq, Eq)]
pub struct PemPair {
    /// The chain.
    pub chain: Vec<u8>,
    /// The key, in the clear.
    pub key: Vec<u8>,
}

impl PemPair {
    /// Reads both files. What stands beside a path is the setting that names it, for the words of an error.
    ///
    /// # Errors
    /// In words, for whoever started the program: which file cannot be read, or is no certificate or no key.
    pub fn read(chain: (&Path, &str), key: (&Path, &str)) -> io::Result<Self> {
        let pair = Self { chain: read(chain)?, key: read(key)? };
        let wrong = |words: String, (_, setting): (&Path, &str)| {
            Err(io::Error::new(ErrorKind::InvalidData, format!("{words} ({setting})")))
        };
        if !contains(&pair.chain, b"-----BEGIN CERTIFICATE-----") {
            return wrong(format!("{} holds no certificate in PEM form", chain.0.display()), chain);
        }
        if !contains(&pair.key, b"PRIVATE KEY-----") {
            return wrong(format!("{} holds no private key in PEM form", key.0.display()), key);
        }
        if contains(&pair.key, b"ENCRYPTED") {
            let words = "is encrypted; a server that starts by itself needs it without a passphrase";
            return wrong(format!("the key in {} {words}", key.0.display()), key);
        }
        Ok(pair)
    }

    /// How connections are answered with it: TLS 1.2 and 1.3 of rustls, by aws-lc-rs, and HTTP/1.1 alone, which is what
    /// requests are signed and limited by.
    ///
    /// # Errors
    /// When it cannot be used; most of all when the key is another certificate's.
    pub async fn into_config(self) -> io::Result<RustlsConfig> {
        let config = RustlsConfig::from_pem(self.chain, self.key).await?;
        let mut inner = (*config.get_inner()).clone();
        inner.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.reload_from_config(inner.into());
        Ok(config)
    }
}

/// Nothing prints a key.
impl fmt::Debug for PemPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PemPair([redacted])")
    }
}

fn read((path, setting): (&Path, &str)) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        io::Error::new(error.kind(), format!("{} cannot be read ({setting}): {error}", path.display()))
    })
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_a_key() {
        let pair = PemPair { chain: b"chain".into(), key: b"secret".into() };
        assert_eq!(format!("{pair:?}"), "PemPair([redacted])");
    }
}
