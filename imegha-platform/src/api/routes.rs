//! Routes that are described as they are made: what is not in the description is not served.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

use super::Api;
use super::operation::{Arguments, BEARER, COOKIE, Operation, SECURE_COOKIE, Schemas};

/// A router; or, for whoever asks for it, the description of the same routes.
pub(super) struct Routes {
    router: Router<Api>,
    description: Option<Description>,
}

#[derive(Default)]
struct Description {
    paths: Paths,
    schemas: Schemas,
}

impl Routes {
    /// To be served.
    pub(super) fn served() -> Self {
        Self { router: Router::new(), description: None }
    }

    /// To be described.
    pub(super) fn described() -> Self {
        Self { router: Router::new(), description: Some(Description::default()) }
    }

    pub(super) fn get<H: Handler<T, Api>, T: Arguments + 'static>(
        self,
        path: &str,
        handler: H,
        says: impl FnOnce() -> Operation,
    ) -> Self {
        self.on(HttpMethod::Get, MethodFilter::GET, path, handler, says)
    }

    pub(super) fn post<H: Handler<T, Api>, T: Arguments + 'static>(
        self,
        path: &str,
        handler: H,
        says: impl FnOnce() -> Operation,
    ) -> Self {
        self.on(HttpMethod::Post, MethodFilter::POST, path, handler, says)
    }

    pub(super) fn put<H: Handler<T, Api>, T: Arguments + 'static>(
        self,
        path: &str,
        handler: H,
        says: impl FnOnce() -> Operation,
    ) -> Self {
        self.on(HttpMethod::Put, MethodFilter::PUT, path, handler, says)
    }

    pub(super) fn delete<H: Handler<T, Api>, T: Arguments + 'static>(
        self,
        path: &str,
        handler: H,
        says: impl FnOnce() -> Operation,
    ) -> Self {
        self.on(HttpMethod::Delete, MethodFilter::DELETE, path, handler, says)
    }

    /// The router.
    pub(super) fn into_router(self) -> Router<Api> {
        self.router
    }

    /// The description of all that the router serves, if it was asked for.
    pub(super) fn into_description(self) -> Option<OpenApi> {
        let Description { paths, schemas } = self.description?;
        let about = "Accounts, iMTags, public and wrapped keys, connections. Bytes are base64url without padding, \
                     64-bit numbers are decimal strings; names that are not known are ignored, and none may come twice. \
                     Everything that is refused is a problem (RFC 9457) with a stable code.";
        let info = InfoBuilder::new().title("iMegha platform").version(env!("CARGO_PKG_VERSION"));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("For programs.")).build();
        let cookie = |name| SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, "For pages.")));
        let components = ComponentsBuilder::new()
            .schemas_from_iter(schemas)
            .security_scheme(BEARER, SecurityScheme::Http(bearer))
            .security_scheme(COOKIE, cookie("imegha"))
            .security_scheme(SECURE_COOKIE, cookie("__Host-imegha"));
        let api = OpenApiBuilder::new()
            .info(info.description(Some(about)).build())
            .servers(Some([ServerBuilder::new().url("/api/v1").build()]))
            .paths(paths)
            .components(Some(components.build()));
        Some(api.build())
    }

    fn on<H: Handler<T, Api>, T: Arguments + 'static>(
        mut self,
        method: HttpMethod,
        filter: MethodFilter,
        path: &str,
        handler: H,
        says: impl FnOnce() -> Operation,
    ) -> Self {
        if let Some(Description { paths, schemas }) = &mut self.description {
            let (operation, named) = T::describe(says()).describe(&name(&method, path), path);
            schemas.extend(named);
            paths.add_path_operation(path, vec![method], operation);
        }
        Self { router: self.router.route(path, on(filter, handler)), ..self }
    }
}

/// An operation's name: `post_sign_up_confirm`.
fn name(method: &HttpMethod, path: &str) -> String {
    let method = match method {
        HttpMethod::Get => "get",
        HttpMethod::Put => "put",
        HttpMethod::Delete => "delete",
        _ => "post",
    };
    let words = path.split(['/', '-', '.']).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words.map(|word| word.trim_matches(['{', '}']))).collect::<Vec<_>>().join("_")
}
