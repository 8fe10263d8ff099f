#![cfg_attr(all(feature = "client", feature = "server"), doc = include_str!("../README.md"))]
#![cfg_attr(not(all(feature = "client", feature = "server")), doc = "The thin platform of iMegha.")]
#![forbid(unsafe_code)]

#[cfg(feature = "server")]
pub mod api;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contact;
mod error;
#[cfg(feature = "server")]
mod flows;
mod gateway_address;
#[cfg(feature = "server")]
pub mod identity;
#[cfg(feature = "server")]
pub mod mail;
mod problem;
pub mod protocol;
#[cfg(feature = "server")]
pub mod push;
#[cfg(feature = "server")]
pub mod registry;
#[cfg(feature = "server")]
mod secret;
mod tag;

pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "server")]
pub use flows::{CloudHost, Held, PlatformServer, ServerOptions, ServerParts};
pub use gateway_address::GatewayAddress;
pub use problem::{Problem, ProblemCode};
#[cfg(feature = "server")]
pub use secret::ServerSecret;
pub use tag::Tag;
