//! Everything that the cloud keeps, as plain files: to a folder of this device, or as an archive out through the service worker.

use std::pin::pin;

use futures::future::{Either, select};
use imegha_cloud::{ErrorKind as CloudKind, ExportOptions, ExportTarget};
use send_wrapper::SendWrapper;
use web_sys::FileSystemDirectoryHandle;

use super::Worker;
use super::export_folder::ExportFolder;
use super::export_tar::ExportTar;
use super::scratch::Scratch;
use crate::protocol::{ErrorCode, Event, ExportTo, Exported, Failure, Reply};

impl Worker {
    /// Writes everything; one export at a time.
    pub(super) async fn export(
        &self,
        number: u32,
        to: ExportTo,
        revisions: bool,
        folder: Option<FileSystemDirectoryHandle>,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let transfer = self.transfers.begin(number);
        let port = SendWrapper::new(self.port.clone());
        let options = ExportOptions::new()
            .progress(move |files, bytes| port.event(&Event::Exporting { transfer: number, files, bytes }))
            .cancel(transfer.token());
        let options = if revisions { options.revisions() } else { options };
        let mut target: Box<dyn ExportTarget> = match to {
            ExportTo::Folder { name } => Box::new(ExportFolder::make(folder, &name).await?),
            ExportTo::Archive { address, name } => {
                // It may be asked for before the rest is ready.
                let expected = self.streams.expect(&address);
                let scratch = Scratch::open().await?;
                let outlet = self.asked_for(expected).await?;
                Box::new(ExportTar::begin(outlet, &name, scratch))
            }
        };
        let run = pin!(cloud.export_to(&mut *target, &options));
        let exported = match select(pin!(transfer.token().cancelled()), run).await {
            Either::Left(_) => return Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((exported, _)) => exported.map_err(|error| match error.kind() {
                // Nothing is stored in the cloud meanwhile.
                CloudKind::StorageFull => Failure::new(ErrorCode::DeviceFull),
                CloudKind::Backend => Failure::new(ErrorCode::NotWritable),
                _ => error.into(),
            })?,
        };
        let failed = exported.failed.iter();
        Ok(Reply::Exported(Exported {
            folders: exported.folders,
            files: exported.files + exported.revisions,
            bytes: exported.bytes,
            failed: exported.failed.len() as u64,
            named: failed.map(|failed| failed.cloud_path.clone()).take(MOST_NAMED).collect(),
            changed: exported.changed,
        }))
    }
}

/// How many of what could not be exported are named on the page. All of them stand in the manifest.
const MOST_NAMED: usize = 20;
