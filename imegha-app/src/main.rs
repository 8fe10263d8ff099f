//! The server.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    imegha_app::server::run().await
}
