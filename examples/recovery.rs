//! The platform is gone, and with it the password's way in. 24 words and the storage open everything.
//!
//! ```text
//! recovery --cloud quickstart-data/cloud --out my-files      # asks for the words
//! ```
//!
//! `--cloud` is the folder of an embedded cloud. For one in an AWS account `imegha_cloud::backend::aws` takes its place; nothing else changes.
#![forbid(unsafe_code)]

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, CloudKeys, Depth, ExportOptions, MemoryDevice, Store};
use imegha_crypto::RecoveryPhrase;
use zeroize::Zeroizing;

#[derive(Parser)]
struct Arguments {
    /// The folder of the cloud.
    #[arg(long)]
    cloud: PathBuf,
    /// Where its files go.
    #[arg(long)]
    out: PathBuf,
    /// A file with the words; else they are typed.
    #[arg(long)]
    words: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { cloud, out, words } = Arguments::parse();
    // Opening would make a cloud's files where there are none.
    ensure!(cloud.is_dir(), "there is no folder {}", cloud.display());
    let Embedded { records, blobs } = Embedded::open(cloud)?;
    let store = Store {
        records: Arc::new(records),
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        device: Arc::new(MemoryDevice::new()),
    };

    let phrase = RecoveryPhrase::parse(&read_words(words)?)?;
    let keys = CloudKeys::recover(&phrase, &store).await.context("these words open nothing here")?;
    let cloud = Cloud::open(keys, store).await?;
    // Everything is read and every signature checked before anything is relied on.
    let report = cloud.verify(Depth::Deep).await?;
    let exported = cloud.export(&out, &ExportOptions::new()).await?;
    println!("{} files in {}, {} problems", exported.files, out.display(), report.problems.len());
    Ok(())
}

/// Not an argument: other users of a machine see those.
fn read_words(file: Option<PathBuf>) -> Result<Zeroizing<String>> {
    let mut words = Zeroizing::new(String::new());
    let source: Box<dyn Read> = match file {
        Some(file) => Box::new(std::fs::File::open(file)?),
        None => {
            eprintln!("The 24 words, then Ctrl-D:");
            Box::new(std::io::stdin())
        }
    };
    source.take(1 << 12).read_to_string(&mut words)?;
    Ok(words)
}
