//! From a poke to the devices: in the background, bounded, tried again where that may help.

use std::sync::Arc;
use std::time::Duration;

use imegha_crypto::Id;
use tokio::sync::Semaphore;

use super::{Delivery, Notification, PushCarrier};
use crate::error::Result;
use crate::registry::{Device, Registry};
use crate::secret::random;

/// The notifications under way on this instance. One that does not fit any more is dropped: the message lies in its sender's cloud, and is
/// found there.
#[derive(Clone, Debug)]
pub(crate) struct PushQueue {
    carrier: Arc<dyn PushCarrier>,
    registry: Registry,
    first_wait: Duration,
    /// Of those that wait and those that are being handed over.
    room: Arc<Semaphore>,
    /// Of those that are being handed over.
    hands: Arc<Semaphore>,
}

impl PushQueue {
    pub(crate) fn new(carrier: Arc<dyn PushCarrier>, registry: Registry, first_wait: Duration) -> Self {
        let (room, hands) = (Arc::new(Semaphore::new(MAX_ACCOUNTS)), Arc::new(Semaphore::new(MAX_AT_ONCE)));
        Self { carrier, registry, first_wait, room, hands }
    }

    /// Has an account's devices notified, after this returns. It takes as long for an account without devices as for one with twenty.
    pub(crate) fn send(&self, to: Id, notification: Notification) {
        let Ok(room) = self.room.clone().try_acquire_owned() else {
            tracing::warn!("too many notifications are under way: one is dropped");
            return;
        };
        let queue = self.clone();
        tokio::spawn(async move {
            let _room = room;
            match queue.registry.devices(&to).await {
                Ok(devices) => {
                    let sent = devices.iter().map(|device| queue.deliver(&to, device, &notification));
                    futures::future::join_all(sent).await;
                }
                Err(error) => tracing::warn!(?error, "an account's devices could not be read"),
            }
        });
    }

    async fn deliver(&self, to: &Id, device: &Device, notification: &Notification) {
        for attempt in 0..ATTEMPTS {
            match self.hand_over(device, notification).await {
                Delivery::Delivered | Delivery::Refused => return,
                Delivery::Gone(since_ms) => {
                    if let Err(error) = self.drop_device(to, device, since_ms).await {
                        tracing::warn!(?error, "a device that is gone could not be removed");
                    }
                    return;
                }
                Delivery::Later(_) if attempt + 1 == ATTEMPTS => {}
                Delivery::Later(after) => {
                    tokio::time::sleep(self.wait(attempt, after)).await;
                    if !self.is_still(to, device).await {
                        return;
                    }
                }
            }
        }
        tracing::warn!("a notification is given up");
    }

    /// Whether a device is still this account's, and in the same session: in minutes somebody else may have signed in on it.
    async fn is_still(&self, to: &Id, device: &Device) -> bool {
        self.registry.devices(to).await.is_ok_and(|devices| devices.contains(device))
    }

    async fn hand_over(&self, device: &Device, notification: &Notification) -> Delivery {
        match self.hands.acquire().await {
            Ok(_hand) => self.carrier.deliver(&device.token, notification).await,
            // Nobody closes it.
            Err(_) => Delivery::Refused,
        }
    }

    /// Removes a device that is gone, unless it has been registered again since.
    async fn drop_device(&self, to: &Id, device: &Device, since_ms: Option<u64>) -> Result<()> {
        if since_ms.is_some_and(|since_ms| device.created_ms > since_ms) {
            return Ok(());
        }
        self.registry.remove_device_as_read(to, device).await
    }

    /// How long to wait after an attempt: twice as long each time, of which the half is by chance, so that what failed together is not tried
    /// again together; as long as the service says, where it says so.
    fn wait(&self, attempt: u32, after: Option<Duration>) -> Duration {
        let most = self.first_wait.saturating_mul(1 << attempt.min(10)).min(MAX_WAIT);
        let by_chance = random::<4>().map_or(1.0, |bytes| f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX));
        let wait = most / 2 + (most / 2).mul_f64(by_chance);
        wait.max(after.unwrap_or_default().min(MAX_WAIT))
    }
}

/// How often one notification is handed over at most.
const ATTEMPTS: u32 = 5;
/// The longest wait between two attempts.
const MAX_WAIT: Duration = Duration::from_secs(120);
/// Of how many accounts devices are being notified, those that wait to be tried again included.
const MAX_ACCOUNTS: usize = 2_048;
/// How many notifications are being handed over at once.
const MAX_AT_ONCE: usize = 64;

#[cfg(test)]
mod tests {
    use imegha_cloud::backend::memory::MemoryRecords;
    use imegha_cloud::clock::ManualClock;

    use super::*;

    #[derive(Debug)]
    struct Nobody;

    #[async_trait::async_trait]
    impl PushCarrier for Nobody {
        async fn deliver(&self, _: &[u8], _: &Notification) -> Delivery {
            Delivery::Delivered
        }
    }

    #[test]
    fn waits_grow_vary_and_end() {
        let registry = Registry::new(Arc::new(MemoryRecords::new()), Arc::new(ManualClock::new(0)));
        let queue = PushQueue::new(Arc::new(Nobody), registry, Duration::from_secs(1));
        for attempt in 0..30 {
            let most = Duration::from_secs(1 << attempt.min(10)).min(MAX_WAIT);
            let waits: Vec<_> = (0..50).map(|_| queue.wait(attempt, None)).collect();
            assert!(waits.iter().all(|wait| (most / 2..=most).contains(wait)), "{attempt}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]), "by chance");
        }
        assert_eq!(queue.wait(0, Some(Duration::from_secs(30))), Duration::from_secs(30));
        assert_eq!(queue.wait(0, Some(Duration::from_secs(86_400))), MAX_WAIT, "nobody has it wait for a day");
    }
}
