//! Serving until it is asked to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;

use super::TlsAcceptor;

/// Serves until it is asked to stop, then takes no new connection and finishes what it is answering, within 15 seconds.
/// A connection on which no request's head comes to its end for 90 seconds is closed: longer than load balancers keep one that rests, which must be
/// the first to close it.
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
    let mut server = axum_server::from_tcp(listener)?
        .http1_only()
        .handle(handle.clone())
        // Nobody's address is kept, so none is logged.
        .accept_error_handler(|_, error| tracing::debug!(%error, "a connection was not accepted"));
    // Without it whoever begins a request and says no more is listened to without end, and as many as do that.
    server.http_builder().http1().header_read_timeout(HEADERS);
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

/// How long the head of a request may take, and how long a connection may wait for the next one.
const HEADERS: Duration = if cfg!(test) { Duration::from_millis(300) } else { Duration::from_secs(90) };

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Stopped by `header_read_timeout` in [`serve`].
    #[tokio::test]
    async fn a54_who_begins_a_request_and_says_no_more_is_not_listened_to() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("as tokio wants it");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/", get(|| async { "the sea" }));
        tokio::spawn(serve(listener, router, None, std::future::pending()));
        for (said, answered) in [("GET / HTTP/1.1\r\nhost: x\r\n\r\n", true), ("GET / HT", false), ("", false)] {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(said.as_bytes()).await.expect("written");
            let mut answer = String::new();
            let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await;
            assert!(ended.is_ok(), "{said:?} is listened to without end");
            assert_eq!(answer.contains("the sea"), answered, "{said:?}: {answer}");
        }
    }
}
