//! What can be done with what is selected.

use imegha_worker::protocol::Entry;

use crate::components::{Choice, Shape};

/// One thing that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Open,
    Download,
    Versions,
    Rename,
    Move,
    AddToAlbum,
    Activity,
    Trash,
    Restore,
    Purge,
    NewFolder,
    Upload,
    UploadFolder,
    SelectAll,
}

/// Which list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// What a folder holds, or what was found.
    Files,
    /// The trash.
    Trash,
}

impl Action {
    /// What can be done with these.
    pub(crate) fn offered(shelf: Shelf, chosen: &[Entry]) -> Vec<Self> {
        let one = chosen.len() == 1;
        match shelf {
            _ if chosen.is_empty() => vec![],
            // What cannot be opened cannot be written anew either; what can be said of it is behind "open".
            _ if chosen.iter().any(|entry| entry.damaged) => {
                if one && shelf == Shelf::Files {
                    vec![Self::Open]
                } else {
                    vec![]
                }
            }
            Shelf::Trash => vec![Self::Restore, Self::Purge],
            Shelf::Files => {
                let files = chosen.iter().all(|entry| !entry.folder);
                [
                    (one, Self::Open),
                    (files, Self::Download),
                    (one && files, Self::Versions),
                    (one, Self::Rename),
                    (true, Self::Move),
                    (files, Self::AddToAlbum),
                    (one, Self::Activity),
                    (true, Self::Trash),
                ]
                .into_iter()
                .filter_map(|(fits, action)| fits.then_some(action))
                .collect()
            }
        }
    }

    /// What can be done with the list itself.
    pub(crate) fn of_background(shelf: Shelf) -> Vec<Self> {
        match shelf {
            Shelf::Files => vec![Self::NewFolder, Self::Upload, Self::UploadFolder, Self::SelectAll],
            Shelf::Trash => vec![Self::SelectAll],
        }
    }

    /// Whether it stands in the bar above the list too, where there is little room.
    pub(crate) fn is_in_bar(self) -> bool {
        !matches!(self, Self::Open | Self::Versions | Self::Activity)
    }

    /// As a line of a menu.
    pub(crate) fn choice(self) -> Choice<Self> {
        let (label, keys) = match self {
            Self::Open => ("Open", "Enter"),
            Self::Download => ("Download", ""),
            Self::Versions => ("Versions…", ""),
            Self::Rename => ("Rename…", "F2"),
            Self::Move => ("Move…", ""),
            Self::AddToAlbum => ("Add to album…", ""),
            Self::Activity => ("Activity", ""),
            Self::Trash => ("Delete", "Del"),
            Self::Restore => ("Restore", ""),
            Self::Purge => ("Delete for ever…", "Del"),
            Self::NewFolder => ("New folder…", "N"),
            Self::Upload => ("Upload files…", ""),
            Self::UploadFolder => ("Upload a folder…", ""),
            Self::SelectAll => ("Select all", "Ctrl+A"),
        };
        let danger = matches!(self, Self::Trash | Self::Purge);
        Choice { value: self, label, shape: Some(self.shape()), testid: self.testid(), keys, danger, chosen: false }
    }

    /// Its words on a button.
    pub(crate) fn label(self) -> &'static str {
        self.choice().label.trim_end_matches('…')
    }

    /// Its icon.
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Open => Shape::Open,
            Self::Download => Shape::Download,
            Self::Versions => Shape::Versions,
            Self::Rename => Shape::Rename,
            Self::Move => Shape::Move,
            Self::AddToAlbum => Shape::AlbumPlus,
            Self::Activity => Shape::Activity,
            Self::Trash => Shape::Trash,
            Self::Restore => Shape::Restore,
            Self::Purge => Shape::Purge,
            Self::NewFolder => Shape::FolderPlus,
            Self::Upload => Shape::Upload,
            Self::UploadFolder => Shape::FolderUp,
            Self::SelectAll => Shape::SelectAll,
        }
    }

    /// For tests: `do-…` in menus, `bar-…` in the bar.
    pub(crate) fn testid(self) -> &'static str {
        match self {
            Self::Open => "do-open",
            Self::Download => "do-download",
            Self::Versions => "do-versions",
            Self::Rename => "do-rename",
            Self::Move => "do-move",
            Self::AddToAlbum => "do-add-to-album",
            Self::Activity => "do-activity",
            Self::Trash => "do-delete",
            Self::Restore => "do-restore",
            Self::Purge => "do-purge",
            Self::NewFolder => "do-new-folder",
            Self::Upload => "do-upload",
            Self::UploadFolder => "do-upload-folder",
            Self::SelectAll => "do-select-all",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::kind::tests::{file, folder};

    fn text(name: &str) -> Entry {
        file(name, "text/plain", 1, 1)
    }

    #[test]
    fn what_fits_is_offered_and_nothing_else() {
        use Action::{Activity, AddToAlbum, Download, Move, Open, Purge, Rename, Restore, Trash, Versions};
        let damaged = || Entry { damaged: true, ..text("d") };
        for (shelf, chosen, expected) in [
            (Shelf::Files, vec![], vec![]),
            (Shelf::Files, vec![text("a")], vec![Open, Download, Versions, Rename, Move, AddToAlbum, Activity, Trash]),
            (Shelf::Files, vec![folder("a")], vec![Open, Rename, Move, Activity, Trash]),
            (Shelf::Files, vec![text("a"), text("b")], vec![Download, Move, AddToAlbum, Trash]),
            (Shelf::Files, vec![text("a"), folder("b")], vec![Move, Trash]),
            (Shelf::Files, vec![damaged()], vec![Open]),
            (Shelf::Files, vec![damaged(), text("a")], vec![]),
            (Shelf::Trash, vec![damaged()], vec![]),
            (Shelf::Trash, vec![text("a"), folder("b")], vec![Restore, Purge]),
        ] {
            assert_eq!(Action::offered(shelf, &chosen), expected, "{shelf:?} {chosen:?}");
        }
    }
}
