//! Notifications on devices. They say who sent a message, and nothing else: not what, not where, not how many.

mod apns;
mod queue;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use imegha_crypto::Hash;

pub use apns::{Apns, ApnsConfig};
pub(crate) use queue::PushQueue;

use crate::tag::Tag;

/// Carries notifications to a push service's devices: [`Apns`], or a test's own.
#[async_trait]
pub trait PushCarrier: Send + Sync + fmt::Debug {
    /// Hands one notification for one device over, once. Waiting and trying again is the caller's.
    async fn deliver(&self, token: &[u8], notification: &Notification) -> Delivery;
}

/// What a device shows: the sender's iMTag and "sent a message".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Who sent a message.
    pub sender: Tag,
    /// What is alike of two notifications of which the later may take the earlier's place. It means nothing to anybody but the platform.
    pub collapse: Hash,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The service has it.
    Delivered,
    /// The device is gone: since when, in milliseconds since 1970, if the service says so.
    Gone(Option<u64>),
    /// Not now. Perhaps after so long, if the service says so.
    Later(Option<Duration>),
    /// The service does not take it, and would not take it again.
    Refused,
}

/// What a notification says besides who.
pub(crate) const SENT_A_MESSAGE: &str = "sent a message";
