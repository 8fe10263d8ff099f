//! Which part of a long list is drawn: what is near the screen, however long the list is.

use std::ops::Range;

/// Where a list stands on the screen, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// From the top of the screen to the list; negative when the list has been scrolled past it.
    pub(crate) top: f64,
    /// Of the screen.
    pub(crate) screen: f64,
    /// Of one row.
    pub(crate) row: f64,
    /// How many stand side by side.
    pub(crate) columns: usize,
}

impl Frame {
    /// The height of the whole list.
    pub(crate) fn height(self, count: usize) -> f64 {
        count.div_ceil(self.columns) as f64 * self.row
    }

    /// Where an entry stands: its row, and its column.
    pub(crate) fn place(self, index: usize) -> (f64, usize) {
        ((index / self.columns) as f64 * self.row, index % self.columns)
    }

    /// Which entries to draw: all of a short list, else what is on the screen and a screen around it.
    pub(crate) fn drawn(self, count: usize) -> Range<usize> {
        if count <= SHORT {
            return 0..count;
        }
        let row_at = |y: f64| (y.max(0.0) / self.row) as usize * self.columns;
        let first = row_at(-self.top - self.screen).min(count);
        let last = (row_at(-self.top + 2.0 * self.screen) + self.columns).clamp(first, count);
        first..last
    }

    /// Whether an entry is on the screen or a screen around it.
    pub(crate) fn is_near(self, index: usize) -> bool {
        let y = self.top + self.place(index).0;
        y + self.row >= -self.screen && y <= 2.0 * self.screen
    }

    /// How many rows fit on the screen, for the keys that turn pages.
    pub(crate) fn page(self) -> usize {
        ((self.screen / self.row) as usize).saturating_sub(2).max(1)
    }

    /// By how much to scroll so that an entry is in sight, below what covers `covered` pixels at the top of the screen.
    pub(crate) fn scroll_to(self, index: usize, covered: f64) -> f64 {
        let y = self.top + self.place(index).0;
        let below = y + self.row + AIR - self.screen;
        let above = y - covered - AIR;
        if above < 0.0 {
            above
        } else if below > 0.0 {
            below.min(above)
        } else {
            0.0
        }
    }
}

impl Default for Frame {
    /// Before anything was measured.
    fn default() -> Self {
        Self { top: 0.0, screen: 900.0, row: 64.0, columns: 1 }
    }
}

/// A list as long as this is drawn whole.
const SHORT: usize = 200;

/// What is left free above and below an entry that is scrolled to.
const AIR: f64 = 12.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(top: f64, columns: usize) -> Frame {
        Frame { top, screen: 600.0, row: 60.0, columns }
    }

    #[test]
    fn a_short_list_is_drawn_whole() {
        assert_eq!(frame(-90_000.0, 1).drawn(200), 0..200);
        assert_eq!(frame(0.0, 1).drawn(0), 0..0);
    }

    #[test]
    fn of_a_long_list_only_what_is_near() {
        assert_eq!(frame(100.0, 1).drawn(5_000), 0..19);
        assert_eq!(frame(-60_000.0, 1).drawn(5_000), 990..1_021);
        // However far it was scrolled before it became shorter.
        assert_eq!(frame(-600_000.0, 1).drawn(300), 300..300);
        assert_eq!(frame(-60_000.0, 4).drawn(5_000), 3_960..4_084);
    }

    #[test]
    fn what_is_near_the_screen_is_known() {
        let frame = frame(-1_200.0, 4);
        // Rows of 60 pixels: the screen shows the 20th to the 30th.
        for (row, near) in [(8, false), (9, true), (20, true), (39, true), (40, true), (41, false)] {
            assert_eq!(frame.is_near(row * 4), near, "{row}");
        }
    }

    #[test]
    fn entries_stand_in_rows_and_columns() {
        assert_eq!(frame(0.0, 4).place(9), (120.0, 1));
        assert_eq!((frame(0.0, 4).height(9), frame(0.0, 1).height(0)), (180.0, 0.0));
        assert_eq!((frame(0.0, 1).page(), Frame { screen: 10.0, ..frame(0.0, 1) }.page()), (8, 1));
    }

    #[test]
    fn scrolling_goes_no_further_than_it_must() {
        let frame = frame(-600.0, 1);
        assert_eq!(frame.scroll_to(15, 80.0), 0.0);
        assert_eq!(frame.scroll_to(10, 80.0), -92.0);
        assert_eq!(frame.scroll_to(20, 80.0), 72.0);
        assert_eq!(frame.scroll_to(0, 80.0), -692.0);
    }
}
