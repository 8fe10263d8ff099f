//! Between client and server: passes everything on, and keeps what the client sent, byte for byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What was sent over each connection.
type Sent = Arc<Mutex<Vec<Vec<u8>>>>;

pub(super) struct Wire {
    address: SocketAddr,
    sent: Sent,
}

impl Wire {
    /// A wire to the server at `behind`.
    pub(super) async fn start(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let sent = Sent::default();
        let keep = sent.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, behind, keep.clone()));
            }
        });
        Self { address, sent }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that the client has sent.
    pub(super) fn sent(&self) -> Vec<u8> {
        self.sent.lock().expect("no test panicked with it").concat()
    }
}

async fn pass(client: TcpStream, behind: SocketAddr, sent: Sent) {
    let Ok(server) = TcpStream::connect(behind).await else { return };
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    // Each connection's bytes by themselves: two at once do not break each other's apart.
    let place = {
        let mut sent = sent.lock().expect("no test panicked with it");
        sent.push(Vec::new());
        sent.len() - 1
    };
    let mut piece = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from_client.read(&mut piece).await {
        sent.lock().expect("no test panicked with it")[place].extend(&piece[..read]);
        if to_server.write_all(&piece[..read]).await.is_err() {
            break;
        }
    }
    back.abort();
}
