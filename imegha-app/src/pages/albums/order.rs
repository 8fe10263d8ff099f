//! Where in an album something is moved to.

use imegha_worker::protocol::Entry;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// To the front.
    First,
    /// A place nearer to the front.
    Earlier,
    /// A place nearer to the end.
    Later,
    /// To the end.
    Last,
}

/// A move within an album.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Move {
    /// What is moved, in its order.
    pub(super) files: Vec<String>,
    /// The file that it then stands before; nothing at the end.
    pub(super) before: Option<String>,
    /// The whole album after it.
    pub(super) after: Vec<Entry>,
}

impl Shift {
    /// The move of what is chosen that way; nothing where it would change nothing. What does not stand together does so afterwards.
    pub(super) fn of(self, files: &[Entry], is_chosen: impl Fn(&str) -> bool) -> Option<Move> {
        let first = files.iter().position(|file| is_chosen(&file.id))?;
        let last = files.iter().rposition(|file| is_chosen(&file.id))?;
        let (chosen, others): (Vec<&Entry>, Vec<&Entry>) = files.iter().partition(|file| is_chosen(&file.id));
        // How many of the others stand before the first, and before the last.
        let (ahead, within) = (first, last + 1 - chosen.len());
        let place = match self {
            Self::First => 0,
            Self::Earlier => ahead.saturating_sub(1),
            Self::Later => (within + 1).min(others.len()),
            Self::Last => others.len(),
        };
        let after: Vec<Entry> =
            others[..place].iter().chain(&chosen).chain(&others[place..]).map(|file| (*file).clone()).collect();
        let is_new = after.iter().zip(files).any(|(after, before)| after.id != before.id);
        is_new.then(|| Move {
            files: chosen.iter().map(|file| file.id.clone()).collect(),
            before: others.get(place).map(|file| file.id.clone()),
            after,
        })
    }

    /// Which way a key asks for, held down with Ctrl and Shift: alone, arrows go from picture to picture.
    pub(super) fn of_key(name: &str) -> Option<Self> {
        Some(match name {
            "ArrowLeft" => Self::Earlier,
            "ArrowRight" => Self::Later,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(way: Shift, order: &str, chosen: &str) -> Option<(String, String, Option<String>)> {
        let file = |name: char| Entry {
            id: name.to_string(),
            name: String::new(),
            folder: false,
            size: 0,
            mime: String::new(),
            modified_ms: 0,
            damaged: false,
            thumbnail: None,
        };
        let files: Vec<Entry> = order.chars().map(file).collect();
        let moved = way.of(&files, |id| chosen.contains(id))?;
        let after = moved.after.iter().map(|file| file.id.as_str()).collect();
        Some((after, moved.files.concat(), moved.before))
    }

    #[test]
    fn one_or_several_go_every_way() {
        for (way, chosen, after, before) in [
            (Shift::First, "c", "cabde", Some("a")),
            (Shift::Earlier, "c", "acbde", Some("b")),
            (Shift::Later, "c", "abdce", Some("e")),
            (Shift::Later, "d", "abced", None),
            (Shift::Last, "c", "abdec", None),
            (Shift::Earlier, "bc", "bcade", Some("a")),
            (Shift::Later, "bc", "adbce", Some("e")),
            // What does not stand together is gathered.
            (Shift::First, "bd", "bdace", Some("a")),
            (Shift::Earlier, "bd", "bdace", Some("a")),
            (Shift::Earlier, "ac", "acbde", Some("b")),
            (Shift::Later, "ac", "bdace", Some("e")),
            (Shift::Later, "ce", "abdce", None),
            (Shift::Last, "ac", "bdeac", None),
        ] {
            let (now, files, anchor) = moved(way, "abcde", chosen).unwrap_or_else(|| panic!("{way:?} {chosen}"));
            assert_eq!((now.as_str(), files.as_str(), anchor.as_deref()), (after, chosen, before), "{way:?} {chosen}");
        }
    }

    #[test]
    fn what_is_there_already_goes_nowhere() {
        for (way, chosen) in [
            (Shift::First, "a"),
            (Shift::First, "ab"),
            (Shift::Earlier, "ab"),
            (Shift::Later, "e"),
            (Shift::Last, "de"),
            (Shift::First, "abcde"),
            (Shift::Last, "abcde"),
            (Shift::Later, ""),
            (Shift::Earlier, "x"),
        ] {
            assert_eq!(moved(way, "abcde", chosen), None, "{way:?} {chosen}");
        }
        assert_eq!(moved(Shift::First, "", "a"), None);
    }

    #[test]
    fn keys_have_their_ways() {
        assert_eq!(Shift::of_key("Home"), Some(Shift::First));
        assert_eq!(Shift::of_key("ArrowUp"), None);
    }
}
