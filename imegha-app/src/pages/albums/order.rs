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
        let Parted { chosen, others, place } = self.part(files, is_chosen)?;
        let after = others[..place].iter().chain(&chosen).chain(&others[place..]);
        Some(Move {
            files: chosen.iter().map(|file| file.id.clone()).collect(),
            before: others.get(place).map(|file| file.id.clone()),
            after: after.map(|file| (*file).clone()).collect(),
        })
    }

    /// Whether there is such a move.
    pub(super) fn is_open(self, files: &[Entry], is_chosen: impl Fn(&str) -> bool) -> bool {
        self.part(files, is_chosen).is_some()
    }

    fn part(self, files: &[Entry], is_chosen: impl Fn(&str) -> bool) -> Option<Parted<'_>> {
        let first = files.iter().position(|file| is_chosen(&file.id))?;
        let last = files.iter().rposition(|file| is_chosen(&file.id))?;
        let (chosen, others): (Vec<&Entry>, Vec<&Entry>) = files.iter().partition(|file| is_chosen(&file.id));
        // How many of the others stand before the last.
        let within = last + 1 - chosen.len();
        let place = match self {
            Self::First => 0,
            Self::Earlier => first.saturating_sub(1),
            Self::Later => (within + 1).min(others.len()),
            Self::Last => others.len(),
        };
        let stays = within == first && place == first;
        (!stays).then_some(Parted { chosen, others, place })
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

/// An album without what is chosen of it, and how many of the others that is to stand behind.
struct Parted<'a> {
    chosen: Vec<&'a Entry>,
    others: Vec<&'a Entry>,
    place: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::samples;

    fn moved(way: Shift, order: &str, chosen: &str) -> Option<(String, String, Option<String>)> {
        let file = |id: char| Entry { id: id.to_string(), ..samples::file("", "", 0, 0) };
        let files: Vec<Entry> = order.chars().map(file).collect();
        let moved = way.of(&files, |id| chosen.contains(id));
        assert_eq!(way.is_open(&files, |id| chosen.contains(id)), moved.is_some());
        let moved = moved?;
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
