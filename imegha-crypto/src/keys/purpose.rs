//! The keys of a cloud's purposes, and the records under them (FORMAT 5).

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::label::Label;
use crate::sealed::Sealed;
use crate::secret::Secret;

/// What a purpose key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The profile.
    Profile,
    /// The keys of albums.
    Albums,
    /// The log.
    Log,
    /// The journals of uploads.
    Journal,
    /// The settings.
    Settings,
    /// The records of public links.
    Links,
    /// Keys received from others.
    Received,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Profile, Self::Albums, Self::Log, Self::Journal, Self::Settings, Self::Links, Self::Received];

    /// The name that stands in the derivation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Albums => "albums",
            Self::Log => "log",
            Self::Journal => "journal",
            Self::Settings => "settings",
            Self::Links => "links",
            Self::Received => "received",
        }
    }
}

/// A kind of record that has a cloud's id and a counter of edits for its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// Name, bio, phone, picture.
    Profile,
    /// Settings of the cloud.
    Settings,
}

impl RecordKind {
    fn label(self, cloud: &Id, edit: u64) -> Label {
        let name = match self {
            Self::Profile => "record/profile",
            Self::Settings => "record/settings",
        };
        Label::new(name).id(cloud).u64(edit)
    }

    fn purpose(self) -> Purpose {
        match self {
            Self::Profile => Purpose::Profile,
            Self::Settings => Purpose::Settings,
        }
    }
}

/// The key of one purpose in one cloud. It knows which, and is refused for another.
#[derive(Clone)]
pub struct PurposeKey {
    key: Secret,
    purpose: Purpose,
}

impl PurposeKey {
    pub(crate) fn new(key: Secret, purpose: Purpose) -> Self {
        Self { key, purpose }
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The key, for who says what for.
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else.
    pub(crate) fn of(&self, purpose: Purpose) -> Result<&Secret> {
        if self.purpose == purpose { Ok(&self.key) } else { Err(Error::Key) }
    }

    /// Seals a record. `edit` counts its versions, so that an older one is not taken for the newest.
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else.
    pub fn seal_record(&self, kind: RecordKind, cloud: &Id, edit: u64, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(self.of(kind.purpose())?, &kind.label(cloud, edit), payload)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else, [`Error::CannotOpen`] for another cloud's or edit's.
    pub fn open_record(&self, sealed: &Sealed, kind: RecordKind, cloud: &Id, edit: u64) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(self.of(kind.purpose())?, &kind.label(cloud, edit), sealed)
    }

    /// Seals the journal of an upload, under a key for [`Purpose::Journal`].
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else.
    pub fn seal_journal(&self, upload: &Id, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(self.of(Purpose::Journal)?, &Label::new("record/journal").id(upload), payload)
    }

    /// Opens the journal of an upload.
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else, [`Error::CannotOpen`] for another upload's.
    pub fn open_journal(&self, sealed: &Sealed, upload: &Id) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(self.of(Purpose::Journal)?, &Label::new("record/journal").id(upload), sealed)
    }

    /// Seals the owner's record of a public link, under a key for [`Purpose::Links`].
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else.
    pub fn seal_link(&self, grant: &Id, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(self.of(Purpose::Links)?, &Label::new("record/link").id(grant), payload)
    }

    /// Opens the owner's record of a public link.
    ///
    /// # Errors
    /// [`Error::Key`] when this key is for something else, [`Error::CannotOpen`] for another grant's.
    pub fn open_link(&self, sealed: &Sealed, grant: &Id) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(self.of(Purpose::Links)?, &Label::new("record/link").id(grant), sealed)
    }

    /// Seals what a device keeps for itself and never sends: the label is `local/<name>`, which no format on the wire
    /// begins with.
    ///
    /// # Errors
    /// [`Error::Key`] for a key that wraps keys (albums, received): such a key seals nothing else. [`Error::Malformed`] for a name
    /// that is not of visible ASCII. [`Error::Bounds`] for a payload of 64 MiB.
    pub fn seal_local(&self, name: &'static str, id: &Id, payload: &[u8]) -> Result<Sealed> {
        wrapped::seal(self.of_content()?, &local(name, id)?, payload)
    }

    /// Opens what the device kept.
    ///
    /// # Errors
    /// [`Error::CannotOpen`] for another name's or id's, and as [`seal_local`](Self::seal_local).
    pub fn open_local(&self, sealed: &Sealed, name: &'static str, id: &Id) -> Result<Zeroizing<Vec<u8>>> {
        wrapped::open(self.of_content()?, &local(name, id)?, sealed)
    }

    /// The key, where it is one that seals content: no key does both.
    fn of_content(&self) -> Result<&Secret> {
        match self.purpose {
            Purpose::Albums | Purpose::Received => Err(Error::Key),
            Purpose::Profile | Purpose::Log | Purpose::Journal | Purpose::Settings | Purpose::Links => Ok(&self.key),
        }
    }
}

impl ConstantTimeEq for PurposeKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        // What a key is for is no secret.
        self.key.ct_eq(&other.key) & Choice::from(u8::from(self.purpose == other.purpose))
    }
}

impl PartialEq for PurposeKey {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for PurposeKey {}

impl fmt::Debug for PurposeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PurposeKey({}, [redacted])", self.purpose.name())
    }
}

impl zeroize::ZeroizeOnDrop for PurposeKey {}

fn local(name: &'static str, id: &Id) -> Result<Label> {
    if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Malformed);
    }
    Ok(Label::new(&format!("local/{name}")).id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_wraps_seals_nothing_of_the_device() {
        let id = Id::ZERO;
        for purpose in Purpose::ALL {
            let key = PurposeKey::new(Secret::generate().unwrap(), purpose);
            let sealed = key.seal_local("index", &id, b"payload");
            if matches!(purpose, Purpose::Albums | Purpose::Received) {
                assert_eq!(sealed.unwrap_err(), Error::Key, "{purpose:?}");
                continue;
            }
            let sealed = sealed.unwrap();
            assert_eq!(*key.open_local(&sealed, "index", &id).unwrap(), b"payload");
            assert_eq!(key.open_local(&sealed, "other", &id).unwrap_err(), Error::CannotOpen);
            // What would end the label's name early, and be a part of it.
            assert_eq!(key.seal_local("in\0dex", &id, b"").unwrap_err(), Error::Malformed);
            assert_eq!(key.open_local(&sealed, "in dex", &id).unwrap_err(), Error::Malformed);
        }
    }
}
