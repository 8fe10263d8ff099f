//! What this browser remembers, in IndexedDB. Nothing in it opens anything, unless its owner chose to stay signed in.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode, WorkerGlobalScope,
};

use super::js;

/// One database with a table of bytes for each [`Table`].
#[derive(Clone, Debug)]
pub(crate) struct Database(IdbDatabase);

/// The tables.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    /// What the device saw of a cloud, sealed, by the cloud's id.
    Clouds,
    /// What the device saw of an account, by the SHA-256 of its email address; and by that of its id, of one that was made here the wrap that its cloud
    /// is to keep, and what is remembered of other people, sealed.
    Accounts,
    /// The keys of whoever stays signed in.
    Kept,
    /// The journals of uploads, sealed, by cloud and upload.
    Journals,
    /// The files on this device that they read, where the browser lets one be kept, by the same.
    Sources,
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
        let database: IdbDatabase = opened?.unchecked_into();
        // A tab of a later version waits for this: what it makes anew, this one could not read.
        let close = {
            let database = database.clone();
            Closure::<dyn FnMut()>::new(move || database.close())
        };
        database.set_onversionchange(Some(&close.into_js_value().unchecked_into()));
        Ok(Self(database))
    }

    /// The bytes that were put last under `key`.
    pub(crate) async fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, JsValue> {
        let value = self.get_value(table, key).await?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    /// Puts bytes under `key`, in place of what is there; done when they are kept.
    pub(crate) async fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), JsValue> {
        self.put_value(table, key, &Uint8Array::from(value)).await
    }

    /// Puts bytes under `key` if `may` says so of those that are there. Nobody else comes between: reading and writing are one
    /// transaction, which lasts as long as nothing but its own requests is waited for.
    pub(crate) async fn replace(
        &self,
        table: Table,
        key: &str,
        value: &[u8],
        may: impl FnOnce(Option<Vec<u8>>) -> bool,
    ) -> Result<(), JsValue> {
        let transaction = self.0.transaction_with_str_and_mode(table.name(), IdbTransactionMode::Readwrite)?;
        let (store, key) = (transaction.object_store(table.name())?, JsValue::from_str(key));
        let present = settled(&store.get(&key)?).await?;
        if may(present.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())) {
            store.put_with_key(&Uint8Array::from(value), &key)?;
            kept(&transaction).await?;
        }
        Ok(())
    }

    /// What was put last under `key`; undefined when nothing was.
    pub(crate) async fn get_value(&self, table: Table, key: &str) -> Result<JsValue, JsValue> {
        let transaction = self.0.transaction_with_str(table.name())?;
        settled(&transaction.object_store(table.name())?.get(&JsValue::from_str(key))?).await
    }

    /// Puts anything that the browser can copy under `key`, in place of what is there; done when it is kept.
    pub(crate) async fn put_value(&self, table: Table, key: &str, value: &JsValue) -> Result<(), JsValue> {
        self.change(table, |store| store.put_with_key(value, &JsValue::from_str(key))).await
    }

    /// The keys under which something is.
    pub(crate) async fn keys(&self, table: Table) -> Result<Vec<String>, JsValue> {
        let transaction = self.0.transaction_with_str(table.name())?;
        let keys = settled(&transaction.object_store(table.name())?.get_all_keys()?).await?;
        Ok(keys.unchecked_into::<Array>().iter().filter_map(|key| key.as_string()).collect())
    }

    /// Removes all that a table holds.
    pub(crate) async fn clear(&self, table: Table) -> Result<(), JsValue> {
        self.change(table, IdbObjectStore::clear).await
    }

    /// Removes what is under `key`; done when it is gone.
    pub(crate) async fn delete(&self, table: Table, key: &str) -> Result<(), JsValue> {
        self.change(table, |store| store.delete(&JsValue::from_str(key))).await
    }

    async fn change(
        &self,
        table: Table,
        change: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<(), JsValue> {
        let options = js::object(&[("durability", table.durability().into())]);
        let arguments = [table.name().into(), "readwrite".into(), options.into()];
        let transaction: IdbTransaction = js::call(&self.0, "transaction", &arguments)?.unchecked_into();
        change(&transaction.object_store(table.name())?)?;
        kept(&transaction).await
    }
}

impl Table {
    const ALL: [Self; 5] = [Self::Clouds, Self::Accounts, Self::Kept, Self::Journals, Self::Sources];

    fn name(self) -> &'static str {
        match self {
            Self::Clouds => "clouds",
            Self::Accounts => "accounts",
            Self::Kept => "kept",
            Self::Journals => "journals",
            Self::Sources => "sources",
        }
    }

    /// When something is kept: once the disk has it, or as soon as the system was told to write it, which a power cut can undo. Of a
    /// journal an older state must never come back.
    fn durability(self) -> &'static str {
        match self {
            Self::Journals => "strict",
            _ => "default",
        }
    }
}

/// Done when all that a transaction wrote is kept.
async fn kept(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(done).await.map(drop)
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
const VERSION: u32 = 3;
