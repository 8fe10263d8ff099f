//! The command line.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use imegha_crypto::Email;

use super::backup::{Made, bring_back, make};
use super::config::{Config, data_folder};
use super::{platform, serving};

/// The iMegha server. Its settings are environment variables; the README lists them.
#[derive(Parser)]
#[command(version, name = "imegha-app")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until Ctrl-C or SIGTERM. What is done without a command too.
    Serve,
    /// Copy everything that the server keeps to a new folder in FOLDER. The server may run.
    Backup {
        /// Where the backups are.
        folder: PathBuf,
    },
    /// Check that a backup is whole.
    Check {
        /// A backup, or the folder of several: the newest is taken.
        folder: PathBuf,
    },
    /// Print all that the platform holds on the account of an address, as JSON lines: the answer to a request for a person's data.
    Person {
        /// The address.
        email: String,
    },
    /// Bring a backup back to IMEGHA_DATA. The server must be stopped.
    Restore {
        /// A backup, or the folder of several: the newest is taken.
        folder: PathBuf,
        /// Move what is in IMEGHA_DATA aside.
        #[arg(long)]
        replace: bool,
    },
}

/// Does what the command line says.
///
/// # Errors
/// As the command gives them, in words.
pub(crate) async fn run() -> Result<()> {
    match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serving::run().await,
        Command::Backup { folder } => blocking(move || back_up(&folder)).await,
        Command::Check { folder } => blocking(move || check(&folder)).await,
        Command::Person { email } => person(&email).await,
        Command::Restore { folder, replace } => blocking(move || restore(&folder, replace)).await,
    }
}

fn back_up(folder: &Path) -> Result<()> {
    ensure!(
        std::env::var_os("IMEGHA_PLATFORM").is_none_or(|platform| platform != "aws"),
        "the accounts are in AWS (IMEGHA_PLATFORM): imegha-platform/RUNBOOK.md says how they are backed up"
    );
    let made = make(&data(), folder)?;
    println!("Backed up to {made}");
    // It is made all the same: what is left is worth more the more is lost.
    let lost = made.lost();
    ensure!(lost == 0, "{lost} objects of the clouds were lost before this backup; its manifest names them");
    Ok(())
}

async fn person(email: &str) -> Result<()> {
    let email = Email::parse(email).ok().context("this is not an email address")?;
    let held = platform::parts_to_read(&Config::from_env()?).await?.everything_on(&email).await?;
    ensure!(!held.is_empty(), "nothing is held on this address");
    for held in held {
        println!("{}", held.to_json());
    }
    Ok(())
}

fn check(folder: &Path) -> Result<()> {
    let made = Made::find(folder)?;
    made.check()?;
    println!("Whole: {made}");
    Ok(())
}

fn restore(folder: &Path, replace: bool) -> Result<()> {
    let (made, data) = (Made::find(folder)?, data());
    let aside = bring_back(&made, &data, replace)?;
    println!("Brought back to {}: {made}", data.display());
    if let Some(aside) = aside {
        println!("What was there is in {}", aside.display());
    }
    println!("Devices that have seen a later state of their cloud will report a rollback: to them this is one.");
    Ok(())
}

fn data() -> PathBuf {
    data_folder(|name| std::env::var(name).ok())
}

async fn blocking(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    tokio::task::spawn_blocking(work).await.context("the command was interrupted")?
}
