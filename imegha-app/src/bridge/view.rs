//! How a person wants lists to look: rows or tiles, in which order. Kept in this browser, and nothing else with it.

use leptos::prelude::*;

use super::page;

/// Rows or tiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One below the other, with columns.
    #[default]
    Rows,
    /// Side by side, with large icons.
    Tiles,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    /// Name.
    #[default]
    Name,
    /// Size.
    Size,
    /// When it was last modified.
    Modified,
    /// Kind of file.
    Kind,
}

/// How lists look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Rows or tiles.
    pub(crate) layout: Layout,
    /// What they are ordered by.
    pub(crate) by: By,
    /// From the last to the first.
    pub(crate) down: bool,
    /// Whether single letters do something while nothing is typed (WCAG 2.2, 2.1.4).
    pub(crate) letters: bool,
}

impl Look {
    /// As it was left in this browser. The server does not know that, so the page begins as if nothing had been kept.
    pub(crate) fn signal() -> RwSignal<Self> {
        let look = RwSignal::new(Self::default());
        Effect::new(move |_| look.set(Self::load()));
        look
    }

    fn load() -> Self {
        page::recall(NAME).map(|kept| Self::read(&kept)).unwrap_or_default()
    }

    /// Keeps it.
    pub(crate) fn save(self) {
        page::remember(NAME, Some(&self.write()));
    }

    /// Orders by this; the other way round when it is so already.
    pub(crate) fn turn(&mut self, by: By) {
        self.down = self.by == by && !self.down;
        self.by = by;
    }

    /// Words between spaces; what is not known is left as it is at first.
    fn read(kept: &str) -> Self {
        let mut look = Self::default();
        for word in kept.split(' ') {
            match word {
                "tiles" => look.layout = Layout::Tiles,
                "size" => look.by = By::Size,
                "modified" => look.by = By::Modified,
                "kind" => look.by = By::Kind,
                "down" => look.down = true,
                "no-letters" => look.letters = false,
                _ => {}
            }
        }
        look
    }

    fn write(self) -> String {
        let layout = if self.layout == Layout::Tiles { "tiles" } else { "rows" };
        let by = match self.by {
            By::Name => "name",
            By::Size => "size",
            By::Modified => "modified",
            By::Kind => "kind",
        };
        let (way, letters) =
            (if self.down { "down" } else { "up" }, if self.letters { "letters" } else { "no-letters" });
        [layout, by, way, letters].join(" ")
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { layout: Layout::default(), by: By::default(), down: false, letters: true }
    }
}

const NAME: &str = "imegha-look";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_survives_being_kept() {
        for layout in [Layout::Rows, Layout::Tiles] {
            for by in [By::Name, By::Size, By::Modified, By::Kind] {
                for (down, letters) in [(false, true), (true, false)] {
                    let look = Look { layout, by, down, letters };
                    assert_eq!(Look::read(&look.write()), look);
                }
            }
        }
    }

    #[test]
    fn what_was_not_kept_by_us_is_left_alone() {
        for kept in ["", "nonsense", "tiles\u{0}", "{\"by\":1}"] {
            assert_eq!(Look::read(kept), Look::default(), "{kept:?}");
        }
    }

    #[test]
    fn the_same_column_again_turns_it_round() {
        let mut look = Look::default();
        look.turn(By::Name);
        assert!(look.down);
        look.turn(By::Size);
        assert_eq!((look.by, look.down), (By::Size, false));
        look.turn(By::Size);
        look.turn(By::Size);
        assert!(!look.down);
    }
}
