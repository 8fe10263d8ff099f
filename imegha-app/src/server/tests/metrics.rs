//! What an operator reads of requests, and where nobody else does.

use super::Setting;
use super::running::{Running, free_address, sign_up};
use crate::server::metrics;
use imegha_platform::client::Platform;

async fn get(url: &str) -> (u16, String) {
    let answer = reqwest::get(url).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn requests_are_counted_at_an_address_of_their_own() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let (inside, apart) = free_address();
    let setting = Setting::with(root.path(), &origin, &[("IMEGHA_METRICS", &inside.to_string())]);
    assert_eq!(setting.config.metrics, Some(inside));
    let server = Running::start(&setting, address).await;
    let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
    sign_up(&setting, &platform, "alice@example.com", "alice").await;

    let (status, text) = get(&format!("{apart}/metrics")).await;
    assert_eq!(status, 200);
    let line = r#"imegha_platform_requests_seconds_count{method="POST",route="/api/v1/sign-up",status="202"} 1"#;
    assert!(text.lines().any(|there| there == line), "{text}");
    assert!(!text.contains("alice"), "{text}");
    // Nothing else is there, and they are not where everybody comes.
    assert_eq!(get(&format!("{apart}/api/v1/config")).await.0, 404);
    assert!(!get(&format!("{origin}/metrics")).await.1.contains("imegha_platform_requests"));
    assert!(metrics::listen(inside).expect_err("it is taken").to_string().contains("IMEGHA_METRICS"));
    server.stop().await;
    drop(metrics::listen(inside).expect("it ends with the server"));
}
