//! Which entries of the audit log are wanted.

use imegha_crypto::Id;

use super::entry::{AuditAction, AuditEntry};

/// Which entries [`Cloud::audit`](crate::Cloud::audit) gives: all of them, or those that everything said here holds of.
///
/// ```
/// use imegha_cloud::{Action, AuditFilter};
///
/// let day_ms = 24 * 60 * 60 * 1_000;
/// let now_ms = 1_790_000_000_000;
/// let deletions_of_this_week =
///     AuditFilter::new().action(Action::Trash).action(Action::Purge).since_ms(now_ms - 7 * day_ms);
/// # drop(deletions_of_this_week);
/// ```
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    since_ms: Option<u64>,
    before_ms: Option<u64>,
    actions: Vec<AuditAction>,
    nodes: Vec<Id>,
}

impl AuditFilter {
    /// All entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of that time or later, in milliseconds since 1970 by the writer's clock.
    #[must_use]
    pub fn since_ms(mut self, ms: u64) -> Self {
        self.since_ms = Some(ms);
        self
    }

    /// Only those before that time, in milliseconds since 1970 by the writer's clock.
    #[must_use]
    pub fn before_ms(mut self, ms: u64) -> Self {
        self.before_ms = Some(ms);
        self
    }

    /// Only those of that action, or of another that is named so.
    #[must_use]
    pub fn action(mut self, action: impl Into<AuditAction>) -> Self {
        self.actions.push(action.into());
        self
    }

    /// Only those about that file or folder, or about another that is named so. What lies in a folder is not meant by it.
    #[must_use]
    pub fn node(mut self, node: &Id) -> Self {
        self.nodes.push(*node);
        self
    }

    pub(super) fn takes(&self, entry: &AuditEntry) -> bool {
        self.since_ms.is_none_or(|since| entry.time_ms >= since)
            && self.before_ms.is_none_or(|before| entry.time_ms < before)
            && (self.actions.is_empty() || self.actions.contains(&entry.action))
            && (self.nodes.is_empty() || self.nodes.iter().any(|node| entry.nodes.contains(node)))
    }
}
