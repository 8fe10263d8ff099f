//! Reading a file to be looked at.

use std::pin::pin;

use futures::future::{Either, select};
use imegha_cloud::{CancelToken, Cloud, Download};
use imegha_crypto::Id;

use super::download::Parts;
use super::streams::Playing;
use super::{Answer, Worker, node_of};
use crate::preview::{HEAD_LEN, Look, look};
use crate::protocol::{ErrorCode, Failure, NoPreview, Preview, Reply};

impl Worker {
    /// Reads as much of a file as is needed to show it. One file is looked at: the next one ends this.
    pub(super) async fn preview(&self, node: &str) -> Result<Answer, Failure> {
        let cloud = self.cloud()?;
        let node = node_of(&cloud, Some(node))?;
        let token = CancelToken::new();
        self.looking.replace(token.clone()).cancel();
        self.streams.play(None);
        let read = pin!(self.read_to_look(&cloud, &node, &token));
        match select(pin!(token.cancelled()), read).await {
            Either::Left(_) => Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((answer, _)) => answer,
        }
    }

    /// Nothing is looked at any more: what was being read ends, and what plays falls silent.
    pub(super) fn look_away(&self) {
        self.looking.borrow().cancel();
        self.streams.play(None);
    }

    async fn read_to_look(&self, cloud: &Cloud, node: &Id, token: &CancelToken) -> Result<Answer, Failure> {
        let download = cloud.download(node).await?;
        let (size, sha256) = (download.len(), download.entry().sha256);
        match read(cloud, node, download).await? {
            (Look::Media { mime }, _) => {
                let sha256 = sha256.ok_or(Failure::new(ErrorCode::CannotOpen))?;
                let address = Id::generate()?.to_string();
                let playing =
                    Playing { address: address.clone(), node: *node, sha256, size, mime, cancel: token.clone() };
                self.streams.play(Some(playing));
                Ok(Reply::Preview(Preview::Media { address, film: mime.starts_with("video/") }).into())
            }
            (seen, bytes) => answer(seen, &bytes),
        }
    }
}

async fn read(cloud: &Cloud, node: &Id, download: Download) -> Result<(Look, Vec<u8>), Failure> {
    let (name, mime) = (download.entry().name.clone(), download.entry().mime.clone().unwrap_or_default());
    let size = download.len();
    if size <= HEAD_LEN {
        let bytes = download.bytes().await?;
        return Ok((look(&bytes, size, &name, &mime), bytes));
    }
    let head = cloud.download_range(node, 0..HEAD_LEN).await?.bytes().await?;
    match look(&head, size, &name, &mime) {
        // Read from its beginning again, so that the whole is compared with the signed record's hash.
        Look::Unfinished => {
            let bytes = download.bytes().await?;
            Ok((look(&bytes, size, &name, &mime), bytes))
        }
        seen => Ok((seen, head)),
    }
}

fn answer(seen: Look, bytes: &[u8]) -> Result<Answer, Failure> {
    let (preview, blob) = match seen {
        Look::Image { mime, width, height } => {
            let mut parts = Parts::new();
            parts.push(bytes)?;
            (Preview::Image { width, height }, Some(parts.join(mime)?))
        }
        Look::Text { text, cut } => (Preview::Text { text, cut }, None),
        Look::Nothing(why) => (Preview::Nothing { why }, None),
        Look::Unfinished | Look::Media { .. } => (Preview::Nothing { why: NoPreview::Damaged }, None),
    };
    Ok(Answer { blob, ..Reply::Preview(preview).into() })
}
