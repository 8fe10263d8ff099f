//! Sealing and opening by `imegha_crypto::device` in a worker of Chromium, beside raw WebCrypto called from JavaScript: the same
//! 16 KiB chunks, the same number of calls in flight, the key imported once for a part.
//!
//! The raw loop is the floor: it lets every result lie where the browser put it. The product also derives the key, makes
//! salt and commitment, and copies each result to its place in WebAssembly's memory.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a bench that panics has failed")]

use imegha_crypto::layout::{CHUNK_LEN, HEAD_LEN, SEALED_CHUNK_LEN};
use imegha_crypto::{ContentKind, ContentOpener, ContentSealer, FileKey, Id, device};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const MIB: usize = 1 << 20;
/// As `imegha_crypto` has it.
const IN_FLIGHT: usize = 8;
const ROUNDS: usize = 9;

#[wasm_bindgen_test]
async fn sealing_and_opening_beside_raw_webcrypto() {
    for (part, parts) in [(MIB, 8), (8 * MIB, 8)] {
        // What is compiled, and where threads sleep, is not what is measured.
        raw(part, 1).await;
        ours(part, 1).await;
        let mut seal = Vec::new();
        let mut open = Vec::new();
        for round in 0..ROUNDS {
            // Both in each round, so that what else the machine does meets both; now one first, now the other, and after a pause, so
            // that neither pays for the garbage of the other.
            let ((raw_seal, raw_open), (our_seal, our_open)) = if round % 2 == 0 {
                let raw = raw(part, parts).await;
                (raw, ours(part, parts).await)
            } else {
                let ours = ours(part, parts).await;
                (raw(part, parts).await, ours)
            };
            seal.push((raw_seal / our_seal, raw_seal, our_seal));
            open.push((raw_open / our_open, raw_open, our_open));
        }
        for (name, mut rounds) in [("seal", seal), ("open", open)] {
            rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (ratio, raw, ours) = rounds[ROUNDS / 2];
            let mib = (part * parts / MIB) as f64 * 1000.0;
            console_log!(
                "{name} {} MiB in parts of {} MiB: {ratio:.2} of raw WebCrypto ({:.0} MiB/s, raw {:.0} MiB/s)",
                part * parts / MIB,
                part / MIB,
                mib / ours,
                mib / raw
            );
        }
    }
}

async fn ours(part: usize, parts: usize) -> (f64, f64) {
    pause().await;
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let head = imegha_crypto::object_head(ContentKind::Content, &node, 1, &sealer.salt(), &sealer.commitment());
    let opener = ContentOpener::new(&key, ContentKind::Content, &node, 1, &head).unwrap();
    let (mut seal, mut open) = (0.0, 0.0);
    for number in 0..parts {
        let mut plain = Vec::with_capacity(imegha_crypto::layout::part_capacity(part));
        plain.resize(part, 7);
        let start = now();
        let sealed = device::seal_part(&mut sealer, plain, false).await.unwrap();
        seal += now() - start;
        let mut chunks = sealed.into_bytes();
        if number == 0 {
            chunks.drain(..HEAD_LEN);
        }
        let start = now();
        let opened = device::open_chunks(&opener, (number * part / CHUNK_LEN) as u64, chunks, false).await.unwrap();
        open += now() - start;
        assert_eq!((opened.len(), opened[part - 1]), (part, 7));
    }
    (seal, open)
}

async fn raw(part: usize, parts: usize) -> (f64, f64) {
    pause().await;
    let loops = Function::new_with_args("plain, parts, chunk, inFlight", RAW);
    let plain = Uint8Array::new_with_length(part as u32);
    let arguments: [JsValue; 4] =
        [plain.into(), (parts as u32).into(), (CHUNK_LEN as u32).into(), (IN_FLIGHT as u32).into()];
    let promise: Promise = loops.apply(&JsValue::NULL, &arguments.iter().collect()).unwrap().unchecked_into();
    let times = JsFuture::from(promise).await.unwrap();
    let time = |at: u32| Reflect::get_u32(&times, at).unwrap().as_f64().unwrap();
    assert_eq!(time(2), (part / CHUNK_LEN * SEALED_CHUNK_LEN * parts) as f64, "all was sealed");
    (time(0), time(1))
}

/// Plain JavaScript, as somebody would write it who wants nothing but speed.
const RAW: &str = r#"
return (async () => {
    const subtle = crypto.subtle;
    const name = "AES-GCM";
    const iv = new Uint8Array(12);
    const counter = new DataView(iv.buffer);
    let seal = 0, open = 0, length = 0;
    for (let part = 0; part < parts; part++) {
        let start = performance.now();
        let key = await subtle.importKey("raw", new Uint8Array(32).fill(7), name, false, ["encrypt", "decrypt"]);
        const sealed = [];
        let waiting = 0;
        for (let at = 0; at < plain.length; at += chunk) {
            if (sealed.length - waiting === inFlight) sealed[waiting] = await sealed[waiting++];
            counter.setUint32(8, at / chunk);
            sealed.push(subtle.encrypt({ name, iv }, key, plain.subarray(at, at + chunk)));
        }
        for (; waiting < sealed.length; waiting++) sealed[waiting] = await sealed[waiting];
        seal += performance.now() - start;

        start = performance.now();
        key = await subtle.importKey("raw", new Uint8Array(32).fill(7), name, false, ["encrypt", "decrypt"]);
        const opened = [];
        waiting = 0;
        for (let k = 0; k < sealed.length; k++) {
            if (opened.length - waiting === inFlight) opened[waiting] = await opened[waiting++];
            counter.setUint32(8, k);
            opened.push(subtle.decrypt({ name, iv }, key, sealed[k]));
        }
        for (; waiting < opened.length; waiting++) opened[waiting] = await opened[waiting];
        open += performance.now() - start;
        for (const bytes of sealed) length += bytes.byteLength;
    }
    return [seal, open, length];
})();
"#;

async fn pause() {
    let pause = Function::new_no_args("return new Promise(resolve => setTimeout(resolve, 100))");
    let promise: Promise = pause.call0(&JsValue::NULL).unwrap().unchecked_into();
    JsFuture::from(promise).await.unwrap();
}

fn now() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into()).unwrap();
    let now: Function = Reflect::get(&performance, &"now".into()).unwrap().unchecked_into();
    now.call0(&performance).unwrap().as_f64().unwrap()
}
