//! One thing that the owner did.

use imegha_crypto::{Fingerprint, Id};
use serde::Serialize;

use crate::backend::Name as _;
use crate::client::Owners;
use crate::log::{Action, Entry, Position};

/// One change of a cloud, as its log has it.
///
/// The log has no names: [`Cloud::path`](crate::Cloud::path) tells what a node is called now and where it is, if it still is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The number of the log's entry, from 1 and without a gap.
    pub seq: u64,
    /// When, in milliseconds since 1970 by the clock of the device that wrote it. Clocks differ: an entry may say an earlier time
    /// than the one before it.
    pub time_ms: u64,
    /// The fingerprint of the identity that signed the log which this entry is a part of. Nobody but the owner writes to a cloud, and
    /// the log does not say by which device.
    pub actor: Fingerprint,
    /// What was done.
    pub action: AuditAction,
    /// The files and folders that it was done to: of a move, what was moved; of a new key, the node that has it. With
    /// [`Action::Purge`] what lay below them is among them. Of what was done to an album it is the album.
    pub nodes: Vec<Id>,
}

/// What was done, also by a version of this library that knew more than this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// Something that this version knows.
    Known(Action),
    /// Something that it does not, by the name that its writer gave it.
    Other(String),
}

/// The same as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    time: u64,
    actor: String,
    action: &'a str,
    nodes: Vec<String>,
}

impl AuditEntry {
    pub(super) fn of(position: &Position, entry: &Entry, owners: &Owners) -> Self {
        Self {
            seq: position.seq,
            time_ms: entry.time_ms(),
            // An entry opens by the keys of its epoch, and an epoch has one identity.
            actor: owners.in_epoch(entry.dek_epoch()).unwrap_or(owners.newest()).fingerprint(),
            action: AuditAction::named(entry.action()),
            nodes: entry.nodes().map(|(node, _)| node).collect(),
        }
    }

    /// The entry as one line of JSON, without the line's end:
    ///
    /// `{"seq":7,"time":1790000000000,"actor":"…","action":"upload","nodes":["…"]}`
    ///
    /// `seq` and `time` (milliseconds since 1970) are numbers, `actor` is 64 hex digits and each of `nodes` 32, `action` is
    /// [`AuditAction::name`]. Later versions may add names to it.
    pub fn to_json_line(&self) -> String {
        let line = Line {
            seq: self.seq,
            time: self.time_ms,
            actor: self.actor.to_string(),
            action: self.action.name(),
            nodes: self.nodes.iter().map(Id::to_string).collect(),
        };
        serde_json::to_string(&line).expect("numbers and text are JSON")
    }
}

impl AuditAction {
    fn named(name: &str) -> Self {
        match Action::from_name(name) {
            Some(action) => Self::Known(action),
            None => Self::Other(name.to_owned()),
        }
    }

    /// The name that the log has for it: `upload`, `move`, `mark-stale` and so on.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(action) => action.name(),
            Self::Other(name) => name,
        }
    }
}

impl From<Action> for AuditAction {
    fn from(action: Action) -> Self {
        Self::Known(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_json() {
        let mut entry = AuditEntry {
            seq: 7,
            time_ms: 1_790_000_000_000,
            actor: Fingerprint::from_bytes([0xab; 32]),
            action: Action::MarkStale.into(),
            nodes: vec![Id::from_bytes([1; 16]), Id::from_bytes([2; 16])],
        };
        assert_eq!(
            entry.to_json_line(),
            format!(
                r#"{{"seq":7,"time":1790000000000,"actor":"{}","action":"mark-stale","nodes":["{}","{}"]}}"#,
                "ab".repeat(32),
                "01".repeat(16),
                "02".repeat(16)
            )
        );
        // Whatever a newer writer calls what it does: it stays one line.
        entry.action = AuditAction::named("new\n\"thing\u{2028}");
        assert_eq!(entry.to_json_line().lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&entry.to_json_line()).unwrap();
        assert_eq!(read["action"], "new\n\"thing\u{2028}");
    }

    #[test]
    fn every_known_action_is_known_by_its_name() {
        for action in Action::ALL {
            assert_eq!(AuditAction::named(action.name()), AuditAction::Known(*action));
        }
        assert_eq!(AuditAction::named("Upload"), AuditAction::Other("Upload".to_owned()));
    }
}
