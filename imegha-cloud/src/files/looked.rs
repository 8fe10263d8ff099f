//! How far a look at everything is.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How far [`Cloud::verify_with`](crate::Cloud::verify_with) is with the objects, which come after the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Objects that were looked at.
    pub objects: u64,
    /// Objects that there should be.
    pub of_objects: u64,
    /// How many bytes were looked at: with [`Depth::Quick`](crate::Depth::Quick) those of the objects whose length was asked for.
    pub bytes: u64,
    /// How many bytes there should be.
    pub of_bytes: u64,
}

/// Adds up what was looked at, and tells it.
pub(super) struct Progress<'a> {
    tell: &'a (dyn Fn(Looked) + Send + Sync),
    looked: Mutex<Looked>,
}

impl<'a> Progress<'a> {
    /// Of objects of these lengths.
    pub(super) fn begin(tell: &'a (dyn Fn(Looked) + Send + Sync), objects: impl Iterator<Item = u64>) -> Self {
        let begun = objects.fold(Looked::default(), |sum, len| Looked {
            of_objects: sum.of_objects + 1,
            // Lengths are storage's word: a sum of them may be past every number.
            of_bytes: sum.of_bytes.saturating_add(len),
            ..sum
        });
        tell(begun);
        Self { tell, looked: Mutex::new(begun) }
    }

    pub(super) fn looked_at(&self, objects: u64, bytes: u64) {
        let now = {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            looked.objects += objects;
            // What is opened is a little shorter than what is stored.
            looked.bytes = looked.bytes.saturating_add(bytes).min(looked.of_bytes);
            *looked
        };
        (self.tell)(now);
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("looked", &self.looked).finish_non_exhaustive()
    }
}
