//! Everything as plain files, to this device.

use imegha_worker::protocol::{ErrorCode, ExportTo, Exported, Failure, Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::Client;
use super::device::{self, Place};
use super::link::Beside;
use super::message::failure;
use super::page;
use super::queue::Queue;
use super::streams::Saving;

/// How an export stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Exporting {
    /// Under way.
    Running {
        /// The number by which page and worker speak of it.
        number: u32,
        /// Files that are written.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Done, but for what it names.
    Done(Exported),
    /// It failed.
    Failed(Failure),
}

impl Client {
    /// Exports everything: to a folder that the person chooses now, or as an archive that the browser saves.
    pub(crate) fn export(self, to_folder: bool, revisions: bool) {
        spawn_local(async move {
            let place = if to_folder { device::choose_folder().await } else { Place::NotAsked };
            let place = match place {
                Place::At(place) => Some(place),
                Place::NotAsked if !to_folder => None,
                Place::NotAsked => return self.exporting.set(Some(Exporting::Failed(failure(ErrorCode::NotWritable)))),
                Place::GivenUp => return,
            };
            // Locked, or signed out, while the folder was chosen.
            if self.session.with_untracked(Option::is_none) {
                return;
            }
            let Some(number) = self.transfers.try_update(Queue::draw_number) else { return };
            self.exporting.set(Some(Exporting::Running { number, files: 0, bytes: 0 }));
            let name = format!("iMegha {}", page::day_of_now());
            let exported = match place {
                Some(place) => {
                    let request = Request::Export { transfer: number, to: ExportTo::Folder { name }, revisions };
                    let beside = Beside { handle: Some(&place), ..Beside::default() };
                    self.ask_with(request, beside).await.map(|(reply, _)| reply)
                }
                None if self.start_streams().await => {
                    let saving = Saving::draw();
                    let to = ExportTo::Archive { address: saving.address(), name: format!("{name}.tar") };
                    saving.while_asked(self.ask(Request::Export { transfer: number, to, revisions })).await
                }
                None => Err(failure(ErrorCode::NotWritable)),
            };
            let now = match exported {
                Ok(Reply::Exported(exported)) => Some(Exporting::Done(exported)),
                Ok(_) => Some(Exporting::Failed(failure(ErrorCode::Version))),
                Err(Failure { code: ErrorCode::Cancelled, .. }) => None,
                Err(failure) => Some(Exporting::Failed(failure)),
            };
            if self.session.with_untracked(Option::is_some) {
                self.exporting.set(now);
            }
        });
    }

    /// Stops the export.
    pub(crate) fn stop_export(self) {
        if let Some(Exporting::Running { number, .. }) = self.exporting.get_untracked() {
            self.tell(Request::Cancel { transfer: number });
        }
    }

    pub(super) fn exported(self, transfer: u32, files: u64, bytes: u64) {
        self.exporting.update(|exporting| {
            if let Some(Exporting::Running { number, files: written, bytes: of_them }) = exporting
                && *number == transfer
            {
                (*written, *of_them) = (files, bytes);
            }
        });
    }
}
