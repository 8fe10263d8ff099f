//! How a session comes with a request, and how it is given.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use imegha_crypto::Hash;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Api;
use crate::PlatformServer;
use crate::error::{Error, ErrorKind, Result};
use crate::flows::Authenticated;
use crate::problem::ProblemCode;
use crate::protocol::SessionKind;

/// Somebody who is signed in.
pub(super) struct SignedIn(pub(super) Authenticated);

impl FromRequestParts<Api> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        let token = token(&api.server, &parts.method, &parts.headers)?;
        api.server.authenticate(&token).await.map(Self)
    }
}

/// The token of a request: a bearer's, else the cookie's. A cookie comes with requests that other sites' pages cause, so it counts
/// only from our own; browsers send `Origin` with everything but plain GETs, whose answers other sites cannot read.
fn token(server: &PlatformServer, method: &Method, headers: &HeaderMap) -> Result<Zeroizing<String>> {
    let signed_out = || Error::refused(ProblemCode::SignedOut);
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(signed_out)?;
        return Ok(Zeroizing::new(token.to_owned()));
    }
    let token = cookie(headers, cookie_name(server)).ok_or_else(signed_out)?;
    match (headers.contains_key(header::ORIGIN), method == Method::GET) {
        (false, true) => {}
        _ => check_origin(server, headers)?,
    }
    Ok(token)
}

/// How a session of that kind may be given to who asks: a cookie to our own pages, a bearer to programs. A page that asks for a bearer
/// is refused, so that no script of ours or of an intruder's ever holds a session that could leave the browser.
pub(super) fn check_kind(server: &PlatformServer, kind: SessionKind, headers: &HeaderMap) -> Result<()> {
    match kind {
        SessionKind::Cookie => check_origin(server, headers),
        SessionKind::Bearer if headers.contains_key(header::ORIGIN) => Err(Error::refused(ProblemCode::OriginRefused)),
        SessionKind::Bearer => Ok(()),
    }
}

/// The answer that gives a session: its token stands in the body for programs, in a cookie for our own pages.
pub(super) fn give<T: Serialize>(
    server: &PlatformServer,
    kind: SessionKind,
    token: &str,
    body: impl FnOnce(Option<String>) -> T,
) -> Result<Response> {
    match kind {
        SessionKind::Bearer => Ok(Json(body(Some(token.to_owned()))).into_response()),
        SessionKind::Cookie => {
            let cookie = set_cookie(server, token)?;
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(body(None))).into_response())
        }
    }
}

/// The cookie that gives a session.
fn set_cookie(server: &PlatformServer, token: &str) -> Result<HeaderValue> {
    let seconds = server.options().session_ms / 1000;
    cookie_header(server, token, seconds)
}

/// The cookie that takes it away.
pub(super) fn clear_cookie(server: &PlatformServer) -> Result<HeaderValue> {
    cookie_header(server, "", 0)
}

/// The id of a session, as it stands in a path: hex.
pub(super) fn parse_id(text: &str) -> Result<Hash> {
    Hash::parse_hex(text).map_err(|_| Error::refused(ProblemCode::NotFound))
}

fn cookie_header(server: &PlatformServer, token: &str, seconds: u64) -> Result<HeaderValue> {
    let secure = if is_secure(server) { "; Secure" } else { "" };
    let name = cookie_name(server);
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={seconds}");
    let mut value = HeaderValue::from_str(&text)
        .map_err(|error| Error::with_source(ErrorKind::Device, "a token is ASCII", error))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `__Host-` (RFC 6265bis): a browser takes it over TLS only, and from no other host of the domain.
fn cookie_name(server: &PlatformServer) -> &'static str {
    if is_secure(server) { "__Host-imegha" } else { "imegha" }
}

/// On loopback there is no TLS, and the server's options allow plain http nowhere else.
fn is_secure(server: &PlatformServer) -> bool {
    server.options().origin.scheme() == "https"
}

fn check_origin(server: &PlatformServer, headers: &HeaderMap) -> Result<()> {
    let ours = server.options().origin.origin().ascii_serialization();
    match headers.get(header::ORIGIN) {
        Some(origin) if origin.as_bytes() == ours.as_bytes() => Ok(()),
        _ => Err(Error::refused(ProblemCode::OriginRefused)),
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Zeroizing<String>> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
        .map(|token| Zeroizing::new(token.to_owned()))
}
