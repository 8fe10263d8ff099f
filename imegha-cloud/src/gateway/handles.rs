//! Handles of the uploads under way.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::backend::{ObjectName, Upload, UploadId};

/// The handles of the uploads that were asked for last, the latest first.
///
/// A handle knows what was sent through it: where parts begin, of which S3 knows nothing. So an upload that keeps its handle is checked
/// part by part, and S3 is not asked at each of them whether it is still there. One that has fallen out, or that another process has
/// begun, gets a new handle.
#[derive(Debug, Default)]
pub(super) struct Handles(Mutex<VecDeque<Held>>);

#[derive(Clone, Debug)]
struct Held {
    name: ObjectName,
    upload: Arc<dyn Upload>,
}

impl Handles {
    /// The handle of that upload, if it is kept.
    pub(super) fn find(&self, name: &ObjectName, id: &UploadId) -> Option<Arc<dyn Upload>> {
        let mut held = self.lock();
        let found = held.iter().position(|held| held.is(name, id)).and_then(|place| held.remove(place))?;
        held.push_front(found.clone());
        Some(found.upload)
    }

    /// Keeps a handle, and returns it; or the one that another request has kept meanwhile.
    pub(super) fn keep(&self, name: &ObjectName, upload: Box<dyn Upload>) -> Arc<dyn Upload> {
        let mut held = self.lock();
        let place = held.iter().position(|held| held.is(name, upload.id()));
        let kept = place.and_then(|place| held.remove(place));
        let kept = kept.unwrap_or_else(|| Held { name: *name, upload: upload.into() });
        held.push_front(kept.clone());
        held.truncate(MOST);
        kept.upload
    }

    /// Lets go of the handle of an upload that has ended.
    pub(super) fn forget(&self, upload: &Arc<dyn Upload>) {
        self.lock().retain(|held| !Arc::ptr_eq(&held.upload, upload));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Held>> {
        // Whatever a panic leaves is a list of handles, each good by itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn is(&self, name: &ObjectName, id: &UploadId) -> bool {
        self.name == *name && self.upload.id() == id
    }
}

/// How many are kept: more than one device has under way. Each knows up to 10,000 parts.
const MOST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::BlobStore as _;
    use crate::backend::memory::MemoryBlobs;

    #[tokio::test]
    async fn the_latest_are_kept_each_once() {
        let (blobs, handles) = (MemoryBlobs::new(), Handles::default());
        let name = |number: usize| ObjectName::from_salt([number as u8; 24]);
        let mut begun = Vec::new();
        for number in 0..=MOST {
            begun.push(handles.keep(&name(number), blobs.begin_upload(&name(number)).await.unwrap()));
        }
        let find = |number: usize| handles.find(&name(number), begun[number].id());
        assert!(find(0).is_none() && find(1).is_some());
        // Of two for one upload the first stays; it is the latest now.
        let again = blobs.resume_upload(&name(1), begun[1].id()).await.unwrap();
        assert!(Arc::ptr_eq(&handles.keep(&name(1), again), &begun[1]));
        handles.keep(&name(0), blobs.resume_upload(&name(0), begun[0].id()).await.unwrap());
        assert!(find(2).is_none() && find(1).is_some());
        assert!(handles.find(&name(3), begun[1].id()).is_none(), "another object's");
        handles.forget(&begun[1]);
        assert!(find(1).is_none() && find(3).is_some());
    }
}
