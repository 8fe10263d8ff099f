//! The commands, one file for each or for a few that belong together.

mod account;
mod audit;
mod care;
mod cat;
mod changes;
mod export;
mod get;
mod import;
mod list;
mod put;
mod storing;
mod trash;
mod usage;

use imegha_cloud::CancelToken;

use crate::arguments::{Arguments, Command, ForAll};
use crate::failure::{Result, interrupted};
use crate::folder::Folder;
use crate::open_cloud::open_cloud;

/// Runs a command. Those that transfer files end by themselves when `token` is paused; the others are dropped where they stand, which
/// leaves nothing half done: a change of a cloud is one transaction.
pub(crate) async fn run(Arguments { all, command }: Arguments, token: CancelToken) -> Result<()> {
    let folder = Folder::find()?;
    match command {
        Command::Put(put) => put::put(open(&folder, all, &token).await?, put, all, token).await,
        Command::Import(import) => import::import(open(&folder, all, &token).await?, import, all, token).await,
        Command::Get(get) => get::get(open(&folder, all, &token).await?, get, all, token).await,
        Command::Export(export) => export::export(open(&folder, all, &token).await?, export, all, &folder, token).await,
        other => unless_stopped(&token, short(&folder, all, other)).await,
    }
}

/// The commands without transfers.
async fn short(folder: &Folder, all: ForAll, command: Command) -> Result<()> {
    // The three that need no key.
    let command = match command {
        Command::Login(login) => return account::login(folder, login, all).await,
        Command::Logout => return account::logout(folder, all).await,
        Command::Whoami(output) => return account::whoami(folder, output),
        other => other,
    };
    let cloud = open_cloud(folder, all.password_stdin).await?;
    match command {
        Command::Cat(cat) => cat::cat(cloud, cat).await,
        Command::Ls(ls) => list::ls(cloud, ls).await,
        Command::Find(find) => list::find(cloud, find).await,
        Command::Versions(versions) => list::versions(cloud, versions).await,
        Command::Mkdir(mkdir) => changes::mkdir(cloud, mkdir, all).await,
        Command::Mv(mv) => changes::mv(cloud, mv, all).await,
        Command::Rm(rm) => changes::rm(cloud, rm, all).await,
        Command::Trash(command) => trash::trash(cloud, command, all).await,
        Command::Audit(audit) => audit::audit(cloud, audit).await,
        Command::Usage(output) => usage::usage(cloud, output).await,
        Command::Verify(verify) => care::verify(cloud, verify).await,
        Command::Gc(output) => care::gc(cloud, output, all).await,
        Command::Login(_) | Command::Logout | Command::Whoami(_) => Ok(()),
        Command::Put(_) | Command::Import(_) | Command::Get(_) | Command::Export(_) => Ok(()),
    }
}

async fn open(folder: &Folder, all: ForAll, token: &CancelToken) -> Result<imegha_cloud::Cloud> {
    unless_stopped(token, open_cloud(folder, all.password_stdin)).await
}

async fn unless_stopped<T>(token: &CancelToken, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        ended = work => ended,
        () = token.cancelled() => Err(interrupted()),
    }
}
