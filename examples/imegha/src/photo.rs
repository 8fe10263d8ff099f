//! What is known of a photo before it is stored: when it was taken, and the small picture that is shown in its place.

use std::path::Path;

use imegha_cloud::{Content, Photo, Pictured, Thumbnail};

/// What was found in the file of a photo.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    photo: Photo,
    pictured: Option<Pictured>,
}

impl Look {
    /// Looks at a file of `len` bytes of that media type. What cannot be read, or is no picture, is stored all the same: without.
    pub(crate) async fn at(file: &Path, media_type: Option<&str>, len: u64) -> Option<Self> {
        let media_type = media_type.filter(|media_type| media_type.starts_with("image/"))?;
        if len > LARGEST {
            return None;
        }
        let (file, has_thumbnail) = (file.to_owned(), PICTURED.contains(&media_type));
        let look = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(file).ok()?;
            let pictured = if has_thumbnail { Thumbnail::of_image(&bytes).ok() } else { None };
            Some(Self { photo: Photo::read(&bytes), pictured })
        });
        look.await.ok().flatten()
    }

    /// The content with what is known of it.
    pub(crate) fn describe(&self, mut content: Content) -> Content {
        if let Some(ms) = self.photo.taken_ms {
            content = content.taken_ms(ms);
        }
        match &self.pictured {
            Some(pictured) => content.dimensions(pictured.width, pictured.height).thumbnail(pictured.thumbnail.clone()),
            None => content,
        }
    }
}

/// Larger files are no photos that anybody takes, and are in memory while they are looked at.
const LARGEST: u64 = 64 * 1024 * 1024;
/// What thumbnails are made of.
const PICTURED: &[&str] = &["image/jpeg", "image/png", "image/webp", "image/gif"];
