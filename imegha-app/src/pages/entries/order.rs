//! In which order entries are shown.

use std::cmp::Ordering;

use imegha_worker::protocol::Entry;

use super::kind::kind_words;
use crate::bridge::{By, Look};

/// Orders two entries as a person wants them: folders first whichever way round, then by what was chosen, then by name.
pub(crate) fn compare(look: Look, a: &Entry, b: &Entry) -> Ordering {
    let chosen = match look.by {
        By::Name => natural(&a.name, &b.name),
        By::Size => a.size.cmp(&b.size),
        By::Modified => a.modified_ms.cmp(&b.modified_ms),
        By::Kind => kind_words(a).cmp(kind_words(b)),
    };
    let chosen = if look.down { chosen.reverse() } else { chosen };
    b.folder.cmp(&a.folder).then(chosen).then_with(|| natural(&a.name, &b.name)).then_with(|| a.id.cmp(&b.id))
}

/// Orders names as people count: "a2" before "a10", whatever the case of letters.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        match (digits(left), digits(right)) {
            (0, _) | (_, 0) => {
                let (one, other) = (left.chars().next(), right.chars().next());
                let (Some(one), Some(other)) = (one, other) else {
                    // One of them is at its end. What is the same but for its case is still in one order.
                    return one.cmp(&other).then_with(|| a.cmp(b));
                };
                let difference = one.to_lowercase().cmp(other.to_lowercase());
                if difference != Ordering::Equal {
                    return difference;
                }
                (left, right) = (&left[one.len_utf8()..], &right[other.len_utf8()..]);
            }
            (one, other) => {
                let numbers = (left[..one].trim_start_matches('0'), right[..other].trim_start_matches('0'));
                // Without zeros in front, the longer number is the larger one. No number is too long to be compared.
                let difference = numbers.0.len().cmp(&numbers.1.len()).then(numbers.0.cmp(numbers.1));
                if difference != Ordering::Equal {
                    return difference;
                }
                (left, right) = (&left[one..], &right[other..]);
            }
        }
    }
}

/// Whether a name contains what was typed, whatever the case of letters.
pub(crate) fn contains(name: &str, typed: &str) -> bool {
    name.to_lowercase().contains(&typed.trim().to_lowercase())
}

/// How many digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::entries::kind::tests::{file, folder};

    fn sorted(look: Look, mut entries: Vec<Entry>) -> Vec<String> {
        entries.sort_by(|a, b| compare(look, a, b));
        entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn names_are_counted_not_spelled() {
        let mut names = ["a10", "A2", "a1", "b", "a", "a02x", "Ä", "10", "9", "a99999999999999999999999", "a2"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["9", "10", "a", "a1", "A2", "a2", "a02x", "a10", "a99999999999999999999999", "b", "Ä"]);
    }

    #[test]
    fn the_order_is_total() {
        let names = ["", "0", "00", "a", "A", "a0", "a00", "1a", "01a", "é", "e\u{301}", "👩\u{200d}👧"];
        for a in names {
            assert_eq!(natural(a, a), Ordering::Equal);
            for b in names.into_iter().filter(|b| *b != a) {
                assert_eq!(natural(a, b), natural(b, a).reverse(), "{a:?} {b:?}");
                assert_ne!(natural(a, b), Ordering::Equal, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn folders_stay_first_whichever_way_round() {
        let entries = || {
            vec![
                file("b.txt", "text/plain", 3, 30),
                folder("z"),
                file("a.png", "image/png", 9, 10),
                folder("y"),
                file("c.txt", "text/plain", 3, 20),
            ]
        };
        let look = |by, down| Look { by, down, ..Look::default() };
        for (by, down, expected) in [
            (By::Name, false, ["y", "z", "a.png", "b.txt", "c.txt"]),
            (By::Name, true, ["z", "y", "c.txt", "b.txt", "a.png"]),
            (By::Size, false, ["y", "z", "b.txt", "c.txt", "a.png"]),
            (By::Size, true, ["y", "z", "a.png", "b.txt", "c.txt"]),
            (By::Modified, true, ["y", "z", "b.txt", "c.txt", "a.png"]),
            (By::Kind, false, ["y", "z", "a.png", "b.txt", "c.txt"]),
        ] {
            assert_eq!(sorted(look(by, down), entries()), expected, "{by:?} {down}");
        }
    }

    #[test]
    fn what_is_typed_is_found_whatever_its_case() {
        assert!(contains("Steuer 2026.PDF", " steuer") && contains("x", "") && !contains("x", "y"));
    }
}
