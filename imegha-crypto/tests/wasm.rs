//! The crate in a browser's worker: the vectors by RustCrypto in WebAssembly, and WebCrypto held against it.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "it/vectors/mod.rs"]
mod vectors;

use imegha_crypto::hazmat::RawKey as _;
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, Dek, Error, FileKey, Hash, Id, Identity};
use imegha_crypto::{PublicIdentity, device, layout};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn vectors_embedded() {
    let files = vectors::run_folder(&vectors::embedded::folder(), |line| console_log!("{line}"));
    assert!(files > 0);
}

/// The objects of `file.json`, sealed and opened by WebCrypto: in one part, and in parts.
#[wasm_bindgen_test]
async fn vectors_of_objects_by_webcrypto() {
    let cases = vectors::object_cases(&vectors::embedded::folder());
    assert!(!cases.is_empty());
    for (object, hash) in &cases {
        let place = &object.place;
        let part = device::seal_part(&mut object.sealer(), object.plain.clone(), true).await.unwrap();
        assert_eq!(Hash::of(part.as_bytes()), *hash);

        let mut sealer = object.sealer();
        let mut in_parts = Vec::new();
        let mut rest = &object.plain[..];
        while rest.len() > PART_LEN {
            let (plain, after) = rest.split_at(PART_LEN);
            in_parts.extend(device::seal_part(&mut sealer, plain.to_vec(), false).await.unwrap().into_bytes());
            rest = after;
        }
        in_parts.extend(device::seal_part(&mut sealer, rest.to_vec(), true).await.unwrap().into_bytes());
        assert_eq!(Hash::of(&in_parts), *hash);

        let (head, chunks) = in_parts.split_at(layout::HEAD_LEN);
        let opener = ContentOpener::new(&object.key, place.kind, &place.node, place.revision, head).unwrap();
        let opened = device::open_chunks(&opener, 0, chunks.to_vec(), true).await.unwrap();
        assert!(opened == object.plain);
    }
    console_log!("vectors file.json (WebCrypto): {} opened, 0 refused", cases.len());
}

#[wasm_bindgen_test]
async fn vectors_of_passwords_by_webcrypto() {
    let cases = vectors::password_cases(&vectors::embedded::folder());
    assert!(!cases.is_empty());
    for case in &cases {
        let keys = device::derive_password_keys(&case.password, &case.email, &case.params).await.unwrap();
        assert_eq!(*keys.auth.raw(), case.auth);
        assert_eq!(*keys.kek.raw(), case.kek);
    }
    console_log!("vectors password.json (WebCrypto): {} opened, 0 refused", cases.len());
}

/// What one seals the other opens, and what one refuses the other refuses.
#[wasm_bindgen_test]
async fn webcrypto_and_rustcrypto_agree() {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    for size in [0, 1, 16_383, 16_384, 16_385, 9 * 16_384 - 1, 9 * 16_384, 300_001] {
        let plain: Vec<u8> = (0..size).map(|at: usize| (at * 7 + size) as u8).collect();
        let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
        let sealed = device::seal_part(&mut sealer, plain.clone(), true).await.unwrap().into_bytes();
        let (head, chunks) = sealed.split_at(layout::HEAD_LEN);
        let opener = ContentOpener::new(&key, ContentKind::Content, &node, 1, head).unwrap();
        assert!(opener.open_chunks(0, chunks.to_vec(), true).unwrap() == plain);
        assert!(device::open_chunks(&opener, 0, chunks.to_vec(), true).await.unwrap() == plain);

        let mut mutated: Vec<Vec<u8>> = [0, chunks.len() / 2, chunks.len() - 1]
            .map(|at| {
                let mut chunks = chunks.to_vec();
                chunks[at] ^= 0x10;
                chunks
            })
            .to_vec();
        mutated.push(chunks[..chunks.len() - 1].to_vec());
        mutated.push([chunks, &[0]].concat());
        for (at, chunks) in mutated.into_iter().enumerate() {
            let by_rust = opener.open_chunks(0, chunks.clone(), true);
            let by_browser = device::open_chunks(&opener, 0, chunks, true).await;
            assert_eq!(by_rust, Err(Error::CannotOpen), "{size} {at}");
            assert_eq!(by_browser, Err(Error::CannotOpen), "{size} {at}");
        }
        let elsewhere = device::open_chunks(&opener, 1, chunks.to_vec(), true).await;
        assert_eq!(elsewhere, Err(Error::CannotOpen));
        let not_last = device::open_chunks(&opener, 0, chunks.to_vec(), false).await;
        assert_eq!(not_last, Err(Error::CannotOpen));
    }
}

/// ATTACKS 58 in the browser: what WebCrypto seals is to the byte what RustCrypto seals, and each opens it; what was changed
/// neither opens. 1,000 sealings of 16 to 50 KB: shorter ones `device` does not give to WebCrypto, and more would only take
/// Chromium minutes, since every chunk is a call to another of its threads.
///
/// Stopped by the browser's own comparison of the tag, which `InFlight::finish_group` does not pass over.
#[wasm_bindgen_test]
async fn a58_webcrypto_and_rustcrypto_agree() {
    let mut state = 58_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut bytes = 0;
    for case in 0..1_000 {
        let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
        let size = layout::CHUNK_LEN + if case % 4 == 0 { random(3) * layout::CHUNK_LEN } else { random(34_000) };
        let plain: Vec<u8> = (0..size).map(|at| (at ^ (at >> 8) ^ case) as u8).collect();
        let mut by_browser = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
        let salt = by_browser.salt();
        let object = device::seal_part(&mut by_browser, plain.clone(), true).await.unwrap().into_bytes();
        let mut by_rust = ContentSealer::resume(&key, ContentKind::Content, &node, 1, salt).unwrap();
        assert!(by_rust.seal_part(plain.clone(), true).unwrap().as_bytes() == object, "{case}: sealed differently");

        let (head, chunks) = object.split_at(layout::HEAD_LEN);
        let opener = ContentOpener::new(&key, ContentKind::Content, &node, 1, head).unwrap();
        assert!(device::open_chunks(&opener, 0, chunks.to_vec(), true).await.unwrap() == plain, "{case}");
        let mut changed = chunks.to_vec();
        match random(3) {
            0 => changed[random(chunks.len())] ^= 1 << random(8),
            1 => changed.truncate(layout::SEALED_CHUNK_LEN + random(chunks.len() - layout::SEALED_CHUNK_LEN)),
            _ => changed.extend(vec![0; 1 + random(40)]),
        }
        let refused = device::open_chunks(&opener, 0, changed.clone(), true).await;
        assert_eq!(refused, Err(Error::CannotOpen), "{case}: WebCrypto");
        assert_eq!(opener.open_chunks(0, changed, true), Err(Error::CannotOpen), "{case}: RustCrypto");
        bytes += size;
    }
    console_log!("a58: 1000 sealings of {bytes} bytes by WebCrypto and RustCrypto, 1000 mutations refused by both");
}

/// A part that is not last and not of whole chunks is refused by either, and nothing follows the last.
#[wasm_bindgen_test]
async fn parts_are_counted() {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    assert_eq!(device::seal_part(&mut sealer, vec![0; 16_385], false).await.unwrap_err(), Error::Bounds);
    assert_eq!(sealer.offset(), 0);
    device::seal_part(&mut sealer, vec![0; 32_768], false).await.unwrap();
    assert_eq!(sealer.offset(), 88 + 2 * 16_400);
    device::seal_part(&mut sealer, vec![0; 16_384], true).await.unwrap();
    assert_eq!(device::seal_part(&mut sealer, vec![0; 16_384], true).await.unwrap_err(), Error::Bounds);
}

/// The browser's PKCS#8 is canonical, so that what it makes opens everywhere.
#[wasm_bindgen_test]
async fn an_identity_is_made_by_webcrypto() {
    let identity = device::generate_identity().await.unwrap();
    let public = identity.public();
    assert_eq!(PublicIdentity::parse(public.spki(), public.ed25519()).unwrap(), *public);
    let (dek, account) = (Dek::generate().unwrap(), Id::generate().unwrap());
    let wrap = identity.wrap(&dek, &account, 1).unwrap();
    let again = Identity::unwrap(&wrap, &dek, &account, 1, &identity.fingerprint()).unwrap();
    assert_eq!(again.public(), public);
}

const PART_LEN: usize = 1024 * 1024;
