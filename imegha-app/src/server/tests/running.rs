//! A server that runs, and an account at it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::serving::TlsAcceptor;
use imegha_cloud::{CloudKeys, MemoryDevice, Store};
use imegha_platform::client::{Account, Platform, SignUp};
use imegha_platform::mail::Message;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use super::Setting;
use crate::server::serving::{serve, start_counting};
use crate::server::tls::Tls;

pub(super) const PASSWORD: &str = "plum cactus governs tuesday";

/// A server that runs.
pub(super) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    pub(super) async fn start(setting: &Setting, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("the address is free");
        let (site, data) = setting.open();
        let counting = start_counting(&setting.config, &site).expect("the address is free");
        let tls = match &setting.config.tls {
            Some(source) => Some(Tls::open(source.clone()).await.expect("a certificate")),
            None => None,
        };
        let acceptor = tls.map(|tls| TlsAcceptor::new(tls.config(), setting.config.origin.as_str()));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            serve(listener, site, acceptor, async { drop(stopped.await) }).await.expect("it serves");
            if let Some(counting) = counting {
                counting.abort();
                // Until then its address is taken.
                drop(counting.await);
            }
            drop(data);
        });
        Self { stop, served }
    }

    pub(super) async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.served.await.expect("it ends");
    }
}

/// A free address, and the origin that it makes.
pub(super) fn free_address() -> (SocketAddr, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (address, format!("http://{address}"))
}

/// Signs up with the code of the mail, and signs in.
pub(super) async fn sign_up(setting: &Setting, platform: &Platform, email: &str, tag: &str) -> Account {
    let new = SignUp::prepare(email, tag, PASSWORD, 1_790_000_000_000).await.expect("keys");
    platform.sign_up(&new, true, 1).await.expect("claimed");
    let Message::Code { code, .. } = setting.mailer.next().await.message else { panic!("a code was expected") };
    platform.confirm(&new.account(), &code).await.expect("confirmed");
    platform.sign_in_first(&new).await.expect("signed in").account
}

pub(super) fn store(account: &Account, url: &Url) -> Store {
    let clock = Arc::new(SystemClock);
    let audience = account.history.first().fingerprint();
    let remote = Remote::new(url.clone(), account.identity.clone(), audience, clock.clone()).expect("an address");
    Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock,
        device: Arc::new(MemoryDevice::new()),
    }
}

pub(super) fn keys(account: &Account) -> CloudKeys {
    CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone())
}
