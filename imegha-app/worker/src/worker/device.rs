//! What this browser remembers of clouds and accounts.

use std::cell::RefCell;
use std::collections::HashMap;

use async_trait::async_trait;
use imegha_cloud::{DeviceStore, Error, ErrorKind, JournalStore, MemoryJournals};
use imegha_crypto::{Email, Hash, Id, Sealed};
use imegha_platform::client::Account;
use send_wrapper::SendWrapper;

use super::database::{Database, Table};
use super::journals::Journals;
use super::lock::Lock;

/// The browser's memory: IndexedDB, or where the browser gives none (some private windows), this worker's own.
///
/// Journals of uploads are kept there too. Without IndexedDB or Web Locks they are this worker's own: a paused upload then goes on
/// within the page, and ends with it.
#[derive(Debug)]
pub(crate) struct Device {
    memory: SendWrapper<Memory>,
    /// The hash of what this tab loaded or saved last of each cloud.
    last: SendWrapper<RefCell<HashMap<Id, Option<Hash>>>>,
    journals: Box<dyn JournalStore>,
}

#[derive(Debug)]
enum Memory {
    Kept(Database),
    Lost(RefCell<HashMap<String, Vec<u8>>>),
}

impl Device {
    /// Opens the memory.
    pub(crate) async fn open() -> Self {
        let memory = match Database::open().await {
            Ok(database) => Memory::Kept(database),
            // A device without memory works, and cannot see that storage shows an older state (SECURITY.md).
            Err(_) => Memory::Lost(RefCell::default()),
        };
        let journals: Box<dyn JournalStore> = match &memory {
            Memory::Kept(database) if Lock::is_there() => Box::new(Journals::new(database.clone())),
            _ => Box::new(MemoryJournals::new()),
        };
        Self { memory: SendWrapper::new(memory), last: SendWrapper::new(RefCell::default()), journals }
    }

    /// Where keys can be kept. A browser that gives no storage keeps none.
    pub(super) fn database(&self) -> Option<&Database> {
        match &*self.memory {
            Memory::Kept(database) => Some(database),
            Memory::Lost(_) => None,
        }
    }

    /// What was remembered of the account with that address.
    pub(crate) async fn account(&self, email: &Email) -> Option<Vec<u8>> {
        // What cannot be read is forgotten: a new device begins the same way.
        SendWrapper::new(self.memory.get(Table::Accounts, account_key(email))).await.ok().flatten()
    }

    /// Remembers `known` of the account with that address.
    pub(crate) async fn remember_account(&self, email: &Email, known: Vec<u8>) -> Result<(), Error> {
        SendWrapper::new(self.memory.put(Table::Accounts, account_key(email), known)).await
    }

    /// Forgets the account with that address, which may be another's from now on. What cannot be removed stays, and opens nothing.
    pub(crate) async fn forget_account(&self, email: &Email) {
        let _ = SendWrapper::new(self.memory.remove(Table::Accounts, account_key(email))).await;
    }

    /// What the cloud of an account is to keep that was made on this device: the DEK, wrapped by its recovery phrase.
    pub(crate) async fn recovery_wrap(&self, account: &Account) -> Option<Sealed> {
        let kept = SendWrapper::new(self.memory.get(Table::Accounts, wrap_key(account))).await.ok().flatten();
        kept.and_then(|kept| Sealed::from_received(kept).ok())
    }

    /// Remembers that until a cloud keeps it, which may be on another day. The platform has it too, and gives it only to who has the phrase.
    pub(crate) async fn remember_recovery_wrap(&self, account: &Account, wrap: &Sealed) -> Result<(), Error> {
        SendWrapper::new(self.memory.put(Table::Accounts, wrap_key(account), wrap.as_bytes().to_vec())).await
    }

    /// The cloud keeps it now. What cannot be removed stays, and does no harm: it opens nothing without the phrase.
    pub(crate) async fn forget_recovery_wrap(&self, account: &Account) {
        let _ = SendWrapper::new(self.memory.remove(Table::Accounts, wrap_key(account))).await;
    }

    /// What is remembered of the people whom an account knows, sealed.
    ///
    /// # Errors
    /// When it cannot be read: that is not the same as that there is none.
    pub(crate) async fn people(&self, account: &Id) -> Result<Option<Sealed>, Error> {
        let kept = SendWrapper::new(self.memory.get(Table::Accounts, people_key(account))).await?;
        Ok(kept.and_then(|kept| Sealed::from_received(kept).ok()))
    }

    /// Remembers that, in the place of what was.
    pub(crate) async fn remember_people(&self, account: &Id, sealed: &Sealed) -> Result<(), Error> {
        SendWrapper::new(self.memory.put(Table::Accounts, people_key(account), sealed.as_bytes().to_vec())).await
    }

    /// Forgets it. What cannot be removed stays sealed, under keys that are gone.
    pub(crate) async fn forget_people(&self, account: &Id) {
        let _ = SendWrapper::new(self.memory.remove(Table::Accounts, people_key(account))).await;
    }
}

#[async_trait]
impl DeviceStore for Device {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>, Error> {
        let state = SendWrapper::new(self.memory.get(Table::Clouds, cloud.to_string())).await?;
        self.last.borrow_mut().insert(*cloud, state.as_deref().map(Hash::of));
        Ok(state)
    }

    /// The log loads before it saves, and does not save what is older. Where another tab saved between the two, its state stays:
    /// it may be the newer one, and this tab's is saved after the next change.
    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<(), Error> {
        let hash = Hash::of(&state);
        let last = self.last.borrow().get(cloud).copied().flatten();
        let place = cloud.to_string();
        SendWrapper::new(async {
            match &*self.memory {
                Memory::Kept(database) => {
                    let may = |present: Option<Vec<u8>>| present.as_deref().map(Hash::of) == last;
                    database.replace(Table::Clouds, &place, &state, may).await.map_err(|_| failed())
                }
                lost @ Memory::Lost(_) => lost.put(Table::Clouds, place, state).await,
            }
        })
        .await?;
        self.last.borrow_mut().insert(*cloud, Some(hash));
        Ok(())
    }

    fn journals(&self) -> &dyn JournalStore {
        &*self.journals
    }
}

impl Memory {
    async fn get(&self, table: Table, key: String) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Kept(database) => database.get(table, &key).await.map_err(|_| failed()),
            Self::Lost(values) => Ok(values.borrow().get(&format!("{table:?} {key}")).cloned()),
        }
    }

    async fn put(&self, table: Table, key: String, value: Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Kept(database) => database.put(table, &key, &value).await.map_err(|_| failed()),
            Self::Lost(values) => {
                values.borrow_mut().insert(format!("{table:?} {key}"), value);
                Ok(())
            }
        }
    }

    async fn remove(&self, table: Table, key: String) -> Result<(), Error> {
        match self {
            Self::Kept(database) => database.delete(table, &key).await.map_err(|_| failed()),
            Self::Lost(values) => {
                values.borrow_mut().remove(&format!("{table:?} {key}"));
                Ok(())
            }
        }
    }
}

/// Whoever looks at the browser's storage should not read whose accounts were used in it.
fn account_key(email: &Email) -> String {
    Hash::of(email.as_str().as_bytes()).to_string()
}

/// What wraps one DEK is of no use once there is another.
fn wrap_key(account: &Account) -> String {
    let named = Hash::of(account.id.as_bytes());
    match account.dek_epoch {
        1 => format!("wrap {named}"),
        epoch => format!("wrap {named} {epoch}"),
    }
}

fn people_key(account: &Id) -> String {
    format!("people {}", Hash::of(account.as_bytes()))
}

fn failed() -> Error {
    Error::new(ErrorKind::Backend, "the browser's storage could not be read or written")
}
