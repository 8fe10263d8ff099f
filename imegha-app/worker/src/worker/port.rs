//! The way to the page.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::Answer;
use crate::protocol::Event;

/// Sends replies and events to the page.
#[derive(Clone, Debug)]
pub(crate) struct Port(Rc<Function>);

impl Port {
    /// A port that calls `send` with each message.
    pub(crate) fn new(send: Function) -> Self {
        Self(Rc::new(send))
    }

    /// Answers request `id`.
    pub(super) fn reply(&self, id: f64, answer: &Answer) {
        let beside = [("blob", answer.blob.as_ref().map(AsRef::as_ref)), ("handle", answer.handle.as_ref())];
        self.send(id, &answer.reply, beside.into_iter().filter_map(|(name, value)| Some((name, value?))));
    }

    /// Says what happened unasked.
    pub(crate) fn event(&self, event: &Event) {
        self.send(0.0, event, []);
    }

    fn send<'a>(
        &self,
        id: f64,
        message: &impl Serialize,
        beside: impl IntoIterator<Item = (&'static str, &'a JsValue)>,
    ) {
        let json = serde_json::to_string(message).expect("messages have string keys and finite numbers");
        let envelope = Object::new();
        let set = |name: &str, value: &JsValue| {
            Reflect::set(&envelope, &JsValue::from_str(name), value).expect("a plain object takes any property");
        };
        set("id", &JsValue::from_f64(id));
        set("json", &JsValue::from_str(&json));
        beside.into_iter().for_each(|(name, value)| set(name, value));
        // The page is gone if this fails, and then nobody waits for the message.
        let _ = self.0.call1(&JsValue::NULL, &envelope);
    }
}

/// Tells the page how far a transfer is, ten times a second at most.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    port: Port,
    transfer: u32,
    told_ms: Rc<Cell<f64>>,
}

impl Progress {
    /// Progress of that transfer.
    pub(crate) fn new(port: Port, transfer: u32) -> Self {
        Self { port, transfer, told_ms: Rc::new(Cell::new(0.0)) }
    }

    /// `done` of `total` bytes. The last byte is always told.
    pub(crate) fn tell(&self, done: u64, total: u64) {
        let now = js_sys::Date::now();
        if done < total && now - self.told_ms.get() < INTERVAL_MS {
            return;
        }
        self.told_ms.set(now);
        self.port.event(&Event::Progress { transfer: self.transfer, done, total });
    }

    /// The connection is gone; the transfer tries again.
    pub(crate) fn tell_waiting(&self) {
        self.port.event(&Event::Waiting { transfer: self.transfer });
    }
}

const INTERVAL_MS: f64 = 100.0;
