//! Listing, uploads and downloads.

use std::pin::pin;

use futures::StreamExt as _;
use futures::future::{Either, select};
use imegha_cloud::{Cloud, Content, ErrorKind as CloudKind};
use imegha_crypto::Id;
use send_wrapper::SendWrapper;
use web_sys::Blob;

use super::download::{Parts, UNKNOWN};
use super::port::Progress;
use super::source::FileSource;
use super::{Answer, Worker, node_of};
use crate::protocol::{Crumb, Entry, ErrorCode, Failure, Listing, OnTaken, Reply};

/// A file that the page hands over.
pub(super) struct NewFile {
    pub(super) name: String,
    pub(super) modified_ms: u64,
    pub(super) mime: String,
    pub(super) file: Blob,
}

impl Worker {
    pub(super) async fn list(&self, folder: Option<&str>) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let folder = node_of(&cloud, folder)?;
        let entries = cloud.list(&folder).await?;
        let path = cloud.path(&folder).await?;
        Ok(Reply::Listing(Listing {
            folder: folder.to_string(),
            path: path.into_iter().map(|step| Crumb { id: step.id.to_string(), name: step.shown_name }).collect(),
            entries: entries.into_iter().map(Entry::from).collect(),
        }))
    }

    /// Uploads a file. Asked again under the number of one that was paused or failed, it goes on where that one stood.
    pub(super) async fn upload(
        &self,
        number: u32,
        taken: OnTaken,
        folder: Option<&str>,
        new: NewFile,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let folder = node_of(&cloud, folder)?;
        let upload = self.transfers.upload(number)?;
        let transfer = self.transfers.begin(number);
        let picture = self.studio.look_at(&new.file).await;
        let content = || {
            let progress = SendWrapper::new(Progress::new(self.port.clone(), number));
            let waiting = progress.clone();
            let content = Content::new(FileSource::new(new.file.clone()))
                .mime(new.mime.as_str())
                .modified_ms(new.modified_ms)
                .progress(move |done, total| progress.tell(done, total))
                .waiting(move || waiting.tell_waiting())
                .resumable(&upload)
                .cancel(transfer.token());
            picture.beside(content)
        };
        let stored = store(&cloud, &folder, &new.name, taken, content).await;
        match stored {
            Ok(entry) => {
                self.transfers.forget_upload(number);
                self.tell_changed(&cloud);
                Ok(Reply::Stored(entry.into()))
            }
            Err(error) if error.kind() == CloudKind::Cancelled && transfer.token().is_paused() => {
                Err(Failure::new(ErrorCode::Paused))
            }
            Err(error) => {
                if error.kind() == CloudKind::Cancelled {
                    self.transfers.forget_upload(number);
                }
                Err(named(error))
            }
        }
    }

    /// Stops a transfer. What was kept of an upload that was paused or failed is removed.
    pub(super) async fn cancel(&self, number: u32) -> Result<Reply, Failure> {
        if !self.transfers.cancel(number)
            && let Some(upload) = self.transfers.forget_upload(number)
        {
            self.cloud()?.discard_upload(&upload).await?;
        }
        Ok(Reply::Done)
    }

    /// Downloads a file into a blob, which the browser may keep on its disk. Nothing is handed over before all of it was
    /// verified: the stream fails before its end when size or SHA-256 are not those of the signed record.
    pub(super) async fn download(&self, number: u32, node: &str, revision: Option<u64>) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let transfer = self.transfers.begin(number);
        let read = pin!(self.read(&cloud, &node, revision, number));
        let cancelled = pin!(transfer.token().cancelled());
        match select(cancelled, read).await {
            Either::Left(_) => Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((answer, _)) => answer,
        }
    }

    async fn read(&self, cloud: &Cloud, node: &Id, revision: Option<u64>, number: u32) -> Result<Answer, Failure> {
        let mut download = match revision {
            Some(revision) => cloud.download_revision(node, revision).await?,
            None => cloud.download(node).await?,
        };
        let progress = Progress::new(self.port.clone(), number);
        let (mut done, total) = (0, download.len());
        let mut parts = Parts::new();
        while let Some(bytes) = download.next().await {
            let bytes = bytes?;
            parts.push(&bytes)?;
            done += bytes.len() as u64;
            progress.tell(done, total);
        }
        let entry = download.entry();
        let sha256 = entry.sha256.ok_or(Failure::new(ErrorCode::CannotOpen))?;
        let reply = Reply::Downloaded { name: entry.shown_name.clone(), sha256: sha256.to_string() };
        Ok(Answer { reply, blob: Some(parts.join(UNKNOWN)?) })
    }
}

/// Stores a content under a name, or does with a name that is taken as the person said.
async fn store(
    cloud: &Cloud,
    folder: &Id,
    name: &str,
    taken: OnTaken,
    content: impl Fn() -> Content,
) -> Result<imegha_cloud::Entry, imegha_cloud::Error> {
    loop {
        let stored = match taken {
            OnTaken::Ask => return cloud.upload(folder, name, content()).await,
            OnTaken::KeepBoth => cloud.upload(folder, &cloud.free_name(folder, name).await?, content()).await,
            OnTaken::Replace => match cloud.entry_named(folder, name).await? {
                Some(present) if !present.is_folder() => return cloud.replace(&present.id, content()).await,
                Some(_) => return Err(imegha_cloud::Error::new(CloudKind::AlreadyExists, "a folder has this name")),
                None => cloud.upload(folder, name, content()).await,
            },
        };
        match stored {
            // Another upload took the name since it was looked at.
            Err(error) if error.kind() == CloudKind::AlreadyExists => {}
            stored => return stored,
        }
    }
}

impl From<imegha_cloud::Entry> for Entry {
    fn from(entry: imegha_cloud::Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            folder: entry.is_folder(),
            name: entry.shown_name,
            size: entry.size,
            mime: entry.mime.unwrap_or_default(),
            modified_ms: entry.modified_ms.unwrap_or(entry.written_ms),
            damaged: entry.damaged.is_some(),
            thumbnail: entry.has_thumbnail.then_some(entry.revision),
        }
    }
}

/// Where a name goes in, `Malformed` says that it cannot be one.
pub(super) fn named(error: imegha_cloud::Error) -> Failure {
    match error.kind() {
        CloudKind::Malformed => Failure::new(ErrorCode::NameInvalid),
        _ => error.into(),
    }
}
