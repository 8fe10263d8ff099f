//! The owner's profile: one sealed record, in the cloud and nowhere else.

mod bounds;

use imegha_crypto::{Purpose, RecordKind};
use serde::{Deserialize, Serialize};

use crate::backend::{Condition, Record, Write};
use crate::client::json::{self, Base64};
use crate::client::retry::Attempts;
use crate::client::{Cloud, Deks, PurposeKeys};
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::log::{Action, Change, key};
use crate::schema::{CloudSchema, CloudValue, Field};

/// What somebody says of themselves. An empty text is one that was not given.
///
/// The platform never has it. Others see it only in the contact card that the owner seals to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name to be called by: up to 200 bytes of UTF-8, without control characters.
    pub name: String,
    /// A few words: up to 4,096 bytes. Line breaks may be in it, no other control characters.
    pub bio: String,
    /// A telephone number, as it is typed: up to 64 bytes, without control characters.
    pub phone: String,
    /// A picture.
    pub picture: Option<Picture>,
}

/// A picture of somebody, made small by whoever chose it: it stands in the record itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg`, `image/png` or `image/webp`. Whoever shows it still decodes it as something that may come from anybody.
    pub mime: String,
    /// Up to 192 KiB.
    pub bytes: Vec<u8>,
}

impl Cloud {
    /// The owner's profile: empty when none was written yet.
    ///
    /// # Errors
    /// `CannotOpen` when it is damaged, `Rollback` when storage shows an older one; `Unavailable` when the store stays away.
    pub async fn profile(&self) -> Result<Profile> {
        self.log().refresh().await?;
        Ok(self.known_profile().await?.0)
    }

    /// Changes the profile: `change` is given the newest one, and again when another device wrote meanwhile, so that nothing of
    /// what it leaves alone is lost. When it changes nothing, nothing is written.
    ///
    /// # Errors
    /// `Malformed` when `change` leaves what a profile cannot be; otherwise as [`Cloud::profile`].
    pub async fn edit_profile(&self, mut change: impl FnMut(&mut Profile) + Send) -> Result<Profile> {
        let _writer = self.writer().lock().await;
        let mut attempts = Attempts::at_race(&self.store().clock);
        loop {
            let base = self.log().refresh().await?;
            let (before, edit) = self.known_profile().await?;
            let mut profile = before.clone();
            change(&mut profile);
            if profile == before {
                return Ok(profile);
            }
            profile.check()?;
            let edit =
                edit.checked_add(1).ok_or_else(|| Error::new(ErrorKind::Malformed, "there are no more numbers"))?;
            let payload = json::encode(&Payload::of(&profile));
            let sealed = self.profile_keys().newest().seal_record(RecordKind::Profile, &self.id(), edit, &payload)?;
            let record = Record::new(key::profile())
                .with(Field::Edit, CloudValue::U64(edit))
                .with(Field::Profile, CloudValue::Sealed(sealed))
                .with(Field::Written, CloudValue::Time(self.store().clock.now_ms()));
            let writes = vec![Write::Put(record, Condition::None)];
            let change = Change { action: Action::EditProfile, nodes: Vec::new(), writes };
            if self.commit(base, &change, &mut attempts).await? {
                return Ok(profile);
            }
        }
    }

    /// The profile as far as the log has been read, and how often it was edited.
    async fn known_profile(&self) -> Result<(Profile, u64)> {
        match self.log().read(&key::profile()).await? {
            Some(record) => self.open_profile(&record),
            None => Ok((Profile::default(), 0)),
        }
    }

    fn open_profile(&self, record: &Record<CloudSchema>) -> Result<(Profile, u64)> {
        let (fields, keys) = (Fields(record), self.profile_keys());
        let edit = fields.number(Field::Edit)?;
        let sealed = fields.sealed(Field::Profile)?;
        let (_, payload) = keys.open(|key| key.open_record(sealed, RecordKind::Profile, &self.id(), edit))?;
        let profile = json::decode::<Payload>(&payload)?.into_profile();
        // Only the owner writes it, but a reader does not rely on what another version let through.
        profile.check().map_err(|_| Error::new(ErrorKind::CannotOpen, "the profile is not of its form"))?;
        Ok((profile, edit))
    }

    fn profile_keys(&self) -> PurposeKeys {
        Deks::of(self.keys()).purpose(Purpose::Profile, &self.id())
    }
}

/// The payload of FORMAT 5, `profile`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Payload {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    bio: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    phone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    picture: Option<PicturePayload>,
}

#[derive(Serialize, Deserialize)]
struct PicturePayload {
    mime: String,
    bytes: Base64,
}

impl Payload {
    pub(crate) fn of(profile: &Profile) -> Self {
        let Profile { name, bio, phone, picture } = profile.clone();
        let picture = picture.map(|Picture { mime, bytes }| PicturePayload { mime, bytes: Base64(bytes) });
        Self { name, bio, phone, picture }
    }

    fn into_profile(self) -> Profile {
        let Self { name, bio, phone, picture } = self;
        let picture = picture.map(|PicturePayload { mime, bytes }| Picture { mime, bytes: bytes.0 });
        Profile { name, bio, phone, picture }
    }
}
