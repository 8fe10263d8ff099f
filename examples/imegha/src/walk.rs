//! Everything below a folder of the cloud.

use imegha_cloud::{Cloud, Entry};

use crate::cloud_path::CloudPath;
use crate::failure::Result;

/// The way through a folder, each folder before what is in it.
#[derive(Debug)]
pub(crate) struct Walk {
    /// What is still to be given, the next one last.
    ahead: Vec<(CloudPath, Entry)>,
}

impl Walk {
    /// Begins with what is in `folder`.
    pub(crate) async fn begin(cloud: &Cloud, path: &CloudPath, folder: &Entry) -> Result<Self> {
        let mut walk = Self { ahead: Vec::new() };
        walk.enter(cloud, path, folder).await?;
        Ok(walk)
    }

    /// The next entry. Of a folder what is in it comes next.
    pub(crate) async fn next(&mut self, cloud: &Cloud) -> Result<Option<(CloudPath, Entry)>> {
        let Some((path, entry)) = self.ahead.pop() else { return Ok(None) };
        if entry.is_folder() {
            match self.enter(cloud, &path, &entry).await {
                // Removed by another device meanwhile.
                Err(failure) if failure.code() == crate::failure::Code::NotFound => {}
                entered => entered?,
            }
        }
        Ok(Some((path, entry)))
    }

    async fn enter(&mut self, cloud: &Cloud, path: &CloudPath, folder: &Entry) -> Result<()> {
        let entries = cloud.list(&folder.id).await?;
        self.ahead.extend(entries.into_iter().rev().map(|entry| (path.join(&entry.shown_name), entry)));
        Ok(())
    }
}
