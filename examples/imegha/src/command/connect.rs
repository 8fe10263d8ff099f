//! Connecting the account with the gateway of its cloud.

use std::sync::Arc;

use imegha_cloud::clock::SystemClock;
use imegha_cloud::{Cloud, Connected, ErrorKind, FileDevice};
use url::Url;

use crate::arguments::{ConnectCloud, ForAll};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::open_cloud::{Opened, open_account};
use crate::output::say;

/// Checks that a gateway is this account's, and takes it.
pub(super) async fn connect_cloud(folder: &Folder, connect: ConnectCloud, all: ForAll) -> Result<()> {
    let opened = open_account(folder, all.password_stdin).await?;
    take(&opened, folder, connect.url, all).await
}

/// The same for an account that is open.
pub(super) async fn take(opened: &Opened, folder: &Folder, url: Url, all: ForAll) -> Result<()> {
    let (history, tag) = (&opened.account.history, opened.account.tag.as_str());
    let (keys, device) = (opened.keys()?, Arc::new(FileDevice::new(folder.device()?)));
    let connected = Cloud::connect_telling(url.clone(), history, tag, keys, Arc::new(SystemClock), device).await;
    let Connected { cloud, created } = connected.map_err(|error| {
        let hint = match error.kind() {
            ErrorKind::NotFound => format!("; `imegha migrate --to {url}` does"),
            _ => String::new(),
        };
        let failure = Failure::from(error);
        Failure::new(failure.code(), format!("{failure}{hint}"))
    })?;
    opened.settle(url.clone(), &cloud).await.map_err(|failure| {
        let words =
            format!("the cloud at {url} is this account's, but the account was not told: {failure}; run this again");
        Failure::new(Code::Unreachable, words)
    })?;
    say(all.quiet, &format!("{} {url}", if created { "a new cloud is at" } else { "the cloud is at" }))?;
    // What cannot be read now is no reason for alarm.
    if cloud.has_recovery_wrap().await.unwrap_or(true) {
        return Ok(());
    }
    say(
        all.quiet,
        "the recovery phrase does not open this cloud yet: sign in once in the browser that the account was made in",
    )
}
