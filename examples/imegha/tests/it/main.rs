//! The program as a person uses it: the real binary, against a real server in this process.
#![cfg(unix)]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod albums;
mod changes;
mod deploy;
mod exit_codes;
mod export;
mod folders;
mod listing;
mod moving;
mod person;
mod resume;
mod round_trips;
mod secrets;
mod server;
mod session;
#[cfg(target_os = "linux")]
mod terminal;
