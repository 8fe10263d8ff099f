//! Where the cloud is, and taking another place for it.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::{Either, select};
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

use super::account::{keys, remote, store};
use super::device::Device;
use super::tabs::Word;
use super::{Home, Inside, Worker};
use crate::address;
use crate::protocol::{CloudPlace, ErrorCode, Event, Failure, Place, PublicPlace, Reply, Taken};

impl Worker {
    /// Says where the cloud is. That its gateway does not answer is no failure: then that is what there is to say.
    pub(super) async fn place(&self, public: Option<PublicPlace>) -> Result<Reply, Failure> {
        let (account, home) = self.account_and_home()?;
        let owner = OwnerText::from(account.history.first());
        let quick_create = public.and_then(|public| self.quick_create(public, &owner));
        let cloud = match home {
            Some(Home { cloud, gateway }) => {
                let version = remote(&account, &gateway)?.version().await;
                Some(CloudPlace {
                    hosted: self.is_host(&gateway),
                    id: cloud.id().to_string(),
                    // Its word, whatever that is.
                    release: version.ok().map(|version| version.release.chars().take(MOST_SHOWN).collect()),
                    left: cloud.has_left().await.unwrap_or_default(),
                    address: gateway.into(),
                })
            }
            None => None,
        };
        Ok(Reply::Place(Place { cloud, owner: owner.to_string(), quick_create }))
    }

    /// Takes the gateway at an address. A cloud that holds nothing moves there at once; one that holds something only when that is asked for.
    pub(super) async fn connect(&self, address: &str) -> Result<Reply, Failure> {
        let gateway = parse(address)?;
        let (account, home) = self.account_and_home()?;
        check_owner(&account, &gateway).await?;
        let taken = Self::take(&account, home.as_ref(), &gateway, self.device()?).await;
        match (taken, home) {
            (Ok(cloud), home) => self.settle(account, home, cloud, gateway).await,
            (Err(error), Some(Home { cloud, .. })) if error.kind() == ErrorKind::NotFound => {
                let holds = cloud.usage().await?.objects();
                if holds.count > 0 || !is_bare(&cloud).await? {
                    return Ok(Reply::Taken(Taken::MovesFirst { holds: holds.into() }));
                }
                self.move_cloud(address).await
            }
            (Err(error), _) => Err(refusal(error)),
        }
    }

    /// Moves the cloud to the gateway at an address, and takes that. One move runs at a time: another one, and leaving, ends it.
    pub(super) async fn move_cloud(&self, address: &str) -> Result<Reply, Failure> {
        let gateway = parse(address)?;
        let (account, home) = self.account_and_home()?;
        let Home { cloud, gateway: before } = home.clone().ok_or(Failure::new(ErrorCode::NoCloud))?;
        if before == gateway {
            return Err(Failure::new(ErrorCode::OtherCloud));
        }
        let token = CancelToken::new();
        self.moving.replace(token.clone()).cancel();
        check_owner(&account, &gateway).await?;
        let to = glancing(store(&account, &gateway, self.device()?)?, self.device()?);
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
        let moved = match select(pin!(token.cancelled()), pin!(cloud.migrate(to, tell))).await {
            Either::Left(_) => return Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((moved, _)) => moved,
        };
        let Migrated { cloud, .. } = moved.map_err(refusal)?;
        self.settle(account, home, cloud, gateway).await
    }

    /// The account's cloud behind the gateway, made there if the account has none.
    async fn take(account: &Account, home: Option<&Home>, gateway: &Url, device: Arc<Device>) -> Result<Cloud, Error> {
        let keys = match home {
            Some(home) => keys(account).with_cloud(home.cloud.id()),
            None => CloudKeys { recovery_wrap: device.recovery_wrap(&account.id).await, ..keys(account) },
        };
        let owner = account.history.first().fingerprint();
        let clock = Arc::new(SystemClock);
        Ok(Cloud::connect(gateway.clone(), owner, keys, clock, Arc::new(Glance(device))).await?.cloud)
    }

    /// Tells the account where its cloud is, then this device, then the other tabs. In this order: a device that has seen a cloud arrive
    /// takes its old place for an older state, and as long as the account names that one, nobody could sign in there.
    async fn settle(&self, account: Account, home: Option<Home>, cloud: Cloud, gateway: Url) -> Result<Reply, Failure> {
        let id = cloud.id();
        self.platform()?.set_gateway(&account, GatewayAddress { url: gateway.clone(), cloud: id }).await?;
        let store = store(&account, &gateway, self.device()?)?;
        let cloud = Cloud::open(keys(&account).with_cloud(id), store).await?;
        self.seen.set(cloud.refresh().await?);
        let called = self.enter_place(&account, Home { cloud, gateway: gateway.clone() })?;
        self.tell(Word::Moved, &called);
        self.device()?.forget_recovery_wrap(&account.id).await;
        let before = home.map(|home| home.gateway).filter(|before| *before != gateway);
        Ok(Reply::Taken(Taken::Yes { before: before.map(Url::into) }))
    }

    /// Goes after the cloud to where another tab has taken it. What this device keeps is that tab's business.
    pub(super) async fn follow_to_new_place(&self) -> Result<(), Failure> {
        let (account, _) = self.account_and_home()?;
        let address = self.platform()?.gateway(&account).await?.ok_or(Failure::new(ErrorCode::NoCloud))?;
        let store = store(&account, &address.url, self.device()?)?;
        let cloud = Cloud::open(keys(&account).with_cloud(address.cloud), store).await?;
        self.seen.set(cloud.refresh().await?);
        self.enter_place(&account, Home { cloud, gateway: address.url })?;
        Ok(())
    }

    /// Puts the cloud in the place of the one that was open, and says what tabs called that.
    fn enter_place(&self, account: &Account, home: Home) -> Result<Id, Failure> {
        self.streams.stop_all();
        if let Some(mut reading) = self.reading.try_lock() {
            reading.take();
        }
        match &mut *self.inside.borrow_mut() {
            Some(inside) if inside.account.id == account.id => {
                let called = inside.called();
                inside.home = Some(home);
                self.last_called.set(Some(inside.called()));
                Ok(called)
            }
            // Locked or signed out meanwhile. The account knows, and so does whoever gets in.
            _ => Err(Failure::new(ErrorCode::SignedOut)),
        }
    }

    fn account_and_home(&self) -> Result<(Account, Option<Home>), Failure> {
        let inside = self.inside.borrow();
        let Inside { account, home, .. } = inside.as_ref().ok_or(Failure::new(ErrorCode::SignedOut))?;
        Ok((account.clone(), home.clone()))
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
    remote(account, gateway)?.check_owner().await.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(ErrorCode::NotAGateway),
        _ => refusal(error),
    })
}

fn parse(address: &str) -> Result<Url, Failure> {
    address::parse(address).ok_or(Failure::new(ErrorCode::AddressRefused))
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

/// The store, as this device sees it before the account knows of it.
fn glancing(store: Store, device: Arc<Device>) -> Store {
    Store { device: Arc::new(Glance(device)), ..store }
}

/// What this device remembers, to be compared with and not to be changed.
#[derive(Debug)]
struct Glance(Arc<Device>);

#[async_trait]
impl DeviceStore for Glance {
    async fn load(&self, cloud: &Id) -> Result<Option<Vec<u8>>, Error> {
        self.0.load(cloud).await
    }

    async fn save(&self, _: &Id, _: Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn journals(&self) -> &dyn JournalStore {
        self.0.journals()
    }
}

/// The most characters of a release that are shown.
const MOST_SHOWN: usize = 40;

const INTERVAL_MS: f64 = 100.0;
