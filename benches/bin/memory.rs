//! Peak memory of one upload or download: `memory upload|download <bytes>`.
//!
//! The cloud is an embedded one in a temporary folder. What is uploaded is made up on the way, what is downloaded is counted and
//! dropped, so that only the client's own memory is seen. A download is measured in a second process, after an upload in the first.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use futures::{TryStreamExt as _, stream};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, CloudKeys, Content, FileDevice, Store, StreamSource};
use imegha_crypto::{Dek, Id, Identity};

/// How much a source yields at once.
const PIECE: u64 = 1024 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["upload", bytes] => {
            let folder = tempfile::tempdir()?;
            println!("{}", in_another_process(&["upload-in", bytes], folder.path())?);
        }
        ["download", bytes] => {
            let folder = tempfile::tempdir()?;
            in_another_process(&["upload-in", bytes], folder.path())?;
            println!("{}", in_another_process(&["download-in", bytes], folder.path())?);
        }
        ["upload-in", bytes, folder] => run(upload(bytes.parse()?, Path::new(folder)))?,
        ["download-in", bytes, folder] => run(download(bytes.parse()?, Path::new(folder)))?,
        _ => return Err("memory upload|download <bytes>".into()),
    }
    Ok(())
}

/// The same program again, for a folder: a peak is that of a whole process.
fn in_another_process(arguments: &[&str], folder: &Path) -> Result<String, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?).args(arguments).arg(folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

fn run(work: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn upload(bytes: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    let keys = keys(folder)?;
    let cloud = Cloud::create(keys, store(folder)?).await?;
    let pieces = (0..bytes.div_ceil(PIECE)).map(move |piece| {
        let len = (bytes - piece * PIECE).min(PIECE);
        Ok(vec![piece as u8; len as usize].into())
    });
    let content = Content::new(StreamSource::new(stream::iter(pieces), Some(bytes)));
    cloud.upload(&cloud.root(), "file", content).await?;
    report("upload", bytes)
}

async fn download(bytes: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::open(keys(folder)?, store(folder)?).await?;
    let file = cloud.list(&cloud.root()).await?.pop().ok_or("there is no file")?;
    let mut download = cloud.download(&file.id).await?;
    let mut read = 0;
    while let Some(piece) = download.try_next().await? {
        read += piece.len() as u64;
    }
    if read != bytes {
        return Err("not everything was read".into());
    }
    report("download", bytes)
}

fn report(what: &str, bytes: u64) -> Result<(), Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    println!("{what} of {bytes} bytes: peak {}", peak.trim());
    Ok(())
}

fn store(folder: &Path) -> Result<Store, Box<dyn Error>> {
    let Embedded { records, blobs } = Embedded::open(folder.join("cloud"))?;
    Ok(Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(FileDevice::new(folder.join("device"))),
    })
}

/// The account's keys: wrapped by a phrase in a file beside the cloud, so that the second process has the same.
fn keys(folder: &Path) -> Result<CloudKeys, Box<dyn Error>> {
    use imegha_crypto::{RecoveryPhrase, Sealed};

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
    let fingerprint =
        std::fs::read(folder.join("fingerprint"))?[..].try_into().map(imegha_crypto::Fingerprint::from_bytes)?;
    let identity = Identity::unwrap(&read("identity")?, &dek, &account, 1, &fingerprint)?;
    Ok(CloudKeys::new(account, dek, 1, Arc::new(identity)))
}
