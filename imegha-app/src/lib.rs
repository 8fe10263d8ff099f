//! The reference web app of iMegha.
//!
//! One crate, built twice: with `ssr` it is the server, with `hydrate` the page's WASM. The page never holds a key: what
//! needs keys it asks of the worker (`imegha-worker`).
//!
//! - [`app`]: the app as the server renders it and as the browser brings it to life.
//! - `pages`, `components`: one file for each page and each part of one.
//! - `bridge`: the page's side of the worker and of the browser.
//! - `words`: what every error is called, and the way on.

// A page's type nests as deep as its elements; 128 is too little for the longest page.
#![recursion_limit = "512"]

pub mod app;
mod bridge;
#[expect(unreachable_pub, reason = "`#[component]` writes `pub` whatever the visibility")]
mod components;
#[expect(unreachable_pub, reason = "`#[component]` writes `pub` whatever the visibility")]
mod pages;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
mod shell;
mod words;

/// Brings to life what the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
