//! What somebody says of themselves.

use serde::{Deserialize, Serialize};

/// A profile. An empty text is one that was not given. The picture comes as `blob`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name to be called by.
    pub name: String,
    /// A few words.
    pub bio: String,
    /// A telephone number.
    pub phone: String,
    /// The SHA-256 of the picture in hex, if there is one.
    pub picture: Option<String>,
}

/// Names nothing of it.
impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").finish_non_exhaustive()
    }
}

/// What is to become of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PictureChange {
    /// It stays.
    Keep,
    /// It goes.
    Remove,
    /// What comes as `blob` takes its place.
    Replace,
}
