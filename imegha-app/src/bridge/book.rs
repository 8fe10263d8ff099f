//! Which answers are awaited.

use std::collections::BTreeMap;

/// The open requests by their numbers, each with who waits for the answer.
///
/// Numbers begin at 1: the worker sends what nobody asked for under 0.
#[derive(Debug)]
pub(crate) struct Book<T> {
    last: u32,
    open: BTreeMap<u32, T>,
}

impl<T> Book<T> {
    /// Nothing asked yet.
    pub(crate) const fn new() -> Self {
        Self { last: 0, open: BTreeMap::new() }
    }

    /// Enters who waits, and gives the request its number.
    pub(crate) fn enter(&mut self, waiting: T) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1);
            if self.last != 0 && !self.open.contains_key(&self.last) {
                break;
            }
        }
        self.open.insert(self.last, waiting);
        self.last
    }

    /// Who waits for this answer; nobody if it has been given, or was never asked for.
    pub(crate) fn settle(&mut self, number: u32) -> Option<T> {
        self.open.remove(&number)
    }

    /// Everybody who still waits.
    pub(crate) fn settle_all(&mut self) -> Vec<T> {
        std::mem::take(&mut self.open).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_answered_once() {
        let mut book = Book::new();
        let (first, second) = (book.enter("first"), book.enter("second"));
        assert_eq!((first, second), (1, 2));
        assert_eq!(book.settle(second), Some("second"));
        assert_eq!(book.settle(second), None);
        assert_eq!(book.settle(77), None);
        assert_eq!(book.settle_all(), ["first"]);
        assert_eq!(book.settle(first), None);
    }

    #[test]
    fn numbers_go_round_past_zero_and_what_is_open() {
        let mut book = Book { last: u32::MAX - 1, open: BTreeMap::from([(1, 'a')]) };
        assert_eq!(book.enter('b'), u32::MAX);
        assert_eq!(book.enter('c'), 2);
    }
}
