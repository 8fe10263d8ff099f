//! What a record store may hold: closed sets of collections, fields and values.

use std::fmt::Debug;

use crate::error::Result;

/// A closed set of names: the collections of a store, or the fields of its records.
pub trait Name: Copy + Ord + Debug + Send + Sync + 'static {
    /// Every member.
    const ALL: &'static [Self];

    /// The name as it is stored: ASCII, of 1 to 32 bytes.
    fn name(self) -> &'static str;

    /// The member of that name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|member| member.name() == name)
    }
}

/// A closed set of typed values.
pub trait Value: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The type's tag, as it is stored.
    fn tag(&self) -> u8;

    /// The value's bytes: integers big-endian, ids and hashes as they are.
    fn to_bytes(&self) -> Vec<u8>;

    /// The value of that tag and those bytes.
    ///
    /// # Errors
    /// `Malformed` for an unknown tag and for bytes that are not of the tag's form.
    fn from_bytes(tag: u8, bytes: &[u8]) -> Result<Self>;
}

/// What one store holds. The cloud's is [`CloudSchema`](crate::schema::CloudSchema); the platform has its own.
pub trait Schema: Copy + Debug + Send + Sync + 'static {
    /// The kinds of record.
    type Collection: Name;
    /// The fields of records.
    type Field: Name;
    /// The values of fields, and the parts of keys.
    type Value: Value;
}

/// Declares an enum of names and implements [`Name`] for it.
#[macro_export]
macro_rules! names {
    ($(#[$meta:meta])* $vis:vis enum $ty:ident { $($(#[$doc:meta])* $member:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $ty { $($(#[$doc])* $member,)+ }

        impl $crate::backend::Name for $ty {
            const ALL: &'static [Self] = &[$(Self::$member,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$member => $name,)+ }
            }
        }
    };
}
