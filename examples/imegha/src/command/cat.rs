//! Writing contents to standard output.

use std::io::Write as _;

use futures::StreamExt as _;
use imegha_cloud::{Cloud, Download};

use crate::arguments::Cat;
use crate::failure::{Code, Failure, Result};
use crate::output::closed;

/// Writes files one after the other, or a range of each.
pub(super) async fn cat(cloud: Cloud, cat: Cat) -> Result<()> {
    for path in &cat.paths {
        let file = path.find_file(&cloud).await?;
        let download = match (cat.range, cat.revision) {
            (Some((first, _)), _) if first > file.size => {
                let message = format!("the file has {} bytes: the range begins after its end", file.size);
                return Err(Failure::new(Code::Usage, message).about(&path.exact()));
            }
            // As with HTTP a range may end after the file: then it ends with it.
            (Some((first, last)), _) => {
                let end = last.map_or(file.size, |last| last.saturating_add(1).min(file.size));
                cloud.download_range(&file.id, first..end).await?
            }
            (None, Some(number)) => cloud.download_revision(&file.id, number).await?,
            (None, None) => cloud.download(&file.id).await?,
        };
        write_out(download).await.map_err(|failure| failure.about(&path.exact()))?;
    }
    Ok(())
}

/// Writes what is read to standard output, each piece as it was verified. When the whole turns out not to be of its SHA-256 the last
/// piece is not written, and the command fails.
pub(super) async fn write_out(mut download: Download) -> Result<()> {
    let mut output = std::io::stdout();
    while let Some(piece) = download.next().await {
        output.write_all(&piece?).map_err(|error| closed(&error))?;
    }
    output.flush().map_err(|error| closed(&error))
}
