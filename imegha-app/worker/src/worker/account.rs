//! Signing up, in and out, and opening the cloud.

use std::rc::Rc;
use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_cloud::{Cloud, CloudKeys, EarlierKeys, ErrorKind as CloudKind, Store};
use imegha_crypto::{Email, Sealed};
use imegha_platform::client::{Account, GatewayAddress, Kept, Known, SignUp, SignedIn};
use url::Url;
use zeroize::Zeroizing;

use super::database::Table;
use super::device::Device;
use super::tabs::Word;
use super::{Home, Inside, Worker, kept};
use crate::protocol::{self, ErrorCode, Failure, Reply};

/// The account that waits for its code, and what was typed for it.
pub(crate) struct BegunSignUp {
    typed: Typed,
    sign_up: Rc<SignUp>,
}

/// What a person typed to sign up.
#[derive(PartialEq, Eq)]
struct Typed(Zeroizing<[String; 3]>);

impl Typed {
    fn new(email: &str, tag: &str, password: &str) -> Self {
        Self(Zeroizing::new([email, tag, password].map(str::to_owned)))
    }
}

impl Worker {
    pub(super) async fn sign_up(
        &self,
        email: &str,
        tag: &str,
        password: &str,
        over_13: bool,
        policy_version: u32,
    ) -> Result<Reply, Failure> {
        let platform = self.platform()?;
        let code_on_terminal = platform.config().await?.code_on_terminal;
        let typed = Typed::new(email, tag, password);
        // Sent again with the same words, as after a lost answer, it must be the same account: the platform holds its claim.
        let begun =
            self.sign_up.borrow().as_ref().filter(|begun| begun.typed == typed).map(|begun| begun.sign_up.clone());
        let sign_up = match begun {
            Some(sign_up) => sign_up,
            None => Rc::new(SignUp::prepare(email, tag, password, SystemClock.now_ms()).await?),
        };
        *self.sign_up.borrow_mut() = Some(BegunSignUp { typed, sign_up: sign_up.clone() });
        platform.sign_up(&sign_up, over_13, policy_version).await?;
        let words = sign_up.phrase().words().map(str::to_owned).collect();
        Ok(Reply::SignUpStarted { words, code_on_terminal })
    }

    /// Confirms, signs in, and makes the cloud. Killed anywhere in between, signing in goes on from there.
    pub(super) async fn confirm(&self, code: &str) -> Result<Reply, Failure> {
        let begun = self.drops.get();
        let platform = self.platform()?;
        let sign_up = self.pending()?;
        platform.confirm(&sign_up.account(), code).await?;
        let signed_in = platform.sign_in_first(&sign_up).await?;
        let wrap = sign_up.recovery_wrap().clone();
        let reply = Reply::SignedIn(self.enter(signed_in, Some(wrap), false, begun).await?);
        self.sign_up.borrow_mut().take();
        Ok(reply)
    }

    pub(super) async fn resend_code(&self) -> Result<Reply, Failure> {
        let account = self.pending()?.account();
        self.platform()?.resend(&account).await?;
        Ok(Reply::Done)
    }

    pub(super) async fn sign_in(&self, email: &str, password: &str, stay: bool) -> Result<Reply, Failure> {
        let begun = self.drops.get();
        let platform = self.platform()?;
        let known = match Email::parse(email) {
            Ok(email) => self.known(&email).await?,
            Err(_) => None,
        };
        let signed_in = match known {
            Some(known) => platform.sign_in_known(email, password, &known).await?,
            None => platform.sign_in(email, password).await?,
        };
        Ok(Reply::SignedIn(self.enter(signed_in, None, stay, begun).await?))
    }

    /// Opens the account whose keys this device keeps. What is of no use any more is removed; what only the network keeps from
    /// being opened stays, and the failure is told.
    pub(super) async fn take_up(&self) -> Result<Option<protocol::Session>, Failure> {
        let device = self.device()?;
        let Some(database) = device.database() else { return Ok(None) };
        let Some(kept) = kept::load(database).await else { return Ok(None) };
        match self.resume(&kept).await {
            Ok(session) => Ok(Some(session)),
            Err(failure) if failure.code == ErrorCode::Network => Err(failure),
            Err(failure) => {
                kept::forget(database).await?;
                // That the session has ended is what happens; anything else is to be heard of.
                if failure.code == ErrorCode::SignedOut { Ok(None) } else { Err(failure) }
            }
        }
    }

    async fn resume(&self, kept: &Kept) -> Result<protocol::Session, Failure> {
        let begun = self.drops.get();
        // Without what it saw of the account this device could be shown an older state of it.
        let known = self.known(kept.email()).await?.ok_or(Failure::new(ErrorCode::SignedOut))?;
        let signed_in = self.platform()?.resume(kept, &known).await?;
        self.enter(signed_in, None, true, begun).await
    }

    /// Whether this device keeps the keys from now on.
    pub(super) async fn stay(&self, stay: bool) -> Result<Reply, Failure> {
        let device = self.device()?;
        let database = device.database().ok_or(Failure::new(ErrorCode::Internal))?;
        if !stay {
            kept::forget(database).await?;
            self.note_stay(false);
            return Ok(Reply::Done);
        }
        let kept = self.account()?.keep();
        kept::keep(database, &kept).await?;
        // Locked or signed out meanwhile: then nothing may be kept.
        if self.inside.borrow().is_none() {
            kept::forget(database).await?;
        }
        self.note_stay(true);
        Ok(Reply::Done)
    }

    fn note_stay(&self, stays: bool) {
        if let Some(inside) = &mut *self.inside.borrow_mut() {
            inside.stays = stays;
        }
    }

    /// Forgets the keys at once, whatever the platform answers: a person who signs out on somebody else's device must not
    /// depend on the network.
    pub(super) async fn sign_out(&self) -> Reply {
        self.forget_here().await;
        if let Ok(platform) = self.platform() {
            let _ = platform.sign_out().await;
        }
        Reply::Done
    }

    /// Forgets the keys, what was typed, and which files were on their way.
    pub(super) async fn forget_here(&self) {
        self.sign_up.borrow_mut().take();
        self.wipe(Word::Left).await;
        // Which files were on their way stands there by name. Their uploads can go on all the same: the files are to be chosen again.
        if let Ok(device) = self.device()
            && let Some(database) = device.database()
        {
            let _ = database.clear(Table::Sources).await;
        }
    }

    /// Forgets the keys, and leaves the session.
    pub(super) async fn lock(&self) -> Reply {
        self.wipe(Word::Locked).await;
        Reply::Done
    }

    /// Drops the keys here and on this device, and tells the other tabs.
    async fn wipe(&self, word: Word) {
        self.drop_keys();
        if let Ok(device) = self.device()
            && let Some(database) = device.database()
        {
            let _ = kept::forget(database).await;
        }
        if let Some(called) = self.last_called.get() {
            self.tell(word, &called);
        }
    }

    /// Drops the keys of this worker.
    pub(super) fn drop_keys(&self) {
        self.drops.set(self.drops.get().wrapping_add(1));
        self.end_what_runs();
        self.recovery.borrow_mut().take();
        self.email_change.borrow_mut().take();
        self.new_phrase.borrow_mut().take();
        self.inside.borrow_mut().take();
    }

    /// Ends what is done with the keys that are here.
    pub(super) fn end_what_runs(&self) {
        self.transfers.stop_all();
        self.streams.stop_all();
        self.looking.borrow().cancel();
        self.checking.borrow().cancel();
        self.moving.borrow().cancel();
        // Who reads it has it locked, and is refused the next time.
        if let Some(mut reading) = self.reading.try_lock() {
            reading.take();
        }
    }

    /// Remembers what was seen of an account.
    pub(super) async fn remember(&self, email: &Email, known: &Known) -> Result<(), Failure> {
        let known = serde_json::to_vec(known).map_err(|_| Failure::new(ErrorCode::Internal))?;
        Ok(self.device()?.remember_account(email, known).await?)
    }

    /// What this device remembers of the account with that address.
    pub(super) async fn known(&self, email: &Email) -> Result<Option<Known>, Failure> {
        let known = self.device()?.account(email).await;
        Ok(known.and_then(|known| serde_json::from_slice(&known).ok()))
    }

    /// Remembers the account, opens its cloud, or makes one for an account that has none yet. A cloud that is away keeps
    /// nobody out. With `stay` this device keeps the keys; else it keeps none any more, whoever's they were. `begun` is how often keys
    /// had been dropped when it was asked for.
    pub(super) async fn enter(
        &self,
        signed_in: SignedIn,
        recovery_wrap: Option<Sealed>,
        stay: bool,
        begun: u32,
    ) -> Result<protocol::Session, Failure> {
        let SignedIn { mut account, known, policy_version, current_policy_version } = signed_in;
        let device = self.device()?;
        self.remember(&account.email, &known).await?;
        if let Some(wrap) = &recovery_wrap {
            device.remember_recovery_wrap(&account, wrap).await?;
        }
        let home = match &account.gateway {
            Some(address) => self.open_at(&account, address).await?,
            None => {
                let home = self.make_cloud(&account, device.clone()).await?;
                if let Some(Home { cloud, gateway }) = &home {
                    account.gateway = Some(GatewayAddress { url: gateway.clone(), cloud: cloud.id() });
                    self.keep_recovery_wrap(&account, cloud).await;
                    self.seen.set(cloud.refresh().await?);
                }
                home
            }
        };
        let kept = account.keep();
        let stays = match device.database() {
            // Signing in does not fail for it: the account menu says that this device keeps nothing, and offers it again.
            Some(database) if stay => kept::keep(database, &kept).await.is_ok(),
            Some(database) => {
                kept::forget(database).await?;
                false
            }
            None => false,
        };
        // Locked or signed out meanwhile: then nobody is in, and nothing may be kept.
        if self.drops.get() != begun {
            if let Some(database) = device.database() {
                kept::forget(database).await?;
            }
            return Err(Failure::new(ErrorCode::Stopped));
        }
        let inside = Inside {
            account,
            known,
            home,
            before: None,
            stays,
            accepted_policy: policy_version,
            policy: current_policy_version,
        };
        let session = inside.session();
        self.last_called.set(Some(inside.called()));
        *self.inside.borrow_mut() = Some(inside);
        self.purge_expired();
        Ok(session)
    }

    /// Makes the cloud of an account that has none, where the platform hosts clouds. A step that an earlier try has done is not done again.
    async fn make_cloud(&self, account: &Account, device: Arc<Device>) -> Result<Option<Home>, Failure> {
        let platform = self.platform()?;
        if !platform.config().await?.hosted_clouds {
            return Ok(None);
        }
        let gateway = platform.host_cloud().await?.url;
        let mut keys = keys(account)?;
        introduce(account, &gateway).await?;
        let store = store(account, &gateway, device.clone())?;
        let cloud = match Cloud::open(keys.clone(), store.clone()).await {
            Err(error) if error.kind() == CloudKind::NotFound => {
                keys.recovery_wrap = device.recovery_wrap(account).await;
                Cloud::create(keys, store).await?
            }
            opened => opened?,
        };
        platform.set_gateway(account, None, GatewayAddress { url: gateway.clone(), cloud: cloud.id() }).await?;
        Ok(Some(Home { cloud, gateway }))
    }

    fn pending(&self) -> Result<Rc<SignUp>, Failure> {
        let begun = self.sign_up.borrow();
        begun.as_ref().map(|begun| begun.sign_up.clone()).ok_or(Failure::new(ErrorCode::CodeExpired))
    }
}

pub(super) fn keys(account: &Account) -> Result<CloudKeys, Failure> {
    let earlier = account.earlier().map(|earlier| {
        let identity = Arc::new(account.open_earlier_identity(&earlier.identity.fingerprint())?);
        Ok(EarlierKeys { dek: earlier.dek.clone(), dek_epoch: earlier.dek_epoch, identity })
    });
    let earlier = earlier.collect::<Result<Vec<_>, Failure>>()?;
    let keys = CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone());
    Ok(keys.with_earlier(earlier))
}

/// Tells a gateway of the account's how its identity came to be, if it has changed since the account began and the gateway does not know.
pub(super) async fn introduce(account: &Account, gateway: &Url) -> Result<(), imegha_cloud::Error> {
    match account.history.entries().len() {
        1 => Ok(()),
        _ => remote_of(account, gateway)?.introduce(&account.history, &account.id, account.tag.as_str()).await,
    }
}

/// The way to a gateway of the account's: it is deployed for the first identity, whatever the current one is.
pub(super) fn remote(account: &Account, gateway: &Url) -> Result<Remote, Failure> {
    Ok(remote_of(account, gateway)?)
}

fn remote_of(account: &Account, gateway: &Url) -> Result<Remote, imegha_cloud::Error> {
    let audience = account.history.first().fingerprint();
    Remote::new(gateway.clone(), account.identity.clone(), audience, Arc::new(SystemClock))
}

/// The account's storage behind a gateway.
pub(super) fn store(account: &Account, gateway: &Url, device: Arc<Device>) -> Result<Store, Failure> {
    let remote = remote(account, gateway)?;
    Ok(Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock: Arc::new(SystemClock),
        device,
    })
}
