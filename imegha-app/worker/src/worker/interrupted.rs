//! Uploads of tabs that are gone: what there is to go on with, and where their files are.

use imegha_cloud::{Cloud, Unfinished};
use imegha_crypto::Id;
use wasm_bindgen::JsValue;

use super::database::Table;
use super::files::NewFile;
use super::journals::place;
use super::{Answer, Worker};
use crate::protocol::{ErrorCode, Failure, Interrupted, Reply};

impl Worker {
    /// The uploads that were interrupted and that no tab has at hand. They are this tab's from now on.
    pub(super) async fn interrupted(&self) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let mut uploads = Vec::new();
        for upload in cloud.unfinished().await? {
            if self.transfers.claim(&upload.upload).await {
                uploads.push(interrupted(upload));
            }
        }
        Ok(Reply::Interrupted { uploads })
    }

    /// Calls an interrupted upload by a number from now on, and says where its file is, if that is known.
    pub(super) async fn adopt(&self, number: u32, upload: &str) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let upload = Id::parse_hex(upload).map_err(|_| Failure::new(ErrorCode::NotFound))?;
        if !self.transfers.adopt(number, &upload) {
            return Err(Failure::new(ErrorCode::NotFound));
        }
        let handle = match self.device()?.database() {
            Some(database) => database.get_value(Table::Sources, &place(&cloud.id(), &upload)).await.ok(),
            None => None,
        };
        Ok(Answer { handle: handle.filter(JsValue::is_object), ..Reply::Done.into() })
    }

    /// Remembers where the file of an upload is that may be interrupted. Without it the person is asked for the file again.
    pub(super) async fn keep_source(&self, cloud: &Cloud, upload: &Id, new: &NewFile) {
        if new.handle.is_object()
            && new.file.size() > LEAST
            && let Ok(device) = self.device()
            && let Some(database) = device.database()
        {
            _ = database.put_value(Table::Sources, &place(&cloud.id(), upload), &new.handle).await;
        }
    }

    /// Forgets it.
    pub(super) async fn forget_source(&self, cloud: &Cloud, upload: &Id) {
        if let Ok(device) = self.device()
            && let Some(database) = device.database()
        {
            _ = database.delete(Table::Sources, &place(&cloud.id(), upload)).await;
        }
    }
}

fn interrupted(upload: Unfinished) -> Interrupted {
    Interrupted {
        upload: upload.upload.to_string(),
        folder: upload.folder.to_string(),
        name: upload.name,
        size: upload.size.unwrap_or_default(),
        sent: upload.sent,
        replaces: upload.file.is_some(),
    }
}

/// What fits into one part, of 8 MiB, has no journal.
const LEAST: f64 = (8 * 1024 * 1024) as f64;
