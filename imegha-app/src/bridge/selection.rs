//! Which entries of a list are chosen, and which one has the keyboard.

use std::collections::{BTreeSet, HashSet};

/// The chosen entries by their ids. What is on the screen, and in which order, is said anew with each step that needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    chosen: BTreeSet<String>,
    /// Where a range begins.
    anchor: Option<String>,
    /// What the arrow keys go on from.
    current: Option<String>,
}

impl Selection {
    /// Whether this one is chosen.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.chosen.contains(id)
    }

    /// How many are chosen.
    pub(crate) fn count(&self) -> usize {
        self.chosen.len()
    }

    /// Whether none is.
    pub(crate) fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// What has the keyboard.
    pub(crate) fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Chooses this one and no other.
    pub(crate) fn only(&mut self, id: &str) {
        self.chosen = BTreeSet::from([id.to_owned()]);
        self.go(id);
    }

    /// Chooses this one too, or no longer.
    pub(crate) fn toggle(&mut self, id: &str) {
        if !self.chosen.remove(id) {
            self.chosen.insert(id.to_owned());
        }
        self.go(id);
    }

    /// Chooses all from where the range begins to this one, and nothing else.
    pub(crate) fn reach(&mut self, order: &[&str], id: &str) {
        let place = |wanted: &str| order.iter().position(|present| *present == wanted);
        let Some(to) = place(id) else { return };
        let from = self.anchor.as_deref().or(self.current.as_deref()).and_then(place).unwrap_or(to);
        let (first, last) = (from.min(to), from.max(to));
        self.chosen = order[first..=last].iter().map(|id| (*id).to_owned()).collect();
        self.anchor = Some(order[from].to_owned());
        self.current = Some(id.to_owned());
    }

    /// Chooses these.
    pub(crate) fn all<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) {
        self.chosen = ids.into_iter().map(str::to_owned).collect();
    }

    /// Chooses nothing. The keyboard stays where it is.
    pub(crate) fn clear(&mut self) {
        self.chosen.clear();
        self.anchor = None;
    }

    /// Gives the keyboard to this one, without choosing it. The next range begins here.
    pub(crate) fn go(&mut self, id: &str) {
        self.anchor = Some(id.to_owned());
        self.current = Some(id.to_owned());
    }

    /// The list has become another one: what is gone is no longer chosen, and the keyboard goes to the nearest that is left.
    pub(crate) fn keep(&mut self, before: &[String], now: &[String]) {
        let now: HashSet<&str> = now.iter().map(String::as_str).collect();
        let is_left = |id: &String| now.contains(id.as_str());
        self.chosen.retain(is_left);
        self.anchor = self.anchor.take().filter(is_left);
        let Some(current) = self.current.take() else { return };
        self.current = if is_left(&current) {
            Some(current)
        } else {
            let place = before.iter().position(|id| *id == current).unwrap_or_default();
            let later = before.iter().skip(place).find(|id| is_left(id));
            later.or_else(|| before.iter().take(place).rev().find(|id| is_left(id))).cloned()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &[&str] = &["a", "b", "c", "d", "e"];

    fn chosen(selection: &Selection) -> Vec<&str> {
        ORDER.iter().copied().filter(|id| selection.has(id)).collect()
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn one_then_more_then_one() {
        let mut selection = Selection::default();
        selection.only("b");
        selection.toggle("d");
        assert_eq!(chosen(&selection), ["b", "d"]);
        selection.toggle("b");
        assert_eq!((chosen(&selection), selection.current()), (vec!["d"], Some("b")));
        selection.only("a");
        assert_eq!((chosen(&selection), selection.count()), (vec!["a"], 1));
        selection.clear();
        assert!(selection.is_empty() && selection.current() == Some("a"));
    }

    #[test]
    fn a_range_turns_round_where_it_began() {
        let mut selection = Selection::default();
        selection.only("c");
        selection.reach(ORDER, "e");
        assert_eq!(chosen(&selection), ["c", "d", "e"]);
        selection.reach(ORDER, "a");
        assert_eq!((chosen(&selection), selection.current()), (vec!["a", "b", "c"], Some("a")));
        selection.reach(ORDER, "gone");
        assert_eq!(chosen(&selection), ["a", "b", "c"]);
    }

    #[test]
    fn a_range_without_a_beginning_is_one() {
        let mut selection = Selection::default();
        selection.reach(ORDER, "b");
        assert_eq!(chosen(&selection), ["b"]);
        selection.clear();
        selection.go("d");
        selection.reach(ORDER, "e");
        assert_eq!(chosen(&selection), ["d", "e"]);
    }

    #[test]
    fn what_is_gone_is_no_longer_chosen() {
        let mut selection = Selection::default();
        selection.all(ORDER.iter().copied());
        selection.go("c");
        let all = ids(ORDER);
        selection.keep(&all, &ids(&["a", "e"]));
        assert_eq!((chosen(&selection), selection.current()), (vec!["a", "e"], Some("e")));
        selection.keep(&ids(&["a", "e"]), &ids(&["a"]));
        assert_eq!(selection.current(), Some("a"));
        selection.keep(&ids(&["a"]), &[]);
        assert_eq!((selection.is_empty(), selection.current()), (true, None));
    }
}
