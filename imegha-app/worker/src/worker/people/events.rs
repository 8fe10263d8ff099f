//! Hearing of what others do.

use std::rc::Rc;

use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_platform::ProblemCode;
use imegha_platform::client::Events;
use imegha_platform::protocol::PokeName;

use super::super::lock::Lock;
use super::super::tabs::name_of;
use super::super::{Worker, js};
use crate::protocol::Event;

impl Worker {
    /// Listens from now on, and tells this page and the other tabs. One tab listens for all of its browser: a stream takes one of the few
    /// connections that a browser has to a server. It begins with the first page that shows people, and ends with the worker.
    pub(super) fn listen_to_people(self: &Rc<Self>) {
        if self.listening.replace(true) {
            return;
        }
        let worker = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            worker.listen().await;
            worker.listening.set(false);
        });
    }

    async fn listen(&self) {
        let drops = self.drops.get();
        let Ok(account) = self.account() else { return };
        let Ok(platform) = self.platform() else { return };
        // Where another tab listens, this one waits for it to end.
        let _lock = match Lock::is_there() {
            true => Lock::wait(&format!("imegha-events-{}", name_of(&account.id))).await.ok(),
            false => None,
        };
        let mut pause = SHORTEST_MS;
        while self.is_still_in(drops) {
            if is_online() {
                match platform.events().await {
                    // A server that lets everybody in and out again is not asked at once, each time.
                    Ok(events) => {
                        if self.hear_events(events, drops).await {
                            pause = SHORTEST_MS;
                        }
                    }
                    // Whoever looks next says so, and the keys go.
                    Err(error) if error.code() == Some(ProblemCode::SignedOut) => return,
                    Err(_) => {}
                }
            }
            // Not all browsers at once, where a server begins again.
            js::sleep(pause + (js_sys::Math::random() * f64::from(pause)) as i32).await;
            pause = pause.saturating_mul(2).min(LONGEST_MS);
        }
    }

    /// Whether it was a stream: something came, or it lasted.
    async fn hear_events(&self, mut events: Events, drops: u32) -> bool {
        let began_ms = SystemClock.now_ms();
        // What happened before it began nobody has told.
        self.say_people();
        let mut heard = false;
        while let Ok(Some(event)) = events.next().await {
            heard = true;
            if !self.is_still_in(drops) {
                break;
            }
            if event.kind == PokeName::Connection {
                self.say_people();
            }
        }
        heard || SystemClock.now_ms().saturating_sub(began_ms) > LONGEST_MS.unsigned_abs().into()
    }

    fn say_people(&self) {
        self.port.event(&Event::People);
        self.tell_of_people();
    }

    fn is_still_in(&self, drops: u32) -> bool {
        self.drops.get() == drops && self.inside.borrow().is_some()
    }
}

/// Without a network each try would only be an error in the console.
fn is_online() -> bool {
    js::of(&js::navigator(), "onLine").as_bool().unwrap_or(true)
}

const SHORTEST_MS: i32 = 2_000;
const LONGEST_MS: i32 = 60_000;
