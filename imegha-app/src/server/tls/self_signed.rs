//! A certificate of the server's own making, for a machine that no authority gives one: at home, on an address of the LAN.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use imegha_cloud::serving::PemPair;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Certificate;
use crate::server::data::{make_private, write_private};

/// What a self-signed certificate is for, and where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SelfSigned {
    folder: PathBuf,
    /// Names and addresses that it holds for, sorted.
    hosts: Vec<String>,
}

/// One file, so that certificate and key are always a pair.
#[derive(Serialize, Deserialize)]
struct Kept {
    hosts: Vec<String>,
    /// Seconds since 1970.
    expires: u64,
    certificate: String,
    key: String,
}

impl SelfSigned {
    /// One for `host`, a name or an address, and for loopback, kept in `folder`.
    pub(crate) fn new(folder: PathBuf, host: &str) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut hosts: Vec<String> = [host, "localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        hosts.sort();
        hosts.dedup();
        Self { folder, hosts }
    }

    /// The kept one, or a new one when there is none, when it ends within a month, or when it is for other hosts.
    ///
    /// # Errors
    /// When it cannot be read, made or kept. One that is damaged is an error too: devices may trust the one that it was.
    pub(super) fn read_or_make(&self) -> Result<Certificate> {
        let path = self.folder.join(NAME);
        let context = || format!("{} cannot be used", path.display());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
        let kept = match fs::read(&path) {
            Ok(bytes) => {
                let kept: Kept = serde_json::from_slice(&bytes).with_context(context)?;
                (kept.hosts == self.hosts && kept.expires > (now + RENEW_BEFORE).as_secs()).then_some(kept)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(context),
        };
        let kept = match kept {
            Some(kept) => kept,
            None => {
                let made = self.make(now).context("a certificate cannot be made")?;
                make_private(&self.folder).with_context(context)?;
                replace(&path, &serde_json::to_vec(&made)?).with_context(context)?;
                made
            }
        };
        // For people who want to put it among the certificates that a device trusts. It holds no secret.
        let public = self.folder.join("self-signed.pem");
        if fs::read(&public).ok().as_deref() != Some(kept.certificate.as_bytes()) {
            replace(&public, kept.certificate.as_bytes()).with_context(|| format!("{}", public.display()))?;
        }
        Ok(Certificate {
            fingerprint: Some(fingerprint(&kept.certificate).with_context(context)?),
            pair: PemPair { chain: kept.certificate.into_bytes(), key: kept.key.into_bytes() },
        })
    }

    fn make(&self, now: Duration) -> Result<Kept> {
        let mut params = CertificateParams::new(self.hosts.clone())?;
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, "iMegha, self-signed");
        params.distinguished_name = name;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // An hour back, for devices whose clocks are behind.
        params.not_before = (UNIX_EPOCH + now.saturating_sub(Duration::from_secs(3600))).into();
        let expires = now + VALID_FOR;
        params.not_after = (UNIX_EPOCH + expires).into();
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Kept {
            hosts: self.hosts.clone(),
            expires: expires.as_secs(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// Writes a file, all of it or nothing.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    write_private(&unfinished, bytes)?;
    fs::rename(unfinished, path)
}

/// SHA-256 of the certificate as browsers write it.
fn fingerprint(pem: &str) -> Result<String> {
    use base64ct::{Base64, Encoding as _};

    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = Base64::decode_vec(&body).map_err(|_| anyhow::anyhow!("the certificate is not base64"))?;
    let hex: Vec<String> = Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(hex.join(":"))
}

const NAME: &str = "self-signed.json";

/// Below what Apple's devices take of a certificate that their owner trusts by hand (825 days), and what public ones had (398).
const VALID_FOR: Duration = Duration::from_secs(397 * 24 * 3600);
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_until_it_ends_or_the_host_changes() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let of = |host: &str| SelfSigned::new(root.path().to_owned(), host).read_or_make().expect("made");
        let first = of("192.168.1.2");
        assert!(first == of("192.168.1.2"), "the same after a restart");
        assert_eq!(first.fingerprint.as_ref().expect("it has one").len(), 32 * 3 - 1);
        let other = of("cloud.lan");
        assert!(first.pair.chain != other.pair.chain && other == of("cloud.lan"));
        assert_eq!(fs::read(root.path().join("self-signed.pem")).expect("for people"), other.pair.chain);

        // Two weeks before its end.
        let path = root.path().join(NAME);
        let mut kept: Kept = serde_json::from_slice(&fs::read(&path).expect("kept")).expect("JSON");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        assert!((now + 396 * 86_400..now + 398 * 86_400).contains(&kept.expires));
        kept.expires = now + 14 * 86_400;
        fs::write(&path, serde_json::to_vec(&kept).expect("JSON")).expect("written");
        assert!(of("cloud.lan") != other, "made anew");
    }

    #[test]
    fn a_damaged_one_is_told_and_stays() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = root.path().join(NAME);
        fs::write(&path, "{").expect("written");
        let refused = SelfSigned::new(root.path().to_owned(), "localhost").read_or_make().err().expect("refused");
        assert!(refused.to_string().contains("self-signed.json cannot be used"), "{refused}");
        assert_eq!(fs::read(&path).expect("there"), b"{");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt as _;

        let root = tempfile::tempdir().expect("a temporary folder");
        SelfSigned::new(root.path().to_owned(), "[::1]").read_or_make().expect("made");
        let mode = fs::metadata(root.path().join(NAME)).expect("kept").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
