//! From the session and the password to the account, and to the open cloud.

use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{Cloud, CloudKeys, EarlierKeys, FileDevice, Store};
use imegha_platform::ErrorKind;
use imegha_platform::client::{Account, GatewayAddress, Platform};
use url::Url;

use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::password::password;
use crate::session::{Session, signed_out};

/// Whoever is signed in here, with the keys, and the way to the platform.
pub(crate) struct Opened {
    pub(crate) platform: Platform,
    pub(crate) account: Account,
}

/// Opens the account of whoever is signed in here. The password opens the kept key on this device; nothing that depends on it is sent.
pub(crate) async fn open_account(folder: &Folder, password_from_stdin: bool) -> Result<Opened> {
    let mut session = Session::load(folder)?.ok_or_else(signed_out)?;
    let opened_by = session.opened_by.as_ref().ok_or_else(signed_out)?;
    let kept =
        opened_by.locked.unlock(&password(password_from_stdin).await?).await.map_err(|error| match error.kind() {
            ErrorKind::CannotOpen => Failure::new(
                Code::CannotOpen,
                "the password is wrong; after a change of password run `imegha login` again",
            ),
            _ => error.into(),
        })?;
    let platform = Platform::new(session.server.clone())?;
    platform.take_session(opened_by.token.clone());
    let signed_in = platform.resume(&kept, &session.known).await?;
    session.remember(&signed_in, folder)?;
    Ok(Opened { platform, account: signed_in.account })
}

/// Opens the cloud of whoever is signed in here.
pub(crate) async fn open_cloud(folder: &Folder, password_from_stdin: bool) -> Result<Cloud> {
    open_account(folder, password_from_stdin).await?.cloud(folder).await
}

impl Opened {
    /// The account's cloud, where it is now.
    pub(crate) async fn cloud(&self, folder: &Folder) -> Result<Cloud> {
        let gateway = self.gateway()?;
        if self.account.history.entries().len() > 1 {
            self.introduce(&gateway.url).await?;
        }
        Ok(Cloud::open(self.keys()?, self.store(&gateway.url, folder)?).await?)
    }

    /// Where the account's cloud is.
    pub(crate) fn gateway(&self) -> Result<&GatewayAddress> {
        self.account.gateway.as_ref().ok_or_else(|| {
            let words =
                "this account has no cloud yet: signing in at its web app makes one, or `imegha connect-cloud URL`";
            Failure::new(Code::Failed, words)
        })
    }

    /// The keys of its cloud, which is that of its settings, if it has any.
    pub(crate) fn keys(&self) -> Result<CloudKeys> {
        let Account { id, dek, dek_epoch, identity, gateway, .. } = &self.account;
        let earlier = self.account.earlier().map(|earlier| {
            let identity = Arc::new(self.account.open_earlier_identity(&earlier.identity.fingerprint())?);
            Ok(EarlierKeys { dek: earlier.dek.clone(), dek_epoch: earlier.dek_epoch, identity })
        });
        let keys = CloudKeys::new(*id, dek.clone(), *dek_epoch, identity.clone());
        let keys = keys.with_earlier(earlier.collect::<Result<Vec<_>>>()?);
        Ok(match gateway {
            Some(gateway) => keys.with_cloud(gateway.cloud),
            None => keys,
        })
    }

    /// The way to a gateway of this account's.
    pub(crate) fn remote(&self, gateway: &Url) -> Result<Remote> {
        // A gateway is deployed for the first identity, whatever the current one is.
        let audience = self.account.history.first().fingerprint();
        Ok(Remote::new(gateway.clone(), self.account.identity.clone(), audience, Arc::new(SystemClock))?)
    }

    /// Sees that a gateway is this account's. One that has not heard that the account's keys were renewed is told.
    pub(crate) async fn introduce(&self, gateway: &Url) -> Result<()> {
        let Account { id, tag, history, .. } = &self.account;
        Ok(self.remote(gateway)?.introduce(history, id, tag.as_str()).await?)
    }

    /// The storage behind a gateway, and this device's memory.
    pub(crate) fn store(&self, gateway: &Url, folder: &Folder) -> Result<Store> {
        let remote = self.remote(gateway)?;
        store_of(Arc::new(RemoteRecords::new(remote.clone())), Arc::new(RemoteBlobs::new(remote)), folder)
    }

    /// Tells the account where its cloud is from now on, unless another device told it something else meanwhile.
    pub(crate) async fn settle(&self, url: Url, cloud: &Cloud) -> Result<()> {
        let (before, address) = (self.account.gateway.as_ref(), GatewayAddress { url, cloud: cloud.id() });
        Ok(self.platform.set_gateway(&self.account, before, address).await?)
    }
}

/// That storage, and this device's memory.
pub(crate) fn store_of(
    records: Arc<dyn RecordStore<CloudSchema>>,
    blobs: Arc<dyn BlobStore>,
    folder: &Folder,
) -> Result<Store> {
    let device = Arc::new(FileDevice::new(folder.device()?));
    Ok(Store { records, blobs, clock: Arc::new(SystemClock), device })
}
