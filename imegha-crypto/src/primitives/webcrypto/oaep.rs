//! [`oaep`](crate::primitives::oaep) by the browser.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::JsCast as _;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

use super::{object, run, subtle, take};
use crate::error::{Error, Result};
use crate::primitives::oaep::CIPHERTEXT_LEN;

pub(crate) async fn encrypt(spki: &[u8], label: &[u8], message: &[u8]) -> Result<[u8; CIPHERTEXT_LEN]> {
    let subtle = subtle()?;
    let key = import(&subtle, "spki", spki, "encrypt").await.map_err(|_| Error::Key)?;
    let ciphertext = run(subtle.encrypt_with_object_and_u8_array(&params(label)?, &key, message)).await?;
    Uint8Array::new(&ciphertext).to_vec().try_into().map_err(|_| Error::Platform)
}

/// # Errors
/// [`Error::CannotOpen`], whatever the cause, but [`Error::Platform`] without WebCrypto.
pub(crate) async fn decrypt(
    pkcs8: &[u8],
    label: &[u8],
    ciphertext: &[u8; CIPHERTEXT_LEN],
) -> Result<Zeroizing<Vec<u8>>> {
    let subtle = subtle()?;
    let key = import(&subtle, "pkcs8", pkcs8, "decrypt").await.map_err(|_| Error::CannotOpen)?;
    let message = run(subtle.decrypt_with_object_and_u8_array(&params(label)?, &key, ciphertext)).await;
    message.map(|message| take(&message)).map_err(|_| Error::CannotOpen)
}

/// A key that cannot be exported again.
async fn import(subtle: &SubtleCrypto, format: &str, der: &[u8], usage: &str) -> Result<CryptoKey> {
    let algorithm = object(&[("name", "RSA-OAEP".into()), ("hash", "SHA-256".into())])?;
    let data = Uint8Array::from(der);
    let begun = subtle.import_key_with_object(format, &data, &algorithm, false, &Array::of1(&usage.into()));
    // Copied before the call returned; so it is wiped even when nobody waits to the end.
    data.fill(0, 0, data.length());
    Ok(run(begun).await?.unchecked_into())
}

fn params(label: &[u8]) -> Result<Object> {
    object(&[("name", "RSA-OAEP".into()), ("label", Uint8Array::from(label).into())])
}
