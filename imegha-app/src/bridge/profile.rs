//! The profile, as its page asks for it.

use imegha_worker::protocol::{ErrorCode, Failure, PictureChange, Profile, Reply, Request};
use web_sys::Blob;

use super::client::Client;
use super::message::failure;

/// A profile with its picture.
#[derive(Clone, Debug)]
pub(crate) struct Portrait {
    /// What it says.
    pub(crate) profile: Profile,
    /// The picture; nothing where there is none, or none that may be shown.
    pub(crate) picture: Option<Blob>,
}

impl Client {
    /// The profile.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn profile(self) -> Result<Portrait, Failure> {
        match self.ask_for_blob(Request::Profile).await? {
            (Reply::Profile { profile }, picture) => Ok(Portrait { profile, picture }),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Makes an image small enough for a profile.
    ///
    /// # Errors
    /// As [`Client::ask`]; [`ErrorCode::PictureRefused`] when it is none that can be used.
    pub(crate) async fn make_picture(self, image: &Blob) -> Result<Blob, Failure> {
        match self.ask_with_blob(Request::MakePicture, Some(image)).await? {
            (Reply::Picture, Some(picture)) => Ok(picture),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Changes the profile. `Err` inside when another device changed the same: then nothing was written.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn edit_profile(
        self,
        before: Profile,
        after: Profile,
        picture: PictureChange,
        new: Option<Blob>,
    ) -> Result<Result<Portrait, Portrait>, Failure> {
        match self.ask_with_blob(Request::EditProfile { before, after, picture }, new.as_ref()).await? {
            (Reply::Profile { profile }, picture) => Ok(Ok(Portrait { profile, picture })),
            (Reply::ProfileChanged { profile }, picture) => Ok(Err(Portrait { profile, picture })),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
