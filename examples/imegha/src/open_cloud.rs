//! From the session and the password to the open cloud.

use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, CloudKeys, FileDevice, Store};
use imegha_platform::ErrorKind;
use imegha_platform::client::{Account, Platform};

use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::password::password;
use crate::session::{Session, signed_out};

/// Opens the cloud of whoever is signed in here. The password opens the kept key on this device; nothing that depends on it is sent.
pub(crate) async fn open_cloud(folder: &Folder, password_from_stdin: bool) -> Result<Cloud> {
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
    open(&signed_in.account, folder).await
}

async fn open(account: &Account, folder: &Folder) -> Result<Cloud> {
    let gateway = account.gateway.clone().ok_or_else(|| {
        Failure::new(Code::Failed, "this account has no cloud yet: signing in at its web app makes one")
    })?;
    let clock = Arc::new(SystemClock);
    // The gateway was deployed for the first identity, whatever the current one is.
    let audience = account.history.first().fingerprint();
    let remote = Remote::new(gateway.url, account.identity.clone(), audience, clock.clone())?;
    let store = Store {
        records: Arc::new(RemoteRecords::new(remote.clone())),
        blobs: Arc::new(RemoteBlobs::new(remote)),
        clock,
        device: Arc::new(FileDevice::new(folder.device()?)),
    };
    let keys = CloudKeys::new(account.id, account.dek.clone(), account.dek_epoch, account.identity.clone());
    Ok(Cloud::open(keys.with_cloud(gateway.cloud), store).await?)
}
