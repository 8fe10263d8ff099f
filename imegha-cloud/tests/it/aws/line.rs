//! The SDK's HTTP client with a hand on it: it counts requests, and lets some of them go wrong.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt as _, StreamBody};

use super::peers::sdk;
use super::units::Units;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// It is answered by somebody on the way.
    Answer(u16, &'static str),
    /// The connection is cut before it is sent.
    Cut,
    /// It takes too long, and is not sent.
    Late,
    /// It is done, and its answer is lost.
    Lost,
    /// It is done, and half of its answer's body comes.
    Half,
}

/// Says what happens to a request, by the name of its operation.
type Plan = dyn FnMut(&str) -> Option<Fault> + Send;

/// A line to S3 and DynamoDB.
#[derive(Clone)]
pub(crate) struct Line {
    http: SharedHttpClient,
    state: Arc<State>,
}

struct State {
    plan: Mutex<Box<Plan>>,
    requests: Mutex<BTreeMap<String, u32>>,
    units: Mutex<Units>,
    faults: Mutex<BTreeMap<Fault, u32>>,
    /// Held by a request that completes an upload.
    completing: tokio::sync::Mutex<()>,
}

impl Line {
    /// A line on which nothing goes wrong.
    pub(crate) fn new() -> Self {
        let state = State {
            plan: Mutex::new(Box::new(|_| None)),
            requests: Mutex::default(),
            units: Mutex::default(),
            faults: Mutex::default(),
            completing: tokio::sync::Mutex::default(),
        };
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
        Self { http, state: Arc::new(state) }
    }

    /// From now on each request fares as `plan` says.
    pub(crate) fn plan(&self, plan: impl FnMut(&str) -> Option<Fault> + Send + 'static) {
        *self.state.plan.lock().unwrap() = Box::new(plan);
    }

    /// The next requests of that operation fare so, one after the other, and all after them well.
    pub(crate) fn next(&self, operation: &'static str, faults: impl Into<VecDeque<Fault>>) {
        let mut faults = faults.into();
        self.plan(move |asked| if asked == operation { faults.pop_front() } else { None });
    }

    /// The requests since the last call, by operation.
    pub(crate) fn take_requests(&self) -> BTreeMap<String, u32> {
        std::mem::take(&mut *self.state.requests.lock().unwrap())
    }

    /// What DynamoDB bills for the requests since the last call.
    pub(crate) fn take_units(&self) -> Units {
        std::mem::take(&mut *self.state.units.lock().unwrap())
    }

    /// What has gone wrong so far.
    pub(crate) fn faults(&self) -> BTreeMap<Fault, u32> {
        self.state.faults.lock().unwrap().clone()
    }

    /// Credentials and region of the environment, on this line.
    pub(crate) async fn sdk(&self) -> SdkConfig {
        sdk().await.into_builder().http_client(self.clone()).build()
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl HttpClient for Line {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.http.http_connector(settings, components);
        SharedHttpConnector::new(Connection { inner, line: self.clone() })
    }
}

#[derive(Debug)]
struct Connection {
    inner: SharedHttpConnector,
    line: Line,
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, state) = (self.inner.clone(), self.line.state.clone());
        HttpConnectorFuture::new(async move {
            let operation = operation(&request);
            *state.requests.lock().unwrap().entry(operation.clone()).or_default() += 1;
            let billed = request.headers().contains_key("x-amz-target");
            let asked = Bytes::copy_from_slice(request.body().bytes().filter(|_| billed).unwrap_or_default());
            let fault = (state.plan.lock().unwrap())(&operation);
            if let Some(fault) = fault {
                *state.faults.lock().unwrap().entry(fault).or_default() += 1;
            }
            let send = async {
                // SeaweedFS 4.48 lets two that complete uploads of one name at the same time both win, whatever their
                // conditions say; one after the other it keeps to them. S3 keeps to them always.
                let _one_at_a_time = match operation.as_str() {
                    "CompleteMultipartUpload" => Some(state.completing.lock().await),
                    _ => None,
                };
                inner.call(request).await
            };
            match fault {
                None if billed => {
                    let (mut response, answer) = whole(send.await?).await?;
                    *state.units.lock().unwrap() += Units::of(&operation, &asked, &answer);
                    *response.body_mut() = SdkBody::from(answer);
                    Ok(response)
                }
                None => send.await,
                Some(Fault::Answer(status, body)) => {
                    Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
                }
                Some(Fault::Cut) => Err(ConnectorError::io("a test has cut the connection".into())),
                Some(Fault::Late) => Err(ConnectorError::timeout("a test has waited too long".into())),
                Some(Fault::Lost) => {
                    whole(send.await?).await?;
                    Err(ConnectorError::io("a test has lost the answer".into()))
                }
                Some(Fault::Half) => {
                    let (mut response, body) = whole(send.await?).await?;
                    let half = body.slice(..body.len() / 2);
                    let cut = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "a test has cut the answer");
                    let pieces = [Ok(http_body::Frame::data(half)), Err(cut)];
                    *response.body_mut() = SdkBody::from_body_1_x(StreamBody::new(stream::iter(pieces)));
                    Ok(response)
                }
            }
        })
    }
}

/// An answer and all of its body.
async fn whole(mut response: HttpResponse) -> Result<(HttpResponse, Bytes), ConnectorError> {
    let body = std::mem::replace(response.body_mut(), SdkBody::empty());
    let bytes = body.collect().await.map_err(ConnectorError::io)?.to_bytes();
    Ok((response, bytes))
}

/// The name of a request's operation, as its service calls it.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let url: url::Url = request.uri().parse().expect("a request has a URL");
    let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if let Some(name) = parameter("x-id") {
        return name;
    }
    let has = |name| parameter(name).is_some();
    let name = match request.method() {
        "POST" if has("uploads") => "CreateMultipartUpload",
        "POST" if has("uploadId") => "CompleteMultipartUpload",
        "GET" if has("uploads") => "ListMultipartUploads",
        "GET" if has("versions") => "ListObjectVersions",
        "GET" if has("list-type") => "ListObjectsV2",
        "HEAD" => "HeadObject",
        other => return format!("{other} {:?}", url.query()),
    };
    name.to_owned()
}
