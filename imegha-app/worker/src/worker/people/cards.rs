//! The account's own contact cards.

use std::rc::Rc;

use imegha_platform::client::{Account, Connection, Standing};

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
        let gateway = account.gateway.as_ref();
        for connection in self.due(&account, connections).await? {
            // Of others, or with other keys, since the list was read? The next look decides. The book is closed while the platform is asked.
            if self.due(&account, std::slice::from_ref(connection)).await?.is_empty() {
                continue;
            }
            if platform.put_card(&account, connection, &introduction(&account), now_ms()).await.is_ok() {
                let mut book = self.book(&account).await.ok()?;
                book.known.tell(&connection.person().account(), gateway);
                book.keep(self).await.ok()?;
            }
        }
        Some(())
    }

    /// Those that are to have another card, and whose keys are those that this device knows now.
    async fn due<'a>(&self, account: &Account, connections: &'a [Connection]) -> Option<Vec<&'a Connection>> {
        let book = self.book(account).await.ok()?;
        let is_due = |connection: &&Connection| {
            let other = connection.person().account();
            let has_one = matches!(connection.standing(), Standing::Asked | Standing::Connected | Standing::Unproven);
            let is_known = book.known.people().get(&other) == Some(connection.known());
            let is_told = book.known.has_told(&other, account.gateway.as_ref());
            has_one && is_known && (connection.needs_card(account) || !is_told)
        };
        Some(connections.iter().filter(is_due).collect())
    }
}
