//! Sealing and opening allocate nothing for a chunk: counted by the allocator.
//!
//! A test program of its own, because an allocator is the whole program's, and counting one needs the two `unsafe` words that
//! the library forbids itself.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Cursor, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN, part_capacity};
use imegha_crypto::provider::{Provider, with};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Id, OpeningReader, PartBuffer, SealingWriter};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system's allocator; counting has no part in it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, len) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

/// The only test of this program, since tests run side by side and all of them are counted.
#[test]
fn nothing_is_allocated_for_a_chunk() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0_u8; 100]))), 1, "positive control: it counts");

    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let sealer = || ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    for provider in Provider::ALL {
        with(*provider, || {
            let plain = vec![7; 256 * CHUNK_LEN];
            let mut object = vec![0; part_capacity(plain.len())];
            let mut out = plain.clone();
            let mut room = Vec::with_capacity(part_capacity(plain.len()));
            room.extend_from_slice(&plain);
            let mut part = PartBuffer::first(plain.len());
            part.push(&plain);
            let (mut to, mut in_place, mut laid_out) = (sealer(), sealer(), sealer());

            assert_eq!(allocations(|| assert!(to.seal_part_to(&plain, true, &mut object).is_ok())), 0);
            assert_eq!(allocations(|| assert!(in_place.seal_part(room, true).is_ok())), 0);
            assert_eq!(allocations(|| assert!(laid_out.seal_buffer(part, true).is_ok())), 0);

            let opener = ContentOpener::new(&key, ContentKind::Content, &node, 1, &object[..HEAD_LEN]).unwrap();
            let chunks = object[HEAD_LEN..].to_vec();
            assert_eq!(allocations(|| assert!(opener.open_chunks_to(0, &chunks, true, &mut out).is_ok())), 0);
            assert_eq!(allocations(|| assert!(opener.open_chunks(0, chunks, true).is_ok())), 0);

            // Streams allocate when they begin, and then no more: as often for 4 MiB as for 512 KiB.
            let streams = [32, 256].map(|count| {
                allocations(|| {
                    let mut writer = SealingWriter::new(sealer(), Cursor::new(&mut object[..]));
                    plain[..count * CHUNK_LEN].chunks(10_000).for_each(|piece| writer.write_all(piece).unwrap());
                    let len = writer.finish().unwrap().position() as usize;
                    let object = Cursor::new(&object[..len]);
                    let mut reader = OpeningReader::new(object, &key, ContentKind::Content, &node, 1).unwrap();
                    for piece in out[..count * CHUNK_LEN].chunks_mut(10_000) {
                        reader.read_exact(piece).unwrap();
                    }
                })
            });
            assert_eq!(streams[0], streams[1], "{provider:?}");

            // A thread costs what it costs to start one, whatever it is given to do.
            let mut sealer = sealer().with_threads(2.try_into().unwrap());
            let thread = allocations(|| assert!(sealer.seal_part_to(&plain, true, &mut object).is_ok()));
            assert!((1..30).contains(&thread), "{provider:?}: {thread} for 257 chunks and a thread");
        });
    }
}
