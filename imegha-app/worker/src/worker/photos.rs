//! Photos: the small picture of one, and all of them by when they were taken.

use imegha_cloud::ErrorKind;

use super::download::Parts;
use super::{Answer, Worker, node_of};
use crate::preview::{Look, look};
use crate::protocol::{Entry, ErrorCode, Failure, Photo, Reply};

impl Worker {
    /// The thumbnail of a file, when its bytes are those of an image.
    pub(super) async fn thumbnail(&self, node: &str) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let thumbnail = cloud.thumbnail(&node_of(&cloud, Some(node))?).await?;
        let Look::Image { mime, .. } = look(&thumbnail.bytes, thumbnail.bytes.len() as u64, "", "") else {
            return Err(Failure::new(ErrorCode::CannotOpen));
        };
        let mut parts = Parts::new();
        parts.push(&thumbnail.bytes)?;
        Ok(Answer { blob: Some(parts.join(mime)?), ..Reply::Picture.into() })
    }

    /// Every image outside of the trash, the latest first. All folders are looked through.
    pub(super) async fn photos(&self) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let mut photos = Vec::new();
        let mut folders = vec![cloud.root()];
        while let Some(folder) = folders.pop() {
            let entries = match cloud.list(&folder).await {
                Ok(entries) => entries,
                // Removed by another device meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound && folder != cloud.root() => continue,
                Err(error) => return Err(error.into()),
            };
            for entry in entries.into_iter().filter(|entry| entry.damaged.is_none()) {
                if entry.is_folder() {
                    folders.push(entry.id);
                } else if entry.has_thumbnail || entry.mime.as_deref().is_some_and(|mime| mime.starts_with("image/")) {
                    photos.push(photo(entry));
                }
            }
        }
        photos.sort_by(|a: &Photo, b: &Photo| b.taken_ms.cmp(&a.taken_ms).then_with(|| a.entry.id.cmp(&b.entry.id)));
        Ok(Reply::Photos { photos })
    }
}

fn photo(entry: imegha_cloud::Entry) -> Photo {
    Photo {
        taken_ms: entry.taken_ms.or(entry.modified_ms).unwrap_or(entry.written_ms),
        sides: entry.dimensions,
        entry: Entry::from(entry),
    }
}
