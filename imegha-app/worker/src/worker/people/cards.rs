//! The account's own contact cards.

use std::rc::Rc;

use imegha_platform::client::{Connection, Standing};

use super::super::Worker;
use super::{introduction, now_ms};

impl Worker {
    /// Gives new cards to those whose card is of keys that were replaced, or does not say where the account's cloud is now. Nobody waits for
    /// it, and what fails is done the next time.
    pub(super) fn renew_cards(self: &Rc<Self>, connections: Vec<Connection>) {
        let worker = self.clone();
        wasm_bindgen_futures::spawn_local(async move { worker.put_cards(&connections).await.unwrap_or_default() });
    }

    async fn put_cards(&self, connections: &[Connection]) -> Option<()> {
        let (account, platform) = (self.account().ok()?, self.platform().ok()?);
        let mut book = self.book(&account).await.ok()?;
        let gateway = account.gateway.as_ref();
        for connection in connections {
            let other = connection.person().account();
            let has_one = matches!(connection.standing(), Standing::Asked | Standing::Connected | Standing::Unproven);
            let is_due = connection.needs_card(&account) || !book.known.has_told(&other, gateway);
            if has_one
                && is_due
                && let Ok(sent) = platform.put_card(&account, connection, &introduction(&account), now_ms()).await
            {
                book.remember(&sent.known, false);
                book.known.tell(&other, gateway);
            }
        }
        book.keep(self).await.ok()
    }
}
