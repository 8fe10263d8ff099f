//! What one tab of this browser holds and no other: Web Locks. A tab that ends lets go of all of its own.

use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::js;

/// A lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    let_go: Function,
}

impl Lock {
    /// Whether this browser has locks.
    pub(crate) fn is_there() -> bool {
        js::of(&js::navigator(), "locks").is_object()
    }

    /// Takes the lock of a name; nothing when somebody keeps it for longer than a tab that was just closed takes to end.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub(crate) async fn take_patiently(name: &str) -> Result<Option<Self>, JsValue> {
        for _ in 0..TRIES {
            if let Some(lock) = Self::take(name).await? {
                return Ok(Some(lock));
            }
            js::sleep(LONGEST_WAIT_MS / TRIES).await;
        }
        Self::take(name).await
    }

    /// Takes the lock of a name; nothing when somebody has it, also this tab.
    ///
    /// # Errors
    /// What the browser says when it gives no locks.
    pub(crate) async fn take(name: &str) -> Result<Option<Self>, JsValue> {
        Self::ask(name, true).await
    }

    /// Takes the lock of a name as soon as nobody else has it.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub(crate) async fn wait(name: &str) -> Result<Self, JsValue> {
        Self::ask(name, false).await?.ok_or(JsValue::UNDEFINED)
    }

    async fn ask(name: &str, if_available: bool) -> Result<Option<Self>, JsValue> {
        let (answer, answered) = oneshot::channel();
        let taken = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                _ = answer.send(None);
                return JsValue::UNDEFINED;
            }
            // The lock is held until this promise is kept.
            let mut let_go = None;
            let held = Promise::new(&mut |resolve, _| let_go = Some(resolve));
            // Nobody waits any more: dropped with what was sent, it lets go at once.
            _ = answer.send(let_go.map(|let_go| Self { let_go }));
            held.into()
        });
        let locks = js::of(&js::navigator(), "locks");
        let options = js::object(&[("ifAvailable", if_available.into())]);
        let asked = js::call(&locks, "request", &[name.into(), options.into(), taken])?;
        // The promise of the request is kept when the lock is let go of; it breaks when there is none to be had.
        match select(answered, JsFuture::from(asked.unchecked_into::<Promise>())).await {
            Either::Left((lock, _)) => Ok(lock.ok().flatten()),
            Either::Right((ended, answered)) => {
                ended?;
                Ok(answered.await.ok().flatten())
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Keeping a promise cannot fail.
        _ = self.let_go.call0(&JsValue::UNDEFINED);
    }
}

const TRIES: i32 = 20;
const LONGEST_WAIT_MS: i32 = 2_000;
