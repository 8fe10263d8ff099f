//! What is counted of requests, for Prometheus: how many, and how long they took, by route and status. Nothing of whoever asks.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Api;

/// Counts of one platform. A label is a route as it stands in the table of routes, a method of the table, or a status: none is of a
/// client's making, so there are only so many, and none names anybody.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Labels, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let mut registry = Registry::with_prefix("imegha_platform");
        let help = "Requests by route and status, and the time until each was answered";
        registry.register_with_unit("requests", help, Unit::Seconds, requests.clone());
        Self { registry: Arc::new(Mutex::new(registry)), requests }
    }

    /// The counts as text (OpenMetrics 1.0).
    pub(crate) fn to_text(&self) -> String {
        let mut said = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        text::encode(&mut said, &registry).expect("a string takes all that is written");
        said
    }

    fn count(&self, method: &Method, route: Option<MatchedPath>, response: &Response, began: Instant) {
        let labels = Labels {
            method: shown(method),
            route: route.map_or_else(|| UNKNOWN.to_owned(), |route| route.as_str().to_owned()),
            status: response.status().as_u16(),
        };
        self.requests.get_or_create(&labels).observe(began.elapsed().as_secs_f64());
    }
}

/// Counts each request. A stream counts when it begins.
pub(super) async fn count(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let response = next.run(request).await;
    api.server.metrics_of_requests().count(&method, route, &response, began);
    response
}

/// A method as it is counted: a client may invent others.
fn shown(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => UNKNOWN,
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// What is no route, and no method, of the table.
const UNKNOWN: &str = "other";

/// Seconds: from a look into the registry to the guard's patience. A sign-in has a hash of 50 ms and more.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
