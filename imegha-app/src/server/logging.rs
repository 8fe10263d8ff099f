//! Logs: to standard error, `RUST_LOG` says how much.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging.
///
/// The crates below ours never log more than `info`, whatever `RUST_LOG` says: at `trace` some of them write what
/// they send and receive, and that holds secrets.
pub(crate) fn start() {
    let mut filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    for library in ["h2", "hyper", "hyper_util", "lettre", "reqwest", "rustls"] {
        filter = filter
            .add_directive(format!("{library}=info").parse().expect("the name of a crate and a level are a directive"));
    }
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process, as tests do, keeps the first.
    let _ = subscriber.try_init();
}
