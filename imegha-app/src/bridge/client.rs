//! What every page shares: who is signed in, the folder on the screen, the transfers.

use imegha_worker::protocol::{Entry, ErrorCode, Event, Failure, OnTaken, Reply, Request, Session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, File};

use super::folder::FolderView;
use super::message::failure;
use super::transfer::{Direction, Queue, Transfer};
use super::{link, page, source};
use crate::components::download_name;

/// The app's state in the browser. No key is in it: those are in the worker, and end with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    /// Who is signed in.
    pub(crate) session: RwSignal<Option<Session>>,
    /// Whether a session ended that the person did not end.
    pub(crate) ended: RwSignal<bool>,
    /// The folder on the screen.
    pub(crate) folder: RwSignal<FolderView>,
    /// How often a folder was asked for: only the answer to the last counts.
    opened: RwSignal<u32>,
    /// Uploads and downloads.
    pub(crate) transfers: RwSignal<Queue>,
    /// The page has come to life: what needs script works from now on.
    pub(crate) alive: RwSignal<bool>,
    /// The browser gives this page no cryptography.
    pub(crate) no_webcrypto: RwSignal<bool>,
}

impl Client {
    /// Makes the state and provides it to every page.
    pub(crate) fn provide() -> Self {
        let client = Self {
            session: RwSignal::new(None),
            ended: RwSignal::new(false),
            folder: RwSignal::new(FolderView::Loading),
            opened: RwSignal::new(0),
            transfers: RwSignal::new(Queue::default()),
            alive: RwSignal::new(false),
            no_webcrypto: RwSignal::new(false),
        };
        provide_context(client);
        client
    }

    /// The state that [`Client::provide`] made.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Starts the worker if it does not run, so that it loads while the person types.
    pub(crate) fn wake(self) {
        if !link::start(move |event| self.hear(event)) {
            return;
        }
        spawn_local(async move {
            let hello = Request::Hello { origin: page::origin() };
            if let Ok((Reply::Hello { webcrypto: false, .. }, _)) = link::ask(&hello, None).await {
                self.no_webcrypto.set(true);
            }
        });
    }

    /// Asks the worker.
    ///
    /// # Errors
    /// What the worker says went wrong.
    pub(crate) async fn ask(self, request: Request) -> Result<Reply, Failure> {
        self.ask_with(request, None).await.map(|(reply, _)| reply)
    }

    /// Signs in, or confirms a new account: whatever is answered by a session.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn enter(self, request: Request) -> Result<(), Failure> {
        match self.ask(request).await? {
            Reply::SignedIn(session) => {
                self.folder.set(FolderView::Loading);
                self.ended.set(false);
                self.session.set(Some(session));
                Ok(())
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Signs out. The worker is ended with its keys whatever the server says.
    pub(crate) async fn leave(self) {
        _ = self.ask(Request::SignOut).await;
        self.ended.set(false);
        self.forget();
    }

    /// Reads a folder onto the screen; the root without an id.
    pub(crate) async fn open(self, folder: Option<String>) {
        self.folder.set(FolderView::Loading);
        self.opened.update(|opened| *opened = opened.wrapping_add(1));
        let turn = self.opened.get_untracked();
        let view = match self.ask(Request::List { folder }).await {
            Ok(Reply::Listing(listing)) => FolderView::Shown(listing),
            Ok(_) => FolderView::Failed(failure(ErrorCode::Version)),
            Err(failure) => FolderView::Failed(failure),
        };
        if self.opened.get_untracked() == turn {
            self.folder.set(view);
        }
    }

    /// Makes a folder in the one on the screen.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn create_folder(self, parent: String, name: String) -> Result<(), Failure> {
        match self.ask(Request::CreateFolder { parent: Some(parent.clone()), name }).await? {
            Reply::Stored(entry) => self.folder.update(|view| view.put(&parent, entry)),
            _ => return Err(failure(ErrorCode::Version)),
        }
        Ok(())
    }

    /// Puts files among those to be uploaded.
    pub(crate) fn upload(self, folder: &str, files: Vec<File>) {
        for file in files {
            let direction = Direction::Up { folder: folder.to_owned() };
            let number = self.transfers.try_update(|queue| queue.add(direction, file.name(), file.size() as u64));
            if let Some(number) = number {
                source::keep(number, file);
            }
        }
        self.pump();
    }

    /// Puts a file among those to be downloaded.
    pub(crate) fn download(self, entry: &Entry) {
        let direction = Direction::Down { node: entry.id.clone() };
        self.transfers.update(|queue| _ = queue.add(direction, entry.name.clone(), entry.size));
        self.pump();
    }

    /// Stops a transfer.
    pub(crate) fn cancel(self, number: u32) {
        let begun = self.transfers.try_update(|queue| queue.cancel(number)).unwrap_or_default();
        if begun {
            spawn_local(async move { _ = self.ask(Request::Cancel { transfer: number }).await });
        }
    }

    /// Tries a transfer again.
    pub(crate) fn retry(self, number: u32) {
        self.transfers.update(|queue| queue.retry(number));
        self.pump();
    }

    /// Forgets the transfers that are over.
    pub(crate) fn clear(self) {
        let over = self.transfers.try_update(Queue::clear).unwrap_or_default();
        over.into_iter().for_each(source::forget);
    }

    async fn ask_with(self, request: Request, blob: Option<&Blob>) -> link::Answer {
        self.wake();
        let answer = link::ask(&request, blob).await;
        let over = matches!(&answer, Err(Failure { code: ErrorCode::SignedOut | ErrorCode::Stopped, .. }));
        if over && self.session.with_untracked(Option::is_some) {
            self.ended.set(true);
            self.forget();
        }
        answer
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress { transfer, done, total } => {
                self.transfers.update(|queue| queue.progress(transfer, done, total));
            }
            Event::Waiting { transfer } => self.transfers.update(|queue| queue.wait(transfer)),
            _ => {}
        }
    }

    /// Starts what may start.
    fn pump(self) {
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
        let Transfer { number, direction, name, .. } = transfer;
        match direction {
            Direction::Up { folder } => {
                let file = source::of(number).ok_or(failure(ErrorCode::SourceChanged))?;
                let request = Request::Upload {
                    transfer: number,
                    taken: OnTaken::KeepBoth,
                    folder: Some(folder.clone()),
                    name,
                    modified_ms: file.last_modified() as u64,
                    mime: file.type_(),
                };
                match self.ask_with(request, Some(&file)).await? {
                    (Reply::Stored(entry), _) => self.folder.update(|view| view.put(&folder, entry)),
                    _ => return Err(failure(ErrorCode::Version)),
                }
            }
            Direction::Down { node } => {
                match self.ask_with(Request::Download { transfer: number, node }, None).await? {
                    (Reply::Downloaded { name, .. }, Some(blob)) if page::save(&blob, &download_name(&name)) => {}
                    _ => return Err(failure(ErrorCode::Version)),
                }
            }
        }
        Ok(())
    }

    /// Drops all that belongs to the session, the worker with its keys first.
    fn forget(self) {
        link::stop();
        source::forget_all();
        self.session.set(None);
        self.transfers.update(Queue::abandon);
        self.opened.update(|opened| *opened = opened.wrapping_add(1));
        self.folder.set(FolderView::Loading);
    }
}
