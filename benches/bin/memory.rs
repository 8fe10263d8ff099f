//! Peak memory of one upload or download: `memory upload|download <bytes>`.
//!
//! The cloud is an embedded one in a temporary folder. What is uploaded is made up on the way, what is downloaded is counted and
//! dropped, so that only the client's own memory is seen. A download is measured in a second process, after an upload in the first.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use futures::{TryStreamExt as _, stream};
use imegha_benches::{in_another_process, keys, peak, pieces};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, Content, FileDevice, Store, StreamSource};

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

fn run(work: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn upload(bytes: u64, folder: &Path) -> Result<(), Box<dyn Error>> {
    let keys = keys(folder)?;
    let cloud = Cloud::create(keys, store(folder)?).await?;
    let content = Content::new(StreamSource::new(stream::iter(pieces(bytes).map(Ok)), Some(bytes)));
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
    println!("{what} of {bytes} bytes: peak {}", peak()?);
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
