//! The worker itself: hears the page, holds the keys, answers.

mod account;
mod albums;
mod audit;
mod check;
mod database;
mod device;
mod disk;
mod download;
mod export;
mod export_folder;
mod export_tar;
mod failure;
mod files;
mod interrupted;
mod journals;
mod js;
mod kept;
mod lock;
mod look;
mod openers;
mod others;
mod outlet;
mod people;
mod photos;
mod phrase;
mod picture;
mod place;
mod port;
mod profile;
mod recover;
mod renewal;
mod revisions;
mod scratch;
mod sessions;
mod shrink;
mod source;
mod streams;
mod tabs;
mod transfers;
mod tree;
mod usage;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use futures::lock::Mutex;
use imegha_cloud::{CancelToken, Cloud};
use imegha_crypto::Id;
use imegha_platform::client::{Account, Known, NewPhrase, Platform};
use js_sys::Function;
use url::Url;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, FileSystemDirectoryHandle, FileSystemFileHandle, MessagePort};
use zeroize::Zeroizing;

use crate::protocol::{Before, ErrorCode, Failure, Reply, Request, Session};
use account::BegunSignUp;
use audit::Reading;
use device::Device;
use openers::BegunEmailChange;
use others::Following;
use picture::Studio;
use port::Port;
use recover::BegunRecovery;
use streams::Streams;
use tabs::Tabs;
use transfers::Transfers;

/// Starts the worker. `send` takes messages for the page; what comes back takes those from it.
#[wasm_bindgen]
pub fn start(send: Function) -> Function {
    console_error_panic_hook::set_once();
    let worker = Rc::new(Worker::new(Port::new(send)));
    worker.listen_to_tabs();
    let receive = Closure::<dyn FnMut(JsValue)>::new(move |message| {
        wasm_bindgen_futures::spawn_local(worker.clone().hear(message));
    });
    receive.into_js_value().unchecked_into()
}

/// Everything that the worker holds.
struct Worker {
    port: Port,
    /// Held while the page is greeted.
    greeting: Mutex<()>,
    platform: RefCell<Option<Platform>>,
    /// The page's own, which is the platform's.
    origin: RefCell<Option<Url>>,
    device: RefCell<Option<Arc<Device>>>,
    /// The account that waits for its code.
    sign_up: RefCell<Option<BegunSignUp>>,
    /// The recovery that waits for its code.
    recovery: RefCell<Option<Rc<BegunRecovery>>>,
    /// The move to another address that waits for its code.
    email_change: RefCell<Option<BegunEmailChange>>,
    /// The recovery phrase that was shown and not asked back yet.
    new_phrase: RefCell<Option<Rc<NewPhrase>>>,
    inside: RefCell<Option<Inside>>,
    /// What tabs call what was open last ([`Inside::called`]): what is told of it after it was left.
    last_called: Cell<Option<Id>>,
    /// Grows when keys are dropped: what was begun before may put none there.
    drops: Cell<u32>,
    /// The newest entry of its log that the page was told of.
    seen: Cell<u64>,
    transfers: Transfers,
    studio: Studio,
    streams: Streams,
    /// Ends what is being read to be looked at.
    looking: RefCell<CancelToken>,
    /// Ends the check that runs.
    checking: RefCell<CancelToken>,
    /// Ends the move to another place that runs.
    moving: RefCell<CancelToken>,
    /// Held while another place is taken for the cloud.
    taking: Mutex<()>,
    /// What is being read of the log, page by page.
    reading: Mutex<Option<Reading>>,
    tabs: OnceCell<Tabs>,
    following: Cell<Following>,
    /// Held while something is done with what is remembered of other people.
    acquainting: Mutex<()>,
    /// Whether this tab hears of what other people do, or waits for another that does.
    listening: Cell<bool>,
}

/// What there is while somebody is signed in. All of it holds keys, and wipes them when its last clone is dropped.
struct Inside {
    /// It names the place of the cloud, as this device knows it.
    account: Account,
    /// Nothing as long as the account has no cloud, or that could not be had.
    home: Option<Home>,
    /// Where the cloud was before it was taken elsewhere here.
    before: Option<Before>,
    /// Whether this device keeps the keys.
    stays: bool,
    /// What was seen of the account.
    known: Known,
    /// The version of the policy that the account accepted.
    accepted_policy: u32,
    /// The version in force.
    policy: u32,
}

/// The cloud, where it is.
#[derive(Clone)]
struct Home {
    cloud: Cloud,
    gateway: Url,
}

impl Inside {
    /// The id under which tabs speak of it: the cloud's, or the account's while there is none.
    fn called(&self) -> Id {
        self.account.gateway.as_ref().map_or(self.account.id, |gateway| gateway.cloud)
    }

    /// What the page is told of it.
    fn session(&self) -> Session {
        let account = &self.account;
        Session {
            email: account.email.as_str().to_owned(),
            tag: account.tag.as_str().to_owned(),
            fingerprint: account.identity.fingerprint().to_string(),
            stays: self.stays,
            has_cloud: self.home.is_some(),
            accepted_policy: self.accepted_policy,
            policy: self.policy,
        }
    }
}

/// What a request is answered with.
struct Answer {
    reply: Reply,
    blob: Option<Blob>,
    /// A file on this device.
    handle: Option<JsValue>,
}

/// What comes beside a request, of what cannot stand in it.
struct Beside {
    blob: Option<Blob>,
    handle: JsValue,
    port: Option<MessagePort>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, blob: None, handle: None }
    }
}

impl Worker {
    fn new(port: Port) -> Self {
        Self {
            port,
            greeting: Mutex::default(),
            platform: RefCell::default(),
            origin: RefCell::default(),
            device: RefCell::default(),
            sign_up: RefCell::default(),
            recovery: RefCell::default(),
            email_change: RefCell::default(),
            new_phrase: RefCell::default(),
            inside: RefCell::default(),
            last_called: Cell::default(),
            drops: Cell::default(),
            seen: Cell::default(),
            transfers: Transfers::default(),
            studio: Studio::default(),
            streams: Streams::default(),
            looking: RefCell::default(),
            checking: RefCell::default(),
            moving: RefCell::default(),
            taking: Mutex::default(),
            reading: Mutex::default(),
            tabs: OnceCell::new(),
            following: Cell::default(),
            acquainting: Mutex::default(),
            listening: Cell::default(),
        }
    }

    /// Takes one message and answers it once.
    async fn hear(self: Rc<Self>, message: JsValue) {
        let property = |name| js::of(&message, name);
        let id = property("id").as_f64().unwrap_or_default();
        let blob = property("blob").dyn_into::<Blob>().ok();
        let beside = Beside { blob, handle: property("handle"), port: property("port").dyn_into().ok() };
        let json = Zeroizing::new(property("json").as_string().unwrap_or_default());
        let answer = match serde_json::from_str(&json) {
            Ok(request) => {
                drop(json);
                self.answer(request, beside).await
            }
            // Page and worker are of two versions: one of them comes from a cache.
            Err(_) => Err(Failure::new(ErrorCode::Version)),
        };
        match answer {
            Ok(answer) => self.port.reply(id, &answer),
            Err(failure) => self.port.reply(id, &Reply::Failed(failure).into()),
        }
    }

    async fn answer(self: &Rc<Self>, request: Request, beside: Beside) -> Result<Answer, Failure> {
        if !matches!(request, Request::Hello { .. }) {
            // The greeting comes first, and opens what everything else needs.
            drop(self.greeting.lock().await);
        }
        if wants_cloud(&request) {
            self.come_home().await?;
        }
        let reply = match request {
            Request::Hello { origin } => self.hello(&origin).await?,
            Request::SignUp { email, tag, password, over_13, policy_version } => {
                self.sign_up(&email, &tag, &Zeroizing::new(password), over_13, policy_version).await?
            }
            Request::Confirm { code } => self.confirm(&code).await?,
            Request::ResendCode => self.resend_code().await?,
            Request::SignIn { email, password, stay } => self.sign_in(&email, &Zeroizing::new(password), stay).await?,
            Request::SignOut => self.sign_out().await,
            Request::Lock => self.lock().await,
            Request::Refresh => {
                self.check_session().await?;
                // Only now: a cloud that is away is waited for, and what a session opens goes at once when that has ended.
                self.come_home().await?;
                self.refresh().await?
            }
            Request::StaySignedIn { stay } => self.stay(stay).await?,
            Request::List { folder } => self.list(folder.as_deref()).await?,
            Request::CreateFolder { parent, name } => self.create_folder(parent.as_deref(), &name).await?,
            Request::EnsureFolder { parent, path } => self.ensure_folder(parent.as_deref(), &path).await?,
            Request::Rename { node, name } => self.rename(&node, &name).await?,
            Request::Move { nodes, folder, taken } => self.move_to(&nodes, folder.as_deref(), taken).await?,
            Request::Trash { nodes } => self.trash(&nodes).await?,
            Request::ListTrash => self.list_trash().await?,
            Request::Restore { nodes } => self.restore(&nodes).await?,
            Request::Purge { nodes } => self.purge(nodes.as_deref()).await?,
            Request::Find { text } => self.find(&text).await?,
            Request::Preview { node } => return self.preview(&node).await,
            Request::LookAway => {
                self.look_away();
                Reply::Done
            }
            Request::Upload { transfer, taken, folder, name, modified_ms, mime } => {
                let Beside { blob, handle, .. } = beside;
                let file = blob.ok_or(Failure::new(ErrorCode::SourceChanged))?;
                let new = files::NewFile { name, modified_ms, mime, file, handle };
                self.upload(transfer, taken, folder.as_deref(), new).await?
            }
            Request::Interrupted => self.interrupted().await?,
            Request::Adopt { transfer, upload } => return self.adopt(transfer, &upload).await,
            Request::Download { transfer, node, revision, to } => {
                let file = beside.handle.dyn_into::<FileSystemFileHandle>().ok();
                return self.download(transfer, &node, revision, to, file).await;
            }
            Request::Export { transfer, to, revisions } => {
                let folder = beside.handle.dyn_into::<FileSystemDirectoryHandle>().ok();
                self.export(transfer, to, revisions, folder).await?
            }
            Request::Stream { address, playing, start, end } => {
                let port = beside.port.ok_or(Failure::new(ErrorCode::Internal))?;
                self.stream(&address, playing, (start, end), port).await?
            }
            Request::Cancel { transfer } => self.cancel(transfer).await?,
            Request::Pause { transfer } => {
                self.transfers.pause(transfer);
                Reply::Done
            }
            Request::Revisions { node } => self.revisions(&node).await?,
            Request::RestoreRevision { node, number } => self.restore_revision(&node, number).await?,
            Request::Prunable { node, keep } => self.prunable(&node, keep).await?,
            Request::Prune { node, keep } => self.prune(&node, keep).await?,
            Request::Usage => self.usage().await?,
            Request::Check { deep } => self.check(deep).await?,
            Request::StopCheck => {
                self.checking.borrow().cancel();
                Reply::Done
            }
            Request::Audit { filter } => self.audit(&filter).await?,
            Request::MoreAudit => self.more_audit().await?,
            Request::ExportAudit { filter } => return self.export_audit(&filter).await,
            Request::Thumbnail { node } => return self.thumbnail(&node).await,
            Request::Photos => self.photos().await?,
            Request::Albums => self.albums().await?,
            Request::Album { album } => self.album(&album).await?,
            Request::CreateAlbum { title, files } => self.create_album(&title, &files).await?,
            Request::AddToAlbum { album, files } => self.add_to_album(&album, &files).await?,
            Request::RemoveFromAlbum { album, files } => self.remove_from_album(&album, &files).await?,
            Request::MoveInAlbum { album, files, before } => {
                self.move_in_album(&album, &files, before.as_deref()).await?
            }
            Request::RenameAlbum { album, title } => self.rename_album(&album, &title).await?,
            Request::CoverAlbum { album, file } => self.cover_album(&album, &file).await?,
            Request::DeleteAlbum { album } => self.delete_album(&album).await?,
            Request::Profile => return self.profile().await,
            Request::MakePicture => return profile::make_picture(beside.blob).await,
            Request::EditProfile { before, after, picture } => {
                return self.edit_profile(before, after, picture, beside.blob).await;
            }
            Request::Place { public } => self.place(public).await?,
            Request::Connect { address } => self.connect(&address).await?,
            Request::MoveCloud { address } => self.move_cloud(&address).await?,
            Request::StopMoving => {
                self.moving.borrow().cancel();
                Reply::Done
            }
            Request::BeginRecovery { email } => self.begin_recovery(&email).await?,
            Request::CheckPhrase { words } => recover::check_phrase(&Zeroizing::new(words)),
            Request::Recover { code, words, password } => {
                self.recover(&code, &Zeroizing::new(words), &Zeroizing::new(password)).await?
            }
            Request::Openers => self.openers().await?,
            Request::ChangePassword { old, new } => {
                self.change_password(&Zeroizing::new(old), &Zeroizing::new(new)).await?
            }
            Request::Strengthen { password, iterations } => {
                self.strengthen(&Zeroizing::new(password), iterations).await?
            }
            Request::BeginEmailChange { password, email } => {
                self.begin_email_change(Zeroizing::new(password), email).await?
            }
            Request::ConfirmEmailChange { code } => self.confirm_email_change(&code).await?,
            Request::NewPhrase { password } => self.new_phrase(&Zeroizing::new(password)).await?,
            Request::KeepPhrase { recalled } => self.keep_phrase(recalled).await?,
            Request::RenewKeys { password, recalled } => self.renew_keys(&Zeroizing::new(password), recalled).await?,
            Request::Sessions => self.sessions().await?,
            Request::EndSession { id } => self.end_session(&id).await?,
            Request::SignOutEverywhere => self.sign_out_everywhere().await?,
            Request::DeleteAccount { password } => self.delete_account(&Zeroizing::new(password)).await?,
            Request::AcceptPolicy { version } => self.accept_policy(version).await?,
            Request::People => self.people().await?,
            Request::FindPerson { tag } => self.find_person(&tag).await?,
            Request::Person { id } => self.person(&id).await?,
            Request::Connection { id, act } => self.act_on_connection(&id, act).await?,
            Request::Compare { id, digits, same } => self.compare(&id, &digits, same).await?,
            Request::TakeKeys { tag, digits } => self.take_keys(&tag, &digits).await?,
        };
        Ok(reply.into())
    }

    async fn hello(&self, origin: &str) -> Result<Reply, Failure> {
        let origin = Url::parse(origin).map_err(|_| Failure::new(ErrorCode::Internal))?;
        let webcrypto = has_webcrypto();
        if !webcrypto {
            return Ok(Reply::Hello { webcrypto, session: None, trouble: None });
        }
        {
            let _greeting = self.greeting.lock().await;
            *self.platform.borrow_mut() = Some(Platform::new(origin.clone())?);
            *self.origin.borrow_mut() = Some(origin);
            if self.device.borrow().is_none() {
                let device = Device::open().await;
                *self.device.borrow_mut() = Some(Arc::new(device));
                wasm_bindgen_futures::spawn_local(scratch::Scratch::sweep());
            }
        }
        let (session, trouble) = match self.take_up().await {
            Ok(session) => (session, None),
            Err(failure) => (None, Some(failure)),
        };
        Ok(Reply::Hello { webcrypto, session, trouble })
    }

    fn platform(&self) -> Result<Platform, Failure> {
        self.platform.borrow().clone().ok_or(Failure::new(ErrorCode::NoWebCrypto))
    }

    fn device(&self) -> Result<Arc<Device>, Failure> {
        self.device.borrow().clone().ok_or(Failure::new(ErrorCode::NoWebCrypto))
    }

    fn cloud(&self) -> Result<Cloud, Failure> {
        let inside = self.inside.borrow();
        let inside = inside.as_ref().ok_or(Failure::new(ErrorCode::SignedOut))?;
        inside.home.as_ref().map(|home| home.cloud.clone()).ok_or_else(|| place::none(&inside.account))
    }
}

/// Whether it is answered from the cloud.
fn wants_cloud(request: &Request) -> bool {
    !matches!(
        request,
        Request::Hello { .. }
            | Request::SignUp { .. }
            | Request::Confirm { .. }
            | Request::ResendCode
            | Request::SignIn { .. }
            | Request::SignOut
            | Request::Lock
            | Request::Refresh
            | Request::StaySignedIn { .. }
            | Request::LookAway
            | Request::Cancel { .. }
            | Request::Pause { .. }
            | Request::StopCheck
            | Request::Connect { .. }
            | Request::StopMoving
            | Request::BeginRecovery { .. }
            | Request::CheckPhrase { .. }
            | Request::Recover { .. }
            | Request::Openers
            | Request::ChangePassword { .. }
            | Request::Strengthen { .. }
            | Request::BeginEmailChange { .. }
            | Request::ConfirmEmailChange { .. }
            | Request::Sessions
            | Request::EndSession { .. }
            | Request::SignOutEverywhere
            | Request::DeleteAccount { .. }
            | Request::AcceptPolicy { .. }
            | Request::People
            | Request::FindPerson { .. }
            | Request::Person { .. }
            | Request::Connection { .. }
            | Request::Compare { .. }
            | Request::TakeKeys { .. }
    )
}

/// The node that the page names; the root when it names none.
fn node_of(cloud: &Cloud, id: Option<&str>) -> Result<Id, Failure> {
    match id {
        None => Ok(cloud.root()),
        Some(id) => Id::parse_hex(id).map_err(|_| Failure::new(ErrorCode::NotFound)),
    }
}

/// Browsers give it to pages that came by https or from loopback.
fn has_webcrypto() -> bool {
    js::of(&js::of(&js_sys::global(), "crypto"), "subtle").is_object()
}
