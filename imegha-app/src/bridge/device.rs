//! Files that the person chooses to be read or written, and the service worker: `public/pkg/device.js`.

use js_sys::Array;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransferItem, File, MessagePort};

/// Whether files that are chosen can be found again after a reload.
pub(crate) fn remembers_files() -> bool {
    js::remembers_files()
}

/// Has the person choose files. Nothing when the browser does not even ask.
pub(crate) async fn choose_files() -> Option<Vec<JsValue>> {
    js::choose_files().await.ok().map(|chosen| Array::from(&chosen).iter().collect())
}

/// Where a file goes.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// There.
    At(JsValue),
    /// The person gave the choice up.
    GivenUp,
    /// The browser does not ask.
    NotAsked,
}

/// Has the person choose where a file goes that is still to come.
pub(crate) async fn choose_place(name: &str) -> Place {
    if !js::chooses_places() {
        return Place::NotAsked;
    }
    match js::choose_place(name).await {
        Ok(place) if place.is_object() => Place::At(place),
        Ok(_) => Place::GivenUp,
        Err(_) => Place::NotAsked,
    }
}

/// Whether the person can choose a folder to be written to.
pub(crate) fn chooses_folders() -> bool {
    js::chooses_folders()
}

/// Has the person choose a folder that is written to.
pub(crate) async fn choose_folder() -> Place {
    match js::choose_folder().await {
        Ok(place) if place.is_object() => Place::At(place),
        Ok(_) => Place::GivenUp,
        Err(_) => Place::NotAsked,
    }
}

/// The file behind a handle, as it is now; nothing when it is gone, or may not be read.
pub(crate) async fn read(handle: &JsValue) -> Option<File> {
    js::read(handle).await.ok()?.dyn_into().ok()
}

/// What was dropped, as it can be found again. It is asked for at once: later it is not there any more.
pub(crate) fn dropped(item: &DataTransferItem) -> impl Future<Output = Option<JsValue>> + use<> {
    let handle = js::dropped(item);
    async move { JsFuture::from(handle).await.ok().filter(JsValue::is_object) }
}

/// Has the service worker answer addresses of this page. `false` where there is none to be had. `serve` gets what is asked for, and
/// the port that takes it; the first one that is given here serves as long as the page lives.
pub(crate) async fn start_streams(serve: impl Fn(Asked, MessagePort) + 'static) -> bool {
    let serve = Closure::<dyn Fn(JsValue, MessagePort)>::new(move |asked: JsValue, port| {
        if let Some(asked) = Asked::read(&asked) {
            serve(asked, port);
        }
    });
    js::start_streams(&serve.into_js_value()).await.is_ok_and(|started| started.is_truthy())
}

/// Keeps the service worker from being ended while something is saved.
pub(crate) async fn keep_awake() {
    // One that was ended is begun again when it is asked.
    _ = js::keep_awake().await;
}

/// What the service worker asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) address: String,
    pub(crate) playing: bool,
    pub(crate) start: u64,
    pub(crate) end: Option<u64>,
}

impl Asked {
    fn read(asked: &JsValue) -> Option<Self> {
        let of = |name: &str| js_sys::Reflect::get(asked, &name.into()).ok();
        Some(Self {
            address: of("address")?.as_string()?,
            playing: of("playing")?.as_bool()?,
            start: of("start")?.as_f64()? as u64,
            end: of("end")?.as_f64().map(|end| end as u64),
        })
    }
}

mod js {
    use super::*;

    #[wasm_bindgen(raw_module = "./device.js")]
    extern "C" {
        #[wasm_bindgen(js_name = remembersFiles)]
        pub(super) fn remembers_files() -> bool;
        #[wasm_bindgen(catch, js_name = chooseFiles)]
        pub(super) async fn choose_files() -> Result<JsValue, JsValue>;
        #[wasm_bindgen(js_name = choosesPlaces)]
        pub(super) fn chooses_places() -> bool;
        #[wasm_bindgen(catch, js_name = choosePlace)]
        pub(super) async fn choose_place(name: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(js_name = choosesFolders)]
        pub(super) fn chooses_folders() -> bool;
        #[wasm_bindgen(catch, js_name = chooseFolder)]
        pub(super) async fn choose_folder() -> Result<JsValue, JsValue>;
        #[wasm_bindgen(catch)]
        pub(super) async fn read(handle: &JsValue) -> Result<JsValue, JsValue>;
        pub(super) fn dropped(item: &DataTransferItem) -> js_sys::Promise;
        #[wasm_bindgen(catch, js_name = startStreams)]
        pub(super) async fn start_streams(serve: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(catch, js_name = keepAwake)]
        pub(super) async fn keep_awake() -> Result<JsValue, JsValue>;
    }
}
