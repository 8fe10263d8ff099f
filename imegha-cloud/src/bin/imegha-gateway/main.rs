//! The gateway of one person's cloud, as a program. `imegha-gateway --help` says what it is told; the crate's README how it is run.
#![forbid(unsafe_code)]

mod address;
mod arguments;
mod log;
mod readiness;
mod routes;
mod run;
mod stores;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match arguments::read() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    imegha_cloud::serving::start_logging();
    match run::run(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("imegha-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}
