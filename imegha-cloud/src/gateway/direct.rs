//! Addresses by which clients reach single objects past the gateway, where the store has them.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

use super::Gateway;
use super::blobs::name;
use super::refusal::Refusal;
use super::signed::Signed;
use super::uploads::{handle, place};
use crate::backend::Presign;
use crate::protocol::{DIRECT, DirectAnswer, DirectRequest, MAX_BLOB_LEN, path};

/// What is let past the gateway, and by whom.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    pub(super) presign: Arc<dyn Presign>,
    pub(super) from_len: u64,
}

impl Direct {
    /// Whether a read of that range goes straight. How long a whole object is nobody has asked yet.
    pub(super) fn takes(&self, range: Option<&Range<u64>>) -> bool {
        range.is_none_or(|range| range.end - range.start >= self.from_len)
    }
}

pub(super) async fn put(request: Signed<MAX_DIRECT_LEN>) -> Result<Json<DirectAnswer>, Refusal> {
    let direct = direct(&request.gateway)?;
    let (name, asked) = (name(&request)?, asked(&request)?);
    request.gateway.spend(&request.nonce).await?;
    let url = direct.presign.presign_put(&name, &asked.announced()).await?;
    Ok(Json(DirectAnswer { url: url.as_str().to_owned() }))
}

pub(super) async fn put_part(request: Signed<MAX_DIRECT_LEN>) -> Result<Json<DirectAnswer>, Refusal> {
    direct(&request.gateway)?;
    let ((number, offset), asked) = (place(&request)?, asked(&request)?);
    let upload = handle(&request).await?;
    request.gateway.spend(&request.nonce).await?;
    let url = upload.presign_part(number, offset, &asked.announced()).await?.ok_or_else(Refusal::not_found)?;
    Ok(Json(DirectAnswer { url: url.as_str().to_owned() }))
}

/// Says to whom it answers what they asked for that there are such addresses. The version is answered to strangers.
pub(super) async fn said(request: Request, next: Next) -> Response {
    let gateway = request.extensions().get::<Gateway>().filter(|_| request.uri().path() != path::VERSION);
    let from_len = gateway.and_then(|gateway| gateway.inner.options.direct.as_ref()).map(|direct| direct.from_len);
    let mut response = next.run(request).await;
    if let Some(from_len) = from_len.filter(|_| response.status().is_success()) {
        response.headers_mut().insert(HeaderName::from_static(DIRECT), HeaderValue::from(from_len));
    }
    response
}

/// A gateway without such addresses answers as one that does not know of them.
fn direct(gateway: &Gateway) -> Result<Direct, Refusal> {
    gateway.inner.options.direct.clone().ok_or_else(Refusal::not_found)
}

fn asked(request: &Signed<MAX_DIRECT_LEN>) -> Result<DirectRequest, Refusal> {
    let asked: DirectRequest = request.json()?;
    if (1..=MAX_BLOB_LEN as u64).contains(&asked.len.0) { Ok(asked) } else { Err(Refusal::malformed()) }
}

/// The most bytes of what an address is asked for with.
const MAX_DIRECT_LEN: usize = 1024;
