//! What the lessons share: a platform inside this process, so that they run without a server and without a network.
//!
//! A program of your own talks to a platform that runs somewhere: `Platform::new("https://…".parse()?)` is all it needs.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::clock::SystemClock;
use imegha_platform::api::router;
use imegha_platform::client::Platform;
use imegha_platform::identity::EmbeddedOptions;
use imegha_platform::mail::{MemoryMailer, Message};
use imegha_platform::{PlatformServer, ServerOptions, ServerParts, ServerSecret};

/// A platform of this process, and the mail that it sends.
#[derive(Debug)]
pub struct LocalPlatform {
    /// A client of it.
    pub client: Platform,
    mail: MemoryMailer,
}

impl LocalPlatform {
    /// Starts a platform on a free port of this machine, over the accounts in `folder`: a new folder, or one that a server used.
    ///
    /// # Errors
    /// When the folder cannot be used or there is no port.
    pub async fn start(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let accounts = EmbeddedRecords::open(folder.join("platform.sqlite"))?;
        let secret = ServerSecret::load_or_create(&folder.join("platform.secret"))?;
        let mail = MemoryMailer::default();
        let (clock, options) = (Arc::new(SystemClock), EmbeddedOptions::default());
        let parts = ServerParts::embedded(Arc::new(accounts), clock, secret, Arc::new(mail.clone()), options);

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let origin: url::Url = format!("http://{}", listener.local_addr()?).parse()?;
        let server = PlatformServer::new(parts, ServerOptions::new(origin.clone()))?;
        let routes = axum::Router::new().nest("/api/v1", router(server));
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Ok(Self { client: Platform::new(origin)?, mail })
    }

    /// The code in the next mail: what a person would read in their mailbox.
    ///
    /// # Errors
    /// When the mail says that the address has an account already.
    pub async fn code(&self) -> Result<String> {
        match self.mail.next().await.message {
            Message::Code { code, .. } => Ok(code),
            _ => bail!("there is an account with this address already"),
        }
    }
}
