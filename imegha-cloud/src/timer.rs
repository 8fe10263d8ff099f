//! Waiting, on every target.

/// Waits for `ms` milliseconds. Needs no executor of a certain kind.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn sleep(ms: u64) {
    futures_timer::Delay::new(std::time::Duration::from_millis(ms)).await;
}

/// Waits for `ms` milliseconds, by the `setTimeout` of the page or the worker.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn sleep(ms: u64) {
    use js_sys::{Function, Promise, Reflect};
    use wasm_bindgen::{JsCast as _, JsValue};

    let promise = Promise::new(&mut |resolve, _reject| {
        let global = js_sys::global();
        let set_timeout = Reflect::get(&global, &JsValue::from_str("setTimeout"));
        let set_timeout = set_timeout.ok().and_then(|value| value.dyn_into::<Function>().ok());
        let started = set_timeout.map(|timeout| timeout.call2(&global, &resolve, &JsValue::from_f64(ms as f64)));
        if !matches!(started, Some(Ok(_))) {
            // Without a timer the next attempt comes at once.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let wait = wasm_bindgen_futures::JsFuture::from(promise);
    let _ = send_wrapper::SendWrapper::new(wait).await;
}
