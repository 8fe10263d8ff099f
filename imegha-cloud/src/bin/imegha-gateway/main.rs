//! The gateway of one person's cloud, as a program. `imegha-gateway --help` says what it is told; the crate's README how it is run.
#![forbid(unsafe_code)]

mod address;
mod arguments;
#[cfg(feature = "lambda")]
mod lambda;
mod log;
mod readiness;
mod routes;
#[cfg(feature = "server")]
mod run;
mod stores;

use std::process::ExitCode;

use anyhow::Result;
use arguments::Settings;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = match arguments::read() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    imegha_cloud::serving::start_logging();
    match serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("imegha-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// On a port, or as a function where AWS Lambda has started it.
async fn serve(settings: Settings) -> Result<()> {
    #[cfg(feature = "lambda")]
    if lambda::has_started_this() {
        return lambda::run(settings).await;
    }
    #[cfg(feature = "server")]
    return run::run(settings).await;
    #[cfg(not(feature = "server"))]
    {
        drop(settings);
        anyhow::bail!("this gateway was built for AWS Lambda alone: build it with the feature server")
    }
}
