//! Listing, folders, uploads and downloads.

use std::pin::pin;

use futures::StreamExt as _;
use futures::future::{Either, select};
use imegha_cloud::{Cloud, Content, ErrorKind as CloudKind};
use imegha_crypto::Id;
use send_wrapper::SendWrapper;
use web_sys::Blob;

use super::download::Parts;
use super::port::Progress;
use super::source::FileSource;
use super::{Answer, Worker};
use crate::protocol::{Crumb, Entry, ErrorCode, Failure, Listing, Reply};

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

    pub(super) async fn create_folder(&self, parent: Option<&str>, name: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let parent = node_of(&cloud, parent)?;
        let entry = cloud.create_folder(&parent, name).await.map_err(named)?;
        Ok(Reply::Stored(entry.into()))
    }

    /// Uploads a file under its name, or the next one that is free.
    pub(super) async fn upload(&self, number: u32, folder: Option<&str>, new: NewFile) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let folder = node_of(&cloud, folder)?;
        let transfer = self.transfers.begin(number);
        loop {
            let name = cloud.free_name(&folder, &new.name).await.map_err(named)?;
            let progress = SendWrapper::new(Progress::new(self.port.clone(), number));
            let waiting = progress.clone();
            let content = Content::new(FileSource::new(new.file.clone()))
                .mime(new.mime.as_str())
                .modified_ms(new.modified_ms)
                .progress(move |done, total| progress.tell(done, total))
                .waiting(move || waiting.tell_waiting())
                .cancel(transfer.token());
            match cloud.upload(&folder, &name, content).await {
                // Another upload took the name since it was free.
                Err(error) if error.kind() == CloudKind::AlreadyExists => {}
                stored => return Ok(Reply::Stored(stored.map_err(named)?.into())),
            }
        }
    }

    /// Downloads a file into a blob, which the browser may keep on its disk. Nothing is handed over before all of it was
    /// verified: the stream fails before its end when size or SHA-256 are not those of the signed record.
    pub(super) async fn download(&self, number: u32, node: &str) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let transfer = self.transfers.begin(number);
        let read = pin!(self.read(&cloud, &node, number));
        let cancelled = pin!(transfer.token().cancelled());
        match select(cancelled, read).await {
            Either::Left(_) => Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((answer, _)) => answer,
        }
    }

    async fn read(&self, cloud: &Cloud, node: &Id, number: u32) -> Result<Answer, Failure> {
        let mut download = cloud.download(node).await?;
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
        Ok(Answer { reply, blob: Some(parts.join()?) })
    }
}

/// The node that the page names; the root when it names none.
fn node_of(cloud: &Cloud, id: Option<&str>) -> Result<Id, Failure> {
    match id {
        None => Ok(cloud.root()),
        Some(id) => Id::parse_hex(id).map_err(|_| Failure::new(ErrorCode::NotFound)),
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
        }
    }
}

/// Where a name goes in, `Malformed` says that it cannot be one.
fn named(error: imegha_cloud::Error) -> Failure {
    match error.kind() {
        CloudKind::Malformed => Failure::new(ErrorCode::NameInvalid),
        _ => error.into(),
    }
}
