//! Logs: to standard error, `RUST_LOG` says how much.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging.
///
/// Libraries never log more than `info`, whatever `RUST_LOG` says: at `trace` some of them write what they send and
/// receive, and that holds secrets. A second start in one process keeps the first.
pub fn start_logging() {
    let asked_for = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Colours are for people, not for files.
    let lines = if std::io::stderr().is_terminal() { lines } else { lines.with_ansi(false) };
    let _ = tracing_subscriber::registry().with(lines).with(asked_for).with(without_secrets()).try_init();
}

fn without_secrets() -> FilterFn {
    filter_fn(|metadata| *metadata.level() <= Level::INFO || is_ours(metadata.target()))
}

/// Of our crates, or the log of requests, which writes what our spans say.
fn is_ours(target: &str) -> bool {
    let krate = target.split("::").next().unwrap_or_default();
    krate == "tower_http" || krate.starts_with("imegha_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_send_and_receive_is_not_theirs_to_log() {
        for target in ["imegha_cloud::gateway::refusal", "imegha_gateway", "imegha_app::server", "tower_http::trace"] {
            assert!(is_ours(target), "{target}");
        }
        for target in ["", "hyper::proto::h1", "aws_sigv4::http_request", "imegha", "tower_https", "rustls"] {
            assert!(!is_ours(target), "{target}");
        }
    }
}
