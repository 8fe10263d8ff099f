//! The platform's flows over every backend, and the attacks on them, through the public API.
#![cfg(all(feature = "client", feature = "server"))]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod account;
mod attacks;
#[cfg(all(feature = "aws", feature = "conformance"))]
mod aws;
mod connections;
mod cracker;
mod description;
mod devices;
mod disclosure;
mod events;
mod evil;
mod faulty;
mod hostile;
mod http;
#[cfg(feature = "conformance")]
mod identity;
mod kept;
mod known_and_unknown;
mod limits;
mod metrics;
mod people_attacks;
mod people_model;
mod people_world;
mod person;
mod push;
mod push_service;
mod random;
mod recording;
mod renewed_people;
mod secrets;
mod sessions;
mod sign_in;
mod sign_up;
mod template;
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
        #[cfg(all(feature = "aws", feature = "conformance"))]
        mod aws {
            use crate::world::World;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(World::aws().await).await; })+
        }
    };
}
pub(crate) use on_every_backend;

/// The same over the backends of one machine: for what asks again and again, which the network between adds nothing to but time.
macro_rules! on_one_machine {
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
pub(crate) use on_one_machine;
