//! The platform's flows over every backend, and the attacks on them, through the public API.
#![cfg(all(feature = "client", feature = "server"))]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod account;
mod attacks;
mod cracker;
mod disclosure;
mod evil;
mod faulty;
mod http;
#[cfg(feature = "conformance")]
mod identity;
mod kept;
mod known_and_unknown;
mod limits;
mod random;
mod recording;
mod secrets;
mod sessions;
mod sign_in;
mod sign_up;
mod world;
mod wrapped_identity;

/// Runs each of the named functions, which take a [`World`](world::World), over every backend: a test each.
macro_rules! on_every_backend {
    ($($name:ident,)+) => {
        mod memory {
            use crate::world::World;
            $(#[tokio::test] async fn $name() { super::$name(World::memory()).await; })+
        }
        mod embedded {
            use crate::world::World;
            $(#[tokio::test] async fn $name() { super::$name(World::embedded()).await; })+
        }
    };
}
pub(crate) use on_every_backend;
