//! Where each photo of the timeline stands, and which are near the screen.

/// The months with their photos, the latest first, laid out in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Timeline {
    months: Vec<Month>,
    count: usize,
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Month {
    /// Its first photo.
    pub(super) first: usize,
    /// How many it has.
    pub(super) count: usize,
    /// A moment in it, in milliseconds since 1970.
    pub(super) ms: u64,
}

/// How it is drawn, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// From the top of the screen to the timeline; negative when it was scrolled past.
    pub(super) top: f64,
    /// Of the screen.
    pub(super) screen: f64,
    /// Of the timeline.
    pub(super) width: f64,
}

/// Something that is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Block {
    /// The heading of this month.
    Head { month: usize, y: f64 },
    /// This photo.
    Photo { index: usize, x: f64, y: f64 },
}

impl Timeline {
    /// Of photos that were taken then, the latest first.
    pub(super) fn of(taken_ms: &[u64]) -> Self {
        let mut months: Vec<Month> = Vec::new();
        for (index, ms) in taken_ms.iter().enumerate() {
            match months.last_mut() {
                Some(month) if year_and_month(month.ms) == year_and_month(*ms) => month.count += 1,
                _ => months.push(Month { first: index, count: 1, ms: *ms }),
            }
        }
        Self { months, count: taken_ms.len() }
    }

    /// A month.
    pub(super) fn month(&self, month: usize) -> Option<Month> {
        self.months.get(month).copied()
    }

    /// The height of it all.
    pub(super) fn height(&self, frame: Frame) -> f64 {
        self.months.iter().map(|month| frame.height_of(*month)).sum()
    }

    /// What is on the screen, and a screen around it; and that photo wherever it is, because it has the keyboard.
    pub(super) fn drawn(&self, frame: Frame, current: Option<usize>) -> Vec<Block> {
        let (from, to) = (-frame.top - frame.screen, -frame.top + 2.0 * frame.screen);
        let (side, columns) = (frame.side(), frame.columns());
        let mut blocks = Vec::new();
        let mut y = 0.0;
        for (number, month) in self.months.iter().enumerate() {
            let below = y + frame.height_of(*month);
            let has_current =
                current.is_some_and(|current| (month.first..month.first + month.count).contains(&current));
            let near = below >= from && y <= to;
            if near {
                blocks.push(Block::Head { month: number, y });
            }
            if near || has_current {
                let rows = y + HEAD;
                for place in 0..month.count {
                    let top = rows + (place / columns) as f64 * side;
                    let index = month.first + place;
                    if (near && top + side >= from && top <= to) || current == Some(index) {
                        blocks.push(Block::Photo { index, x: (place % columns) as f64 * side, y: top });
                    }
                }
            }
            y = below;
        }
        blocks
    }
}

impl Frame {
    /// The side of a photo, with the gap beside it.
    pub(super) fn side(self) -> f64 {
        self.width / self.columns() as f64
    }

    fn columns(self) -> usize {
        ((self.width / LEAST_SIDE) as usize).clamp(3, 12)
    }

    fn height_of(self, month: Month) -> f64 {
        HEAD + month.count.div_ceil(self.columns()) as f64 * self.side()
    }
}

impl Default for Frame {
    /// Before anything was measured.
    fn default() -> Self {
        Self { top: 0.0, screen: 900.0, width: 800.0 }
    }
}

/// In UTC: a camera that does not say its time zone is taken at its word.
fn year_and_month(ms: u64) -> (u64, u64) {
    // Years from March, so that the leap day is a year's last (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let days = ms / 86_400_000 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month)
}

/// The height of a month's heading.
const HEAD: f64 = 56.0;

/// The least side of a photo.
const LEAST_SIDE: f64 = 128.0;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (ms, expected) in [
            (0, (1970, 1)),
            (58 * DAY, (1970, 2)),
            (59 * DAY, (1970, 3)),
            (951_782_399_999, (2000, 2)),
            (951_782_400_000, (2000, 2)),
            (951_868_800_000, (2000, 3)),
            (1_798_761_599_999, (2026, 12)),
            (1_798_761_600_000, (2027, 1)),
            (4_107_542_399_999, (2100, 2)),
            (4_107_542_400_000, (2100, 3)),
        ] {
            assert_eq!(year_and_month(ms), expected, "{ms}");
        }
    }

    #[test]
    fn photos_stand_under_their_months() {
        let timeline = Timeline::of(&[90 * DAY, 61 * DAY, 60 * DAY, 0]);
        assert_eq!(timeline.month(0).map(|month| (month.first, month.count)), Some((0, 1)));
        assert_eq!(timeline.month(1).map(|month| (month.first, month.count)), Some((1, 2)));
        assert_eq!(timeline.month(2).map(|month| (month.first, month.count)), Some((3, 1)));
        assert_eq!(timeline.month(3), None);
        let frame = Frame { top: 0.0, screen: 800.0, width: 600.0 };
        assert_eq!((frame.columns(), frame.side()), (4, 150.0));
        assert_eq!(timeline.height(frame), 3.0 * (HEAD + 150.0));
        let blocks = timeline.drawn(frame, None);
        assert_eq!(blocks[2], Block::Head { month: 1, y: HEAD + 150.0 });
        assert_eq!(blocks[4], Block::Photo { index: 2, x: 150.0, y: 2.0 * HEAD + 150.0 });
        assert_eq!(blocks.len(), 3 + 4);
        assert_eq!(Timeline::of(&[]).height(frame), 0.0);
    }

    #[test]
    fn of_a_long_timeline_only_what_is_near_the_screen_is_drawn() {
        let taken: Vec<u64> = (0..20_000).rev().map(|number| number * DAY / 10).collect();
        let timeline = Timeline::of(&taken);
        for scrolled in [0.0, 10_000.0, 100_000.0] {
            let frame = Frame { top: -scrolled, screen: 800.0, width: 1_000.0 };
            let (blocks, row) = (timeline.drawn(frame, None), frame.side());
            assert!(blocks.len() > 60 && blocks.len() < 250, "{scrolled}: {}", blocks.len());
            for block in blocks {
                // A month's heading stands above its photos, which are up to 6,300 pixels here.
                let (y, above) = match block {
                    Block::Head { y, .. } => (y, 6_300.0),
                    Block::Photo { y, .. } => (y, row),
                };
                let on_screen = y - scrolled;
                assert!((-800.0 - above..=1_600.0).contains(&on_screen), "{block:?} at {on_screen}");
            }
        }
        // What has the keyboard is drawn wherever it is.
        let far = Frame { top: -300_000.0, screen: 800.0, width: 1_000.0 };
        assert!(timeline.drawn(far, Some(0)).iter().any(|block| matches!(block, Block::Photo { index: 0, .. })));
    }
}
