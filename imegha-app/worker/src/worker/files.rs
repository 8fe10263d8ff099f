//! Listing, uploads and downloads.

use std::pin::pin;

use futures::StreamExt as _;
use futures::future::{Either, select};
use imegha_cloud::{CancelToken, Cloud, Content, Download, ErrorKind as CloudKind};
use imegha_crypto::Id;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileSystemFileHandle};

use super::disk::Writing;
use super::download::{Parts, UNKNOWN};
use super::outlet::{Head, Outlet};
use super::port::Progress;
use super::source::FileSource;
use super::streams::Expected;
use super::{Answer, Worker, js, node_of};
use crate::protocol::{Crumb, Entry, ErrorCode, Failure, Listing, OnTaken, Reply, SaveTo};

/// A file that the page hands over.
pub(super) struct NewFile {
    pub(super) name: String,
    pub(super) modified_ms: u64,
    pub(super) mime: String,
    pub(super) file: Blob,
    /// Where the browser finds it again, if it says so.
    pub(super) handle: JsValue,
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
        // It can be stopped from now on.
        let transfer = self.transfers.begin(number);
        let upload = self.transfers.upload(number).await?;
        self.keep_source(&cloud, &upload, &new).await;
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
                self.forget_source(&cloud, &upload).await;
                self.tell_changed(&cloud);
                Ok(Reply::Stored(entry.into()))
            }
            Err(error) if error.kind() == CloudKind::Cancelled && transfer.token().is_paused() => {
                Err(Failure::new(ErrorCode::Paused))
            }
            Err(error) => {
                match error.kind() {
                    CloudKind::Cancelled => {
                        self.transfers.forget_upload(number);
                        self.forget_source(&cloud, &upload).await;
                    }
                    // Nothing of it was begun, so nothing can be gone on with until the person has decided.
                    CloudKind::AlreadyExists => self.forget_source(&cloud, &upload).await,
                    _ => {}
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
            let cloud = self.cloud()?;
            cloud.discard_upload(&upload).await?;
            self.forget_source(&cloud, &upload).await;
        }
        Ok(Reply::Done)
    }

    /// Downloads a revision of a file, the newest without its number, to where it is wanted. Nothing counts as there before all of it was
    /// verified: the stream fails before its end when size or SHA-256 are not those of the signed record.
    pub(super) async fn download(
        &self,
        number: u32,
        node: &str,
        revision: Option<u64>,
        to: SaveTo,
        file: Option<FileSystemFileHandle>,
    ) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let transfer = self.transfers.begin(number);
        let progress = Progress::new(self.port.clone(), number);
        // It may be asked for before the file is open.
        let expected = match &to {
            SaveTo::Stream { address, .. } => Some(self.streams.expect(address)),
            SaveTo::Blob | SaveTo::File => None,
        };
        let cancelled = pin!(transfer.token().cancelled());
        let read = pin!(async {
            let download = match revision {
                Some(revision) => cloud.download_revision(&node, revision).await?,
                None => cloud.download(&node).await?,
            };
            match (to, file, expected) {
                (SaveTo::Blob, ..) => to_blob(download, &progress).await,
                (SaveTo::File, Some(file), _) => to_file(download, &file, &progress).await,
                (SaveTo::Stream { name, .. }, _, Some(expected)) => {
                    self.to_stream(download, expected, &name, transfer.token(), &progress).await
                }
                _ => Err(Failure::new(ErrorCode::NotWritable)),
            }
        });
        match select(cancelled, read).await {
            Either::Left(_) => Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((answer, _)) => answer,
        }
    }

    /// Waits until the service worker asks for what is expected to be asked for.
    pub(super) async fn asked_for(&self, expected: Expected) -> Result<Outlet, Failure> {
        match select(expected, pin!(js::sleep(LONGEST_UNTIL_ASKED_MS))).await {
            Either::Left((outlet, _)) => outlet.map_err(|_| Failure::new(ErrorCode::Cancelled)),
            Either::Right(_) => Err(Failure::new(ErrorCode::NotWritable)),
        }
    }

    /// Hands a download to the service worker, once it asks for the address.
    async fn to_stream(
        &self,
        download: Download,
        expected: Expected,
        name: &str,
        cancel: &CancelToken,
        progress: &Progress,
    ) -> Result<Answer, Failure> {
        let outlet = self.asked_for(expected).await?;
        let (answer, total) = (downloaded(download.entry())?, download.len());
        outlet.begin(&Head { mime: None, name, start: 0, len: Some(total), size: total });
        outlet.pour(download, cancel, |done| progress.tell(done, total)).await?;
        Ok(answer)
    }
}

/// Into a blob, which the browser may keep on its disk.
async fn to_blob(mut download: Download, progress: &Progress) -> Result<Answer, Failure> {
    let (mut done, total) = (0, download.len());
    let mut parts = Parts::new();
    while let Some(bytes) = download.next().await {
        let bytes = bytes?;
        parts.push(&bytes)?;
        done += bytes.len() as u64;
        progress.tell(done, total);
    }
    Ok(Answer { blob: Some(parts.join(UNKNOWN)?), ..downloaded(download.entry())? })
}

/// Into a file that the person chose.
async fn to_file(mut download: Download, file: &FileSystemFileHandle, progress: &Progress) -> Result<Answer, Failure> {
    let (mut done, total) = (0, download.len());
    let writing = Writing::begin(file).await?;
    while let Some(bytes) = download.next().await {
        let bytes = bytes?;
        writing.write(&bytes).await?;
        done += bytes.len() as u64;
        progress.tell(done, total);
    }
    writing.finish().await?;
    downloaded(download.entry())
}

fn downloaded(entry: &imegha_cloud::Entry) -> Result<Answer, Failure> {
    let sha256 = entry.sha256.ok_or(Failure::new(ErrorCode::CannotOpen))?;
    Ok(Reply::Downloaded { name: entry.shown_name.clone(), sha256: sha256.to_string() }.into())
}

/// How long a page may take to have its address asked for. It does so at once; what takes longer never comes.
const LONGEST_UNTIL_ASKED_MS: i32 = 60_000;

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
