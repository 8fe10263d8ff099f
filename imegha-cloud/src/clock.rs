//! The time, as something that is handed in.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "client")]
use futures::{FutureExt as _, future::BoxFuture};

/// Tells the time. A cloud, a gateway and the backends ask only this, so that a test can set it.
pub trait Clock: Send + Sync + Debug {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;

    /// Waits for `ms` milliseconds of the real world, unless a clock does otherwise.
    #[cfg(feature = "client")]
    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        crate::timer::sleep(ms).boxed()
    }
}

/// The clock of the machine, or of the browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(not(target_arch = "wasm32"))]
    fn now_ms(&self) -> u64 {
        // Before 1970 there is no useful answer; 0 makes every signed request a clock skew, which is the truth.
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    #[cfg(target_arch = "wasm32")]
    fn now_ms(&self) -> u64 {
        js_sys::Date::now() as u64
    }
}

/// A clock that stands still until it is set: for tests.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows `ms` milliseconds since 1970.
    pub fn new(ms: u64) -> Self {
        Self(AtomicU64::new(ms))
    }

    /// Sets it to `ms` milliseconds since 1970.
    pub fn set(&self, ms: u64) {
        self.0.store(ms, Ordering::SeqCst);
    }

    /// Moves it forward by `ms` milliseconds.
    pub fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves the clock forward, and waits for nothing.
    #[cfg(feature = "client")]
    fn sleep(&self, ms: u64) -> BoxFuture<'static, ()> {
        self.advance(ms);
        futures::future::ready(()).boxed()
    }
}
