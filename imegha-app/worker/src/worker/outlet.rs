//! The way out to the service worker, which answers an address of this origin with what the browser saves or plays.
//!
//! Towards it go `{ head }`, then for each `{ more }` that it asks one `{ chunk }`, in the end `{ end: true }` or `{ failed: true }`; so no
//! more is opened than the browser takes. `more` is the memory of the last chunk, to be filled again. `"stop"` says that it takes nothing
//! any more. See `public/pkg/streams.js`.

use std::pin::pin;

use futures::channel::mpsc::{self, UnboundedReceiver};
use futures::future::{Either, select};
use futures::{Stream, StreamExt as _};
use imegha_cloud::CancelToken;
use js_sys::{Array, ArrayBuffer, Object, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, MessagePort};

use super::js;
use crate::protocol::{ErrorCode, Failure};

/// One answer of the service worker, as it takes it.
#[derive(Debug)]
pub(super) struct Outlet {
    port: MessagePort,
    /// The memory that comes back with each question; nothing when nothing is taken any more.
    asked: UnboundedReceiver<Option<ArrayBuffer>>,
    is_over: bool,
    _hear: Closure<dyn FnMut(MessageEvent)>,
    _gone: Closure<dyn FnMut()>,
}

/// What is known before the first byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    /// The type that the bytes say; nothing for what is only ever saved.
    pub(super) mime: Option<&'a str>,
    /// What it is saved as.
    pub(super) name: &'a str,
    /// Where it begins in the file.
    pub(super) start: u64,
    /// How many bytes follow; nothing where that is not known yet.
    pub(super) len: Option<u64>,
    /// How many the file has.
    pub(super) size: u64,
}

impl Outlet {
    /// What the other end of a port asks for.
    pub(super) fn new(port: MessagePort) -> Self {
        let (ask, asked) = mpsc::unbounded();
        let gone = ask.clone();
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // Whoever was to hear of it is gone if this fails.
            _ = ask.unbounded_send(js::of(&event.data(), "more").dyn_into().ok());
        });
        // The browser may end a service worker at any time. Not every one tells.
        let gone = Closure::<dyn FnMut()>::new(move || _ = gone.unbounded_send(None));
        _ = js::call(&port, "addEventListener", &["close".into(), gone.as_ref().clone()]);
        port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Self { port, asked, is_over: false, _hear: hear, _gone: gone }
    }

    /// Says what follows.
    pub(super) fn begin(&self, head: &Head<'_>) {
        // Whole numbers below 2^53.
        let number = |number: u64| JsValue::from_f64(number as f64);
        let head = js::object(&[
            ("mime", head.mime.map_or(JsValue::NULL, JsValue::from_str)),
            ("name", head.name.into()),
            ("start", number(head.start)),
            ("len", head.len.map_or(JsValue::NULL, number)),
            ("size", number(head.size)),
        ]);
        self.send(&js::object(&[("head", head.into())]));
    }

    /// Hands over all of `pieces`, as they are asked for. `told` hears how many bytes were taken.
    ///
    /// # Errors
    /// That of `pieces`, and then nobody takes what was given for whole. `Cancelled` when `cancel` says so, or the other end.
    pub(super) async fn pour(
        mut self,
        mut pieces: impl Stream<Item = imegha_cloud::Result<bytes::Bytes>> + Unpin,
        cancel: &CancelToken,
        mut told: impl FnMut(u64),
    ) -> Result<(), Failure> {
        let poured = async {
            let mut done = 0;
            while let Some(piece) = pieces.next().await.transpose()? {
                self.give(&piece).await?;
                done += piece.len() as u64;
                told(done);
            }
            self.end().await
        };
        match select(pin!(cancel.cancelled()), pin!(poured)).await {
            Either::Left(_) => Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((poured, _)) => poured,
        }
    }

    /// Hands over the next bytes, once they are asked for.
    ///
    /// # Errors
    /// `Cancelled` when the other end takes nothing any more.
    pub(super) async fn give(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let returned = self.is_wanted().await?;
        let returned = Uint8Array::new(&returned);
        let chunk = if returned.length() as usize == bytes.len() {
            returned.copy_from(bytes);
            returned
        } else {
            Uint8Array::from(bytes)
        };
        let message = js::object(&[("chunk", chunk.clone().into())]);
        // Moved, not copied. Whoever was to have it is gone if this fails.
        _ = self.port.post_message_with_transferable(&message, &Array::of1(&chunk.buffer()));
        Ok(())
    }

    /// What was given is all of it.
    ///
    /// # Errors
    /// As [`Outlet::give`].
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        self.is_wanted().await?;
        self.finish("end");
        Ok(())
    }

    async fn is_wanted(&mut self) -> Result<ArrayBuffer, Failure> {
        self.asked.next().await.flatten().ok_or(Failure::new(ErrorCode::Cancelled))
    }

    fn finish(&mut self, word: &str) {
        self.is_over = true;
        self.send(&js::object(&[(word, true.into())]));
    }

    fn send(&self, message: &Object) {
        // Whoever was to have it is gone if this fails.
        _ = self.port.post_message(message);
    }
}

/// What was not told to be whole is broken: the other end must never wait for ever, nor take a part for all.
impl Drop for Outlet {
    fn drop(&mut self) {
        if !self.is_over {
            self.finish("failed");
        }
        self.port.set_onmessage(None);
    }
}
