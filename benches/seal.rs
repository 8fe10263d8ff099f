//! Sealing content, beside raw aws-lc-rs.
//!
//! Both seal 16 KiB chunks in place, in buffers of one size that were written to before the clock starts, with one key schedule
//! for the whole buffer. The raw loop is the floor: its chunks lie already where they are sealed. The product's also derives the
//! key, makes a salt and a commitment, and moves each chunk to make room for the tag of the one before it.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN, part_capacity};
use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id};

const MIB: usize = 1 << 20;

fn sealing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    group.sampling_mode(SamplingMode::Flat);
    for mib in [1, 64] {
        group.throughput(Throughput::Bytes((mib * MIB) as u64));
        group.sample_size(if mib == 1 { 100 } else { 20 });
        group.bench_with_input(
            BenchmarkId::new("imegha-crypto", format!("{mib} MiB")),
            &(mib * MIB),
            |bencher, &len| {
                let key = FileKey::generate().expect("there is randomness");
                let node = Id::generate().expect("there is randomness");
                bencher.iter_batched(|| plaintext(len), |buffer| imegha(&key, &node, buffer), BatchSize::PerIteration);
            },
        );
        group.bench_with_input(BenchmarkId::new("aws-lc-rs", format!("{mib} MiB")), &(mib * MIB), |bencher, &len| {
            bencher.iter_batched(|| laid_out(len), raw, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// What the product does with a part of a file.
fn imegha(key: &FileKey, node: &Id, buffer: Vec<u8>) -> Vec<u8> {
    let mut sealer = ContentSealer::new(key, ContentKind::Content, node, 1).expect("there is randomness");
    black_box(sealer.seal_part(buffer, true).expect("a part may have this length").into_bytes())
}

/// The least that AES-256-GCM over the same chunks can cost with the same library.
fn raw(mut buffer: Vec<u8>) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("the key has 32 bytes"));
    for (number, chunk) in buffer[HEAD_LEN..].chunks_mut(SEALED_CHUNK_LEN).enumerate() {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&(number as u64).to_be_bytes());
        let (plain, place) = chunk.split_at_mut(chunk.len() - AES_256_GCM.tag_len());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), plain).expect("a chunk is far below the limit");
        place.copy_from_slice(tag.as_ref());
    }
    black_box(buffer)
}

/// Plaintext, with room for all that sealing adds. Every page of the buffer has been written to.
fn plaintext(len: usize) -> Vec<u8> {
    let mut buffer = vec![0x5a; part_capacity(len)];
    buffer.truncate(len);
    buffer
}

/// The same buffer at its final length, its chunks already where they will be sealed.
fn laid_out(len: usize) -> Vec<u8> {
    assert!(len.is_multiple_of(CHUNK_LEN), "whole chunks, and an empty last one");
    vec![0x5a; part_capacity(len)]
}

criterion_group!(benches, sealing);
criterion_main!(benches);
