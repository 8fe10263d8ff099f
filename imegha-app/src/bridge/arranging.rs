//! Moves within albums that are still to be written.

use std::collections::VecDeque;

/// Some files of an album, to before another or to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rearrangement {
    /// The album's id in hex.
    pub(crate) album: String,
    /// The files in the order in which they then stand.
    pub(crate) files: Vec<String>,
    /// What they then stand before; nothing at the end.
    pub(crate) before: Option<String>,
}

/// They are written one after the other, whatever page is on the screen. Of several in a row that move the same files only the last is
/// written: it alone says where they stand. So a key that is held down is two moves, not thirty a second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arranging {
    /// The album of the one that is under way.
    under_way: Option<String>,
    waiting: VecDeque<Rearrangement>,
}

impl Arranging {
    /// Takes one more. Answers whether none was under way, so that somebody has to begin with it.
    pub(crate) fn add(&mut self, wanted: Rearrangement) -> bool {
        let was_idle = self.is_idle();
        let is_same = |last: &Rearrangement| last.album == wanted.album && last.files == wanted.files;
        if self.waiting.back().is_some_and(is_same) {
            self.waiting.pop_back();
        }
        self.waiting.push_back(wanted);
        was_idle
    }

    /// The next to be written. The one before it is written, or was refused.
    pub(crate) fn next(&mut self) -> Option<Rearrangement> {
        let next = self.waiting.pop_front();
        self.under_way = next.as_ref().map(|next| next.album.clone());
        next
    }

    /// Whether any is left of this album.
    pub(crate) fn is_left(&self, album: &str) -> bool {
        self.under_way.as_deref() == Some(album) || self.waiting.iter().any(|waiting| waiting.album == album)
    }

    /// Whether none is left.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_none() && self.waiting.is_empty()
    }

    /// Those that wait are given up: the session is over. The one that is under way ends by itself.
    pub(super) fn abandon(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(album: &str, files: &[&str], before: &str) -> Rearrangement {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        Rearrangement { album: album.to_owned(), files, before: Some(before.to_owned()) }
    }

    #[test]
    fn one_is_under_way_and_a_key_that_is_held_down_leaves_only_the_last() {
        let mut arranging = Arranging::default();
        assert!(arranging.is_idle());
        assert!(arranging.add(wanted("a", &["f"], "10")), "somebody has to begin");
        assert!(!arranging.add(wanted("a", &["f"], "9")), "somebody is about to");
        assert_eq!(arranging.next(), Some(wanted("a", &["f"], "9")));
        for before in ["8", "7", "6"] {
            assert!(!arranging.add(wanted("a", &["f"], before)), "it is begun already");
        }
        assert_eq!(arranging.next(), Some(wanted("a", &["f"], "6")));
        assert!(arranging.is_left("a") && !arranging.is_idle());
        assert_eq!(arranging.next(), None);
        assert!(arranging.is_idle() && !arranging.is_left("a"));
        assert!(arranging.add(wanted("a", &["f"], "5")));
    }

    #[test]
    fn of_other_files_and_albums_each_is_written_in_turn() {
        let mut arranging = Arranging::default();
        let all = [
            wanted("a", &["f"], "1"),
            wanted("a", &["f", "g"], "1"),
            wanted("a", &["f"], "2"),
            wanted("b", &["f"], "2"),
        ];
        for one in &all {
            arranging.add(one.clone());
        }
        for one in &all {
            assert!(arranging.is_left(&one.album));
            assert_eq!(arranging.next().as_ref(), Some(one));
        }
        assert!(!arranging.is_left("a") && arranging.is_left("b"));
    }

    #[test]
    fn what_waits_is_given_up_with_the_session() {
        let mut arranging = Arranging::default();
        arranging.add(wanted("a", &["f"], "1"));
        arranging.next();
        arranging.add(wanted("a", &["g"], "1"));
        arranging.abandon();
        assert!(!arranging.is_idle(), "the answer to the first is still to come");
        assert_eq!(arranging.next(), None);
        assert!(arranging.is_idle());
    }
}
