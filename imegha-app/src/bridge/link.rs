//! The line to the worker: one worker a page, started when it is first needed.
//!
//! It stands in a `thread_local` since a page has one thread and one worker, and JavaScript's objects cannot stand in a
//! context, which must be `Send`. The server never comes here: it asks the worker nothing.

use std::cell::RefCell;

use futures::channel::oneshot;
use imegha_worker::protocol::{ErrorCode, Event, Failure, Reply, Request};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use super::book::Book;
use super::message::{Message, failure};
use super::page;

/// What an answer brings: the reply, and what came with it.
pub(crate) type Answer = Result<(Reply, Brought), Failure>;

/// What goes to the worker beside a request, of what cannot stand in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside<'a> {
    /// A file.
    pub(crate) blob: Option<&'a Blob>,
    /// Where the browser finds a file of this device.
    pub(crate) handle: Option<&'a JsValue>,
    /// Where the answer goes; it is the worker's from then on.
    pub(crate) port: Option<&'a MessagePort>,
}

/// What comes from the worker beside a reply.
#[derive(Debug)]
pub(crate) struct Brought {
    /// A file.
    pub(crate) blob: Option<Blob>,
    /// Where the browser finds a file of this device.
    pub(crate) handle: Option<JsValue>,
}

/// Starts the worker unless it runs. What it says unasked goes to `hear`.
///
/// Answers whether it was started now: a new worker must be greeted.
pub(crate) fn start(hear: impl Fn(Event) + 'static) -> bool {
    if LINK.with_borrow(Option::is_some) {
        return false;
    }
    let Some(worker) = page::meta("imegha-worker").and_then(|address| {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        Worker::new_with_options(&address, &options).ok()
    }) else {
        return false;
    };
    let heard = Closure::new(move |event: MessageEvent| receive(&event.data(), &hear));
    // It could not be fetched, or was refused by the page's policy: nothing will ever answer.
    let broke = Closure::new(move |_| refuse_all(ErrorCode::NotStarted));
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    worker.set_onerror(Some(broke.as_ref().unchecked_ref()));
    LINK.set(Some(Link { worker, book: Book::new(), _heard: heard, _broke: broke }));
    true
}

/// Asks at once, and waits for the answer when it is awaited.
pub(crate) fn ask(request: &Request, beside: Beside<'_>) -> impl Future<Output = Answer> + use<> {
    let (answer, answered) = oneshot::channel();
    let sent = LINK.with_borrow_mut(|link| {
        let link = link.as_mut()?;
        let number = link.book.enter(answer);
        let moved = beside.port.into_iter().collect::<Array>();
        let posted = envelope(number, request, beside)
            .and_then(|message| link.worker.post_message_with_transfer(&message, &moved).ok());
        if posted.is_none() {
            link.book.settle(number);
        }
        posted
    });
    async move {
        if sent.is_none() {
            return Err(failure(ErrorCode::NotStarted));
        }
        // The sender is dropped when the worker is stopped while it is asked.
        answered.await.unwrap_or(Err(failure(ErrorCode::Stopped)))
    }
}

/// Ends the worker at once, and with it all keys. Who still waits is told that it stopped.
pub(crate) fn stop() {
    if let Some(link) = LINK.take() {
        link.worker.terminate();
    }
}

struct Link {
    worker: Worker,
    book: Book<oneshot::Sender<Answer>>,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _broke: Closure<dyn FnMut(web_sys::Event)>,
}

thread_local! {
    static LINK: RefCell<Option<Link>> = const { RefCell::new(None) };
}

fn envelope(number: u32, request: &Request, beside: Beside<'_>) -> Option<Object> {
    let json = serde_json::to_string(request).ok()?;
    let message = Object::new();
    Reflect::set(&message, &"id".into(), &number.into()).ok()?;
    Reflect::set(&message, &"json".into(), &json.into()).ok()?;
    let Beside { blob, handle, port } = beside;
    for (name, value) in [("blob", blob.map(AsRef::as_ref)), ("handle", handle), ("port", port.map(AsRef::as_ref))] {
        if let Some(value) = value {
            Reflect::set(&message, &name.into(), value).ok()?;
        }
    }
    Some(message)
}

fn receive(data: &JsValue, hear: &impl Fn(Event)) {
    let of = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let (Some(id), Some(json)) = (of("id").as_f64(), of("json").as_string()) else { return };
    match Message::read(id as u32, &json) {
        Message::Answer(number, answer) => {
            let waiting = LINK.with_borrow_mut(|link| link.as_mut()?.book.settle(number));
            if let Some(waiting) = waiting {
                // Nobody may wait any more: the page has gone on.
                let brought =
                    Brought { blob: of("blob").dyn_into().ok(), handle: Some(of("handle")).filter(JsValue::is_object) };
                _ = waiting.send(answer.map(|reply| (reply, brought)));
            }
        }
        Message::Event(event) => hear(event),
        Message::Unknown => {}
    }
}

fn refuse_all(code: ErrorCode) {
    let waiting = LINK.with_borrow_mut(|link| link.as_mut().map(|link| link.book.settle_all()));
    for waiting in waiting.into_iter().flatten() {
        _ = waiting.send(Err(failure(code)));
    }
    // The next request starts a new one.
    stop();
}
