//! The commands, one file for each or for a few that belong together.

mod account;
mod album;
mod audit;
mod care;
mod cat;
mod changes;
mod connect;
mod deploy;
mod export;
mod get;
mod import;
mod list;
mod migrate;
mod prune;
mod put;
mod storing;
mod trash;
mod usage;

use imegha_cloud::{CancelToken, Cloud};

use crate::arguments::{Arguments, Command, ForAll, InCloud};
use crate::failure::{Result, interrupted};
use crate::folder::Folder;
use crate::open_cloud::open_cloud;

/// Runs a command. Those that transfer files end by themselves when `token` is paused; the others are dropped where they stand, which
/// leaves nothing half done: a change of a cloud is one transaction.
pub(crate) async fn run(Arguments { all, command }: Arguments, token: CancelToken) -> Result<()> {
    let folder = Folder::find()?;
    match command {
        Command::Login(login) => unless_stopped(&token, account::login(&folder, login, all)).await,
        Command::Logout => unless_stopped(&token, account::logout(&folder, all)).await,
        Command::Whoami(output) => account::whoami(&folder, output),
        Command::Deploy(deploy) => unless_stopped(&token, deploy::deploy(&folder, deploy, all)).await,
        Command::ConnectCloud(connect) => unless_stopped(&token, connect::connect_cloud(&folder, connect, all)).await,
        Command::Migrate(migrate) => migrate::migrate(&folder, migrate, all, token).await,
        Command::InCloud(command) => {
            let cloud = unless_stopped(&token, open_cloud(&folder, all.password_stdin)).await?;
            in_cloud(cloud, command, all, &folder, token).await
        }
    }
}

async fn in_cloud(cloud: Cloud, command: InCloud, all: ForAll, folder: &Folder, token: CancelToken) -> Result<()> {
    match command {
        InCloud::Put(put) => put::put(cloud, put, all, token).await,
        InCloud::Import(import) => import::import(cloud, import, all, token).await,
        InCloud::Get(get) => get::get(cloud, get, all, token).await,
        InCloud::Export(export) => export::export(cloud, export, all, folder, token).await,
        InCloud::Cat(cat) => unless_stopped(&token, cat::cat(cloud, cat)).await,
        InCloud::Ls(ls) => unless_stopped(&token, list::ls(cloud, ls)).await,
        InCloud::Find(find) => unless_stopped(&token, list::find(cloud, find)).await,
        InCloud::Versions(versions) => unless_stopped(&token, list::versions(cloud, versions, all)).await,
        InCloud::Mkdir(mkdir) => unless_stopped(&token, changes::mkdir(cloud, mkdir, all)).await,
        InCloud::Mv(mv) => unless_stopped(&token, changes::mv(cloud, mv, all)).await,
        InCloud::Rm(rm) => unless_stopped(&token, changes::rm(cloud, rm, all)).await,
        InCloud::Trash(command) => unless_stopped(&token, trash::trash(cloud, command, all)).await,
        InCloud::Audit(audit) => unless_stopped(&token, audit::audit(cloud, audit)).await,
        InCloud::Usage(output) => unless_stopped(&token, usage::usage(cloud, output)).await,
        InCloud::Verify(verify) => unless_stopped(&token, care::verify(cloud, verify)).await,
        InCloud::Album(command) => unless_stopped(&token, album::album(cloud, command, all)).await,
        InCloud::Prune(prune) => unless_stopped(&token, prune::prune(cloud, prune, all)).await,
        InCloud::Gc(gc) => unless_stopped(&token, care::gc(cloud, gc, all)).await,
    }
}

async fn unless_stopped<T>(token: &CancelToken, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        ended = work => ended,
        () = token.cancelled() => Err(interrupted()),
    }
}
