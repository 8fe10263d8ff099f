//! Objects of JavaScript for which there are no types that are stable: read, made and called by name.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A property; undefined when there is none.
pub(super) fn of(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A plain object.
pub(super) fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value).expect("a plain object takes any property");
    }
    object
}

/// Calls a method.
pub(super) fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    of(object, name).dyn_into::<Function>()?.apply(object, &arguments.iter().collect::<Array>())
}

/// `navigator`.
pub(super) fn navigator() -> JsValue {
    of(&js_sys::global(), "navigator")
}

/// Waits.
pub(super) async fn sleep(ms: i32) {
    let slept = Promise::new(&mut |resolve, _| {
        _ = call(&js_sys::global(), "setTimeout", &[resolve.into(), ms.into()]);
    });
    // It is never broken.
    _ = JsFuture::from(slept).await;
}
