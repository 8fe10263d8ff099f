//! Objects over HTTP.

use std::ops::Range;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use imegha_crypto::SealedObject;

use super::refusal::Refusal;
use super::signed::Signed;
use crate::backend::ObjectName;
use crate::error::ErrorKind;
use crate::protocol::{DirectAnswer, MAX_BLOB_LEN, ObjectAnswer, ObjectsAnswer};

pub(super) async fn list(request: Signed<0>) -> Result<Json<ObjectsAnswer>, Refusal> {
    let after = request.parameter("after").map(ObjectName::parse).transpose()?;
    let limit = request.parameter("limit").and_then(|limit| limit.parse().ok()).ok_or_else(Refusal::malformed)?;
    let objects = request.gateway.inner.blobs.list(after.as_ref(), limit).await?;
    Ok(Json(ObjectsAnswer { objects: objects.iter().map(ObjectAnswer::of).collect() }))
}

pub(super) async fn put(request: Signed<MAX_BLOB_LEN>) -> Result<StatusCode, Refusal> {
    let name = name(&request)?;
    let (gateway, nonce) = (request.gateway.clone(), request.nonce.clone());
    let mut body = request.into_body();
    // The budget is held until the object is stored.
    let object = SealedObject::from_received(std::mem::take(&mut body.bytes)).map_err(|_| Refusal::malformed())?;
    gateway.spend(&nonce).await?;
    gateway.inner.blobs.put(&name, object).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn get(request: Signed<0>) -> Result<Response, Refusal> {
    let name = name(&request)?;
    let blobs = &request.gateway.inner.blobs;
    let range = request.range.as_deref().and_then(parse_range);
    let direct = request.gateway.inner.options.direct.as_ref().filter(|direct| direct.takes(range.as_ref()));
    if let Some(direct) = direct.filter(|_| request.parameter("direct") == Some("1")) {
        let url = direct.presign.presign_get(&name).await?;
        return Ok(Json(DirectAnswer { url: url.as_str().to_owned() }).into_response());
    }
    let body = match blobs.get(&name, range.clone()).await {
        Err(error) if range.is_some() && error.kind() == ErrorKind::Malformed => {
            return Err(Refusal::range_not_satisfiable(blobs.head(&name).await?.size));
        }
        body => body?,
    };
    let len = body.range.end - body.range.start;
    let content_range = format!("bytes {}-{}/{}", body.range.start, body.range.end.saturating_sub(1), body.size);
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, Body::from_stream(body.stream)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if range.is_some() {
        let content_range = HeaderValue::try_from(content_range).expect("digits are visible ASCII");
        headers.insert(header::CONTENT_RANGE, content_range);
    }
    Ok(response)
}

pub(super) async fn meta(request: Signed<0>) -> Result<Json<ObjectAnswer>, Refusal> {
    let meta = request.gateway.inner.blobs.head(&name(&request)?).await?;
    Ok(Json(ObjectAnswer::of(&meta)))
}

pub(super) async fn delete(request: Signed<0>) -> Result<StatusCode, Refusal> {
    let name = name(&request)?;
    request.gateway.spend_to_remove(&request.nonce).await?;
    request.gateway.inner.blobs.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The object's name in the path.
pub(super) fn name<const LIMIT: usize>(request: &Signed<LIMIT>) -> Result<ObjectName, Refusal> {
    Ok(ObjectName::parse(request.segment("name")?)?)
}

/// One range with a beginning: `bytes=5-9` or `bytes=5-`. Any other is not heeded, as RFC 9110, 14.2 allows,
/// and the whole object comes with 200.
fn parse_range(value: &str) -> Option<Range<u64>> {
    let (start, end) = value.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let start = number(start)?;
    let end = if end.is_empty() { u64::MAX } else { number(end)?.saturating_add(1) };
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_or_not_heeded() {
        assert_eq!(parse_range("bytes=0-0"), Some(0..1));
        assert_eq!(parse_range("bytes=5-9"), Some(5..10));
        assert_eq!(parse_range("bytes=5-"), Some(5..u64::MAX));
        assert_eq!(parse_range("bytes=5-18446744073709551615"), Some(5..u64::MAX));
        for other in [
            "",
            "bytes",
            "bytes=",
            "bytes=-5",
            "bytes=9-5",
            "bytes=1-2,4-5",
            "bytes=+1-2",
            "items=1-2",
            "bytes=1-99999999999999999999",
        ] {
            assert_eq!(parse_range(other), None, "{other}");
        }
    }
}
