//! The pages that Leptos renders, each with a nonce and a policy of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_cloud::deploy::{GatewayCode, QuickCreate};
use imegha_worker::protocol::PublicPlace;
use leptos::context::provide_context;
use leptos::nonce::Nonce;

use super::assets::Assets;
use super::headers::{INTEGRITY_POLICY, Policy};
use crate::app::App;
use crate::bridge::PolicyInForce;
use crate::shell::{Document, shell};

/// What every page is made from.
#[derive(Clone)]
pub(crate) struct Pages {
    policy: Policy,
    import_map: Arc<str>,
    worker: Arc<str>,
    mail: &'static str,
    public: Option<Arc<str>>,
    in_force: PolicyInForce,
    /// The same as JSON.
    in_force_json: Arc<str>,
    integrity: [Arc<str>; 2],
}

impl Pages {
    /// Pages that load these assets. `mail` is `terminal` or `smtp`; `public` is what people make a cloud of their own from; `in_force`
    /// the privacy policy.
    pub(crate) fn new(
        assets: &Assets,
        policy: Policy,
        mail: &'static str,
        public: Option<&QuickCreate>,
        in_force: PolicyInForce,
    ) -> Self {
        let integrity: BTreeMap<_, _> = assets.integrity().collect();
        let of = |name: &str| assets.integrity_of(name).unwrap_or_default();
        // Base64 has `+`, which a query reads as a space.
        let worker = format!("/pkg/worker.js?wasm={}", of("pkg/imegha_worker_bg.wasm").replace('+', "%2B"));
        Self {
            policy,
            import_map: serde_json::json!({ "integrity": integrity }).to_string().into(),
            worker: worker.into(),
            mail,
            public: public.map(|public| place(public).into()),
            in_force_json: serde_json::to_string(&in_force).expect("a number and a text").into(),
            in_force,
            integrity: ["pkg/imegha_app.js", "pkg/imegha_app_bg.wasm"].map(|name| of(name).into()),
        }
    }

    /// A router with the app's routes, and its "not found" page for everything else.
    pub(crate) fn router(self) -> Router {
        let routes = leptos_axum::generate_route_list(App);
        let mut router = Router::new();
        for listing in &routes {
            router = router.route(listing.path(), get(page));
        }
        router.fallback(not_found).with_state(self)
    }

    /// Renders the page at the request's address.
    async fn render(&self, request: Request) -> Response {
        let Ok(nonce) = fresh_nonce() else {
            return (StatusCode::INTERNAL_SERVER_ERROR, "this machine has no randomness to give").into_response();
        };
        let document = Document {
            nonce: nonce.clone(),
            import_map: self.import_map.clone(),
            worker: self.worker.clone(),
            mail: self.mail,
            public: self.public.clone(),
            policy: self.in_force_json.clone(),
            integrity: self.integrity.clone(),
        };
        let context = {
            let (nonce, in_force) = (nonce.clone(), self.in_force.clone());
            move || {
                provide_context(Nonce::from_value(nonce.clone()));
                provide_context(in_force.clone());
            }
        };
        let handler = leptos_axum::render_app_to_stream_in_order_with_context(context, move || shell(document.clone()));
        let mut response: Response<Body> = handler(request).await;
        let headers = response.headers_mut();
        let policy = HeaderValue::try_from(self.policy.page_csp(&nonce)).expect("a nonce is base64url");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(INTEGRITY_POLICY.0, INTEGRITY_POLICY.1);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

async fn page(State(pages): State<Pages>, request: Request) -> Response {
    pages.render(request).await
}

/// A page that says so to people, a line to programs.
async fn not_found(State(pages): State<Pages>, request: Request) -> Response {
    let path = request.uri().path();
    let for_programs = ["/api/", "/cloud/", "/pkg/"].iter().any(|prefix| path.starts_with(prefix));
    if for_programs || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::NOT_FOUND, "there is nothing here\n").into_response();
    }
    let mut response = pages.render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// A public place, as the page hands it to the worker.
fn place(public: &QuickCreate) -> String {
    let QuickCreate { template, code: GatewayCode { bucket, key }, region, stack } = public.clone();
    let place = PublicPlace { template: template.into(), bucket, key, region, stack };
    serde_json::to_string(&place).expect("a place is strings")
}

/// 16 random bytes as base64url.
fn fresh_nonce() -> Result<Arc<str>, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Base64UrlUnpadded::encode_string(&bytes).into())
}
