//! Squares side by side, of many only those near the screen: where each stands.

use leptos::html;
use leptos::prelude::*;

use crate::bridge::page;
use crate::pages::entries::Frame;

/// Squares in rows, each with room for words below it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    /// What they stand in.
    pub(crate) list: NodeRef<html::Div>,
    /// Where that stands.
    pub(crate) frame: RwSignal<Frame>,
    size: Size,
}

/// How large a square is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    /// The least side.
    pub(crate) least: f64,
    /// The least that stand side by side, however narrow the screen is.
    pub(crate) columns: usize,
    /// What is below it.
    pub(crate) below: f64,
}

impl Grid {
    /// Of so many; measured anew when that changes, and when the page is scrolled or becomes wider.
    pub(crate) fn new(size: Size, count: Memo<usize>) -> Self {
        let grid = Self { list: NodeRef::new(), frame: RwSignal::new(Frame::default()), size };
        Effect::new(move |_| {
            grid.list.track();
            count.track();
            request_animation_frame(move || grid.measure());
        });
        let listeners = [
            window_event_listener_untyped("scroll", move |_| grid.measure()),
            window_event_listener_untyped("resize", move |_| request_animation_frame(move || grid.measure())),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
        grid
    }

    /// The side of a square.
    pub(crate) fn side(self) -> f64 {
        self.frame.with(|frame| frame.row - self.size.below)
    }

    /// Where the square of this number stands, from the left and from the top.
    pub(crate) fn place(self, index: usize) -> (f64, f64) {
        let (top, column) = self.frame.with(|frame| frame.place(index));
        (column as f64 * self.side(), top)
    }

    /// Scrolls to the square of this number.
    pub(crate) fn show(self, index: usize) {
        let by = self.frame.with_untracked(|frame| frame.scroll_to(index, COVERED));
        if by != 0.0 {
            page::scroll_by(by);
            // Before the browser says that it has scrolled, so that the square is drawn when it gets the keyboard.
            self.frame.update(|frame| frame.top -= by);
        }
    }

    fn measure(self) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let place = list.get_bounding_client_rect();
        let now = self.size.frame(place.top(), place.width(), page::screen().1);
        if self.frame.try_get_untracked().is_some_and(|frame| frame != now) {
            self.frame.set(now);
        }
    }
}

impl Size {
    fn frame(self, top: f64, width: f64, screen: f64) -> Frame {
        let columns = ((width / self.least) as usize).clamp(self.columns, MOST_COLUMNS.max(self.columns));
        Frame { top, screen, row: width.max(1.0) / columns as f64 + self.below, columns }
    }
}

const MOST_COLUMNS: usize = 12;

/// What the bar at the top of the page and that of the selection cover.
const COVERED: f64 = 150.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_fill_the_width() {
        let size = Size { least: 128.0, columns: 3, below: 0.0 };
        for (width, columns, row) in
            [(824.0, 6, 824.0 / 6.0), (358.0, 3, 358.0 / 3.0), (10.0, 3, 10.0 / 3.0), (9_000.0, 12, 750.0)]
        {
            let frame = size.frame(0.0, width, 800.0);
            assert_eq!((frame.columns, frame.row), (columns, row), "{width}");
        }
        assert_eq!(Size { below: 60.0, ..size }.frame(0.0, 600.0, 800.0).row, 210.0);
    }

    #[test]
    fn of_many_only_those_near_the_screen_are_drawn() {
        let size = Size { least: 128.0, columns: 3, below: 0.0 };
        for scrolled in [0.0, 10_000.0, 100_000.0] {
            let frame = size.frame(-scrolled, 824.0, 800.0);
            let drawn = frame.drawn(5_000);
            assert!(drawn.len() < 200, "{scrolled}: {drawn:?}");
        }
    }
}
