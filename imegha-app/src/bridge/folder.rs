//! The folder on the screen.

use std::collections::BTreeSet;

use imegha_worker::protocol::{Entry, ErrorCode, Failure, Listing};

/// What the files page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum FolderView {
    /// The list is on its way.
    #[default]
    Loading,
    /// What the folder holds.
    Shown(Listing),
    /// The list could not be had.
    Failed(Failure),
}

impl FolderView {
    /// The list, when it is there.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Shown(listing) => Some(listing),
            Self::Loading | Self::Failed(_) => None,
        }
    }

    /// Whether it shows the folder of this id; the root without one.
    pub(crate) fn is_of(&self, folder: Option<&str>) -> bool {
        self.listing().is_some_and(|listing| match folder {
            Some(folder) => listing.folder == folder,
            None => listing.path.is_empty(),
        })
    }

    /// Whether it could not be had for want of a network.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::Failed(Failure { code: ErrorCode::Network, .. }))
    }

    /// Puts in what was stored in `folder` a moment ago, if that is the folder on the screen.
    pub(crate) fn put(&mut self, folder: &str, entry: Entry) {
        let Self::Shown(listing) = self else { return };
        if listing.folder != folder {
            return;
        }
        listing.entries.retain(|present| present.id != entry.id);
        let place = listing.entries.partition_point(|present| order(present) <= order(&entry));
        listing.entries.insert(place, entry);
    }

    /// Shows what was renamed, if it is on the screen, under its new name.
    pub(crate) fn replace(&mut self, entry: &Entry) {
        if let Self::Shown(listing) = self
            && listing.entries.iter().any(|present| present.id == entry.id)
        {
            let folder = listing.folder.clone();
            self.put(&folder, entry.clone());
        }
    }

    /// Takes out what is no longer in the folder.
    pub(crate) fn remove(&mut self, gone: &BTreeSet<String>) {
        if let Self::Shown(listing) = self {
            listing.entries.retain(|entry| !gone.contains(&entry.id));
        }
    }
}

/// Whether a list lacks something of what was put into folders, each with its folder: then it was read before that.
pub(super) fn lacks(listing: &Listing, put: &[(String, String)]) -> bool {
    let has = |id: &String| listing.entries.iter().any(|entry| entry.id == *id);
    put.iter().any(|(folder, id)| *folder == listing.folder && !has(id))
}

/// Folders first, then by name.
fn order(entry: &Entry) -> (bool, String) {
    (!entry.folder, entry.name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, name: &str, folder: bool) -> Entry {
        let (id, name) = (id.to_owned(), name.to_owned());
        Entry { id, name, folder, size: 0, mime: String::new(), modified_ms: 0, damaged: false, thumbnail: None }
    }

    fn names(view: &FolderView) -> Vec<&str> {
        view.listing().expect("shown").entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn what_is_stored_appears_in_its_place() {
        let entries = vec![entry("1", "b", true), entry("2", "Alpha", false), entry("3", "gamma", false)];
        let mut view = FolderView::Shown(Listing { folder: "f".to_owned(), path: vec![], entries });
        view.put("f", entry("4", "Beta", false));
        view.put("f", entry("5", "a", true));
        assert_eq!(names(&view), ["a", "b", "Alpha", "Beta", "gamma"]);
        view.put("f", entry("3", "Aaa", false));
        assert_eq!(names(&view), ["a", "b", "Aaa", "Alpha", "Beta"]);
    }

    #[test]
    fn what_is_renamed_or_gone_is_shown_so() {
        let entries = vec![entry("1", "a", false), entry("2", "b", false), entry("3", "c", false)];
        let mut view = FolderView::Shown(Listing { folder: "f".to_owned(), path: vec![], entries });
        view.replace(&entry("1", "z", false));
        view.replace(&entry("9", "of another folder", false));
        assert_eq!(names(&view), ["b", "c", "z"]);
        view.remove(&BTreeSet::from(["2".to_owned(), "9".to_owned()]));
        assert_eq!(names(&view), ["c", "z"]);
    }

    #[test]
    fn a_list_that_was_read_too_early_is_known() {
        let entries = vec![entry("1", "a", false)];
        let listing = Listing { folder: "f".to_owned(), path: vec![], entries };
        let put = |folder: &str, id: &str| vec![(folder.to_owned(), id.to_owned())];
        assert!(!lacks(&listing, &[]) && !lacks(&listing, &put("f", "1")) && !lacks(&listing, &put("another", "2")));
        assert!(lacks(&listing, &put("f", "2")));
    }

    #[test]
    fn a_folder_is_known_by_its_id_and_the_root_by_having_no_path() {
        let root = FolderView::Shown(Listing { folder: "r".to_owned(), path: vec![], entries: vec![] });
        assert!(root.is_of(None) && root.is_of(Some("r")) && !root.is_of(Some("f")));
        assert!(!FolderView::Loading.is_of(None));
    }

    #[test]
    fn what_is_stored_elsewhere_does_not() {
        let listing = Listing { folder: "f".to_owned(), path: vec![], entries: vec![] };
        let mut view = FolderView::Shown(listing.clone());
        view.put("another", entry("1", "a", false));
        assert_eq!(view, FolderView::Shown(listing));
        let mut loading = FolderView::Loading;
        loading.put("f", entry("1", "a", false));
        assert_eq!(loading, FolderView::Loading);
    }
}
