//! Uploads in parts over HTTP.

use std::sync::Arc;

use axum::Json;
use http::StatusCode;
use imegha_crypto::SealedPart;

use super::Inner;
use super::blobs::name;
use super::refusal::Refusal;
use super::signed::Signed;
use crate::backend::{ObjectName, Upload, UploadId};
use crate::error::ErrorKind;
use crate::protocol::{BegunAnswer, CompleteRequest, MAX_BLOB_LEN, MAX_JSON_LEN, UploadAnswer, UploadsAnswer, path};

pub(super) async fn list(request: Signed<0>) -> Result<Json<UploadsAnswer>, Refusal> {
    let uploads = request.gateway.inner.blobs.uploads().await?;
    Ok(Json(UploadsAnswer { uploads: uploads.iter().map(UploadAnswer::of).collect() }))
}

pub(super) async fn begin(request: Signed<0>) -> Result<Json<BegunAnswer>, Refusal> {
    let name = name(&request)?;
    request.gateway.spend(&request.nonce).await?;
    let upload = request.gateway.inner.blobs.begin_upload(&name).await?;
    let upload = request.gateway.inner.uploads.keep(&name, upload);
    Ok(Json(BegunAnswer { id: upload.id().as_str().to_owned() }))
}

pub(super) async fn head(request: Signed<0>) -> Result<StatusCode, Refusal> {
    let (name, id) = named(&request)?;
    // The store's word: a kept handle does not know whether the upload is still there.
    request.gateway.inner.blobs.resume_upload(&name, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn put_part(request: Signed<MAX_BLOB_LEN>) -> Result<StatusCode, Refusal> {
    let (number, offset) = place(&request)?;
    let upload = handle(&request).await?;
    let (gateway, nonce) = (request.gateway.clone(), request.nonce.clone());
    let mut body = request.into_body();
    // The budget is held until the part is stored.
    let part = SealedPart::from_received(std::mem::take(&mut body.bytes)).map_err(|_| Refusal::malformed())?;
    gateway.spend(&nonce).await?;
    upload.put_part(number, offset, part).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn complete(request: Signed<MAX_JSON_LEN>) -> Result<StatusCode, Refusal> {
    let CompleteRequest { parts, size } = request.json()?;
    let upload = handle(&request).await?;
    request.gateway.spend(&request.nonce).await?;
    upload.complete(parts, size.0).await?;
    request.gateway.inner.uploads.forget(&upload);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn abort(request: Signed<0>) -> Result<StatusCode, Refusal> {
    request.gateway.spend_to_remove(&request.nonce).await?;
    match handle(&request).await {
        Ok(upload) => {
            upload.abort().await?;
            request.gateway.inner.uploads.forget(&upload);
        }
        // Dropping what is not there is no error.
        Err(Gone::Upload) => {}
        Err(Gone::Other(refusal)) => return Err(refusal),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Why an upload cannot be gone on with.
pub(super) enum Gone {
    /// It was completed, aborted, or never begun.
    Upload,
    Other(Refusal),
}

impl From<Gone> for Refusal {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Upload => Self::not_found(),
            Gone::Other(refusal) => refusal,
        }
    }
}

/// The number of a part, and where it begins.
pub(super) fn place<const LIMIT: usize>(request: &Signed<LIMIT>) -> Result<(u32, u64), Refusal> {
    let number = request.segment("number")?.parse().map_err(|_| Refusal::malformed())?;
    let offset = request.parameter("offset").and_then(|offset| offset.parse().ok()).ok_or_else(Refusal::malformed)?;
    Ok((number, offset))
}

/// The upload that the path names, to go on with.
pub(super) async fn handle<const LIMIT: usize>(request: &Signed<LIMIT>) -> Result<Arc<dyn Upload>, Gone> {
    let (name, id) = named(request)?;
    let Inner { blobs, uploads, .. } = &*request.gateway.inner;
    if let Some(upload) = uploads.find(&name, &id) {
        return Ok(upload);
    }
    match blobs.resume_upload(&name, &id).await {
        Ok(upload) => Ok(uploads.keep(&name, upload)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Gone::Upload),
        Err(error) => Err(Gone::Other(error.into())),
    }
}

/// The object and the upload in the path.
fn named<const LIMIT: usize>(request: &Signed<LIMIT>) -> Result<(ObjectName, UploadId), Gone> {
    let name = name(request).map_err(Gone::Other)?;
    let id = path::decode_id(request.segment("id").map_err(Gone::Other)?).ok_or(Gone::Upload)?;
    Ok((name, id))
}
