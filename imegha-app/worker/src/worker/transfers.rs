//! The transfers that run, so that they can be stopped.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use imegha_cloud::CancelToken;

/// The transfers by the number that the page gave them. How many run at once is the page's business.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transfers(Rc<RefCell<HashMap<u32, CancelToken>>>);

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
        self.0.borrow_mut().insert(number, token.clone());
        Transfer { number, token, transfers: self.clone() }
    }

    /// Stops one.
    pub(crate) fn cancel(&self, number: u32) {
        if let Some(token) = self.0.borrow().get(&number) {
            token.cancel();
        }
    }

    /// Stops all.
    pub(crate) fn cancel_all(&self) {
        self.0.borrow().values().for_each(CancelToken::cancel);
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
        self.transfers.0.borrow_mut().remove(&self.number);
    }
}
