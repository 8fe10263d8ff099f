//! What every page shares: who is signed in, the folder on the screen, the transfers.

use std::pin::pin;
use std::sync::LazyLock;
use std::time::Duration;

use futures::future::select;
use futures::lock::Mutex;
use imegha_worker::protocol::{Entry, ErrorCode, Event, Failure, Reply, Request, Session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Blob;

use super::arranging::Arranging;
use super::exporting::Exporting;
use super::folder::{FolderView, lacks};
use super::idle::Patience;
use super::link::Beside;
use super::message::failure;
use super::pace::Pace;
use super::queue::Queue;
use super::{link, page, places, source, thumbnails};

/// The app's state in the browser. No key is in it: those are in the worker, and end with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    /// Who is signed in.
    pub(crate) session: RwSignal<Option<Session>>,
    /// Whether a session ended that the person did not end.
    pub(crate) ended: RwSignal<bool>,
    /// Who locked, and is expected back.
    pub(crate) locked: RwSignal<Option<Session>>,
    /// After how long without anybody it locks.
    pub(crate) patience: RwSignal<Patience>,
    /// Whether the keys that this device keeps are being opened.
    pub(crate) taking_up: RwSignal<bool>,
    /// Why they could not be opened for now.
    pub(crate) trouble: RwSignal<Option<Failure>>,
    /// The folder on the screen.
    pub(crate) folder: RwSignal<FolderView>,
    /// When the folder on the screen was read, in milliseconds since 1970, if it could not be read again since.
    pub(crate) stale: RwSignal<Option<u64>>,
    /// Grows whenever the cloud was changed by others, or by an upload that made folders: what is shown is to be read again,
    /// quietly. The folder on the screen is read again by the client.
    pub(crate) changed: RwSignal<u32>,
    /// Grows when another tab has changed the account.
    pub(crate) renewals: RwSignal<u32>,
    /// Grows when there may be something new between the account and other people.
    pub(crate) people_news: RwSignal<u32>,
    /// The file that is looked at, if one is: [`Client::look_at`].
    pub(crate) preview: RwSignal<Option<Entry>>,
    /// What stands in the list with it, in the list's order.
    pub(crate) beside: RwSignal<Vec<Entry>>,
    /// Uploads and downloads.
    pub(crate) transfers: RwSignal<Queue>,
    /// How fast they are.
    pub(crate) pace: RwSignal<Pace>,
    /// How the export of everything stands; nothing while there was none.
    pub(crate) exporting: RwSignal<Option<Exporting>>,
    /// Whether the export is on the screen.
    pub(crate) export_shown: RwSignal<bool>,
    /// How many files were found so far in what is being looked through to be uploaded; nothing while nothing is.
    pub(crate) preparing: RwSignal<Option<usize>>,
    /// Grows when the small picture of a file has come: [`Client::thumbnail`].
    pub(crate) pictured: RwSignal<u32>,
    /// How far the check is, once it has come to the objects: those that were looked at and all of them, then their bytes.
    pub(crate) checked: RwSignal<Option<[(u64, u64); 2]>>,
    /// Whether a check runs.
    pub(crate) checking: RwSignal<bool>,
    /// How far the move of the cloud to another place is: bytes that are there, and all.
    pub(crate) moved: RwSignal<Option<(u64, u64)>>,
    /// Whether another place is being taken for the cloud.
    pub(crate) moving: RwSignal<bool>,
    /// The moves within albums that are still to be written.
    pub(crate) arranging: RwSignal<Arranging>,
    /// Whether the device has a network.
    pub(crate) online: RwSignal<bool>,
    /// The page has come to life: what needs script works from now on.
    pub(crate) alive: RwSignal<bool>,
    /// The browser gives this page no cryptography.
    pub(crate) no_webcrypto: RwSignal<bool>,
    /// How often a folder was asked for: only the answer to the last counts.
    opened: RwSignal<u32>,
    /// The folder that was asked for last: nothing before the first, `Some(None)` for the root.
    asked: RwSignal<Option<Option<String>>>,
    /// When the folder on the screen was read.
    read_ms: RwSignal<u64>,
    /// What was put into a folder since one was asked for: the folder's id, and what was put there.
    put: RwSignal<Vec<(String, String)>>,
    /// Grows when signing out is asked for, and when it is done.
    leaves: RwSignal<u32>,
}

impl Client {
    /// Makes the state and provides it to every page.
    pub(crate) fn provide() -> Self {
        let client = Self {
            session: RwSignal::new(None),
            ended: RwSignal::new(false),
            locked: RwSignal::new(None),
            patience: RwSignal::new(Patience::default()),
            taking_up: RwSignal::new(false),
            trouble: RwSignal::new(None),
            folder: RwSignal::new(FolderView::Loading),
            stale: RwSignal::new(None),
            changed: RwSignal::new(0),
            renewals: RwSignal::new(0),
            people_news: RwSignal::new(0),
            preview: RwSignal::new(None),
            beside: RwSignal::new(Vec::new()),
            transfers: RwSignal::new(Queue::default()),
            pace: RwSignal::new(Pace::default()),
            exporting: RwSignal::new(None),
            export_shown: RwSignal::new(false),
            preparing: RwSignal::new(None),
            pictured: RwSignal::new(0),
            checked: RwSignal::new(None),
            checking: RwSignal::new(false),
            moved: RwSignal::new(None),
            moving: RwSignal::new(false),
            arranging: RwSignal::new(Arranging::default()),
            online: RwSignal::new(true),
            alive: RwSignal::new(false),
            no_webcrypto: RwSignal::new(false),
            opened: RwSignal::new(0),
            asked: RwSignal::new(None),
            read_ms: RwSignal::new(0),
            put: RwSignal::new(Vec::new()),
            leaves: RwSignal::new(0),
        };
        provide_context(client);
        client
    }

    /// The state that [`Client::provide`] made.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// The page has come to life. Where this device keeps the keys, they are opened at once.
    pub(crate) fn begin(self) {
        self.alive.set(true);
        self.patience.set(page::recall(PATIENCE).map(|name| Patience::named(&name)).unwrap_or_default());
        if page::recall(STAYS).is_some() && page::has_webcrypto() {
            self.take_up();
        }
    }

    /// Opens the keys that this device keeps.
    pub(crate) fn take_up(self) {
        self.taking_up.set(true);
        self.trouble.set(None);
        if !self.start() {
            self.greet();
        }
    }

    /// Starts the worker if it does not run, so that it loads while the person types.
    pub(crate) fn wake(self) {
        self.start();
    }

    /// Asks the worker.
    ///
    /// # Errors
    /// What the worker says went wrong.
    pub(crate) async fn ask(self, request: Request) -> Result<Reply, Failure> {
        self.ask_with(request, Beside::default()).await.map(|(reply, _)| reply)
    }

    /// Signs in, or confirms a new account: whatever is answered by a session.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::Stopped`] when signing out was asked for while this waited: then nothing is asked.
    pub(crate) async fn enter(self, request: Request) -> Result<(), Failure> {
        let leaves = self.leaves.get_untracked();
        // Who is quick types the password before the worker with the old keys has gone; it is the next one that is asked. And nobody leaves
        // beside it: that would be answered first, and leave somebody in.
        let _entering = LEAVING.lock().await;
        if self.leaves.get_untracked() != leaves {
            return Err(failure(ErrorCode::Stopped));
        }
        match self.ask(request).await? {
            Reply::SignedIn(session) => {
                self.is_in(session);
                Ok(())
            }
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Signs out. The worker is ended with its keys whatever the server says, and if it says nothing.
    pub(crate) async fn leave(self) {
        self.count_leave();
        let _leaving = LEAVING.lock().await;
        self.ask_briefly(Request::SignOut).await;
        self.left();
    }

    /// The person has left: nobody is in, and nobody is expected back.
    pub(super) fn left(self) {
        self.count_leave();
        self.ended.set(false);
        self.locked.set(None);
        self.forget();
    }

    /// Locks: what is on the screen goes at once, then the worker with its keys.
    pub(crate) async fn lock(self) {
        self.hide();
        let _leaving = LEAVING.lock().await;
        if self.session.with_untracked(Option::is_none) {
            // Locked, or signed out, meanwhile.
            return;
        }
        self.ask_briefly(Request::Lock).await;
        self.forget();
        // A new one, that loads while the password is typed.
        self.wake();
    }

    fn count_leave(self) {
        self.leaves.update(|leaves| *leaves = leaves.wrapping_add(1));
    }

    /// Asks what need not be answered, and waits only so long.
    async fn ask_briefly(self, request: Request) {
        select(pin!(self.ask(request)), pin!(page::sleep(BRIEFLY))).await;
    }

    /// Locks after so long from now on, on this device.
    pub(crate) fn wait_for(self, patience: Patience) {
        self.patience.set(patience);
        page::remember(PATIENCE, Some(patience.name()));
    }

    /// Whether this device keeps the keys from now on.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn stay(self, stay: bool) -> Result<(), Failure> {
        self.ask(Request::StaySignedIn { stay }).await?;
        page::remember(STAYS, stay.then_some("1"));
        self.session.update(|session| {
            if let Some(session) = session {
                session.stays = stay;
            }
        });
        Ok(())
    }

    /// Reads a folder onto the screen; the root without an id. One that is on the screen already stays there meanwhile.
    pub(crate) async fn open(self, folder: Option<String>) {
        if !self.folder.with_untracked(|view| view.is_of(folder.as_deref())) {
            self.folder.set(FolderView::Loading);
            self.stale.set(None);
        }
        self.open_quietly(folder).await;
    }

    /// Reads a folder again without blanking it. When the server cannot be reached, what is on the screen stays readable, and
    /// [`Client::stale`] says how old it is.
    pub(crate) async fn open_quietly(self, folder: Option<String>) {
        self.opened.update(|opened| *opened = opened.wrapping_add(1));
        self.asked.set(Some(folder.clone()));
        self.put.update(Vec::clear);
        let turn = self.opened.get_untracked();
        let answer = self.ask(Request::List { folder: folder.clone() }).await;
        if self.opened.get_untracked() != turn {
            return;
        }
        let view = match answer {
            Ok(Reply::Listing(listing)) => {
                self.stale.set(None);
                self.read_ms.set(page::now_ms());
                if self.put.with_untracked(|put| lacks(&listing, put)) {
                    // It was read before what has been stored meanwhile, which must not vanish from the screen.
                    self.reread();
                    if self.folder.with_untracked(|view| view.is_of(folder.as_deref())) {
                        return;
                    }
                }
                FolderView::Shown(listing)
            }
            Ok(_) => FolderView::Failed(failure(ErrorCode::Version)),
            Err(Failure { code: ErrorCode::Network, .. })
                if self.folder.with_untracked(|view| view.is_of(folder.as_deref())) =>
            {
                return self.stale.set(Some(self.read_ms.get_untracked()));
            }
            Err(failure) => FolderView::Failed(failure),
        };
        if self.folder.with_untracked(|shown| *shown != view) {
            self.folder.set(view);
        }
    }

    /// Reads the folder on the screen again, quietly.
    pub(crate) fn reread(self) {
        if let Some(folder) = self.asked.get_untracked() {
            spawn_local(self.open_quietly(folder));
        }
    }

    /// Shows what was stored in `folder` a moment ago, if that is the folder on the screen.
    pub(super) fn put(self, folder: &str, entry: Entry) {
        self.put.update(|put| put.push((folder.to_owned(), entry.id.clone())));
        self.folder.update(|view| view.put(folder, entry));
    }

    /// Looks whether others changed the cloud. What was changed is then read again.
    pub(crate) async fn refresh(self) {
        // What fails here is seen where it matters: by whoever opens a folder or sends a file.
        _ = self.ask(Request::Refresh).await;
    }

    /// Makes a folder in the one on the screen.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn create_folder(self, parent: String, name: String) -> Result<(), Failure> {
        match self.ask(Request::CreateFolder { parent: Some(parent.clone()), name }).await? {
            Reply::Stored(entry) => self.put(&parent, entry),
            _ => return Err(failure(ErrorCode::Version)),
        }
        Ok(())
    }

    /// Asks for what comes with a file.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn ask_for_blob(self, request: Request) -> Result<(Reply, Option<Blob>), Failure> {
        self.ask_with_blob(request, None).await
    }

    /// The same with a file that goes to the worker.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(super) async fn ask_with_blob(
        self,
        request: Request,
        blob: Option<&Blob>,
    ) -> Result<(Reply, Option<Blob>), Failure> {
        let beside = Beside { blob, ..Beside::default() };
        self.ask_with(request, beside).await.map(|(reply, brought)| (reply, brought.blob))
    }

    /// Looks at a file. `beside` is what stands in the list with it, in the list's order.
    pub(crate) fn look_at(self, entry: Entry, beside: Vec<Entry>) {
        self.beside.set(beside);
        self.preview.set(Some(entry));
    }

    /// Whether something is under way that is no transfer, and would end with the worker.
    pub(crate) fn is_at_work(self) -> bool {
        self.preparing.get_untracked().is_some()
            || self.checking.get_untracked()
            || self.moving.get_untracked()
            || !self.arranging.with_untracked(Arranging::is_idle)
            || matches!(self.exporting.get_untracked(), Some(Exporting::Running { .. }))
    }

    /// Nothing is looked at any more.
    pub(crate) fn look_away(self) {
        if self.session.with_untracked(Option::is_some) {
            self.tell(Request::LookAway);
        }
    }

    pub(super) async fn ask_with(self, request: Request, beside: Beside<'_>) -> link::Answer {
        self.start();
        let answer = link::ask(&request, beside).await;
        let over = matches!(&answer, Err(Failure { code: ErrorCode::SignedOut | ErrorCode::Stopped, .. }));
        if over && self.session.with_untracked(Option::is_some) {
            self.ended.set(true);
            self.forget();
        }
        answer
    }

    /// Starts the worker if it does not run, and greets it. Answers whether it was started.
    fn start(self) -> bool {
        let started = link::start(move |event| self.hear(event));
        if started {
            self.greet();
        }
        started
    }

    /// Greets the worker before anything else is asked of it.
    fn greet(self) {
        let answer = link::ask(&Request::Hello { origin: page::origin() }, Beside::default());
        spawn_local(async move { self.greeted(answer.await) });
    }

    fn greeted(self, answer: link::Answer) {
        match answer {
            Ok((Reply::Hello { webcrypto, session, trouble }, _)) => {
                if !webcrypto {
                    self.no_webcrypto.set(true);
                }
                self.trouble.set(trouble.clone());
                match session {
                    Some(session) if self.locked.with_untracked(Option::is_none) => self.is_in(session),
                    // Nothing is kept any more.
                    None if trouble.is_none() => page::remember(STAYS, None),
                    _ => {}
                }
            }
            Ok(_) => {}
            // Stopped while it was greeted, or not asked for what is kept: whoever asks next is told.
            Err(failure) if self.taking_up.get_untracked() => self.trouble.set(Some(failure)),
            Err(_) => {}
        }
        self.taking_up.set(false);
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress { transfer, done, total } => self.progress(transfer, done, total),
            Event::Exporting { transfer, files, bytes } => self.exported(transfer, files, bytes),
            Event::Checked { objects, of_objects, bytes, of_bytes } => {
                self.checked.set(Some([(objects, of_objects), (bytes, of_bytes)]));
            }
            Event::Moved { done, total } => self.moved.set(Some((done, total))),
            Event::Waiting { transfer } => self.transfers.update(|queue| queue.wait(transfer)),
            Event::Changed => {
                self.changed.update(|changed| *changed = changed.wrapping_add(1));
                self.reread();
            }
            Event::Renewed(session) => {
                self.renewed(session);
                self.renewals.update(|renewals| *renewals = renewals.wrapping_add(1));
            }
            Event::People => self.people_news.update(|news| *news = news.wrapping_add(1)),
            Event::Left { locked } if self.session.with_untracked(Option::is_some) => {
                if locked {
                    self.hide();
                } else {
                    self.ended.set(true);
                }
                self.forget();
            }
            _ => {}
        }
    }

    /// Somebody is in.
    fn is_in(self, session: Session) {
        page::remember(STAYS, session.stays.then_some("1"));
        page::remember(SEEN, Some(&page::now_ms().to_string()));
        self.folder.set(FolderView::Loading);
        self.ended.set(false);
        self.session.set(Some(session));
        self.locked.set(None);
        spawn_local(self.offer_interrupted());
    }

    /// Shows the lock in place of every page.
    fn hide(self) {
        self.preview.set(None);
        self.locked.set(self.session.get_untracked());
    }

    /// Drops all that belongs to the session, the worker with its keys first.
    fn forget(self) {
        link::stop();
        source::forget_all();
        places::forget_all();
        thumbnails::forget_all();
        page::remember(STAYS, None);
        self.session.set(None);
        self.preview.set(None);
        self.beside.set(Vec::new());
        self.transfers.update(Queue::abandon);
        self.preparing.set(None);
        self.arranging.update(Arranging::abandon);
        self.exporting.set(None);
        self.export_shown.set(false);
        self.opened.update(|opened| *opened = opened.wrapping_add(1));
        self.asked.set(None);
        self.folder.set(FolderView::Loading);
        self.stale.set(None);
    }
}

/// Held while the worker is given keys, and while it is let go of with them.
static LEAVING: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);

/// The worker drops the keys at once, and writes down that they are gone; what else it does depends on the network.
const BRIEFLY: Duration = Duration::from_secs(5);

/// Whether the keys are kept on this device: what says so must be read before the worker is there to ask.
const STAYS: &str = "imegha-stays";

/// After how long to lock.
const PATIENCE: &str = "imegha-lock-after";

/// When somebody was last seen, in any tab.
pub(crate) const SEEN: &str = "imegha-seen";
