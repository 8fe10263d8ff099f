//! The transfers that run, so that they can be stopped.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use imegha_cloud::CancelToken;
use imegha_crypto::Id;

use crate::protocol::Failure;

/// The transfers by the number that the page gave them. How many run at once is the page's business.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transfers {
    running: Rc<RefCell<HashMap<u32, CancelToken>>>,
    /// What the device calls the uploads that may go on: their journals stand in its memory.
    uploads: Rc<RefCell<HashMap<u32, Id>>>,
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
    pub(crate) fn upload(&self, number: u32) -> Result<Id, Failure> {
        if let Some(upload) = self.uploads.borrow().get(&number) {
            return Ok(*upload);
        }
        let upload = Id::generate()?;
        self.uploads.borrow_mut().insert(number, upload);
        Ok(upload)
    }

    /// Forgets an upload that will not go on.
    pub(crate) fn forget_upload(&self, number: u32) -> Option<Id> {
        self.uploads.borrow_mut().remove(&number)
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

    /// Stops all.
    pub(crate) fn cancel_all(&self) {
        self.running.borrow().values().for_each(CancelToken::cancel);
        self.uploads.borrow_mut().clear();
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
