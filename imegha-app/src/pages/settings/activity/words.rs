//! What the log's names of actions say to people.

/// What was done. A newer version may have done more than this one has words for: then the log's own name is shown.
pub(super) fn words(action: &str) -> String {
    let known = ACTIONS.iter().find(|(name, _)| *name == action);
    known.map_or_else(|| crate::components::shown_name(action), |(_, words)| (*words).to_owned())
}

/// The log's name of each action, and the words for it.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("upload", "Uploaded"),
    ("replace", "Saved a new version"),
    ("create-folder", "Made a folder"),
    ("rename", "Renamed"),
    ("move", "Moved"),
    ("trash", "Deleted, to the trash"),
    ("restore", "Put back from the trash"),
    ("purge", "Deleted for ever"),
    ("prune", "Removed old versions"),
    ("create-album", "Made an album"),
    ("edit-album", "Changed an album"),
    ("add-to-album", "Added to an album"),
    ("remove-from-album", "Took out of an album"),
    ("move-in-album", "Changed the order of an album"),
    ("delete-album", "Deleted an album"),
    ("keep-recovery", "Made the recovery phrase open the cloud"),
    ("drop-recovery", "Made older recovery phrases open nothing"),
    ("renew-keys", "Went on under renewed keys"),
    ("edit-profile", "Changed the profile"),
    ("rekey", "Made a new key"),
    ("mark-stale", "Marked a key to be replaced"),
    ("create-cloud", "Made the cloud"),
    ("create-trash", "Made the trash"),
    ("checkpoint", "Kept a summary for new devices"),
    ("leave", "Moved the cloud to another place"),
    ("arrive", "Moved the cloud here"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_log_has_words() {
        use imegha_cloud::backend::Name as _;
        for action in imegha_cloud::Action::ALL {
            assert!(ACTIONS.iter().any(|(name, _)| *name == action.name()), "{action:?}");
        }
    }

    #[test]
    fn what_a_newer_version_did_is_shown_by_its_name() {
        assert_eq!(words("rename"), "Renamed");
        assert_eq!(words("of a later version"), "of a later version");
        assert!(!words("turned\u{202e}round").contains('\u{202e}'));
    }
}
