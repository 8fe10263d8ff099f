//! Benches: each stands beside what it is measured against. See `README.md`.
//!
//! What the programs share: bytes that are made up on the way, the keys of one account, and the peak memory of a process.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use imegha_cloud::CloudKeys;
use imegha_crypto::{Dek, Fingerprint, Id, Identity, RecoveryPhrase, Sealed};

/// How many bytes [`pieces`] yields at once.
pub const PIECE: u64 = 1024 * 1024;

/// So many bytes, a piece at a time: such as a film has, which nothing makes shorter. A storage that packs what it is given would be measured
/// by that otherwise, and only in the clear.
pub fn pieces(bytes: u64) -> impl Iterator<Item = Bytes> {
    static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut noise = vec![0; 2 * PIECE as usize];
        aws_lc_rs::rand::fill(&mut noise).expect("the system has random bytes");
        noise
    });
    (0..bytes.div_ceil(PIECE)).map(move |piece| {
        let len = (bytes - piece * PIECE).min(PIECE);
        // Pieces that are cut elsewhere have no chunk in common.
        let from = (piece * 4_099 % PIECE) as usize;
        Bytes::copy_from_slice(&NOISE[from..from + len as usize])
    })
}

/// Runs the same program again, for a folder, and returns what it prints: a peak is that of a whole process.
///
/// # Errors
/// When it does not start, or fails: then what it said.
pub fn in_another_process(arguments: &[&str], folder: &Path) -> Result<String, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?).args(arguments).arg(folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// The peak resident memory of this process, as Linux tells it.
///
/// # Errors
/// Where there is no `/proc`.
pub fn peak() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(peak.trim().to_owned())
}

/// An account's keys: wrapped by a phrase in a file beside the cloud, so that a second process has the same.
///
/// # Errors
/// When a file in the folder cannot be read or written, or does not open.
pub fn keys(folder: &Path) -> Result<CloudKeys, Box<dyn Error>> {
    let account = Id::from_bytes([7; 16]);
    let read = |name: &str| Ok::<_, Box<dyn Error>>(Sealed::from_received(std::fs::read(folder.join(name))?)?);
    if !folder.join("phrase").exists() {
        let phrase = RecoveryPhrase::generate()?;
        let (dek, identity) = (Dek::generate()?, Identity::generate()?);
        std::fs::write(folder.join("phrase"), phrase.words().collect::<Vec<_>>().join(" "))?;
        let wrap = dek.wrap_by_recovery(&phrase.derive_keys().kek, &account, 1)?;
        std::fs::write(folder.join("dek"), wrap.as_bytes())?;
        std::fs::write(folder.join("identity"), identity.wrap(&dek, &account, 1)?.as_bytes())?;
        std::fs::write(folder.join("fingerprint"), identity.fingerprint().as_bytes())?;
        return Ok(CloudKeys::new(account, dek, 1, Arc::new(identity)));
    }
    let phrase = RecoveryPhrase::parse(&std::fs::read_to_string(folder.join("phrase"))?)?;
    let dek = Dek::unwrap_by_recovery(&read("dek")?, &phrase.derive_keys().kek, &account, 1)?;
    let fingerprint = std::fs::read(folder.join("fingerprint"))?[..].try_into().map(Fingerprint::from_bytes)?;
    let identity = Identity::unwrap(&read("identity")?, &dek, &account, 1, &fingerprint)?;
    Ok(CloudKeys::new(account, dek, 1, Arc::new(identity)))
}
