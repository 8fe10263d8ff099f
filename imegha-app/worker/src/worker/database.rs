//! What this browser remembers, in IndexedDB. Nothing in it opens anything.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransactionMode, WorkerGlobalScope};

/// One database with a table of bytes for each [`Table`].
#[derive(Clone, Debug)]
pub(crate) struct Database(IdbDatabase);

/// The tables.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    /// What the device saw of a cloud, sealed, by the cloud's id.
    Clouds,
    /// What the device saw of an account, by the SHA-256 of its email address.
    Accounts,
}

impl Database {
    /// Opens the database, and makes it the first time.
    pub(crate) async fn open() -> Result<Self, JsValue> {
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let factory = scope.indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(NAME, VERSION)?;
        let upgrade = {
            let request: IdbOpenDbRequest = request.clone();
            Closure::<dyn FnMut() -> Result<(), JsValue>>::new(move || {
                let database: IdbDatabase = request.result()?.unchecked_into();
                for table in Table::ALL {
                    if !database.object_store_names().contains(table.name()) {
                        database.create_object_store(table.name())?;
                    }
                }
                Ok(())
            })
        };
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let opened = settled(&request).await;
        request.set_onupgradeneeded(None);
        Ok(Self(opened?.unchecked_into()))
    }

    /// What was put last under `key`.
    pub(crate) async fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, JsValue> {
        let transaction = self.0.transaction_with_str(table.name())?;
        let request = transaction.object_store(table.name())?.get(&JsValue::from_str(key))?;
        let value = settled(&request).await?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    /// Puts `value` under `key`, in place of what is there; done when it is kept.
    pub(crate) async fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), JsValue> {
        let transaction = self.0.transaction_with_str_and_mode(table.name(), IdbTransactionMode::Readwrite)?;
        let store = transaction.object_store(table.name())?;
        store.put_with_key(&Uint8Array::from(value), &JsValue::from_str(key))?;
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        JsFuture::from(done).await.map(drop)
    }
}

impl Table {
    const ALL: [Self; 2] = [Self::Clouds, Self::Accounts];

    fn name(self) -> &'static str {
        match self {
            Self::Clouds => "clouds",
            Self::Accounts => "accounts",
        }
    }
}

/// The result of a request, once it has one.
async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await?;
    request.result()
}

const NAME: &str = "imegha";
const VERSION: u32 = 1;
