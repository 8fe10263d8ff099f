//! Which library computes. All give the same bytes; nobody needs to choose.
//!
//! Natively aws-lc-rs is taken when the feature `aws-lc` is on (it is by default), else RustCrypto. Tests and benches
//! hold the two against each other with [`with`].

use std::cell::Cell;

/// A library that computes the primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// `aes-gcm`, `pbkdf2`, `rsa`: portable, always compiled.
    RustCrypto,
    /// `aws-lc-rs`: 3 to 7 times the speed, constant-time RSA. Native targets only.
    #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
    AwsLc,
}

impl Provider {
    /// All that are compiled in, the one taken by default first.
    pub const ALL: &'static [Self] = &[
        #[cfg(all(feature = "aws-lc", not(target_arch = "wasm32")))]
        Self::AwsLc,
        Self::RustCrypto,
    ];

    /// The one that computes now, on this thread.
    pub fn current() -> Self {
        FORCED.get().unwrap_or(Self::ALL[0])
    }
}

/// Runs `work` on this thread with that provider, for tests that hold providers against each other.
pub fn with<T>(provider: Provider, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Provider>);
    impl Drop for Restore {
        fn drop(&mut self) {
            FORCED.set(self.0);
        }
    }
    let _restore = Restore(FORCED.replace(Some(provider)));
    work()
}

thread_local! {
    static FORCED: Cell<Option<Provider>> = const { Cell::new(None) };
}
