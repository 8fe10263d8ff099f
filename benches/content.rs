//! Content: sealed, opened, and read in part, beside raw aws-lc-rs over the same 16 KiB chunks.
//!
//! All go from one buffer to another, both written to before the clock starts. The product also makes a salt, derives key,
//! nonce and commitment, and writes the head; that is what is seen at 1 KiB. `peers` compares with others in one run.

use std::hint::black_box;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN, part_capacity};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Id, OpeningReader};

const SIZES: [(&str, usize); 5] =
    [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("8 MiB", 8 << 20), ("64 MiB", 64 << 20)];
/// From here on a second thread is worth starting.
const TWO_THREADS: usize = 8 << 20;

fn sealing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    group.sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(3)).sample_size(20);
    let keys = Keys::new();
    for (name, len) in SIZES {
        let plain = vec![0x5a; len];
        let mut sealed = vec![1; part_capacity(len)];
        group.throughput(Throughput::Bytes(len as u64));
        for threads in threads(len) {
            group.bench_function(BenchmarkId::new(format!("imegha-crypto/{threads}"), name), |bencher| {
                bencher.iter(|| {
                    keys.sealer(threads).seal_part_to(black_box(&plain), true, &mut sealed).expect("it is sealed")
                });
            });
        }
        group.bench_function(BenchmarkId::new("aws-lc-rs/1", name), |bencher| {
            bencher.iter(|| raw_seal(black_box(&plain), &mut sealed));
        });
    }
    group.finish();
}

fn opening(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    group.sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(3)).sample_size(20);
    let keys = Keys::new();
    for (name, len) in SIZES {
        let plain = vec![0x5a; len];
        let mut opened = vec![1; len];
        let mut sealed = vec![1; part_capacity(len)];
        let object_len = keys.sealer(1).seal_part_to(&plain, true, &mut sealed).expect("it is sealed");
        group.throughput(Throughput::Bytes(len as u64));
        for threads in threads(len) {
            group.bench_function(BenchmarkId::new(format!("imegha-crypto/{threads}"), name), |bencher| {
                bencher.iter(|| {
                    let (head, chunks) = black_box(&sealed[..object_len]).split_at(HEAD_LEN);
                    keys.opener(head, threads).open_chunks_to(0, chunks, true, &mut opened).expect("it opens")
                });
            });
        }
        raw_seal(&plain, &mut sealed);
        group.bench_function(BenchmarkId::new("aws-lc-rs/1", name), |bencher| {
            bencher.iter(|| raw_open(black_box(&sealed), &mut opened));
        });
    }
    group.finish();
}

/// So much from the middle of 64 MiB, at no chunk's border.
fn ranged_opening(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open a range of 64 MiB");
    let keys = Keys::new();
    let object = keys.sealer(1).seal_part(vec![0x5a; 64 << 20], true).expect("it is sealed").into_bytes();
    for (name, len) in [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)] {
        let mut out = vec![1; len];
        let mut reader =
            OpeningReader::new(Cursor::new(&object), &keys.key, ContentKind::Content, &keys.node, 1).expect("it opens");
        let mut position = 0;
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(BenchmarkId::new("imegha-crypto", name), |bencher| {
            bencher.iter(|| {
                // Another place each time, so that nothing is there from the time before.
                position = (position + 5_000_011) % (60 << 20);
                reader.seek(SeekFrom::Start(position)).expect("it is within");
                reader.read_exact(black_box(&mut out)).expect("it opens");
            });
        });
    }
    group.finish();
}

struct Keys {
    key: FileKey,
    node: Id,
}

impl Keys {
    fn new() -> Self {
        Self {
            key: FileKey::generate().expect("there is randomness"),
            node: Id::generate().expect("there is randomness"),
        }
    }

    fn sealer(&self, threads: usize) -> ContentSealer {
        let sealer = ContentSealer::new(&self.key, ContentKind::Content, &self.node, 1).expect("there is randomness");
        sealer.with_threads(threads.try_into().expect("one or two"))
    }

    fn opener(&self, head: &[u8], threads: usize) -> ContentOpener {
        let opener = ContentOpener::new(&self.key, ContentKind::Content, &self.node, 1, head).expect("its own head");
        opener.with_threads(threads.try_into().expect("one or two"))
    }
}

fn threads(len: usize) -> impl Iterator<Item = usize> {
    1..=if len < TWO_THREADS { 1 } else { 2 }
}

/// The least that AES-256-GCM over the same chunks can cost with the same library: one key schedule, nothing else.
fn raw_seal(plain: &[u8], sealed: &mut [u8]) {
    let key = raw_key();
    for (k, (plain, sealed)) in plain.chunks(CHUNK_LEN).zip(sealed.chunks_mut(SEALED_CHUNK_LEN)).enumerate() {
        let (chunk, rest) = sealed.split_at_mut(plain.len());
        let sealing = key.seal_out_of_place_scatter(nonce(k), Aad::empty(), plain, chunk, &[], &mut rest[..16]);
        sealing.expect("a chunk is far below the limit");
    }
}

fn raw_open(sealed: &[u8], opened: &mut [u8]) {
    let key = raw_key();
    for (k, (opened, sealed)) in opened.chunks_mut(CHUNK_LEN).zip(sealed.chunks(SEALED_CHUNK_LEN)).enumerate() {
        let (chunk, rest) = sealed.split_at(opened.len());
        key.open_separate_gather(nonce(k), Aad::empty(), chunk, &rest[..16], opened).expect("it was sealed so");
    }
}

fn raw_key() -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("the key has 32 bytes"))
}

fn nonce(k: usize) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&(k as u64).to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

criterion_group!(benches, sealing, opening, ranged_opening);
criterion_main!(benches);
