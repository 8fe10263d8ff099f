//! The transfers that run, so that they can be stopped.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use imegha_cloud::CancelToken;
use imegha_crypto::Id;

use super::lock::Lock;
use crate::protocol::Failure;

/// The transfers by the number that the page gave them. How many run at once is the page's business.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transfers {
    running: Rc<RefCell<HashMap<u32, CancelToken>>>,
    /// What the device calls the uploads that may go on: their journals stand in its memory.
    uploads: Rc<RefCell<HashMap<u32, Upload>>>,
    /// Uploads of tabs that are gone, which the page was told of and has not given a number yet.
    claimed: Rc<RefCell<HashMap<Id, Upload>>>,
}

/// An upload that is this tab's: others do not offer to go on with it. Where there are no locks, there are no other tabs to tell.
#[derive(Debug)]
struct Upload {
    id: Id,
    _lock: Option<Lock>,
}

/// One transfer; no longer listed once it is dropped.
#[derive(Debug)]
pub(crate) struct Transfer {
    number: u32,
    token: CancelToken,
    transfers: Transfers,
}

impl Transfers {
    /// Lists a transfer. It can be cancelled from now on.
    pub(crate) fn begin(&self, number: u32) -> Transfer {
        let token = CancelToken::new();
        self.running.borrow_mut().insert(number, token.clone());
        Transfer { number, token, transfers: self.clone() }
    }

    /// What the upload of this number is called, the same each time it is asked for.
    pub(crate) async fn upload(&self, number: u32) -> Result<Id, Failure> {
        if let Some(upload) = self.uploads.borrow().get(&number) {
            return Ok(upload.id);
        }
        let id = Id::generate()?;
        // Nobody else has an id that was drawn just now; so what comes back is the lock, or nothing where there are none.
        let _lock = Lock::take(&name(&id)).await.ok().flatten();
        self.uploads.borrow_mut().insert(number, Upload { id, _lock });
        Ok(id)
    }

    /// Makes an upload of a tab that is gone this tab's. `false` when it is a living tab's, this one among them.
    pub(crate) async fn claim(&self, id: &Id) -> bool {
        let Ok(Some(lock)) = Lock::take_patiently(&name(id)).await else { return false };
        self.claimed.borrow_mut().insert(*id, Upload { id: *id, _lock: Some(lock) });
        true
    }

    /// Gives an upload that was claimed a number. `false` when it was not.
    pub(crate) fn adopt(&self, number: u32, id: &Id) -> bool {
        let upload = self.claimed.borrow_mut().remove(id);
        upload.is_some_and(|upload| self.uploads.borrow_mut().insert(number, upload).is_none())
    }

    /// Forgets an upload that will not go on.
    pub(crate) fn forget_upload(&self, number: u32) -> Option<Id> {
        self.uploads.borrow_mut().remove(&number).map(|upload| upload.id)
    }

    /// Stops one. Answers whether it was running.
    pub(crate) fn cancel(&self, number: u32) -> bool {
        let running = self.running.borrow();
        running.get(&number).map(CancelToken::cancel).is_some()
    }

    /// Stops one for now.
    pub(crate) fn pause(&self, number: u32) {
        if let Some(token) = self.running.borrow().get(&number) {
            token.pause();
        }
    }

    /// Stops all. Uploads can go on when somebody is in again: what is needed for it is kept.
    pub(crate) fn stop_all(&self) {
        self.running.borrow().values().for_each(CancelToken::pause);
        self.uploads.borrow_mut().clear();
        self.claimed.borrow_mut().clear();
    }
}

impl Transfer {
    /// What stops it.
    pub(crate) fn token(&self) -> &CancelToken {
        &self.token
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.transfers.running.borrow_mut().remove(&self.number);
    }
}

/// The lock of the tab whose upload it is. Whoever works on it holds another one, that of its journal.
fn name(upload: &Id) -> String {
    format!("imegha-upload-{upload}")
}
