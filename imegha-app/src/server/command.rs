//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use super::serving;

/// The iMegha server. Its settings are environment variables; the README lists them.
#[derive(Parser)]
#[command(version, name = "imegha-app")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until Ctrl-C or SIGTERM (without a command too).
    Serve,
}

/// Does what the command line says.
///
/// # Errors
/// As the command gives them, in words.
pub(crate) async fn run() -> Result<()> {
    match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serving::run().await,
    }
}
