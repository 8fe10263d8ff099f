//! Reading files.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use imegha_crypto::Id;

use super::entry::Entry;
use super::object::Reader;
use super::revision::Revision;
use crate::client::Cloud;
use crate::error::{Error, ErrorKind, Result};
use crate::log::key;

/// The plaintext of a file as a stream. Every piece was verified before it is yielded.
///
/// A stream of a whole file ends with an error, before its last piece, when what was read is not of the size and SHA-256 in the
/// signed record. So whoever keeps the pieces must wait for the end: [`Cloud::download_to_path`] does.
pub struct Download {
    entry: Entry,
    len: u64,
    stream: BoxStream<'static, Result<Bytes>>,
}

impl Cloud {
    /// The content of a file, from its beginning to its end.
    ///
    /// # Errors
    /// `NotFound` when there is no such file; `CannotOpen` when its record cannot be opened, and from the stream when its object
    /// cannot; `Rollback` when storage shows an older state; `Unavailable` when the store stays away.
    pub async fn download(&self, file: &Id) -> Result<Download> {
        let (entry, reader) = self.read_file(file).await?;
        Ok(Download { len: entry.size, entry, stream: reader.read() })
    }

    /// A range of the bytes of a file. Only the chunks that hold it are read; each is verified, the SHA-256 of the whole file is
    /// not compared.
    ///
    /// # Errors
    /// `Malformed` when the range ends past the file; otherwise as [`Cloud::download`].
    pub async fn download_range(&self, file: &Id, range: Range<u64>) -> Result<Download> {
        let (entry, reader) = self.read_file(file).await?;
        let stream = reader.read_range(range.clone())?;
        Ok(Download { entry, len: range.end - range.start, stream })
    }

    /// The content of a file as it was in an older revision, or in the newest.
    ///
    /// # Errors
    /// `NotFound` when there is no such revision; otherwise as [`Cloud::download`].
    pub async fn download_revision(&self, file: &Id, number: u64) -> Result<Download> {
        let (entry, revision) = self.latest_of_revision(file, number).await?;
        self.read_revision(entry, &revision)
    }

    /// A revision of a file, and the file as it was then, after the log was read up to its head.
    pub(super) async fn latest_of_revision(&self, file: &Id, number: u64) -> Result<(Entry, Revision)> {
        self.log().refresh().await?;
        self.tree().in_one_state(|| self.find_revision(file, number)).await
    }

    pub(super) fn read_revision(&self, entry: Entry, revision: &Revision) -> Result<Download> {
        Ok(Download { len: entry.size, entry, stream: Reader::new(self.store(), revision)?.read() })
    }

    /// A revision of a file, and the file as it was then.
    async fn find_revision(&self, file: &Id, number: u64) -> Result<(Entry, Revision)> {
        let (opened, newest) = self.open_file(file).await?;
        let (record, revision) = if newest.number == number {
            (opened.record, newest)
        } else {
            let record = self.log().read(&key::revision(file, number)).await?;
            let record = record.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such revision"))?;
            let revision = self.tree().revision_in(&record, &opened.node)?.stands_in(&record)?;
            (record, revision)
        };
        let entry = opened.node.to_entry(&record, Some(&revision))?;
        Ok((entry, revision))
    }

    async fn read_file(&self, file: &Id) -> Result<(Entry, Reader)> {
        let (opened, revision) = self.as_file(self.tree().open_latest(file).await?)?;
        let entry = opened.node.to_entry(&opened.record, Some(&revision))?;
        Ok((entry, Reader::new(self.store(), &revision)?))
    }
}

impl Download {
    /// The file that is read.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// How many bytes the stream yields in all.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads everything into memory. For small files.
    ///
    /// # Errors
    /// Those of the stream; then nothing is given.
    pub async fn bytes(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("id", &self.entry.id).field("len", &self.len).finish_non_exhaustive()
    }
}
