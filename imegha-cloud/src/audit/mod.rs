//! The audit log: what the owner did, read from the cloud's one log.

mod entry;
mod filter;
mod reading;

pub use entry::{AuditAction, AuditEntry};
pub use filter::AuditFilter;
pub use reading::Audit;
