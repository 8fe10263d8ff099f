//! Apple's push notification service: HTTP/2 (RFC 9113), authenticated by a token (RFC 7519, ES256).
//!
//! Host and root certificates can be chosen, so that all of it can be tested, and run through a proxy of one's own.

mod answer;
mod config;
mod connection;
mod token;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, Request, StatusCode};
use imegha_cloud::clock::Clock;
use serde_json::json;

use self::answer::{Answer, Reason};
pub use self::config::ApnsConfig;
use self::connection::{Connection, Failed};
use self::token::{ProviderToken, TokenText};
use super::{Delivery, Notification, PushCarrier, SENT_A_MESSAGE};
use crate::error::{Error, ErrorKind, Result};

/// A client of Apple's service for one app. Its one connection is made when there is something to send, and again when it has ended.
pub struct Apns {
    topic: String,
    connection: Connection,
    token: ProviderToken,
    clock: Arc<dyn Clock>,
}

impl Apns {
    /// A client with this set-up. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a key that is none, an address that is not https, certificates that cannot be read.
    pub fn new(config: &ApnsConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            topic: config.checked_topic()?.to_owned(),
            connection: Connection::new(config)?,
            token: ProviderToken::new(config)?,
            clock,
        })
    }

    async fn send_once(&self, device: &[u8], notification: &Notification, token: &TokenText) -> Result<Answer, Failed> {
        let now_s = self.clock.now_ms() / 1_000;
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.connection.uri(&format!("/3/device/{}", hex::encode(device))))
            .header("authorization", token.header().clone())
            .header("content-type", "application/json")
            .header("apns-topic", &self.topic)
            .header("apns-push-type", "alert")
            .header("apns-priority", "10")
            .header("apns-expiration", (now_s + EXPIRES_S).to_string())
            .header("apns-collapse-id", hex::encode(&notification.collapse.as_bytes()[..COLLAPSE_LEN]))
            .body(())
            .map_err(|_| Failed)?;
        self.connection.exchange(request, payload(notification)).await
    }
}

#[async_trait]
impl PushCarrier for Apns {
    async fn deliver(&self, device: &[u8], notification: &Notification) -> Delivery {
        let Ok(token) = self.token.current(self.clock.now_ms()) else { return Delivery::Refused };
        let Ok(mut answer) = self.send_once(device, notification, &token).await else { return Delivery::Later(None) };
        if answer.status == StatusCode::FORBIDDEN && answer.reason == Reason::ExpiredProviderToken {
            let Ok(renewed) = self.token.renew(&token, self.clock.now_ms()) else { return Delivery::Refused };
            answer = match self.send_once(device, notification, &renewed).await {
                Ok(answer) => answer,
                Err(Failed) => return Delivery::Later(None),
            };
        }
        outcome(&answer)
    }
}

impl fmt::Debug for Apns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apns").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// What a device shows, and nothing else.
fn payload(notification: &Notification) -> Vec<u8> {
    let alert = json!({ "title": notification.sender.as_str(), "body": SENT_A_MESSAGE });
    json!({ "aps": { "alert": alert } }).to_string().into_bytes()
}

fn outcome(answer: &Answer) -> Delivery {
    match (answer.status.as_u16(), answer.reason) {
        (200, _) => Delivery::Delivered,
        (410, _) => Delivery::Gone(answer.timestamp_ms),
        (400, Reason::BadDeviceToken) => Delivery::Gone(None),
        (429 | 500..=599, _) => Delivery::Later(answer.retry_after),
        (status, reason) => {
            // What of it says anything of a person stands in the request, and is not said.
            tracing::error!(status, ?reason, "the push service refuses a notification");
            Delivery::Refused
        }
    }
}

/// Of a set-up that cannot be used.
fn unusable(what: &'static str) -> Error {
    Error::new(ErrorKind::Config, what)
}

/// How long the service keeps a notification for a device that is off: a day. After that whoever opens the app sees the message itself.
const EXPIRES_S: u64 = 24 * 60 * 60;
/// How much of a hash names what collapses: the service takes 64 bytes.
const COLLAPSE_LEN: usize = 16;
