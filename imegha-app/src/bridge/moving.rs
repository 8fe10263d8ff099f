//! Uploads and downloads, as the pages ask for them.

use imegha_worker::protocol::{Entry, ErrorCode, Failure, Reply, Request, Revision, SaveTo};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::Client;
use super::device::{self, Place};
use super::link::Beside;
use super::message::failure;
use super::queue::Queue;
use super::source::{Found, Picked};
use super::streams::OfFile;
use super::transfer::{Decision, Direction, State, Transfer};
use super::{page, places, source};
use crate::components::download_name;

impl Client {
    /// Puts what was picked among what is to be uploaded to a folder. Folders are gone through, and made in the cloud as their
    /// first file comes to its turn.
    pub(crate) fn upload(self, folder: &str, picked: Picked) {
        let folder = folder.to_owned();
        let Some(batch) = self.transfers.try_update(Queue::begin_batch) else { return };
        spawn_local(async move {
            let mut empty = Vec::new();
            let before = self.preparing.get_untracked().unwrap_or_default();
            self.preparing.set(Some(before));
            picked
                .walk(|found| {
                    self.preparing.update(|count| *count = count.map(|count| count + found.len()));
                    empty.extend(self.enqueue(batch, &folder, found));
                })
                .await;
            self.preparing.set(None);
            for path in empty {
                if let Err(failure) = places::of(self, &folder, &path).await {
                    self.transfers.update(|queue| {
                        let name = path.last().cloned().unwrap_or_default();
                        let above = path[..path.len().saturating_sub(1)].to_vec();
                        let number = queue.add(batch, Direction::Up { folder: folder.clone(), path: above }, name, 0);
                        queue.refuse(number, failure);
                    });
                }
            }
        });
    }

    /// Puts a file among those to be downloaded. Of a large one the person is asked at once where it goes, where browsers ask that: later
    /// they would not.
    pub(crate) fn download(self, entry: &Entry) {
        self.fetch(entry.name.clone(), entry.size, entry.id.clone(), None);
    }

    /// Puts an older revision of a file among what is to be downloaded.
    pub(crate) fn download_revision(self, entry: &Entry, revision: &Revision) {
        self.fetch(entry.name.clone(), revision.size, entry.id.clone(), Some(revision.number));
    }

    fn fetch(self, name: String, size: u64, node: String, revision: Option<u64>) {
        spawn_local(async move {
            let place = match size > MOST_IN_MEMORY {
                true => device::choose_place(&download_name(&name)).await,
                false => Place::NotAsked,
            };
            if matches!(place, Place::GivenUp) || self.session.with_untracked(Option::is_none) {
                return;
            }
            self.transfers.update(|queue| {
                let batch = queue.begin_batch();
                let number = queue.add(batch, Direction::Down { node, revision }, name, size);
                if let Place::At(place) = place {
                    source::keep_place(number, place);
                }
            });
            self.pump();
        });
    }

    /// Stops a transfer.
    pub(crate) fn cancel(self, number: u32) {
        if self.transfers.try_update(|queue| queue.cancel(number)).unwrap_or_default() {
            self.tell(Request::Cancel { transfer: number });
        }
    }

    /// Stops all of them.
    pub(crate) fn cancel_all(self) {
        for transfer in self.transfers.try_update(Queue::cancel_all).unwrap_or_default() {
            self.tell(Request::Cancel { transfer });
        }
    }

    /// Stops an upload for now.
    pub(crate) fn pause(self, number: u32) {
        if self.transfers.try_update(|queue| queue.pause(number)).unwrap_or_default() {
            self.tell(Request::Pause { transfer: number });
        }
        self.pump();
    }

    /// Stops all uploads for now.
    pub(crate) fn pause_all(self) {
        for transfer in self.transfers.try_update(Queue::pause_all).unwrap_or_default() {
            self.tell(Request::Pause { transfer });
        }
        self.pump();
    }

    /// Lets a transfer go on, or tries it again.
    pub(crate) fn retry(self, number: u32) {
        self.transfers.update(|queue| queue.retry(number));
        self.pump();
    }

    /// The same of all that stand so.
    pub(crate) fn retry_all(self, which: fn(&State) -> bool) {
        self.transfers.update(|queue| queue.retry_all(which));
        self.pump();
    }

    /// What stopped for want of a network goes on.
    pub(crate) fn wake_stalled(self) {
        if self.transfers.with_untracked(|queue| queue.has(|state| *state == State::Stalled)) {
            self.retry_all(|state| *state == State::Stalled);
        }
    }

    /// Decides of a name that is taken, and with `rest` of all that came with it.
    pub(crate) fn decide(self, number: u32, decision: Decision, rest: bool) {
        self.transfers.update(|queue| queue.decide(number, decision, rest));
        self.pump();
    }

    /// Forgets the transfers that are over.
    pub(crate) fn clear(self) {
        for transfer in self.transfers.try_update(Queue::clear).unwrap_or_default() {
            source::forget(transfer.number);
            if transfer.leaves_something() {
                self.tell(Request::Cancel { transfer: transfer.number });
            }
        }
    }

    pub(super) fn progress(self, number: u32, done: u64, total: u64) {
        let bytes = self.transfers.try_update(|queue| {
            queue.progress(number, done, total);
            queue.bytes().0
        });
        self.pace.update(|pace| pace.note(page::now_ms(), bytes.unwrap_or_default()));
    }

    /// Puts what was found at the end of the list, and answers the folders that hold nothing.
    fn enqueue(self, batch: u32, folder: &str, found: Vec<Found>) -> Vec<Vec<String>> {
        if found.is_empty() || self.session.with_untracked(Option::is_none) {
            return Vec::new();
        }
        let mut empty = Vec::new();
        self.transfers.update(|queue| {
            let up = |path| Direction::Up { folder: folder.to_owned(), path };
            for found in found {
                match found {
                    Found::File { path, file, handle } => {
                        let number = queue.add(batch, up(path), file.name(), file.size() as u64);
                        source::keep(number, file, handle);
                    }
                    Found::Unreadable { path, name } => {
                        let number = queue.add(batch, up(path), name, 0);
                        queue.refuse(number, failure(ErrorCode::SourceChanged));
                    }
                    Found::Empty { path } => empty.push(path),
                }
            }
        });
        self.pump();
        empty
    }

    /// Tells the worker something whose answer comes with the transfer's own.
    pub(super) fn tell(self, request: Request) {
        spawn_local(async move { _ = self.ask(request).await });
    }

    /// Starts what may start.
    pub(super) fn pump(self) {
        for transfer in self.transfers.try_update(Queue::start).unwrap_or_default() {
            spawn_local(async move {
                let number = transfer.number;
                let outcome = self.run(transfer).await;
                if outcome.is_ok() {
                    source::forget(number);
                }
                self.transfers.update(|queue| queue.finish(number, outcome));
                self.pump();
            });
        }
    }

    async fn run(self, transfer: Transfer) -> Result<(), Failure> {
        let Transfer { number, direction, name, size, taken, .. } = transfer;
        match direction {
            Direction::Up { folder, path } => {
                let (file, handle) = source::of(number).ok_or(failure(ErrorCode::SourceChanged))?;
                let folder = places::of(self, &folder, &path).await?;
                let request = Request::Upload {
                    transfer: number,
                    taken,
                    folder: Some(folder.clone()),
                    name,
                    modified_ms: file.last_modified() as u64,
                    mime: file.type_(),
                };
                let beside = Beside { blob: Some(&file), handle: handle.as_ref(), ..Beside::default() };
                match self.ask_with(request, beside).await {
                    Ok((Reply::Stored(entry), _)) => self.put(&folder, entry),
                    Ok(_) => return Err(failure(ErrorCode::Version)),
                    Err(failure) => {
                        if failure.code == ErrorCode::NotFound {
                            // The folder is gone. Tried again, it is made again.
                            places::forget_all();
                        }
                        return Err(failure);
                    }
                }
            }
            Direction::Down { node, revision } => {
                let place = source::place(number);
                let saved = match place {
                    Some(place) => self.save_file(number, (node, revision), &place).await?,
                    None if size > MOST_IN_MEMORY && self.start_streams().await => {
                        self.save_stream(number, (node, revision), download_name(&name)).await?
                    }
                    None => return self.save_blob(number, (node, revision)).await,
                };
                if !matches!(saved, Reply::Downloaded { .. }) {
                    return Err(failure(ErrorCode::Version));
                }
            }
        }
        Ok(())
    }

    /// Downloads a file whole, and then has the browser save it.
    async fn save_blob(self, transfer: u32, (node, revision): OfFile) -> Result<(), Failure> {
        let request = Request::Download { transfer, node, revision, to: SaveTo::Blob };
        match self.ask_for_blob(request).await? {
            (Reply::Downloaded { name, .. }, Some(blob)) if page::save(&blob, &download_name(&name)) => Ok(()),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}

/// What is larger is not held whole before it is saved.
const MOST_IN_MEMORY: u64 = 64 * 1024 * 1024;
