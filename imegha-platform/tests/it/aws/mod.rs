//! The identity that is a user pool and the registry that is a table, on services that speak the protocols of Cognito, CloudFormation and
//! DynamoDB.
//!
//! `cargo xtask test --only platform-aws` starts MiniStack and dynoxide for them; the variables in `peers.rs` point them at others.

mod attacks;
mod cognito;
mod mailbox;
pub(crate) mod peers;
mod service;
mod stack;
mod tokens;
mod world;
