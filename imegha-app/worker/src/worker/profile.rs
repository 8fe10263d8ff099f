//! The owner's profile.

use imegha_cloud::{Cloud, ErrorKind, Picture};
use imegha_crypto::Hash;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::download::Parts;
use super::shrink::shrink;
use super::{Answer, Worker};
use crate::preview::{Look, look};
use crate::protocol::{ErrorCode, Failure, PictureChange, Profile, Reply};
use crate::sides::Sides;

impl Worker {
    pub(super) async fn profile(&self) -> Result<Answer, Failure> {
        let profile = self.cloud()?.profile().await?;
        Ok(Answer { blob: picture_of(&profile)?, ..Reply::Profile { profile: told(&profile) }.into() })
    }

    /// Changes what differs between `before` and `after`. Where the cloud has something else than `before` there, nothing is written.
    pub(super) async fn edit_profile(
        &self,
        before: Profile,
        after: Profile,
        picture: PictureChange,
        blob: Option<Blob>,
    ) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let picture = match picture {
            PictureChange::Keep => None,
            PictureChange::Remove => Some(None),
            PictureChange::Replace => Some(Some(read_small(blob).await?)),
        };
        let (profile, is_written) = edit(&cloud, &before, &after, picture).await?;
        let blob = picture_of(&profile)?;
        let profile = told(&profile);
        if is_written {
            self.tell_changed(&cloud);
            return Ok(Answer { blob, ..Reply::Profile { profile }.into() });
        }
        Ok(Answer { blob, ..Reply::ProfileChanged { profile }.into() })
    }
}

/// Makes a picture for a profile out of an image that somebody chose.
pub(super) async fn make_picture(blob: Option<Blob>) -> Result<Answer, Failure> {
    let refused = || Failure::new(ErrorCode::PictureRefused);
    let blob = blob.filter(|blob| blob.size() <= MOST_CHOSEN).ok_or_else(refused)?;
    let bytes = bytes_of(&blob).await?;
    let small = shrink(&bytes, |sides: Sides| sides.square(SIDE), Picture::MAX_LEN).await.ok_or_else(refused)?;
    let mut parts = Parts::new();
    parts.push(&small.bytes)?;
    Ok(Answer { blob: Some(parts.join(&small.mime)?), ..Reply::Picture.into() })
}

async fn edit(
    cloud: &Cloud,
    before: &Profile,
    after: &Profile,
    picture: Option<Option<Picture>>,
) -> Result<(imegha_cloud::Profile, bool), Failure> {
    let mut clashes = false;
    let changed = cloud.edit_profile(|profile| {
        let now = told(profile);
        let text = |before: &str, now: &str, after: &str| before != after && before != now && now != after;
        clashes = text(&before.name, &now.name, &after.name)
            || text(&before.bio, &now.bio, &after.bio)
            || text(&before.phone, &now.phone, &after.phone)
            || (picture.is_some() && now.picture != before.picture);
        if clashes {
            return;
        }
        for (field, before, after) in [
            (&mut profile.name, &before.name, &after.name),
            (&mut profile.bio, &before.bio, &after.bio),
            (&mut profile.phone, &before.phone, &after.phone),
        ] {
            if before != after {
                field.clone_from(after);
            }
        }
        if let Some(picture) = &picture {
            profile.picture.clone_from(picture);
        }
    });
    let profile = changed.await.map_err(|error| match error.kind() {
        ErrorKind::Malformed => Failure::new(ErrorCode::TooLong),
        _ => error.into(),
    })?;
    Ok((profile, !clashes))
}

/// What the page is told of a profile.
fn told(profile: &imegha_cloud::Profile) -> Profile {
    Profile {
        name: profile.name.clone(),
        bio: profile.bio.clone(),
        phone: profile.phone.clone(),
        picture: profile.picture.as_ref().map(|picture| Hash::of(&picture.bytes).to_string()),
    }
}

/// The picture, as far as its bytes are those of one that may be decoded here.
fn picture_of(profile: &imegha_cloud::Profile) -> Result<Option<Blob>, Failure> {
    let Some(picture) = &profile.picture else { return Ok(None) };
    let Look::Image { mime, .. } = look(&picture.bytes, picture.bytes.len() as u64, "", "") else { return Ok(None) };
    let mut parts = Parts::new();
    parts.push(&picture.bytes)?;
    Ok(Some(parts.join(mime)?))
}

/// What [`make_picture`] made, as it came back from the page.
async fn read_small(blob: Option<Blob>) -> Result<Picture, Failure> {
    let refused = || Failure::new(ErrorCode::PictureRefused);
    let blob = blob.filter(|blob| blob.size() <= Picture::MAX_LEN as f64).ok_or_else(refused)?;
    let bytes = bytes_of(&blob).await?;
    match look(&bytes, bytes.len() as u64, "", "") {
        Look::Image { mime, .. } => Ok(Picture { mime: mime.to_owned(), bytes }),
        _ => Err(refused()),
    }
}

async fn bytes_of(blob: &Blob) -> Result<Vec<u8>, Failure> {
    // The file was moved or changed since it was chosen.
    let read = JsFuture::from(blob.array_buffer()).await.map_err(|_| Failure::new(ErrorCode::SourceChanged))?;
    Ok(Uint8Array::new(&read).to_vec())
}

/// As much as a picture may have before it is made small: 50 MB, as of one that is looked at.
const MOST_CHOSEN: f64 = 50_000_000.0;

/// The sides of a picture, in pixels.
const SIDE: u32 = 512;
