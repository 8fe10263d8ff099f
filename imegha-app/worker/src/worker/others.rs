//! What other tabs and devices do.

use std::rc::Rc;

use imegha_cloud::Cloud;
use imegha_crypto::Id;

use super::Worker;
use super::tabs::{Tabs, Word, name_of};
use crate::protocol::{ErrorCode, Event, Failure, Reply};

impl Worker {
    /// Hears other tabs from now on.
    pub(super) fn listen_to_tabs(self: &Rc<Self>) {
        // The worker lives as long as its thread, and so does the channel.
        let worker = Rc::downgrade(self);
        let tabs = Tabs::open(move |word, cloud| {
            if let Some(worker) = worker.upgrade() {
                worker.hear_tab(word, cloud);
            }
        });
        let _ = self.tabs.set(tabs);
    }

    /// Reads the log, and tells the page if it has grown since it was last told.
    pub(super) async fn refresh(&self) -> Result<Reply, Failure> {
        let seq = self.cloud()?.refresh().await?;
        if seq > self.seen.replace(seq) {
            self.port.event(&Event::Changed);
        }
        Ok(Reply::Done)
    }

    /// Tells other tabs that the cloud was changed here.
    pub(super) fn tell_changed(&self, cloud: &Cloud) {
        self.tell(Word::Changed, &cloud.id());
    }

    /// Removes what has been in the trash for long enough. Nobody waits for it, and what fails is done the next time.
    pub(super) fn purge_expired(&self) {
        let Ok(cloud) = self.cloud() else { return };
        wasm_bindgen_futures::spawn_local(async move { drop(cloud.purge_expired().await) });
    }

    pub(super) fn tell(&self, word: Word, cloud: &Id) {
        if let Some(tabs) = self.tabs.get() {
            tabs.tell(word, cloud);
        }
    }

    fn hear_tab(self: Rc<Self>, word: Word, cloud: &str) {
        let is_ours = self.inside.borrow().as_ref().is_some_and(|inside| name_of(&inside.called()) == cloud);
        if !is_ours {
            return;
        }
        match word {
            Word::Changed => self.follow(),
            Word::People => self.port.event(&Event::People),
            Word::Locked | Word::Left => {
                self.drop_keys();
                self.port.event(&Event::Left { locked: word == Word::Locked });
            }
            Word::Renewed => wasm_bindgen_futures::spawn_local(async move {
                match self.renew_from_platform().await {
                    Ok(session) => self.port.event(&Event::Renewed(session)),
                    // What this tab has opens the account all the same; the next look tells.
                    Err(failure) if failure.code == ErrorCode::Network => {}
                    Err(_) => {
                        self.drop_keys();
                        self.port.event(&Event::Left { locked: false });
                    }
                }
            }),
            Word::Moved => wasm_bindgen_futures::spawn_local(async move {
                match self.follow_to_new_place().await {
                    Ok(()) => self.port.event(&Event::Changed),
                    // The place that it has would show it an older state: the password opens the new one.
                    Err(_) => {
                        self.drop_keys();
                        self.port.event(&Event::Left { locked: true });
                    }
                }
            }),
        }
    }

    /// Reads the log after another tab's change. A tab that uploads a thousand files says so a thousand times: what is said while the log
    /// is being read makes it be read once more.
    fn follow(self: Rc<Self>) {
        if self.following.replace(Following::Again) != Following::No {
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            while self.following.get() == Following::Again {
                self.following.set(Following::Once);
                // What fails here, the page's next look finds.
                let _ = self.refresh().await;
            }
            self.following.set(Following::No);
        });
    }
}

/// Whether the log is being read after another tab's change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Following {
    /// It is not.
    #[default]
    No,
    /// It is.
    Once,
    /// It is, and once more after that.
    Again,
}
