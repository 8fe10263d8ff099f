//! Signing up, in and out, and opening the cloud.

use std::rc::Rc;
use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_cloud::{Cloud, CloudKeys, ErrorKind as CloudKind, Store};
use imegha_crypto::Sealed;
use imegha_platform::client::{Account, GatewayAddress, Known, SignUp, SignedIn};
use zeroize::Zeroizing;

use super::Worker;
use super::device::Device;
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
        let platform = self.platform()?;
        let sign_up = self.pending()?;
        platform.confirm(&sign_up.account(), code).await?;
        let signed_in = platform.sign_in_first(&sign_up).await?;
        let account = &signed_in.account;
        let recovery = sign_up.phrase().derive_keys();
        let wrap = account.dek.wrap_by_recovery(&recovery.kek, &account.id, account.dek_epoch)?;
        let reply = self.enter(signed_in, Some(wrap)).await?;
        self.sign_up.borrow_mut().take();
        Ok(reply)
    }

    pub(super) async fn resend_code(&self) -> Result<Reply, Failure> {
        let account = self.pending()?.account();
        self.platform()?.resend(&account).await?;
        Ok(Reply::Done)
    }

    pub(super) async fn sign_in(&self, email: &str, password: &str) -> Result<Reply, Failure> {
        let platform = self.platform()?;
        let known = match imegha_crypto::Email::parse(email) {
            Ok(email) => self.device()?.account(&email).await,
            Err(_) => None,
        };
        let known = known.and_then(|known| serde_json::from_slice::<Known>(&known).ok());
        let signed_in = match known {
            Some(known) => platform.sign_in_known(email, password, &known).await?,
            None => platform.sign_in(email, password).await?,
        };
        self.enter(signed_in, None).await
    }

    /// Forgets the keys at once, whatever the platform answers: a person who signs out on somebody else's device must not
    /// depend on the network.
    pub(super) async fn sign_out(&self) -> Reply {
        self.transfers.cancel_all();
        self.sign_up.borrow_mut().take();
        self.cloud.borrow_mut().take();
        if let Ok(platform) = self.platform() {
            let _ = platform.sign_out().await;
        }
        Reply::Done
    }

    /// Remembers the account, opens its cloud, or makes one for an account that has none yet.
    async fn enter(&self, signed_in: SignedIn, recovery_wrap: Option<Sealed>) -> Result<Reply, Failure> {
        let SignedIn { account, known, .. } = signed_in;
        let device = self.device()?;
        let known = serde_json::to_vec(&known).map_err(|_| Failure::new(ErrorCode::Internal))?;
        device.remember_account(&account.email, known).await?;
        let cloud = match &account.gateway {
            Some(address) => {
                let keys = keys(&account).with_cloud(address.cloud);
                Cloud::open(keys, store(&account, &address.url, device)?).await?
            }
            None => self.make_cloud(&account, recovery_wrap, device).await?,
        };
        let reply = Reply::SignedIn(protocol::Session {
            email: account.email.as_str().to_owned(),
            tag: account.tag.as_str().to_owned(),
            fingerprint: account.identity.fingerprint().to_string(),
            stays: false,
        });
        *self.cloud.borrow_mut() = Some(cloud);
        Ok(reply)
    }

    /// Makes the cloud of an account that has none. A step that an earlier try has done is not done again.
    async fn make_cloud(
        &self,
        account: &Account,
        recovery_wrap: Option<Sealed>,
        device: Arc<Device>,
    ) -> Result<Cloud, Failure> {
        let platform = self.platform()?;
        let url = platform.host_cloud().await?.url;
        let mut keys = keys(account);
        let store = store(account, &url, device)?;
        let cloud = match Cloud::open(keys.clone(), store.clone()).await {
            Err(error) if error.kind() == CloudKind::NotFound => {
                keys.recovery_wrap = recovery_wrap;
                Cloud::create(keys, store).await?
            }
            opened => opened?,
        };
        platform.set_gateway(account, GatewayAddress { url, cloud: cloud.id() }).await?;
        Ok(cloud)
    }

    fn pending(&self) -> Result<Rc<SignUp>, Failure> {
        let begun = self.sign_up.borrow();
        begun.as_ref().map(|begun| begun.sign_up.clone()).ok_or(Failure::new(ErrorCode::CodeExpired))
    }
}

fn keys(account: &Account) -> CloudKeys {
    CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone())
}

/// The account's storage behind its gateway.
fn store(account: &Account, url: &url::Url, device: Arc<Device>) -> Result<Store, Failure> {
    let clock = Arc::new(SystemClock);
    let audience = account.history.first().fingerprint();
    let remote = Remote::new(url.clone(), account.identity.clone(), audience, clock.clone())?;
    Ok(Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock,
        device,
    })
}
