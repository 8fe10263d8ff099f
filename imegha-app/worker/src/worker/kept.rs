//! The keys that this device keeps, if its owner stays signed in.
//!
//! They lie in IndexedDB, sealed by AES-256-GCM under a key that WebCrypto made and gives to nobody: no script can read it, not even
//! ours. Whoever can run script on this origin can still have it open them, as long as they are there; so they are removed when the
//! owner locks or signs out.

use imegha_platform::client::Kept;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};
use zeroize::Zeroizing;

use super::database::{Database, Table};
use crate::protocol::{ErrorCode, Failure};

/// Keeps the keys, in place of what was kept before.
pub(super) async fn keep(database: &Database, kept: &Kept) -> Result<(), Failure> {
    write(database, kept).await.map_err(|_| Failure::new(ErrorCode::Internal))
}

/// The keys that are kept. What cannot be opened is none.
pub(super) async fn load(database: &Database) -> Option<Kept> {
    let bytes = read(database).await.ok().flatten()?;
    Kept::parse(&bytes).ok()
}

/// Keeps nothing any more.
pub(super) async fn forget(database: &Database) -> Result<(), Failure> {
    database.delete(Table::Kept, PLACE).await.map_err(|_| Failure::new(ErrorCode::Internal))
}

async fn write(database: &Database, kept: &Kept) -> Result<(), JsValue> {
    let subtle = subtle()?;
    let algorithm = object(&[("name", "AES-GCM".into()), ("length", 256.into())])?;
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let key = JsFuture::from(subtle.generate_key_with_object(&algorithm, false, &usages)?).await?;
    // One key seals once.
    let nonce = Uint8Array::new_with_length(12);
    scope().crypto()?.get_random_values_with_array_buffer_view(&nonce)?;
    let sealing = subtle.encrypt_with_object_and_u8_array(&gcm(&nonce)?, key.unchecked_ref(), &kept.to_bytes())?;
    let sealed = Uint8Array::new(&JsFuture::from(sealing).await?);
    let value = object(&[("key", key), ("nonce", nonce.into()), ("sealed", sealed.into())])?;
    database.put_value(Table::Kept, PLACE, &value).await
}

async fn read(database: &Database) -> Result<Option<Zeroizing<Vec<u8>>>, JsValue> {
    let value = database.get_value(Table::Kept, PLACE).await?;
    if !value.is_object() {
        return Ok(None);
    }
    let of = |name: &str| Reflect::get(&value, &name.into());
    let (key, nonce) = (of("key")?.dyn_into::<CryptoKey>()?, of("nonce")?.dyn_into::<Uint8Array>()?);
    let sealed = of("sealed")?.dyn_into::<Uint8Array>()?.to_vec();
    let opening = subtle()?.decrypt_with_object_and_u8_array(&gcm(&nonce)?, &key, &sealed)?;
    let opened = Uint8Array::new(&JsFuture::from(opening).await?);
    let bytes = Zeroizing::new(opened.to_vec());
    opened.fill(0, 0, opened.length());
    Ok(Some(bytes))
}

fn gcm(nonce: &Uint8Array) -> Result<Object, JsValue> {
    let bound = Uint8Array::from(CONTEXT);
    object(&[("name", "AES-GCM".into()), ("iv", nonce.into()), ("additionalData", bound.into())])
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(scope().crypto()?.subtle())
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn object(properties: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}

/// One browser profile keeps one account: its session is one cookie.
const PLACE: &str = "kept";

/// What the sealing is for.
const CONTEXT: &[u8] = b"imegha/kept/1";
