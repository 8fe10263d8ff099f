//! What may happen to bytes between the one who sealed them and the one who opens them.

use arbitrary::Arbitrary;

/// One change.
#[derive(Arbitrary, Clone, Debug)]
pub enum Change {
    Flip { at: u16, bits: u8 },
    Truncate { len: u16 },
    Append { bytes: Vec<u8> },
    Insert { at: u16, bytes: Vec<u8> },
    Overwrite { at: u16, bytes: Vec<u8> },
    Remove { at: u16, len: u8 },
    Repeat { at: u16, len: u8 },
    Replace { bytes: Vec<u8> },
}

/// The bytes after the first eight of these changes, which may undo one another.
pub fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changes.iter().take(8).for_each(|change| change.apply(&mut changed));
    changed
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        let end = to.len();
        let place = |at: &u16| usize::from(*at) % (end + 1);
        let run = |at: &u16, len: usize| place(at)..(place(at) + len).min(end);
        match self {
            Self::Flip { at, bits } => {
                let at = place(at);
                if let Some(byte) = to.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Self::Truncate { len } => to.truncate(place(len)),
            Self::Append { bytes } => to.extend_from_slice(bytes),
            Self::Insert { at, bytes } => drop(to.splice(place(at)..place(at), bytes.iter().copied())),
            Self::Overwrite { at, bytes } => drop(to.splice(run(at, bytes.len()), bytes.iter().copied())),
            Self::Remove { at, len } => drop(to.drain(run(at, usize::from(*len)))),
            Self::Repeat { at, len } => {
                let run = run(at, usize::from(*len));
                let copy = to[run.clone()].to_vec();
                drop(to.splice(run.end..run.end, copy));
            }
            Self::Replace { bytes } => to.clone_from(bytes),
        }
    }
}
