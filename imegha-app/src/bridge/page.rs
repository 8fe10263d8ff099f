//! The few things that the page asks of the browser. On the server they have harmless answers.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// The cookies that script may read: in the browser those of the document, on the server those of the request.
pub(crate) fn cookies() -> String {
    if cfg!(target_arch = "wasm32") {
        html_document().and_then(|document| document.cookie().ok())
    } else {
        sent_cookies()
    }
    .unwrap_or_default()
}

/// Sets one cookie.
pub(crate) fn set_cookie(cookie: &str) {
    if let Some(document) = html_document() {
        // A browser that keeps no cookies forgets the choice; nothing else depends on it.
        _ = document.set_cookie(cookie);
    }
}

fn html_document() -> Option<web_sys::HtmlDocument> {
    document().dyn_into().ok()
}

#[cfg(feature = "ssr")]
fn sent_cookies() -> Option<String> {
    let parts = use_context::<axum::http::request::Parts>()?;
    parts.headers.get(axum::http::header::COOKIE)?.to_str().ok().map(str::to_owned)
}

#[cfg(not(feature = "ssr"))]
fn sent_cookies() -> Option<String> {
    None
}
