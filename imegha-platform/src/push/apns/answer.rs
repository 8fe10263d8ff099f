//! What the service answers.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

/// An answer, as far as it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) reason: Reason,
    /// Since when a device is gone, in milliseconds since 1970.
    pub(super) timestamp_ms: Option<u64>,
    pub(super) retry_after: Option<Duration>,
}

/// Why a notification is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Reason {
    BadDeviceToken,
    DeviceTokenNotForTopic,
    Unregistered,
    ExpiredProviderToken,
    InvalidProviderToken,
    PayloadTooLarge,
    TooManyRequests,
    TooManyProviderTokenUpdates,
    BadTopic,
    TopicDisallowed,
    #[default]
    #[serde(other)]
    Other,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    reason: Reason,
    #[serde(default)]
    timestamp: Option<u64>,
}

impl Answer {
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        Self { status, reason: body.reason, timestamp_ms: body.timestamp, retry_after }
    }
}
