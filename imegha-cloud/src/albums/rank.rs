//! Where an item stands among the others of its album: a number between theirs.

use crate::error::{Error, ErrorKind, Result};

/// A number of 8 bytes, and as many behind the point as it takes to stand between two others: to move an item changes no other.
///
/// Compared byte by byte. It has no zero at its end behind the point, so that each number is written in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(Vec<u8>);

impl Rank {
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        let is_one = (WHOLE..=LONGEST).contains(&bytes.len()) && (bytes.len() == WHOLE || bytes.last() != Some(&0));
        match is_one {
            true => Ok(Self(bytes)),
            false => Err(Error::new(ErrorKind::CannotOpen, "an item of an album stands nowhere")),
        }
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// So many ranks, in order, behind `after` and before `before`; at the end where there is none.
    ///
    /// # Errors
    /// `Malformed` where no more fit: after some two thousand moves between the same two items.
    pub(super) fn spread(after: Option<&Self>, before: Option<&Self>, count: usize) -> Result<Vec<Self>> {
        let mut ranks = Vec::with_capacity(count);
        if before.is_some() {
            Self::split(after, before, count, &mut ranks)?;
            return Ok(ranks);
        }
        for _ in 0..count {
            let next = Self::between(ranks.last().or(after), None)?;
            ranks.push(next);
        }
        Ok(ranks)
    }

    fn split(after: Option<&Self>, before: Option<&Self>, count: usize, ranks: &mut Vec<Self>) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let middle = Self::between(after, before)?;
        Self::split(after, Some(&middle), count / 2, ranks)?;
        ranks.push(middle.clone());
        Self::split(Some(&middle), before, count - 1 - count / 2, ranks)
    }

    /// Far from the one that is given, or in the middle of two.
    fn between(after: Option<&Self>, before: Option<&Self>) -> Result<Self> {
        let whole = |rank: &Self| {
            let (whole, _) = rank.0.split_first_chunk::<WHOLE>().expect("a rank has its whole bytes");
            u64::from_be_bytes(*whole)
        };
        let outside = match (after, before) {
            (None, None) => Some(FIRST),
            (Some(after), None) => whole(after).checked_add(STEP),
            (None, Some(before)) => whole(before).checked_sub(STEP),
            (Some(_), Some(_)) => None,
        };
        if let Some(outside) = outside {
            return Ok(Self(outside.to_be_bytes().to_vec()));
        }
        let low = after.map_or(&[0; WHOLE][..], |rank| &rank.0);
        let high = before.map_or(&[0xff; WHOLE + 1][..], |rank| &rank.0);
        middle(low, high).filter(|middle| middle.len() <= LONGEST).map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "too much was moved to this place of the album: move what is beside it")
        })
    }
}

/// The number half-way between two, with one more byte where it takes one; nothing where the first is not the smaller.
fn middle(low: &[u8], high: &[u8]) -> Option<Vec<u8>> {
    if low >= high {
        return None;
    }
    let len = low.len().max(high.len()) + 1;
    let at = |bytes: &[u8], place: usize| u16::from(bytes.get(place).copied().unwrap_or(0));
    // The sum, and half of it, from the last byte and from the first.
    let mut sum = vec![0_u8; len];
    let mut carry = 0;
    for place in (0..len).rev() {
        let digit = at(low, place) + at(high, place) + carry;
        (sum[place], carry) = ((digit & 0xff) as u8, digit >> 8);
    }
    for digit in &mut sum {
        let all = (carry << 8) | u16::from(*digit);
        (*digit, carry) = ((all >> 1) as u8, all & 1);
    }
    while sum.len() > WHOLE && sum.last() == Some(&0) {
        sum.pop();
    }
    Some(sum)
}

/// Bytes before the point.
const WHOLE: usize = 8;
/// Bytes in all.
const LONGEST: usize = 255;
/// Where the first item stands: half-way.
const FIRST: u64 = 1 << 63;
/// How far apart items stand that were added one after the other.
const STEP: u64 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(bytes: &[u8]) -> Rank {
        Rank::from_bytes(bytes.to_vec()).unwrap()
    }

    fn in_order(ranks: &[Rank]) -> bool {
        ranks.windows(2).all(|pair| pair[0] < pair[1])
            && ranks.iter().all(|rank| Rank::from_bytes(rank.to_vec()).is_ok())
    }

    #[test]
    fn as_many_as_are_wanted_stand_behind_before_and_between() {
        let first = Rank::spread(None, None, 100).unwrap();
        assert!(in_order(&first) && first.len() == 100 && first.iter().all(|rank| rank.0.len() == WHOLE));
        for (after, before) in [(None, first.first()), (first.last(), None), (first.first(), first.get(1))] {
            for count in [0, 1, 2, 7, 98] {
                let more = Rank::spread(after, before, count).unwrap();
                let all: Vec<Rank> = after.into_iter().chain(&more).chain(before).cloned().collect();
                assert!(in_order(&all) && more.len() == count, "{after:?} {before:?} {count}");
            }
        }
    }

    #[test]
    fn moving_to_one_place_again_and_again_ends_after_two_thousand_times() {
        let (low, mut high) = (rank(&[1, 0, 0, 0, 0, 0, 0, 0]), rank(&[1, 0, 0, 0, 0, 0, 0, 1]));
        let mut moves = 0;
        let refused = loop {
            match Rank::spread(Some(&low), Some(&high), 1) {
                Ok(ranks) => {
                    assert!(low < ranks[0] && ranks[0] < high);
                    high = ranks[0].clone();
                    moves += 1;
                }
                Err(error) => break error,
            }
        };
        assert_eq!(refused.kind(), ErrorKind::Malformed);
        assert!((1_900..2_100).contains(&moves), "{moves}");
    }

    #[test]
    fn the_first_and_the_last_number_have_a_place_beside_them() {
        let (least, most) = (rank(&[0, 0, 0, 0, 0, 0, 0, 1]), rank(&[0xff; 8]));
        let [before, behind] = [Rank::spread(None, Some(&least), 1), Rank::spread(Some(&most), None, 1)];
        assert!(before.unwrap()[0] < least && behind.unwrap()[0] > most);
        assert!(
            Rank::spread(Some(&least), Some(&least), 1).is_err() && Rank::spread(Some(&most), Some(&least), 1).is_err()
        );
    }

    #[test]
    fn what_is_no_rank_is_refused() {
        for wrong in [&[][..], &[1; 7], &[1; 256], &[1, 1, 1, 1, 1, 1, 1, 1, 0]] {
            assert_eq!(Rank::from_bytes(wrong.to_vec()).unwrap_err().kind(), ErrorKind::CannotOpen);
        }
        for right in [&[0; 8][..], &[1; 255], &[0, 0, 0, 0, 0, 0, 0, 0, 1]] {
            rank(right);
        }
    }
}
