//! The HTML document around the app, as the server sends it.
//!
//! It carries, for the page's own code to read:
//! - the import map, whose `integrity` names the SHA-384 of every module and of every `.wasm`;
//! - `<meta name="imegha-worker">`: the address to start the worker from, the hash of its WASM in the query;
//! - `<meta name="imegha-mail">`: `terminal` when codes are printed on the server's terminal, else `smtp`;
//! - `<meta name="imegha-policy">`: the version of the privacy policy in force and what it changed, as JSON;
//! - `<meta name="imegha-public">`: where the operator has put what people make a cloud of their own from, as JSON, if there is such a place.
//!
//! `boot.js` stands in it inline: Leptos 0.8's `HydrationScripts` puts the nonce into `crossorigin` (leptos#4843) and
//! has no `catch`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;

/// What differs from server to server, and the nonce of this answer.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// New in every answer; the answer's policy names it.
    pub(crate) nonce: Arc<str>,
    /// The import map, as JSON.
    pub(crate) import_map: Arc<str>,
    /// `/pkg/worker.js?…`.
    pub(crate) worker: Arc<str>,
    /// `terminal` or `smtp`.
    pub(crate) mail: &'static str,
    /// A public place, as JSON.
    pub(crate) public: Option<Arc<str>>,
    /// The policy in force, as JSON.
    pub(crate) policy: Arc<str>,
    /// The integrity of `imegha_app.js` and of `imegha_app_bg.wasm`.
    pub(crate) integrity: [Arc<str>; 2],
}

/// The document.
pub(crate) fn shell(document: Document) -> impl IntoView {
    let Document { nonce, import_map, worker, mail, public, policy, integrity: [script, wasm] } = document;
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="imegha-worker" content=worker.to_string()/>
                <meta name="imegha-mail" content=mail/>
                {public.map(|public| view! { <meta name="imegha-public" content=public.to_string()/> })}
                <meta name="imegha-policy" content=policy.to_string()/>
                <script type="importmap" nonce=nonce.to_string()>{import_map.to_string()}</script>
                <link rel="stylesheet" href="/pkg/main.css"/>
                <link rel="modulepreload" href="/pkg/imegha_app.js" integrity=script.to_string()/>
                <link
                    rel="preload"
                    href="/pkg/imegha_app_bg.wasm"
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                    integrity=wasm.to_string()
                />
                <link rel="icon" href="/pkg/icons/icon.svg" type="image/svg+xml"/>
                <script type="module" nonce=nonce.to_string()>{include_str!("boot.js")}</script>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <noscript>
                    <p class="boot-note">
                        "iMegha encrypts your files on this device, which takes JavaScript. Allow it for this address, then reload the page."
                    </p>
                </noscript>
                <div id="boot-failed" class="boot-note" role="alert" hidden>
                    <p>
                        "This page could not start or has stopped. Nothing that you stored is lost. Reload it; if that does not help, \
                         update your browser or try another one."
                    </p>
                    <p><a href="" rel="external">"Reload the page"</a></p>
                </div>
            </body>
        </html>
    }
}
