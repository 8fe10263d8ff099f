//! The browser's own cryptography: asynchronous, in compiled code, off the thread that waits for it.
//!
//! It gives the same bytes as the other providers, and takes from them what is dear in WebAssembly: AES-256-GCM in
//! bulk, PBKDF2, the search for RSA primes.

pub(crate) mod oaep;

use std::collections::VecDeque;
use std::ops::Range;

use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};
use zeroize::{Zeroize as _, Zeroizing};

use super::aead::{NONCE_LEN, TAG_LEN};
use super::run::{check_chunks, count_chunks};
use super::seal::{CHUNK_LEN, SEALED_CHUNK_LEN, SaltedCipher};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// [`kdf::pbkdf2`](super::kdf::pbkdf2).
pub(crate) async fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> Result<Secret> {
    let subtle = subtle()?;
    let key = import_key(&subtle, password, "PBKDF2", "deriveBits").await?;
    let params = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", iterations.into()),
    ])?;
    let bits = run(subtle.derive_bits_with_object(&params, &key, 256)).await?;
    let bytes = take(&bits);
    Secret::from_slice(&bytes).map_err(|_| Error::Platform)
}

/// [`rsa::generate`](super::rsa::generate).
pub(crate) async fn generate_rsa() -> Result<Zeroizing<Vec<u8>>> {
    let subtle = subtle()?;
    let params = object(&[
        ("name", "RSA-OAEP".into()),
        ("modulusLength", 2048.into()),
        ("publicExponent", Uint8Array::from(&[1, 0, 1][..]).into()),
        ("hash", "SHA-256".into()),
    ])?;
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let pair = run(subtle.generate_key_with_object(&params, true, &usages)).await?;
    let private = Reflect::get(&pair, &"privateKey".into()).map_err(|_| Error::Platform)?;
    let pkcs8 = run(subtle.export_key("pkcs8", &private.unchecked_into())).await?;
    Ok(take(&pkcs8))
}

/// [`SaltedCipher::seal_run`], without a head: `head_len` bytes are left free before the chunks.
pub(crate) async fn seal_run(
    cipher: &SaltedCipher,
    first: u64,
    head_len: usize,
    mut buffer: Vec<u8>,
    last: bool,
) -> Result<Vec<u8>> {
    let plain_len = buffer.len();
    let chunks = plain_len / CHUNK_LEN + usize::from(last);
    let bulk = Bulk::new(cipher).await?;
    buffer.resize(head_len + plain_len + chunks * TAG_LEN, 0);
    let mut in_flight = InFlight::new(Results::Sealed);
    // From the last to the first: what comes back lies over the plaintext of its own chunk and later ones, which have been read.
    for k in (0..chunks).rev() {
        let plain = k * CHUNK_LEN..((k + 1) * CHUNK_LEN).min(plain_len);
        let from = head_len + k * SEALED_CHUNK_LEN;
        let until = from + plain.len() + TAG_LEN;
        in_flight.make_room(&mut buffer).await?;
        let promise = bulk.seal(first + k as u64, &buffer[plain])?;
        in_flight.push(from..until, promise);
    }
    in_flight.finish(&mut buffer).await?;
    Ok(buffer)
}

/// [`SaltedCipher::open_run`].
pub(crate) async fn open_run(cipher: &SaltedCipher, first: u64, mut buffer: Vec<u8>, last: bool) -> Result<Vec<u8>> {
    let bulk = Bulk::new(cipher).await?;
    match open_run_in_place(&bulk, first, &mut buffer, last).await {
        Ok(len) => {
            buffer.truncate(len);
            Ok(buffer)
        }
        Err(_) => {
            buffer.zeroize();
            Err(Error::CannotOpen)
        }
    }
}

async fn open_run_in_place(bulk: &Bulk<'_>, first: u64, buffer: &mut [u8], last: bool) -> Result<usize> {
    let chunks = count_chunks(buffer.len(), last).ok_or(Error::CannotOpen)?;
    check_chunks(first, chunks)?;
    let mut opened = 0;
    let mut in_flight = InFlight::new(Results::Opened);
    for k in 0..chunks {
        let from = k * SEALED_CHUNK_LEN;
        let until = (from + SEALED_CHUNK_LEN).min(buffer.len());
        in_flight.make_room(buffer).await?;
        let promise = bulk.open(first + k as u64, &buffer[from..until])?;
        let len = until - from - TAG_LEN;
        in_flight.push(opened..opened + len, promise);
        opened += len;
    }
    in_flight.finish(buffer).await?;
    Ok(opened)
}

/// One key, imported once for a part, and one object that says how it is used: WebCrypto reads it before a call returns.
struct Bulk<'a> {
    subtle: SubtleCrypto,
    key: CryptoKey,
    cipher: &'a SaltedCipher,
    nonce: Uint8Array,
    params: Object,
}

impl<'a> Bulk<'a> {
    async fn new(cipher: &'a SaltedCipher) -> Result<Self> {
        let subtle = subtle()?;
        let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
        let key = import(&subtle, cipher.aead_key(), "AES-GCM", &usages).await?;
        let nonce = Uint8Array::new_with_length(NONCE_LEN as u32);
        let params = object(&[("name", "AES-GCM".into()), ("iv", nonce.clone().into())])?;
        Ok(Self { subtle, key, cipher, nonce, params })
    }

    /// Begins to seal. WebCrypto copies the bytes before it returns.
    fn seal(&self, k: u64, plain: &[u8]) -> Result<Promise> {
        self.nonce.copy_from(&self.cipher.nonce(k));
        let begun = self.subtle.encrypt_with_object_and_u8_array(&self.params, &self.key, plain);
        begun.map_err(|_| Error::Platform)
    }

    fn open(&self, k: u64, sealed: &[u8]) -> Result<Promise> {
        self.nonce.copy_from(&self.cipher.nonce(k));
        let begun = self.subtle.decrypt_with_object_and_u8_array(&self.params, &self.key, sealed);
        begun.map_err(|_| Error::Platform)
    }
}

/// Calls that have begun, and where their results go. They are waited for in groups: waiting costs more than a call does.
struct InFlight {
    /// The group that is being filled.
    places: Vec<Range<usize>>,
    calls: Array,
    groups: VecDeque<(Vec<Range<usize>>, JsFuture)>,
    results: Results,
}

/// What comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Results {
    Sealed,
    Opened,
}

impl InFlight {
    /// Eight calls at most: enough to keep the browser's threads busy; more only takes memory.
    const GROUPS: usize = 2;
    const CALLS: usize = 4;

    fn new(results: Results) -> Self {
        Self { places: Vec::with_capacity(Self::CALLS), calls: Array::new(), groups: VecDeque::new(), results }
    }

    fn push(&mut self, to: Range<usize>, promise: Promise) {
        self.places.push(to);
        self.calls.push(&promise);
        if self.places.len() == Self::CALLS {
            self.close_group();
        }
    }

    fn close_group(&mut self) {
        let places = std::mem::replace(&mut self.places, Vec::with_capacity(Self::CALLS));
        let calls = std::mem::replace(&mut self.calls, Array::new());
        self.groups.push_back((places, JsFuture::from(Promise::all(&calls))));
    }

    async fn make_room(&mut self, buffer: &mut [u8]) -> Result<()> {
        if self.groups.len() == Self::GROUPS { self.finish_group(buffer).await } else { Ok(()) }
    }

    async fn finish(&mut self, buffer: &mut [u8]) -> Result<()> {
        if !self.places.is_empty() {
            self.close_group();
        }
        while !self.groups.is_empty() {
            self.finish_group(buffer).await?;
        }
        Ok(())
    }

    async fn finish_group(&mut self, buffer: &mut [u8]) -> Result<()> {
        if let Some((places, calls)) = self.groups.pop_front() {
            // What cannot be opened is called so by who opens.
            let results: Array = calls.await.map_err(|_| Error::Platform)?.unchecked_into();
            for (to, result) in places.into_iter().zip(results.iter()) {
                let bytes = Uint8Array::new(&result);
                if bytes.length() as usize != to.len() {
                    return Err(Error::Platform);
                }
                bytes.copy_to(&mut buffer[to]);
                if self.results == Results::Opened {
                    // No copy stays until the collector finds a time for it.
                    bytes.fill(0, 0, bytes.length());
                }
            }
        }
        Ok(())
    }
}

/// `crypto.subtle`: missing where a page did not come over https or from loopback.
fn subtle() -> Result<SubtleCrypto> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).map_err(|_| Error::Platform)?;
    if !crypto.is_object() {
        return Err(Error::Platform);
    }
    let subtle = crypto.unchecked_into::<Crypto>().subtle();
    if subtle.is_undefined() { Err(Error::Platform) } else { Ok(subtle) }
}

async fn import_key(subtle: &SubtleCrypto, bytes: &[u8], algorithm: &str, usage: &str) -> Result<CryptoKey> {
    import(subtle, bytes, algorithm, &Array::of1(&usage.into())).await
}

/// A key that cannot be exported again.
async fn import(subtle: &SubtleCrypto, bytes: &[u8], algorithm: &str, usages: &Array) -> Result<CryptoKey> {
    let data = Uint8Array::from(bytes);
    let begun = subtle.import_key_with_str("raw", &data, algorithm, false, usages);
    // Copied before the call returned; so it is wiped even when nobody waits to the end.
    data.fill(0, 0, data.length());
    Ok(run(begun).await?.unchecked_into())
}

async fn run(begun: std::result::Result<Promise, JsValue>) -> Result<JsValue> {
    let promise = begun.map_err(|_| Error::Platform)?;
    JsFuture::from(promise).await.map_err(|_| Error::Platform)
}

/// The bytes of a secret ArrayBuffer, which is zeroized.
fn take(buffer: &JsValue) -> Zeroizing<Vec<u8>> {
    let view = Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>());
    let bytes = Zeroizing::new(view.to_vec());
    view.fill(0, 0, view.length());
    bytes
}

fn object(fields: &[(&str, JsValue)]) -> Result<Object> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value).map_err(|_| Error::Platform)?;
    }
    Ok(object)
}
