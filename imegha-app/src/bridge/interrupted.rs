//! Uploads that a tab did not end: offered to the person, and gone on with once their file is there again.

use imegha_worker::protocol::{Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, HtmlInputElement};

use super::client::Client;
use super::queue::Queue;
use super::{Transfer, device, of_input, source};

impl Client {
    /// Puts the uploads into the list that were interrupted and that no other tab has at hand.
    pub(super) async fn offer_interrupted(self) {
        // What fails here is offered the next time; nothing of it is lost.
        let Ok(Reply::Interrupted { uploads }) = self.ask(Request::Interrupted).await else { return };
        for upload in uploads {
            // Locked, or signed out, meanwhile: then it is offered to whoever gets in.
            if self.session.with_untracked(Option::is_none) {
                return;
            }
            let number = self.transfers.try_update(|queue| queue.add_interrupted(&upload));
            let Some(transfer) = number else { return };
            let request = Request::Adopt { transfer, upload: upload.upload };
            match self.ask_with(request, Default::default()).await {
                Ok((_, brought)) => {
                    if let Some(handle) = brought.handle {
                        source::keep_place(transfer, handle);
                        self.transfers.update(|queue| queue.found(transfer));
                    }
                }
                Err(failure) => self.transfers.update(|queue| queue.refuse(transfer, failure)),
            }
        }
    }

    /// Goes on with an interrupted upload whose file the browser knows. When it is not there any more, or has changed, the person is asked
    /// for it.
    pub(crate) fn find_again(self, number: u32) {
        let Some(handle) = source::place(number) else { return };
        spawn_local(async move {
            let file = device::read(&handle).await;
            let fits =
                |file: &File| self.transfers.with_untracked(|queue| queue.of(number).is_some_and(|of| is_of(of, file)));
            match file.filter(fits) {
                Some(file) => {
                    source::keep(number, file, Some(handle));
                    self.transfers.update(|queue| queue.take_up(number));
                    self.pump();
                }
                None => self.transfers.update(|queue| queue.lost(number)),
            }
        });
    }

    /// Goes on with an interrupted upload by the file that was chosen. Another file is uploaded as one of its own, and what was
    /// interrupted stays as it is. Answers that file's name.
    pub(crate) fn choose_again(self, number: u32, input: &HtmlInputElement) -> Option<String> {
        let transfer = self.transfers.with_untracked(|queue| queue.of(number).cloned())?;
        let file = input.files().and_then(|files| files.get(0))?;
        if is_of(&transfer, &file) {
            input.set_value("");
            source::keep(number, file, None);
            self.transfers.update(|queue| queue.take_up(number));
            self.pump();
            return None;
        }
        if let Some(folder) = transfer.folder() {
            self.upload(folder, of_input(input));
        }
        Some(file.name())
    }
}

/// Whether a file may be the one that an upload was begun with. Whether it still has the same content is found out part by part.
fn is_of(transfer: &Transfer, file: &File) -> bool {
    file.size() as u64 == transfer.size && Queue::is_called(&transfer.name, &file.name())
}
