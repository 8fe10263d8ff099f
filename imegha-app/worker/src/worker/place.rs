//! Where the cloud is, and taking another place for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_cloud::clock::SystemClock;
use imegha_cloud::deploy::{GatewayCode, QuickCreate};
use imegha_cloud::protocol::OwnerText;
use imegha_cloud::{
    CancelToken, Cloud, CloudKeys, DeviceStore, Error, ErrorKind, JournalStore, MigrateProgress, Migrated, Store,
};
use imegha_crypto::Id;
use imegha_platform::client::{Account, GatewayAddress};
use send_wrapper::SendWrapper;
use url::Url;

use super::account::{introduce, keys, remote, store};
use super::device::Device;
use super::tabs::Word;
use super::{Home, Worker};
use crate::address;
use crate::protocol::{Before, CloudPlace, ErrorCode, Event, Failure, Place, PublicPlace, Reply, Taken};

impl Worker {
    /// Says where the cloud is. That its gateway does not answer is no failure: then that is what there is to say. Where another device has
    /// taken it elsewhere, this one goes after it first.
    pub(super) async fn place(&self, public: Option<PublicPlace>) -> Result<Reply, Failure> {
        if let Some(_taking) = self.taking.try_lock() {
            // What fails here is what was known before, and shown.
            let _ = self.agree().await;
        }
        let (account, home, before) = self.whereabouts()?;
        let owner = OwnerText::from(account.history.first());
        let quick_create = public.and_then(|public| self.quick_create(public, &owner));
        let cloud = match &account.gateway {
            Some(GatewayAddress { url, cloud: id }) => {
                let version = remote(&account, url)?.version().await;
                let (left, recoverable) = match &home {
                    Some(Home { cloud, .. }) => (
                        cloud.has_left().await.unwrap_or_default(),
                        // Nobody is alarmed by what could not be read.
                        cloud.has_recovery_wrap().await.unwrap_or(true),
                    ),
                    None => (false, true),
                };
                Some(CloudPlace {
                    hosted: self.is_host(url),
                    id: id.to_string(),
                    // Its word, whatever that is.
                    release: version.ok().map(|version| version.release.chars().take(MOST_SHOWN).collect()),
                    open: home.is_some(),
                    left,
                    recoverable,
                    address: url.to_string(),
                })
            }
            None => None,
        };
        Ok(Reply::Place(Place { cloud, before, owner: owner.to_string(), quick_create }))
    }

    /// Takes the gateway at an address. A cloud that holds nothing moves there at once; one that holds something only when that is asked for,
    /// or when it has left for there already.
    pub(super) async fn connect(&self, address: &str) -> Result<Reply, Failure> {
        let gateway = self.parse(address)?;
        let stop = self.begin_to_take();
        let _taking = self.taking.lock().await;
        let (account, home) = self.agree().await?;
        check_owner(&account, &gateway).await?;
        // This device sees all of the old place first, so that an older copy is known for one. Where that does not answer, it cannot be said.
        let left = match &home {
            Some(home) => home.cloud.has_left().await.unwrap_or_default(),
            None => false,
        };
        let glance = Arc::new(Glance::new(self.device()?));
        match (self.take(&account, keys(&account)?, &gateway, glance.clone()).await, home) {
            (Ok(cloud), _) => self.settle(account, cloud, glance, gateway, left).await,
            (Err(error), Some(home)) if left && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Moved) => {
                self.bring(account, home, gateway, &stop).await
            }
            (Err(error), Some(home)) if error.kind() == ErrorKind::NotFound => {
                let holds = home.cloud.usage().await?.objects();
                if holds.count > 0 || !is_bare(&home.cloud).await? {
                    return Ok(Reply::Taken(Taken::MovesFirst { holds: holds.into() }));
                }
                self.bring(account, home, gateway, &stop).await
            }
            // It is not there either, and where it was nobody answers: there is nothing to bring along.
            (Err(error), None) if error.kind() == ErrorKind::NotFound => Err(Failure::new(ErrorCode::CloudAway)),
            (Err(error), _) => Err(refusal(error)),
        }
    }

    /// Moves the cloud to the gateway at an address, and takes that. One move runs at a time: another one, and leaving, ends it.
    pub(super) async fn move_cloud(&self, address: &str) -> Result<Reply, Failure> {
        let gateway = self.parse(address)?;
        let stop = self.begin_to_take();
        let _taking = self.taking.lock().await;
        let (account, home) = self.agree().await?;
        let home = home.ok_or_else(|| none(&account))?;
        if home.gateway == gateway {
            return Err(Failure::new(ErrorCode::OtherCloud));
        }
        check_owner(&account, &gateway).await?;
        self.bring(account, home, gateway, &stop).await
    }

    /// Ends what else is being taken, as far as it can be ended, and gives what ends this.
    fn begin_to_take(&self) -> CancelToken {
        let stop = CancelToken::new();
        self.moving.replace(stop.clone()).cancel();
        stop
    }

    /// Moves the cloud, and says when it has left and not arrived: then it takes changes nowhere until that is gone on with.
    async fn bring(&self, account: Account, home: Home, gateway: Url, stop: &CancelToken) -> Result<Reply, Failure> {
        let (cloud, at) = (home.cloud.clone(), account.gateway.clone());
        match self.copy_and_settle(account, home, gateway, stop).await {
            // Who has left for another place than this has not left by this.
            Err(failure) if matches!(failure.code, ErrorCode::Moved | ErrorCode::SignedOut) => Err(failure),
            // The account named another place meanwhile, and this device is there now.
            Err(failure) if self.whereabouts()?.0.gateway != at => Err(failure),
            Err(_) if matches!(cloud.has_left().await, Ok(true)) => Err(Failure::new(ErrorCode::HalfMoved)),
            ended => ended,
        }
    }

    async fn copy_and_settle(
        &self,
        account: Account,
        home: Home,
        gateway: Url,
        stop: &CancelToken,
    ) -> Result<Reply, Failure> {
        let glance = Arc::new(Glance::new(self.device()?));
        let to = Store { device: glance.clone(), ..store(&account, &gateway, self.device()?)? };
        let port = SendWrapper::new(self.port.clone());
        let told = Mutex::new(0.0);
        let tell = move |MigrateProgress { bytes, of }: MigrateProgress| {
            let now = js_sys::Date::now();
            let Ok(mut told) = told.lock() else { return };
            if now - *told >= INTERVAL_MS || bytes == of {
                *told = now;
                port.event(&Event::Moved { done: bytes, total: of });
            }
        };
        let Migrated { cloud, .. } = home.cloud.migrate(to, stop, tell).await.map_err(refusal)?;
        self.settle(account, cloud, glance, gateway, true).await
    }

    /// The account's cloud behind the gateway, made there if the account has none.
    async fn take(
        &self,
        account: &Account,
        keys: CloudKeys,
        gateway: &Url,
        glance: Arc<Glance>,
    ) -> Result<Cloud, Error> {
        let keys = match &account.gateway {
            Some(known) => keys.with_cloud(known.cloud),
            None => CloudKeys { recovery_wrap: glance.device.recovery_wrap(account).await, ..keys },
        };
        let (history, tag, clock) = (&account.history, account.tag.as_str(), Arc::new(SystemClock));
        Ok(Cloud::connect_telling(gateway.clone(), history, tag, keys, clock, glance).await?.cloud)
    }

    /// Tells the account of the new place of the cloud, which is open there, and then what cannot fail: this device, and the other tabs. What
    /// fails leaves the account with the place that it knew, and this device able to open that: one that has seen a cloud arrive takes its
    /// old place for an older state.
    async fn settle(
        &self,
        account: Account,
        cloud: Cloud,
        glance: Arc<Glance>,
        gateway: Url,
        left: bool,
    ) -> Result<Reply, Failure> {
        let address = GatewayAddress { url: gateway.clone(), cloud: cloud.id() };
        let seq = cloud.refresh().await?;
        if let Err(error) = self.platform()?.set_gateway(&account, account.gateway.as_ref(), address.clone()).await {
            let failure = Failure::from(error);
            if failure.code == ErrorCode::Conflict {
                self.agree().await?;
            }
            return Err(failure);
        }
        glance.keep(&address.cloud).await;
        self.keep_recovery_wrap(&account, &cloud).await;
        self.seen.set(seq);
        let old = account.gateway.as_ref().filter(|old| old.url != gateway);
        let before = old.map(|old| Before { address: old.url.to_string(), left });
        let called = self.enter_place(&account, address, Some(Home { cloud, gateway }), before.clone())?;
        self.tell(Word::Moved, &called);
        Ok(Reply::Taken(Taken::Yes { before }))
    }

    /// Brings what the recovery phrase opens the cloud by, if it was made on this device and no cloud keeps it yet. What fails is done by
    /// whoever gets in next.
    pub(super) async fn keep_recovery_wrap(&self, account: &Account, cloud: &Cloud) {
        let Ok(device) = self.device() else { return };
        if let Some(wrap) = device.recovery_wrap(account).await
            && cloud.keep_recovery_wrap(&wrap).await.is_ok()
        {
            device.forget_recovery_wrap(account).await;
        }
    }

    /// Goes after the cloud to where another tab or another device has taken it. What this device keeps is that tab's business.
    pub(super) async fn follow_to_new_place(&self) -> Result<(), Failure> {
        let (account, ..) = self.whereabouts()?;
        let address = self.platform()?.gateway(&account).await?.ok_or(Failure::new(ErrorCode::NoCloud))?;
        let home = self.open_at(&account, &address).await?;
        self.enter_place(&account, address, home, None)?;
        Ok(())
    }

    /// Sees that the account still names the place that is known here. Where it names another one, this device goes there, and what was asked
    /// is a conflict: whoever asked has seen the other place.
    async fn agree(&self) -> Result<(Account, Option<Home>), Failure> {
        let (account, home, _) = self.whereabouts()?;
        if self.platform()?.gateway(&account).await? == account.gateway {
            return Ok((account, home));
        }
        self.follow_to_new_place().await?;
        self.port.event(&Event::Changed);
        Err(Failure::new(ErrorCode::Conflict))
    }

    /// Opens the cloud where the account names it, if it can be had there: a gateway that is away, or not what it was, keeps nobody from
    /// getting in, and from taking another one. A cloud that is older than it was, or does not open, does.
    pub(super) async fn open_at(&self, account: &Account, at: &GatewayAddress) -> Result<Option<Home>, Failure> {
        let device = self.device()?;
        let store = store(account, &at.url, device.clone())?;
        // What the phrase opens the cloud by goes with the first change under renewed keys.
        let keys = CloudKeys { recovery_wrap: device.recovery_wrap(account).await, ..keys(account)? };
        let opened = async {
            introduce(account, &at.url).await?;
            let cloud = Cloud::open(keys.with_cloud(at.cloud), store).await?;
            self.keep_recovery_wrap(account, &cloud).await;
            let seq = cloud.refresh().await?;
            Ok::<_, Error>((cloud, seq))
        };
        match opened.await {
            Ok((cloud, seq)) => {
                self.seen.set(seq);
                Ok(Some(Home { cloud, gateway: at.url.clone() }))
            }
            Err(error) if is_away(error.kind()) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the cloud that could not be had when somebody got in.
    pub(super) async fn come_home(&self) -> Result<(), Failure> {
        let is_away = || {
            let inside = self.inside.borrow();
            inside.as_ref().is_some_and(|inside| inside.home.is_none() && inside.account.gateway.is_some())
        };
        if !is_away() {
            return Ok(());
        }
        let _taking = self.taking.lock().await;
        let (account, home, before) = self.whereabouts()?;
        if let (None, Some(at)) = (home, account.gateway.clone())
            && let Some(home) = self.open_at(&account, &at).await?
        {
            self.enter_place(&account, at, Some(home), before)?;
        }
        Ok(())
    }

    /// Puts the cloud in the place of the one that was open, and says what tabs called that.
    fn enter_place(
        &self,
        account: &Account,
        address: GatewayAddress,
        home: Option<Home>,
        before: Option<Before>,
    ) -> Result<Id, Failure> {
        self.streams.stop_all();
        if let Some(mut reading) = self.reading.try_lock() {
            reading.take();
        }
        match &mut *self.inside.borrow_mut() {
            Some(inside) if inside.account.id == account.id => {
                let called = inside.called();
                inside.account.gateway = Some(address);
                inside.home = home;
                inside.before = before;
                self.last_called.set(Some(inside.called()));
                Ok(called)
            }
            // Locked or signed out meanwhile. The account knows, and so does whoever gets in.
            _ => Err(Failure::new(ErrorCode::SignedOut)),
        }
    }

    fn whereabouts(&self) -> Result<(Account, Option<Home>, Option<Before>), Failure> {
        let inside = self.inside.borrow();
        let inside = inside.as_ref().ok_or(Failure::new(ErrorCode::SignedOut))?;
        Ok((inside.account.clone(), inside.home.clone(), inside.before.clone()))
    }

    fn parse(&self, address: &str) -> Result<Url, Failure> {
        address::parse(address, self.origin.borrow().as_ref()).ok_or(Failure::new(ErrorCode::AddressRefused))
    }

    /// Whether the server of the page has that address.
    pub(super) fn is_host(&self, gateway: &Url) -> bool {
        self.origin.borrow().as_ref().is_some_and(|origin| origin.origin() == gateway.origin())
    }

    fn quick_create(&self, public: PublicPlace, owner: &OwnerText) -> Option<String> {
        let PublicPlace { template, bucket, key, region, stack } = public;
        let code = GatewayCode { bucket, key };
        let quick_create = QuickCreate { template: template.parse().ok()?, code, region, stack };
        let app = self.origin.borrow().clone()?;
        quick_create.url(owner, &app).ok().map(Url::into)
    }
}

/// Whether the gateway is the owner's and no other's. What has no version is none.
async fn check_owner(account: &Account, gateway: &Url) -> Result<(), Failure> {
    let told = remote(account, gateway)?.introduce(&account.history, &account.id, account.tag.as_str()).await;
    told.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(ErrorCode::NotAGateway),
        _ => refusal(error),
    })
}

/// Whether nobody would miss anything that is in the cloud: no file and no folder, in the trash neither.
async fn is_bare(cloud: &Cloud) -> Result<bool, Failure> {
    Ok(cloud.list(&cloud.root()).await?.is_empty() && cloud.list_trash().await?.is_empty())
}

/// What keeps a gateway from being taken.
fn refusal(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::Malformed => Failure::new(ErrorCode::AddressRefused),
        ErrorKind::Backend => Failure::new(ErrorCode::NotAGateway),
        ErrorKind::Denied => Failure::new(ErrorCode::NotYours),
        ErrorKind::AlreadyExists => Failure::new(ErrorCode::OtherCloud),
        _ => error.into(),
    }
}

/// Why there is no cloud to be had.
pub(super) fn none(account: &Account) -> Failure {
    Failure::new(if account.gateway.is_some() { ErrorCode::CloudAway } else { ErrorCode::NoCloud })
}

/// Whether a cloud is not to be had at the moment, for a reason that says nothing against it.
fn is_away(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::NotFound | ErrorKind::Backend | ErrorKind::Version)
}

/// What this device remembers, to be compared with and not to be changed until the account knows of the place.
#[derive(Debug)]
struct Glance {
    device: Arc<Device>,
    /// What was seen there; nothing once that is kept.
    seen: Mutex<Option<Vec<u8>>>,
    keeps: AtomicBool,
}

impl Glance {
    fn new(device: Arc<Device>) -> Self {
        Self { device, seen: Mutex::default(), keeps: AtomicBool::new(false) }
    }

    /// Keeps what was seen, and whatever is seen from now on.
    async fn keep(&self, cloud: &Id) {
        self.keeps.store(true, Ordering::Relaxed);
        let seen = self.seen.lock().ok().and_then(|mut seen| seen.take());
        if let Some(seen) = seen {
            // What cannot be kept now is kept with the next change.
            let _ = self.device.save(cloud, seen).await;
        }
    }
}

#[async_trait]
impl DeviceStore for Glance {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>, Error> {
        self.device.load(cloud).await
    }

    async fn save(&self, cloud: &Id, state: Vec<u8>) -> Result<(), Error> {
        if self.keeps.load(Ordering::Relaxed) {
            return self.device.save(cloud, state).await;
        }
        if let Ok(mut seen) = self.seen.lock() {
            *seen = Some(state);
        }
        Ok(())
    }

    fn journals(&self) -> &dyn JournalStore {
        self.device.journals()
    }
}

/// The most characters of a release that are shown.
const MOST_SHOWN: usize = 40;

const INTERVAL_MS: f64 = 100.0;
