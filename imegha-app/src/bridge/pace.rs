//! How fast transfers are.

use std::collections::VecDeque;

/// Bytes that were done at moments, over the last seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace(VecDeque<(u64, u64)>);

impl Pace {
    /// So many bytes are done at this moment, in milliseconds. Fewer than before, as after a new beginning, forget what was.
    pub(crate) fn note(&mut self, ms: u64, done: u64) {
        if self.0.back().is_some_and(|(before_ms, before)| done < *before || ms < *before_ms) {
            self.0.clear();
        }
        self.0.push_back((ms, done));
        while self.0.len() > 2 && self.0.front().is_some_and(|(first, _)| ms - first > SPAN_MS) {
            self.0.pop_front();
        }
    }

    /// Bytes a second; nothing while it is too early to say.
    pub(crate) fn speed(&self) -> Option<u64> {
        let ((from_ms, from), (to_ms, to)) = (self.0.front()?, self.0.back()?);
        let ms = to_ms - from_ms;
        (ms >= LEAST_MS && to > from).then(|| (to - from).saturating_mul(1000) / ms)
    }

    /// How many milliseconds so many bytes take.
    pub(crate) fn left_ms(&self, bytes: u64) -> Option<u64> {
        self.speed().filter(|speed| *speed > 0).map(|speed| bytes.saturating_mul(1000) / speed)
    }
}

const SPAN_MS: u64 = 8_000;
const LEAST_MS: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        pace.note(0, 0);
        assert_eq!(pace.speed(), None);
        pace.note(500, 1_000);
        assert_eq!(pace.speed(), None, "too early");
        pace.note(1_000, 2_000);
        assert_eq!((pace.speed(), pace.left_ms(10_000)), (Some(2_000), Some(5_000)));
        for second in 2..30 {
            pace.note(second * 1_000, 2_000 + second);
        }
        assert!(pace.speed().is_some_and(|speed| speed < 10), "{pace:?}");
        assert!(pace.0.len() < 12);
    }

    #[test]
    fn a_new_beginning_is_not_a_speed() {
        let mut pace = Pace::default();
        pace.note(0, 5_000);
        pace.note(2_000, 9_000);
        pace.note(3_000, 10);
        assert_eq!(pace.speed(), None);
    }
}
