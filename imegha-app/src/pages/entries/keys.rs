//! What the keys do.

/// Where an arrow goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// To another entry, which becomes the only chosen one.
    Go(Step),
    /// To another entry; what is chosen stays.
    Walk(Step),
    /// All as far as another entry become chosen.
    Reach(Step),
    Open,
    Toggle,
    All,
    Clear,
    Rename,
    Delete,
    Menu,
    Search,
    NewFolder,
    Keys,
    Undo,
}

/// A key with those held down with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key<'a> {
    /// Its name (UI Events, `key`).
    pub(crate) name: &'a str,
    /// Ctrl, or Cmd on a Mac.
    pub(crate) control: bool,
    pub(crate) shift: bool,
    pub(crate) alt: bool,
}

impl Key<'_> {
    /// What the key asks for while an entry has the keyboard.
    pub(crate) fn in_list(self) -> Option<Command> {
        if self.alt {
            return None;
        }
        let step = match self.name {
            "ArrowUp" => Step::Up,
            "ArrowDown" => Step::Down,
            "ArrowLeft" => Step::Left,
            "ArrowRight" => Step::Right,
            "Home" => Step::Home,
            "End" => Step::End,
            "PageUp" => Step::PageUp,
            "PageDown" => Step::PageDown,
            other => return self.on_entry(other),
        };
        Some(match (self.shift, self.control) {
            (true, _) => Command::Reach(step),
            (false, true) => Command::Walk(step),
            (false, false) => Command::Go(step),
        })
    }

    /// What the key asks for wherever the keyboard is, as long as nothing is typed. `letters`: whether single letters count.
    pub(crate) fn on_page(self, letters: bool) -> Option<Command> {
        match (self.name, self.control, self.alt) {
            ("a" | "A", true, false) if !self.shift => Some(Command::All),
            ("f" | "F", true, false) if !self.shift => Some(Command::Search),
            ("z" | "Z", true, false) if !self.shift => Some(Command::Undo),
            ("Escape", false, false) => Some(Command::Clear),
            ("/", false, false) if letters => Some(Command::Search),
            ("?", false, false) if letters => Some(Command::Keys),
            ("n", false, false) if letters && !self.shift => Some(Command::NewFolder),
            _ => None,
        }
    }

    fn on_entry(self, name: &str) -> Option<Command> {
        match (name, self.control, self.shift) {
            ("Enter", false, false) => Some(Command::Open),
            (" ", _, false) => Some(Command::Toggle),
            ("F2", false, false) => Some(Command::Rename),
            ("Delete", false, false) | ("Backspace", true, false) => Some(Command::Delete),
            ("F10", false, true) | ("ContextMenu", ..) => Some(Command::Menu),
            _ => None,
        }
    }
}

impl Step {
    /// The place that it leads to, of `count` in `columns`, with `page` rows to a screen. None where it leads nowhere.
    pub(crate) fn from(self, place: usize, count: usize, columns: usize, page: usize) -> Option<usize> {
        let last = count.checked_sub(1)?;
        let to = match self {
            Self::Up => place.checked_sub(columns)?,
            // From the row above the last one to the last entry, even when there is none just below.
            Self::Down if place / columns < last / columns => (place + columns).min(last),
            Self::Left if columns > 1 => place.checked_sub(1)?,
            Self::Right if columns > 1 => place + 1,
            Self::Home => 0,
            Self::End => last,
            Self::PageUp => place.saturating_sub(page * columns),
            Self::PageDown => (place + page * columns).min(last),
            Self::Down | Self::Left | Self::Right => return None,
        };
        (to <= last && to != place).then_some(to)
    }
}

/// What the sheet of keys says.
pub(crate) const SHEET: &[(&[&str], &str)] = &[
    (&["↑", "↓", "←", "→"], "To another entry"),
    (&["Home", "End"], "To the first, to the last"),
    (&["Shift + ↑ ↓"], "Select as far as there"),
    (&["Space"], "Select, or no longer"),
    (&["Ctrl + A"], "Select all"),
    (&["Esc"], "Select nothing, close what is open"),
    (&["Enter"], "Open"),
    (&["F2"], "Rename"),
    (&["Delete"], "Move to the trash"),
    (&["Shift + F10"], "Menu of what is selected"),
    (&["Ctrl + Z"], "Undo, while it is offered"),
    (&["/", "Ctrl + F"], "Search"),
    (&["n"], "New folder"),
    (&["?"], "This sheet"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key<'_> {
        Key { name, ..Key::default() }
    }

    #[test]
    fn keys_of_an_entry() {
        let shift = |name| Key { shift: true, ..key(name) };
        let control = |name| Key { control: true, ..key(name) };
        for (key, expected) in [
            (key("ArrowDown"), Some(Command::Go(Step::Down))),
            (shift("End"), Some(Command::Reach(Step::End))),
            (control("ArrowUp"), Some(Command::Walk(Step::Up))),
            (key("Enter"), Some(Command::Open)),
            (control(" "), Some(Command::Toggle)),
            (key("F2"), Some(Command::Rename)),
            (key("Delete"), Some(Command::Delete)),
            (shift("Delete"), None),
            (shift("F10"), Some(Command::Menu)),
            (key("F10"), None),
            (key("x"), None),
            (Key { alt: true, ..key("ArrowLeft") }, None),
        ] {
            assert_eq!(key.in_list(), expected, "{key:?}");
        }
    }

    #[test]
    fn letters_count_only_when_they_may() {
        for (name, command) in [("/", Command::Search), ("?", Command::Keys), ("n", Command::NewFolder)] {
            assert_eq!(key(name).on_page(true), Some(command));
            assert_eq!(key(name).on_page(false), None);
            assert_eq!(Key { alt: true, ..key(name) }.on_page(true), None);
        }
        assert_eq!(Key { control: true, ..key("n") }.on_page(true), None);
        assert_eq!(Key { control: true, ..key("a") }.on_page(false), Some(Command::All));
    }

    #[test]
    fn steps_in_rows_and_tiles() {
        for (step, place, columns, expected) in [
            (Step::Down, 0, 1, Some(1)),
            (Step::Down, 9, 1, None),
            (Step::Up, 0, 1, None),
            (Step::Left, 5, 1, None),
            (Step::PageDown, 0, 1, Some(4)),
            (Step::PageDown, 8, 1, Some(9)),
            (Step::PageUp, 2, 1, Some(0)),
            (Step::Home, 0, 1, None),
            (Step::End, 3, 1, Some(9)),
            // Ten tiles in rows of four: 0-3, 4-7, 8-9.
            (Step::Down, 1, 4, Some(5)),
            (Step::Down, 7, 4, Some(9)),
            (Step::Down, 8, 4, None),
            (Step::Up, 5, 4, Some(1)),
            (Step::Right, 3, 4, Some(4)),
            (Step::Right, 9, 4, None),
            (Step::Left, 0, 4, None),
        ] {
            assert_eq!(step.from(place, 10, columns, 4), expected, "{step:?} from {place}, {columns} columns");
        }
        assert_eq!(Step::End.from(0, 0, 1, 4), None);
    }
}
