//! Moving the cloud to other storage.

use std::path::Path;
use std::sync::Arc;

use imegha_cloud::backend::aws::{Aws, AwsConfig};
use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::{CancelToken, Store};
use url::Url;

use super::{connect, unless_stopped};
use crate::arguments::{ForAll, Migrate};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::open_cloud::{Opened, open_account, store_of};
use crate::output::{bytes, counted, say};
use crate::progress;

/// Moves the cloud, or takes back that it has left. A move ends by itself when `token` is paused, and is not dropped where it stands: from
/// where the cloud has left it comes to its end.
pub(super) async fn migrate(folder: &Folder, migrate: Migrate, all: ForAll, token: CancelToken) -> Result<()> {
    let opened = unless_stopped(&token, open_account(folder, all.password_stdin)).await?;
    if migrate.take_back {
        opened.cloud(folder).await?.take_back().await?;
        return say(all.quiet, "the cloud takes changes where it is");
    }
    let to = match (&migrate.to, &migrate.to_folder, &migrate.to_bucket) {
        (Some(url), ..) => unless_stopped(&token, gateway(&opened, url, folder)).await?,
        (_, Some(path), _) => on_disk(path, folder)?,
        (_, _, Some(bucket)) => {
            let table = migrate.to_table.as_deref().unwrap_or_default();
            unless_stopped(&token, in_account(bucket, table, folder)).await?
        }
        _ => return Err(Failure::usage("say where to: --to, --to-folder, or --to-bucket with --to-table")),
    };
    let cloud = match (unless_stopped(&token, opened.cloud(folder)).await, &migrate.to) {
        // This device has seen it arrive, in a run that ended before the account was told: the old place is an older state.
        (Err(failure), Some(url)) if failure.code() == Code::CannotOpen => {
            let taken = connect::take(&opened, folder, url.clone(), all).await;
            return taken.map_err(|other| if other.code() == Code::Unreachable { other } else { failure });
        }
        (cloud, _) => cloud?,
    };
    let bar = progress::bar("moving", all.quiet);
    let moved = cloud.migrate(to, &token, |progress| progress::tell(&bar, progress.bytes, progress.of)).await;
    bar.finish_and_clear();
    let moved = moved?;
    let copied = format!("{} with {} copied", counted(moved.objects, "object"), bytes(moved.bytes));
    let Some(url) = migrate.to else {
        say(all.quiet, &format!("{copied}; the cloud is there now, and takes no changes where it was"))?;
        return say(all.quiet, "serve it with `imegha-gateway`, then `imegha connect-cloud URL` tells the account");
    };
    opened.settle(url.clone(), &moved.cloud).await.map_err(|failure| {
        let words = format!("the cloud is at {url}, but the account was not told: {failure}; run this again");
        Failure::new(Code::Unreachable, words)
    })?;
    say(all.quiet, &format!("{copied}; the cloud is at {url}. Where it was it stays as it is, and takes no changes"))
}

async fn gateway(opened: &Opened, url: &Url, folder: &Folder) -> Result<Store> {
    if opened.gateway()?.url == *url {
        return Err(Failure::usage("the cloud is there already"));
    }
    opened.introduce(url).await?;
    opened.store(url, folder)
}

fn on_disk(path: &Path, folder: &Folder) -> Result<Store> {
    let Embedded { records, blobs } =
        Embedded::open(path).map_err(|error| Failure::from(error).about(&path.to_string_lossy()))?;
    store_of(Arc::new(records), Arc::new(blobs), folder)
}

async fn in_account(bucket: &str, table: &str, folder: &Folder) -> Result<Store> {
    let Aws { records, blobs } = Aws::open(bucket, table, &AwsConfig::default()).await?;
    store_of(Arc::new(records), Arc::new(blobs), folder)
}
