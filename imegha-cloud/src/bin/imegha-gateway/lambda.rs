//! The gateway as a function of AWS Lambda, behind a function URL (events of payload format 2.0).
//!
//! What is different there: a request or an answer has 6 MB at most, so bodies from a certain length on always go straight between
//! client and bucket; one process has one request at a time, and there may be many processes; nobody has told the function
//! its own address, so AWS says it with each request.

use std::convert::Infallible;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse as _;
use http_body_util::LengthLimitError;
use imegha_cloud::gateway::{BodyBudget, Gateway, GatewayOptions};
use imegha_cloud::protocol::{Problem, ProblemCode};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _, service_fn};
use tower::ServiceExt as _;
use url::Url;

use crate::address::usable;
use crate::arguments::Settings;
use crate::readiness::Readiness;
use crate::routes::routes;
use crate::stores::{self, Stores};

/// Whether AWS Lambda has started this process: it says where events are.
pub(crate) fn has_started_this() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Answers events until Lambda ends the process.
///
/// # Errors
/// In words, for the function's log: what keeps it from answering any.
pub(crate) async fn run(settings: Settings) -> Result<()> {
    let Settings { owner, listen: _, address, tls_cert, tls_key, body_budget, mut storage } = settings;
    ensure!(
        tls_cert.is_none() && tls_key.is_none(),
        "TLS is AWS's before a function: leave --tls-cert and --tls-key out"
    );
    let from = storage.direct_from.get_or_insert(DIRECT_FROM).get();
    ensure!(from <= MOST_THROUGH, "--direct-from is {from}: a function takes and gives {MOST_THROUGH} bytes at most");
    let address = address.map(|address| usable(address, false)).transpose()?;
    let Stores { records, blobs, direct } = stores::open(storage).await?;
    let nowhere = Url::parse("https://function.invalid")?;
    let options = GatewayOptions::new(address.as_ref().unwrap_or(&nowhere)).context(ADDRESS)?;
    let mut options = options.with_body_budget(BodyBudget::new(body_budget));
    if let Some((presign, from_len)) = direct {
        options = options.with_direct(presign, from_len);
    }
    let gateway = Gateway::new(records, blobs, owner.into_identity(), options);
    // Asked while Lambda starts it, which is not billed by the millisecond; the connections are there for the first request then.
    Readiness::new(gateway.clone()).at_start().await?;
    let function = Function { gateway, address, serving: Mutex::default() };
    let answer = service_fn(async |request| Ok::<_, Infallible>(function.answer(request).await));
    lambda_http::run(answer).await.map_err(|error| anyhow!(error)).context("Lambda has no more events")
}

/// What answers.
struct Function {
    /// Whatever address it is asked at, one gateway: what it knows of its owner it knows at all of them.
    gateway: Gateway,
    address: Option<Url>,
    /// What serves the address that was asked last.
    serving: Mutex<Option<(Url, Router)>>,
}

impl Function {
    async fn answer(&self, request: Request) -> Response<lambda_http::Body> {
        let router = match self.router(&request) {
            Ok(router) => router,
            Err(error) => {
                tracing::error!(?error, "this event is no request to an address of the function");
                return problem(ProblemCode::Internal);
            }
        };
        let request = request.map(|body| match body {
            lambda_http::Body::Text(text) => Body::from(text),
            lambda_http::Body::Binary(bytes) => Body::from(bytes),
            _ => Body::empty(),
        });
        let Ok(response) = router.oneshot(request).await;
        whole(response).await
    }

    /// What serves the address that the request came to: the one that is set, or the one that AWS says. `Host` is not asked.
    fn router(&self, request: &Request) -> Result<Router> {
        let address = match &self.address {
            Some(address) => address.clone(),
            None => {
                let RequestContext::ApiGatewayV2(context) =
                    request.request_context_ref().context("the event has no context")?
                else {
                    return Err(anyhow!("the event is none of a function URL"));
                };
                let domain = context.domain_name.as_deref().context("the event has no address")?;
                Url::parse(&format!("https://{domain}")).context("the event's address is none")?
            }
        };
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, router)) = serving.as_ref().filter(|(served, _)| *served == address) {
            return Ok(router.clone());
        }
        let gateway = self.gateway.at(&address).context(ADDRESS)?;
        let router = routes(gateway.clone(), address.path(), Arc::new(Readiness::new(gateway)));
        *serving = Some((address, router.clone()));
        Ok(router)
    }
}

/// An answer with its whole body, as Lambda takes it: text as it is, anything else in base64.
async fn whole(response: Response<Body>) -> Response<lambda_http::Body> {
    let (parts, body) = response.into_parts();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let is_text = header(header::CONTENT_TYPE).is_some_and(|kind| {
        ["application/json", "application/problem+json", "text/"].iter().any(|text| kind.starts_with(text))
    });
    let room = if is_text { MOST_SENT } else { MOST_SENT / 4 * 3 };
    // What says beforehand that it is too long is not read from the bucket for nothing.
    if header(header::CONTENT_LENGTH).and_then(|len| len.parse().ok()).is_some_and(|len: usize| len > room) {
        return problem(ProblemCode::TooLarge);
    }
    let bytes = match to_bytes(body, room).await {
        Ok(bytes) => bytes,
        Err(error) => {
            let error = error.into_inner();
            if error.is::<LengthLimitError>() {
                return problem(ProblemCode::TooLarge);
            }
            tracing::error!(?error, "an answer's body ended early");
            return problem(ProblemCode::Unavailable);
        }
    };
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) if is_text => lambda_http::Body::Text(text),
        Ok(text) => lambda_http::Body::Binary(text.into_bytes()),
        Err(other) => lambda_http::Body::Binary(other.into_bytes()),
    };
    if sent_len(&body) > MOST_SENT {
        return problem(ProblemCode::TooLarge);
    }
    Response::from_parts(parts, body)
}

/// How long a body is in the event that answers.
fn sent_len(body: &lambda_http::Body) -> usize {
    match body {
        // Of what JSON writes longer our answers have only these.
        lambda_http::Body::Text(text) => text.len() + text.bytes().filter(|byte| b"\"\\\n".contains(byte)).count(),
        lambda_http::Body::Binary(bytes) => bytes.len().div_ceil(3) * 4,
        _ => 0,
    }
}

fn problem(code: ProblemCode) -> Response<lambda_http::Body> {
    let problem = Problem::new(code);
    let body = serde_json::to_string(&problem).expect("a problem is strings and numbers");
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let response = (status, [(header::CONTENT_TYPE, "application/problem+json")]).into_response();
    response.map(|_| lambda_http::Body::Text(body))
}

const ADDRESS: &str = "--address should be https://host, with or without a path";

/// From how many bytes on bodies go straight, where nothing is set.
const DIRECT_FROM: NonZeroU64 = NonZeroU64::new(1024 * 1024).expect("it is not zero");

/// What is sure to pass in base64, with the rest of an event round it.
const MOST_THROUGH: u64 = 4 * 1024 * 1024;

/// Lambda takes 6 MiB and 100 bytes for an answer; status and headers are a few hundred bytes of it.
const MOST_SENT: usize = 6 * 1024 * 1024 - 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(kind: &'static str, body: Vec<u8>) -> (u16, lambda_http::Body) {
        let response = ([(header::CONTENT_TYPE, kind)], body).into_response();
        let response = whole(response).await;
        (response.status().as_u16(), response.into_body())
    }

    /// JSON that was base64 once more would not pass where it does as text.
    #[tokio::test]
    async fn an_answer_is_as_long_as_lambda_takes() {
        let json = vec![b'a'; MOST_SENT];
        let (status, body) = answered("application/json", json).await;
        assert!(status == 200 && matches!(&body, lambda_http::Body::Text(text) if text.len() == MOST_SENT));
        assert_eq!(answered("application/json", vec![b'a'; MOST_SENT + 1]).await.0, 413);
        assert_eq!(answered("application/json", vec![b'"'; MOST_SENT / 2 + 1]).await.0, 413);
        let (status, body) = answered("application/octet-stream", vec![b'a'; MOST_THROUGH as usize]).await;
        assert!(status == 200 && matches!(&body, lambda_http::Body::Binary(bytes) if bytes.len() == 4 << 20));
        let (status, body) = answered("application/octet-stream", vec![0xff; 5 << 20]).await;
        assert_eq!(status, 413);
        let lambda_http::Body::Text(text) = body else { panic!("a problem is text") };
        assert!(text.contains("too_large"), "{text}");
    }

    #[tokio::test]
    async fn a_body_that_ends_early_is_a_problem() {
        let broken = futures::stream::iter([Ok(vec![1; 10]), Err(std::io::Error::other("cut"))]);
        assert_eq!(whole(Response::new(Body::from_stream(broken))).await.status(), 503);
    }
}
