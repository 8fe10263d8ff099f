//! The server: the pages, the platform's API, and the clouds that it hosts; and what its operator does with what it keeps.
//!
//! [`run`] does what the command line says: it serves what is under `IMEGHA_DATA`, or backs it up, or brings it back.

mod assets;
mod backup;
mod clouds;
mod command;
mod config;
mod config_aws;
mod data;
mod headers;
mod metrics;
mod page;
mod platform;
mod push;
mod router;
mod serving;
#[cfg(test)]
mod tests;
mod tls;

use anyhow::Result;

/// Does what the command line says.
///
/// # Errors
/// In words, for whoever started it: a variable that is wrong, a page that is not built, an address that is taken, a backup that
/// cannot be made.
pub async fn run() -> Result<()> {
    imegha_cloud::serving::start_logging();
    command::run().await
}
