//! The worker itself: hears the page, holds the keys, answers.

mod account;
mod database;
mod device;
mod download;
mod failure;
mod files;
mod port;
mod source;
mod transfers;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use imegha_cloud::Cloud;
use imegha_platform::client::Platform;
use js_sys::{Function, Reflect};
use url::Url;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Blob;
use zeroize::Zeroizing;

use crate::protocol::{ErrorCode, Failure, Reply, Request};
use account::BegunSignUp;
use device::Device;
use port::Port;
use transfers::Transfers;

/// Starts the worker. `send` takes messages for the page; what comes back takes those from it.
#[wasm_bindgen]
pub fn start(send: Function) -> Function {
    console_error_panic_hook::set_once();
    let worker = Rc::new(Worker::new(Port::new(send)));
    let receive = Closure::<dyn FnMut(JsValue)>::new(move |message| {
        wasm_bindgen_futures::spawn_local(worker.clone().hear(message));
    });
    receive.into_js_value().unchecked_into()
}

/// Everything that the worker holds.
struct Worker {
    port: Port,
    platform: RefCell<Option<Platform>>,
    device: RefCell<Option<Arc<Device>>>,
    /// The account that waits for its code.
    sign_up: RefCell<Option<BegunSignUp>>,
    /// The cloud of whoever is signed in. It holds the keys, and wipes them when its last clone is dropped.
    cloud: RefCell<Option<Cloud>>,
    transfers: Transfers,
}

/// What a request is answered with.
struct Answer {
    reply: Reply,
    blob: Option<Blob>,
}

impl Worker {
    fn new(port: Port) -> Self {
        Self {
            port,
            platform: RefCell::default(),
            device: RefCell::default(),
            sign_up: RefCell::default(),
            cloud: RefCell::default(),
            transfers: Transfers::default(),
        }
    }

    /// Takes one message and answers it once.
    async fn hear(self: Rc<Self>, message: JsValue) {
        let property = |name| Reflect::get(&message, &JsValue::from_str(name)).unwrap_or_default();
        let id = property("id").as_f64().unwrap_or_default();
        let blob = property("blob").dyn_into::<Blob>().ok();
        let json = Zeroizing::new(property("json").as_string().unwrap_or_default());
        let answer = match serde_json::from_str(&json) {
            Ok(request) => {
                drop(json);
                self.answer(request, blob).await
            }
            // Page and worker are of two versions: one of them comes from a cache.
            Err(_) => Err(Failure::new(ErrorCode::Version)),
        };
        match answer {
            Ok(Answer { reply, blob }) => self.port.reply(id, &reply, blob.as_ref()),
            Err(failure) => self.port.reply(id, &Reply::Failed(failure), None),
        }
    }

    async fn answer(&self, request: Request, blob: Option<Blob>) -> Result<Answer, Failure> {
        let reply = match request {
            Request::Hello { origin } => self.hello(&origin).await?,
            Request::SignUp { email, tag, password, over_13, policy_version } => {
                self.sign_up(&email, &tag, &Zeroizing::new(password), over_13, policy_version).await?
            }
            Request::Confirm { code } => self.confirm(&code).await?,
            Request::ResendCode => self.resend_code().await?,
            Request::SignIn { email, password, stay: _ } => self.sign_in(&email, &Zeroizing::new(password)).await?,
            Request::SignOut => self.sign_out().await,
            Request::List { folder } => self.list(folder.as_deref()).await?,
            Request::CreateFolder { parent, name } => self.create_folder(parent.as_deref(), &name).await?,
            Request::Upload { transfer, taken: _, folder, name, modified_ms, mime } => {
                let file = blob.ok_or(Failure::new(ErrorCode::SourceChanged))?;
                self.upload(transfer, folder.as_deref(), files::NewFile { name, modified_ms, mime, file }).await?
            }
            Request::Download { transfer, node } => return self.download(transfer, &node).await,
            Request::Cancel { transfer } => {
                self.transfers.cancel(transfer);
                Reply::Done
            }
            _ => return Err(Failure::new(ErrorCode::Version)),
        };
        Ok(Answer { reply, blob: None })
    }

    async fn hello(&self, origin: &str) -> Result<Reply, Failure> {
        let origin = Url::parse(origin).map_err(|_| Failure::new(ErrorCode::Internal))?;
        let webcrypto = has_webcrypto();
        if webcrypto {
            *self.platform.borrow_mut() = Some(Platform::new(origin)?);
            *self.device.borrow_mut() = Some(Arc::new(Device::open().await));
        }
        Ok(Reply::Hello { webcrypto, session: None })
    }

    fn platform(&self) -> Result<Platform, Failure> {
        self.platform.borrow().clone().ok_or(Failure::new(ErrorCode::NoWebCrypto))
    }

    fn device(&self) -> Result<Arc<Device>, Failure> {
        self.device.borrow().clone().ok_or(Failure::new(ErrorCode::NoWebCrypto))
    }

    fn cloud(&self) -> Result<Cloud, Failure> {
        self.cloud.borrow().clone().ok_or(Failure::new(ErrorCode::SignedOut))
    }
}

/// Browsers give it to pages that came by https or from loopback.
fn has_webcrypto() -> bool {
    let property = |object: &JsValue, name| Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default();
    property(&property(&js_sys::global(), "crypto"), "subtle").is_object()
}
