//! Running a platform: what stands around its router.
//!
//! ```text
//! cargo run -p imegha-examples --example host_platform
//! cargo run -p imegha-examples --example host_platform -- --stay 3
//! ```
//!
//! A registry, a secret and a mailer make a platform; its router describes itself. Beside it an operator needs to know whether the process
//! is alive, whether the registry answers, and how many requests there are. `--stay` leaves it running for whoever tries the API out: it says
//! where it is and gives the session of an account, and what signs in so many. It is for this machine alone, and its limits are as wide as they can be.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use imegha_cloud::backend::memory::MemoryRecords;
use imegha_cloud::clock::{Clock as _, SystemClock};
use imegha_crypto::{Id, Login, Password};
use imegha_platform::api::{self, Limits, METRICS_MEDIA_TYPE, PeopleLimits, Rate};
use imegha_platform::client::{Platform, SignUp, SignedIn};
use imegha_platform::mail::MemoryMailer;
use imegha_platform::protocol::{AuthString, SessionKind, SignInRequest};
use imegha_platform::registry::{PlatformSchema, Registry};
use imegha_platform::{PlatformServer, ServerOptions, ServerParts, ServerSecret};
use tokio::net::TcpListener;
use url::Url;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let mailer = MemoryMailer::default();
    let parts = ServerParts::embedded(
        // Of this process alone; what is to stay is in `EmbeddedRecords`, or in a table of DynamoDB.
        Arc::new(MemoryRecords::<PlatformSchema>::new()),
        Arc::new(SystemClock),
        ServerSecret::generate()?,
        Arc::new(mailer.clone()),
        Default::default(),
    );
    let registry = parts.registry.clone();
    let server = PlatformServer::new(parts, wide(ServerOptions::new(origin.clone())))?;

    let (metrics, readable) = (server.clone(), registry.clone());
    let router = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route(
            "/readyz",
            get(move || async move {
                // An id that nobody has: what counts is that there is an answer.
                match readable.account(&Id::from_bytes([0; 16])).await {
                    Ok(_) => StatusCode::OK,
                    Err(_) => StatusCode::SERVICE_UNAVAILABLE,
                }
            }),
        )
        .nest("/api/v1", api::router(server));
    // Apart from what everybody reaches: how many sign in is the operator's to know.
    let inside = TcpListener::bind("127.0.0.1:0").await?;
    println!("metrics http://{}/metrics", inside.local_addr()?);
    let counts = get(move || async move { ([(header::CONTENT_TYPE, METRICS_MEDIA_TYPE)], metrics.metrics()) });
    tokio::spawn(async move { axum::serve(inside, Router::new().route("/metrics", counts)).await });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });

    let alice = sign_up(&origin, &mailer, "alice").await?;
    ensure!(alice.1.account.tag.as_str() == "alice", "another account");

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--stay", others)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        println!("description {origin}api/v1/openapi.json");
        println!("bearer {}", alice.0.session_token().context("she is signed in")?.as_str());
        println!("sign-in {}", sign_in(&registry, &alice.1.account.id).await?);
        for other in 1..others.first().map_or(Ok(1), |number| number.parse::<u32>())? {
            let (_, person) = sign_up(&origin, &mailer, &format!("person{other}")).await?;
            println!("sign-in {}", sign_in(&registry, &person.account.id).await?);
        }
        println!("ready");
        serving.await??;
    }
    println!("a platform, its description of {} bytes, and its first account", api::description().len());
    Ok(())
}

/// A new account, and a client that is signed in to it.
async fn sign_up(origin: &Url, mailer: &MemoryMailer, tag: &str) -> Result<(Platform, SignedIn)> {
    let platform = Platform::new(origin.clone())?;
    let sign_up = SignUp::prepare(&format!("{tag}@example.com"), tag, PASSWORD, SystemClock.now_ms()).await?;
    platform.sign_up(&sign_up, true, platform.config().await?.policy_version).await?;
    let mail = mailer.next().await;
    let (code, _) = mail.code().context("a code is mailed")?;
    platform.confirm(&sign_up.account(), code).await?;
    let signed_in = platform.sign_in_first(&sign_up).await?;
    Ok((platform, signed_in))
}

/// What signs somebody in, as it goes over the wire: for whoever measures a server, and not what a client costs.
async fn sign_in(registry: &Registry, account: &Id) -> Result<String> {
    let wrap = registry.password_wraps(account).await?.pop().context("an account has a password")?;
    let login = Login::derive(&Password::parse(PASSWORD)?, &wrap.email, &wrap.kdf)?;
    let (email, auth_string) = (wrap.email.as_str().to_owned(), AuthString::new(login.auth().to_auth_string()));
    Ok(serde_json::to_string(&SignInRequest { email, auth_string, session: SessionKind::Bearer })?)
}

/// Who tries everything out is not to be told to wait.
fn wide(mut options: ServerOptions) -> ServerOptions {
    let wide = Rate { burst: 1_000_000, per_hour: 1_000_000 };
    options.limits =
        Limits { network_sign_up: wide, network: wide, account: wide, mail: wide, people: PeopleLimits::all(wide) };
    options
}

const PASSWORD: &str = "plum cactus governs tuesday";
