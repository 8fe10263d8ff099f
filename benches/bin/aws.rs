//! What encryption costs beside S3: `aws compare <bytes> <rounds>` and `aws memory <bytes>`.
//!
//! The same bytes go to a bucket and come back, sealed by the product and in the clear by the SDK alone, cut where the product cuts: parts of
//! 512 sealed chunks, windows of 256, as many at once. Each round runs all of them, in another order than the round before it. Records lie in a
//! temporary folder, since only S3 carries bytes. `IMEGHA_TEST_S3_ENDPOINT` says where S3 is.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::BehaviorVersion;
use aws_lc_rs::digest;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};
use bytes::BytesMut;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use imegha_benches::{in_another_process, keys, peak, pieces};
use imegha_cloud::backend::aws::{AwsBlobs, AwsConfig};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, Content, FileDevice, Store, StreamSource};

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["compare", bytes, rounds] => compare(bytes.parse()?, rounds.parse()?).await?,
        ["memory", bytes] => {
            for what in Way::ALL {
                let folder = tempfile::tempdir()?;
                println!("{:<20} {}", what.name(), in_another_process(&["one", what.name(), bytes], folder.path())?);
            }
        }
        ["one", what, bytes, folder] => {
            let what = Way::ALL.into_iter().find(|way| way.name() == what).ok_or("no such way")?;
            let there = There::new(Path::new(folder), bytes.parse()?).await?;
            if matches!(what, Way::SealedDown | Way::ClearDown | Way::HashedDown) {
                // Before it, in a process of its own: a peak is that of a whole process.
                let up = if what == Way::SealedDown { Way::SealedUp } else { Way::ClearUp };
                in_another_process(&["one", up.name(), bytes], Path::new(folder))?;
            }
            there.run(what).await?;
            println!("peak {}", peak()?);
        }
        _ => return Err("aws compare <bytes> <rounds> | aws memory <bytes>".into()),
    }
    Ok(())
}

/// Prints the median times, and the median of the rounds' ratios.
async fn compare(bytes: u64, rounds: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let there = There::new(folder.path(), bytes).await?;
    let mut times: Vec<[Duration; 5]> = Vec::new();
    for round in 0..=rounds {
        let mut of_round = [Duration::ZERO; 5];
        // What goes up comes down after it; who is first changes.
        let order = if round % 2 == 0 { [0, 1, 2, 3, 4] } else { [1, 0, 4, 3, 2] };
        for index in order {
            let started = Instant::now();
            there.run(Way::ALL[index]).await?;
            of_round[index] = started.elapsed();
        }
        // The first round warms up connections and the server's disk.
        if round > 0 {
            times.push(of_round);
        }
        there.clear().await?;
    }
    for (sealed, clear) in [(0, 1), (2, 3), (2, 4)] {
        let ratios = times.iter().map(|round| round[sealed].as_secs_f64() / round[clear].as_secs_f64()).collect();
        let seconds = |index: usize| median(times.iter().map(|round| round[index].as_secs_f64()).collect());
        println!(
            "{:<12} {:.2} s, {:<12} {:.2} s, ratio {:.3}",
            Way::ALL[sealed].name(),
            seconds(sealed),
            Way::ALL[clear].name(),
            seconds(clear),
            median(ratios),
        );
    }
    Ok(())
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    SealedUp,
    ClearUp,
    SealedDown,
    ClearDown,
    /// As the clear one, and the SHA-256 of it all: what whoever checks what came does in the clear too.
    HashedDown,
}

impl Way {
    const ALL: [Self; 5] = [Self::SealedUp, Self::ClearUp, Self::SealedDown, Self::ClearDown, Self::HashedDown];

    fn name(self) -> &'static str {
        match self {
            Self::SealedUp => "sealed-up",
            Self::ClearUp => "clear-up",
            Self::SealedDown => "sealed-down",
            Self::ClearDown => "clear-down",
            Self::HashedDown => "hashed-down",
        }
    }
}

/// A bucket, and a cloud with its objects there.
struct There {
    s3: aws_sdk_s3::Client,
    cloud: Cloud,
    bytes: u64,
}

impl There {
    async fn new(folder: &Path, bytes: u64) -> Result<Self, Failure> {
        let endpoint = std::env::var("IMEGHA_TEST_S3_ENDPOINT").map_err(|_| "IMEGHA_TEST_S3_ENDPOINT is not set")?;
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let builder = aws_sdk_s3::config::Builder::from(&sdk).endpoint_url(&endpoint).force_path_style(true);
        let s3 = aws_sdk_s3::Client::from_conf(builder.build());
        if s3.head_bucket().bucket(BUCKET).send().await.is_err() {
            s3.create_bucket().bucket(BUCKET).send().await?;
        }
        let config = AwsConfig::default().with_s3_endpoint(endpoint.parse()?).with_prefix("sealed/")?;
        let blobs = AwsBlobs::with_sdk(BUCKET, &config, &sdk)?;
        let store = Store {
            records: Arc::new(Embedded::open(folder.join("cloud"))?.records),
            blobs: Arc::new(blobs),
            clock: Arc::new(SystemClock),
            device: Arc::new(FileDevice::new(folder.join("device"))),
        };
        let cloud = match folder.join("phrase").exists() {
            true => Cloud::open(keys(folder)?, store).await?,
            false => Cloud::create(keys(folder)?, store).await?,
        };
        Ok(Self { s3, cloud, bytes })
    }

    async fn run(&self, way: Way) -> Result<(), Failure> {
        let read = match way {
            Way::SealedUp => {
                let source = StreamSource::new(stream::iter(pieces(self.bytes).map(Ok)), Some(self.bytes));
                self.cloud.upload(&self.cloud.root(), "file", Content::new(source)).await?;
                self.bytes
            }
            Way::ClearUp => self.clear_up().await?,
            Way::SealedDown => {
                let file = self.cloud.list(&self.cloud.root()).await?.pop().ok_or("there is no file")?;
                let mut download = self.cloud.download(&file.id).await?;
                let mut read = 0;
                while let Some(piece) = download.try_next().await? {
                    read += piece.len() as u64;
                }
                read
            }
            Way::ClearDown | Way::HashedDown => {
                let mut hash = (way == Way::HashedDown).then(|| digest::Context::new(&digest::SHA256));
                let windows = stream::iter((0..self.bytes).step_by(WINDOW as usize)).map(async |from| {
                    let last = (from + WINDOW).min(self.bytes) - 1;
                    let get = self.s3.get_object().bucket(BUCKET).key(CLEAR).range(format!("bytes={from}-{last}"));
                    Ok::<_, Failure>(get.send().await?.body.collect().await?.into_bytes())
                });
                windows
                    .buffered(WINDOWS_AT_ONCE)
                    .try_fold(0, |read, window| {
                        if let Some(hash) = &mut hash {
                            hash.update(&window);
                        }
                        std::future::ready(Ok(read + window.len() as u64))
                    })
                    .await?
            }
        };
        if read == self.bytes { Ok(()) } else { Err("not everything came".into()) }
    }

    /// Sends the parts as the product does: of the same length, as many at once, with the same checksum.
    async fn clear_up(&self) -> Result<u64, Failure> {
        let begin = self.s3.create_multipart_upload().bucket(BUCKET).key(CLEAR);
        let begin = begin.checksum_algorithm(ChecksumAlgorithm::Crc32).checksum_type(ChecksumType::FullObject);
        let begun = begin.send().await?;
        let id = begun.upload_id().ok_or("no id of the upload")?;
        let mut pieces = pieces(self.bytes);
        let mut ahead = BytesMut::new();
        let parts = std::iter::from_fn(move || {
            while (ahead.len() as u64) < PART {
                match pieces.next() {
                    Some(piece) => ahead.extend_from_slice(&piece),
                    None => break,
                }
            }
            let part = ahead.split_to(ahead.len().min(PART as usize));
            (!part.is_empty()).then(|| part.freeze())
        });
        let mut done: Vec<CompletedPart> = stream::iter(parts)
            .enumerate()
            .map(async |(index, part)| {
                let number = i32::try_from(index)? + 1;
                let put = self.s3.upload_part().bucket(BUCKET).key(CLEAR).upload_id(id).part_number(number);
                let put = put.checksum_algorithm(ChecksumAlgorithm::Crc32).body(ByteStream::from(part)).send().await?;
                let part = CompletedPart::builder().part_number(number).set_e_tag(put.e_tag);
                Ok::<_, Failure>(part.set_checksum_crc32(put.checksum_crc32).build())
            })
            .buffer_unordered(PARTS_AT_ONCE)
            .try_collect()
            .await?;
        done.sort_by_key(|part| part.part_number);
        let done = CompletedMultipartUpload::builder().set_parts(Some(done)).build();
        let complete = self.s3.complete_multipart_upload().bucket(BUCKET).key(CLEAR).upload_id(id);
        complete.multipart_upload(done).send().await?;
        Ok(self.bytes)
    }

    /// Removes what the round left.
    async fn clear(&self) -> Result<(), Failure> {
        let file = self.cloud.list(&self.cloud.root()).await?.pop().ok_or("there is no file")?;
        self.cloud.trash(&[file.id]).await?;
        self.cloud.empty_trash().await?;
        self.s3.delete_object().bucket(BUCKET).key(CLEAR).send().await?;
        Ok(())
    }
}

const BUCKET: &str = "imegha-benches";
const CLEAR: &str = "clear";

/// What the product sends in a part, and how many it has on their way; what it asks for at once, and how often.
const PART: u64 = 512 * 16_400;
const PARTS_AT_ONCE: usize = 2;
const WINDOW: u64 = 256 * 16_400;
const WINDOWS_AT_ONCE: usize = 3;
