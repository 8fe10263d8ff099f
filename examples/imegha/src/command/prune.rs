//! Removing older revisions.

use imegha_cloud::{Cloud, Entry, KeepRevisions, Purged};
use serde_json::json;

use super::trash::ask;
use crate::arguments::{ForAll, Prune};
use crate::cloud_path::CloudPath;
use crate::failure::Result;
use crate::output::{bytes, counted, print, print_json, say};
use crate::time::shown_time;
use crate::walk::Walk;

/// Removes the older revisions of files, and of those in folders, but for what is to be kept.
pub(super) async fn prune(cloud: Cloud, prune: Prune, all: ForAll) -> Result<()> {
    let mut keep = KeepRevisions::none().last(prune.keep);
    if let Some(ms) = prune.since {
        keep = keep.since_ms(ms);
    }
    // Everything is found before anything is removed.
    let mut files = Vec::new();
    for path in &prune.paths {
        files.extend(files_at(&cloud, path).await?);
    }
    if prune.dry_run {
        return tell(&cloud, &files, &keep, &prune).await;
    }
    ask(prune.sure, &format!("older revisions of {}", counted(files.len() as u64, "file")))?;
    let mut purged = Purged::default();
    for (_, file) in &files {
        let gone = cloud.prune(&file.id, &keep).await?;
        purged.objects += gone.objects;
        purged.bytes += gone.bytes;
    }
    if prune.output.json {
        return print_json(&json!({ "objects": purged.objects, "bytes": purged.bytes }));
    }
    say(all.quiet, &format!("removed {} with {}", counted(purged.objects, "object"), bytes(purged.bytes)))
}

/// Says which revisions would go.
async fn tell(cloud: &Cloud, files: &[(CloudPath, Entry)], keep: &KeepRevisions, prune: &Prune) -> Result<()> {
    for (path, file) in files {
        for revision in cloud.prunable(&file.id, keep).await? {
            if prune.output.json {
                print_json(&json!({
                    "path": path.exact(),
                    "id": file.id.to_string(),
                    "revision": revision.number,
                    "size": revision.size,
                    "written": revision.written_ms,
                }))?;
            } else {
                let when = shown_time(revision.written_ms);
                print(&format!("{path} revision {} of {when}, {}", revision.number, bytes(revision.size)))?;
            }
        }
    }
    Ok(())
}

/// A file, or every file below a folder, that has older revisions.
async fn files_at(cloud: &Cloud, path: &CloudPath) -> Result<Vec<(CloudPath, Entry)>> {
    let top = path.find(cloud).await?;
    let mut files = Vec::new();
    if top.is_folder() {
        let mut walk = Walk::begin(cloud, path, &top).await?;
        while let Some((path, entry)) = walk.next(cloud).await? {
            files.push((path, entry));
        }
    } else {
        files.push((path.clone(), top));
    }
    files.retain(|(_, entry)| !entry.is_folder() && entry.revision > 1);
    Ok(files)
}
