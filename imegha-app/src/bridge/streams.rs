//! The page between service worker and worker: it hands on what is asked for, and sees nothing of it.

use std::time::Duration;

use imegha_worker::protocol::{Failure, Reply, Request, SaveTo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::client::Client;
use super::link::{self, Beside};
use super::{device, page};

impl Client {
    /// Has the service worker answer addresses of this page. `false` where there is none to be had.
    pub(crate) async fn start_streams(self) -> bool {
        device::start_streams(|asked, port| {
            let device::Asked { address, playing, start, end } = asked;
            let request = Request::Stream { address, playing, start, end };
            // The worker answers by the port. Where there is none any more, whoever asks waits a while and gives up.
            let asked = link::ask(&request, Beside { port: Some(&port), ..Beside::default() });
            spawn_local(async move { drop(asked.await) });
        })
        .await
    }

    /// Has the browser save a file while it is opened.
    pub(super) async fn save_stream(self, transfer: u32, of: OfFile, name: String) -> Result<Reply, Failure> {
        let saving = Saving::draw();
        let (to, (node, revision)) = (SaveTo::Stream { address: saving.address(), name }, of);
        saving.while_asked(self.ask(Request::Download { transfer, node, revision, to })).await
    }

    /// Writes a file to where the person chose.
    pub(super) async fn save_file(self, transfer: u32, of: OfFile, place: &JsValue) -> Result<Reply, Failure> {
        let (node, revision) = of;
        let request = Request::Download { transfer, node, revision, to: SaveTo::File };
        let beside = Beside { handle: Some(place), ..Beside::default() };
        self.ask_with(request, beside).await.map(|(reply, _)| reply)
    }
}

/// The id of a file, and the number of the revision that is wanted of it; the newest without.
pub(super) type OfFile = (String, Option<u64>);

/// The path of an address that the service worker answers.
pub(crate) fn stream(address: &str) -> String {
    format!("/stream/{address}")
}

/// Something that the browser saves while the worker opens it.
pub(super) struct Saving(String);

impl Saving {
    /// Under an address that nobody can guess.
    pub(super) fn draw() -> Self {
        Self(page::random_address())
    }

    /// The address.
    pub(super) fn address(&self) -> String {
        self.0.clone()
    }

    /// Has the browser go to the address while the worker is asked for what is there, and waits for the worker.
    pub(super) async fn while_asked(
        self,
        asked: impl Future<Output = Result<Reply, Failure>>,
    ) -> Result<Reply, Failure> {
        let frame = page::hidden_frame(&stream(&self.0));
        let awake = Awake::begin();
        let saved = asked.await;
        drop(awake);
        if let Some(frame) = frame {
            // The browser has all of it, and writes what it has not written yet.
            set_timeout(move || frame.remove(), Duration::from_secs(10));
        }
        saved
    }
}

/// Keeps the service worker awake until it is dropped.
struct Awake(Option<IntervalHandle>);

impl Awake {
    fn begin() -> Self {
        let ping = || spawn_local(device::keep_awake());
        Self(set_interval_with_handle(ping, EVERY).ok())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.clear();
        }
    }
}

/// Browsers end one that was not spoken to for half a minute.
const EVERY: Duration = Duration::from_secs(10);
