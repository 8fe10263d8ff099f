//! Serving until it is asked to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;

use super::TlsAcceptor;

/// Serves until it is asked to stop, then takes no new connection and finishes what it is answering, within 15 seconds.
/// With `tls` nothing else is spoken.
///
/// # Errors
/// When the listener cannot be used, or the server ends by itself.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    asked_to_stop: impl Future<Output = ()>,
) -> io::Result<()> {
    // For whoever counts by the peer's address.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener)?
        .http1_only()
        .handle(handle.clone())
        // Nobody's address is kept, so none is logged.
        .accept_error_handler(|_, error| tracing::debug!(%error, "a connection was not accepted"));
    let serving = async {
        match tls {
            Some(tls) => server.acceptor(tls).serve(service).await,
            None => server.serve(service).await,
        }
    };
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => ended,
        () = asked_to_stop => {
            tracing::info!("stopping; what is being answered is finished first");
            handle.graceful_shutdown(Some(GRACE));
            serving.await
        }
    }
}

/// Ends at Ctrl-C or SIGTERM. They are listened for from the call on, not only once it is waited for.
#[cfg(unix)]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        let [interrupt, terminate] = signals.map(async |signal| match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        });
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
pub async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// How long open connections may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(15);
