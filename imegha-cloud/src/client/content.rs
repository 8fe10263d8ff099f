//! What is uploaded: its bytes, and what is known of them.

use std::fmt;
use std::sync::Arc;

use imegha_crypto::Id;

use super::cancel::CancelToken;
use super::source::Source;
use crate::photos::Thumbnail;

/// The content of a file to upload, with what is known of it and who wants to hear of its progress.
///
/// ```
/// use imegha_cloud::{BytesSource, CancelToken, Content};
///
/// let cancel = CancelToken::new();
/// let content = Content::new(BytesSource::new("Hello"))
///     .mime("text/plain")
///     .modified_ms(1_790_000_000_000)
///     .progress(|done, total| println!("{done} of {total}"))
///     .cancel(&cancel);
/// # drop(content);
/// ```
pub struct Content {
    pub(crate) source: Box<dyn Source>,
    pub(crate) about: About,
}

/// What is known of a content beside its bytes. It is shared between threads, which a source need not be.
#[derive(Clone, Default)]
pub(crate) struct About {
    pub(crate) mime: Option<String>,
    pub(crate) modified_ms: Option<u64>,
    pub(crate) taken_ms: Option<u64>,
    pub(crate) dimensions: Option<(u32, u32)>,
    pub(crate) thumbnail: Option<Thumbnail>,
    /// What the upload is called in this device's journals, if it is to have one.
    pub(crate) upload: Option<Id>,
    pub(crate) watch: Watch,
}

/// Who hears of a transfer, and who stops it.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) progress: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
    pub(crate) waiting: Option<Arc<dyn Fn() + Send + Sync>>,
    pub(crate) cancel: CancelToken,
}

impl Content {
    /// The content that `source` yields.
    pub fn new(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), about: About::default() }
    }

    /// Its MIME type: up to 255 characters of ASCII. An empty one counts as none.
    #[must_use]
    pub fn mime(mut self, mime: impl Into<String>) -> Self {
        self.about.mime = Some(mime.into()).filter(|mime| !mime.is_empty());
        self
    }

    /// When it was last modified, in milliseconds since 1970.
    #[must_use]
    pub fn modified_ms(mut self, ms: u64) -> Self {
        self.about.modified_ms = Some(ms);
        self
    }

    /// When a photo was taken, in milliseconds since 1970: what [`Photo::read`](crate::Photo::read) found.
    #[must_use]
    pub fn taken_ms(mut self, ms: u64) -> Self {
        self.about.taken_ms = Some(ms);
        self
    }

    /// How large an image or video is when it is shown, in pixels.
    #[must_use]
    pub fn dimensions(mut self, width: u32, height: u32) -> Self {
        self.about.dimensions = Some((width, height));
        self
    }

    /// A small picture of it, which is kept as an object of its own: [`Cloud::thumbnail`](crate::Cloud::thumbnail).
    #[must_use]
    pub fn thumbnail(mut self, thumbnail: Thumbnail) -> Self {
        self.about.thumbnail = Some(thumbnail);
        self
    }

    /// Calls `progress` with the bytes of plaintext that are stored, and those that there are in all; 0 when the source does not
    /// know.
    #[must_use]
    pub fn progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.about.watch.progress = Some(Arc::new(progress));
        self
    }

    /// Calls `waiting` whenever the store does not answer and the transfer waits before it tries again.
    #[must_use]
    pub fn waiting(mut self, waiting: impl Fn() + Send + Sync + 'static) -> Self {
        self.about.watch.waiting = Some(Arc::new(waiting));
        self
    }

    /// Keeps a journal on this device, so that an upload that was paused, interrupted or killed goes on where it stood when it is
    /// begun again with the same `upload`, an id that the caller draws and remembers, and a source that did not change.
    ///
    /// The source is read from its beginning again. Parts that were stored are compared with the journal and not sent; when one has
    /// changed, everything is uploaded anew, under a new key. A file that fits into one part (8 MiB) has no journal, because nothing
    /// of it could be kept.
    #[must_use]
    pub fn resumable(mut self, upload: &Id) -> Self {
        self.about.upload = Some(*upload);
        self
    }

    /// Stops when `token` is cancelled: what was sent is removed, nothing becomes visible. What is [`resumable`](Self::resumable)
    /// can be [paused](CancelToken::pause) by it too.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.about.watch.cancel = token.clone();
        self
    }
}

impl Watch {
    pub(crate) fn progress(&self, done: u64, total: u64) {
        if let Some(progress) = &self.progress {
            progress(done, total);
        }
    }

    pub(crate) fn waiting(&self) {
        if let Some(waiting) = &self.waiting {
            waiting();
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("size", &self.source.size()).finish_non_exhaustive()
    }
}
