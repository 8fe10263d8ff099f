//! What a program that serves needs beside its router: logs that hold no secret, TLS, and an end that loses nothing.
//!
//! The program `imegha-gateway` and the server of the web app stand on it.
//!
//! ```no_run
//! # #[cfg(feature = "server")]
//! # async fn run(router: axum::Router) -> std::io::Result<()> {
//! use imegha_cloud::serving::{PemPair, TlsAcceptor, asked_to_stop, serve, start_logging};
//!
//! start_logging();
//! let pair = PemPair::read(("chain.pem".as_ref(), "--tls-cert"), ("key.pem".as_ref(), "--tls-key"))?;
//! let tls = TlsAcceptor::new(pair.into_config().await?, "https://cloud.example");
//! let listener = std::net::TcpListener::bind("[::]:443")?;
//! serve(listener, router, Some(tls), asked_to_stop()).await
//! # }
//! ```

#[cfg(feature = "server")]
mod acceptor;
mod logging;
mod loopback;
#[cfg(feature = "server")]
mod pem;
#[cfg(feature = "server")]
mod until_stopped;

#[cfg(feature = "server")]
pub use acceptor::TlsAcceptor;
pub use logging::start_logging;
pub use loopback::is_loopback;
#[cfg(feature = "server")]
pub use pem::PemPair;
#[cfg(feature = "server")]
pub use until_stopped::{asked_to_stop, serve};
