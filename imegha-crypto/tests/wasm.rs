//! The crate in a browser's worker: the vectors by RustCrypto in WebAssembly, and WebCrypto held against it.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "it/vectors/mod.rs"]
mod vectors;

use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Account, ContentKind, ContentOpener, ContentSealer, Dek, Email, Error, FeedPlace, FileKey, Fingerprint, Hash, Id,
    Identity, KdfParams, Password, PublicIdentity, PublicLink, SealedTo, Subject, device, layout,
};
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
        let mut by_rust = ContentSealer::dangerous_resume(&key, ContentKind::Content, &node, 1, salt);
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

/// The same for RSA-OAEP, by what is sealed to a person: 1,020 operations with the private key, since RustCrypto's take WebAssembly
/// 10 to 20 ms each. Natively it is 2,000.
#[wasm_bindgen_test]
async fn a58_webcrypto_and_rustcrypto_agree_on_rsa() {
    let (alice, bob) = (device::generate_identity().await.unwrap(), device::generate_identity().await.unwrap());
    for case in 0..170_u64 {
        let at = FeedPlace { feed: Id::generate().unwrap(), seq: case, previous: Hash::of(&case.to_be_bytes()) };
        let (subject, other) = (Subject::Contact { at }, Subject::Contact { at: FeedPlace::PASTED });
        let payload = case.to_be_bytes().repeat(case as usize);
        let by_browser = device::seal_to(&alice, bob.public(), &subject, &payload).await.unwrap();
        let by_rust = alice.seal_to(bob.public(), &subject, &payload).unwrap();
        for sealed in [&by_browser, &by_rust] {
            assert_eq!(*bob.open_from(alice.public(), &subject, sealed).unwrap(), payload, "{case}");
            assert_eq!(*device::open_from(&bob, alice.public(), &subject, sealed).await.unwrap(), payload, "{case}");
            let refused = device::open_from(&bob, alice.public(), &other, sealed).await;
            assert_eq!(refused.unwrap_err(), Error::CannotOpen, "{case}");
        }
        // Signed by Alice over a wrapped key that nobody made.
        let wrapped: Vec<u8> = (0..8).flat_map(|k| *Hash::of(&[k, case as u8]).as_bytes()).collect();
        let wrapped = wrapped[..].try_into().unwrap();
        let forged = hazmat::seal_to_with_wrapped_key(&alice, bob.public(), &subject, wrapped, &payload).unwrap();
        assert_eq!(bob.open_from(alice.public(), &subject, &forged).unwrap_err(), Error::CannotOpen, "{case}");
        let refused = device::open_from(&bob, alice.public(), &subject, &forged).await;
        assert_eq!(refused.unwrap_err(), Error::CannotOpen, "{case}");
    }
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

/// What is sealed to somebody goes between WebCrypto and RustCrypto, both ways, and what one refuses the other refuses.
#[wasm_bindgen_test]
async fn values_sealed_to_a_person_go_between_webcrypto_and_rustcrypto() {
    let alice = device::generate_identity().await.unwrap();
    let bob = device::generate_identity().await.unwrap();
    let subject = Subject::Contact { at: FeedPlace::PASTED };
    let by_browser = device::seal_to(&alice, bob.public(), &subject, b"card").await.unwrap();
    let by_rust = alice.seal_to(bob.public(), &subject, b"card").unwrap();
    for sealed in [&by_browser, &by_rust] {
        assert_eq!(*bob.open_from(alice.public(), &subject, sealed).unwrap(), b"card");
        assert_eq!(*device::open_from(&bob, alice.public(), &subject, sealed).await.unwrap(), b"card");
        for at in [0, 8, 40, 72, 200, 330, 400, sealed.as_bytes().len() - 1] {
            let mut changed = sealed.as_bytes().to_vec();
            changed[at] ^= 1;
            let Ok(changed) = SealedTo::from_received(changed) else { continue };
            let refused = device::open_from(&bob, alice.public(), &subject, &changed).await;
            assert_eq!(refused.unwrap_err(), Error::CannotOpen, "{at}");
        }
        assert_eq!(
            device::open_from(&alice, bob.public(), &subject, sealed).await.unwrap_err(),
            Error::CannotOpen,
            "for somebody else"
        );
    }
    // Signed by Alice over a wrapped key that is none: the browser's own refusal.
    let forged = hazmat::seal_to_with_wrapped_key(&alice, bob.public(), &subject, &[7; 256], b"card").unwrap();
    assert_eq!(bob.open_from(alice.public(), &subject, &forged).unwrap_err(), Error::CannotOpen);
    let refused = device::open_from(&bob, alice.public(), &subject, &forged).await;
    assert_eq!(refused.unwrap_err(), Error::CannotOpen);
}

#[wasm_bindgen_test]
async fn links_and_logins_by_webcrypto() {
    let password = Password::parse("correct horse").unwrap();
    let (owner, grant) = (Fingerprint::from_bytes([7; 32]), Id::generate().unwrap());
    let open = PublicLink::generate(&grant, &owner, "https://cloud.example").unwrap();
    let locked = PublicLink::generate_with_password(&grant, &owner, "https://cloud.example").unwrap();
    for (link, password) in [(&open, None), (&locked, Some(&password))] {
        let (theirs, ours) =
            (device::derive_link_keys(link, password).await.unwrap(), link.derive_keys(password).unwrap());
        assert!(theirs.key == ours.key && theirs.access == ours.access);
    }
    assert_eq!(device::derive_link_keys(&locked, None).await.unwrap_err(), Error::Password);

    let (email, params) = (Email::parse("alice@example.com").unwrap(), KdfParams::generate().unwrap());
    let login = device::derive_login(&password, &email, &params).await.unwrap();
    let identity = device::generate_identity().await.unwrap();
    let (account, _) = Account::assemble(&login, identity, "alice", 1).unwrap();
    let opened = Account::unlock_with_password(account.record(), &password, &email, None).unwrap();
    assert_eq!(opened.dek(), account.dek());
}

const PART_LEN: usize = 1024 * 1024;
