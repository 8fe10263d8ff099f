//! What is kept of an image beside itself: a small picture, its sides, and when it was taken.

use futures::lock::Mutex;
use imegha_cloud::{Content, Photo, Thumbnail};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::shrink::shrink;
use crate::preview::{HEAD_LEN, Look, look};
use crate::sides::Sides;

/// What was found in an image that is to be uploaded.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    taken_ms: Option<u64>,
    sides: Option<Sides>,
    thumbnail: Option<Thumbnail>,
}

/// Decodes one image at a time: a large one takes some hundred megabytes.
#[derive(Debug, Default)]
pub(super) struct Studio(Mutex<()>);

impl Studio {
    /// Looks at a file. Of one that is no image, or none that can be decoded here, only what it says of itself is kept: whoever uploads
    /// must not be kept from it.
    pub(super) async fn look_at(&self, file: &Blob) -> Picture {
        let size = file.size() as u64;
        let Some(head) = read(file, HEAD_LEN.min(size)).await else { return Picture::default() };
        let taken_ms = Photo::read(&head).taken_ms;
        // By its first bytes alone: most files are none, and are not read twice.
        if !matches!(look(&head, size, "", ""), Look::Image { .. } | Look::Unfinished) {
            return Picture { taken_ms, ..Picture::default() };
        }
        let _alone = self.0.lock().await;
        let whole = if size > HEAD_LEN { read(file, size).await } else { Some(head) };
        let small = match whole {
            Some(whole) => shrink(&whole, |sides| sides.within(SIDE), Thumbnail::MAX_LEN).await,
            None => None,
        };
        match small {
            Some(small) => Picture {
                taken_ms,
                sides: Some(small.of),
                thumbnail: Some(Thumbnail { mime: small.mime, bytes: small.bytes }),
            },
            None => Picture { taken_ms, ..Picture::default() },
        }
    }
}

impl Picture {
    /// Adds what was found to what is uploaded.
    pub(super) fn beside(&self, mut content: Content) -> Content {
        if let Some(ms) = self.taken_ms {
            content = content.taken_ms(ms);
        }
        if let Some(Sides { width, height }) = self.sides {
            content = content.dimensions(width, height);
        }
        match &self.thumbnail {
            Some(thumbnail) => content.thumbnail(thumbnail.clone()),
            None => content,
        }
    }
}

/// The first bytes of a file; nothing when it cannot be read, which its upload will find too.
async fn read(file: &Blob, len: u64) -> Option<Vec<u8>> {
    let slice = file.slice_with_f64_and_f64(0.0, len as f64).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// The longest side of a thumbnail, in pixels: as the command line makes them.
const SIDE: u32 = 400;
