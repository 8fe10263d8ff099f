//! Listing and finding.

use imegha_cloud::{Cloud, Entry};
use serde_json::json;

use crate::arguments::{Find, ForAll, Ls, Versions};
use crate::cloud_path::CloudPath;
use crate::failure::Result;
use crate::output::{entry_json, print, print_json, say};
use crate::shown::shown;
use crate::time::shown_time;
use crate::walk::Walk;

/// Lists a folder, or shows one file.
pub(super) async fn ls(cloud: Cloud, ls: Ls) -> Result<()> {
    let entry = ls.path.find(&cloud).await?;
    if !entry.is_folder() {
        return line(&ls, &ls.path, &entry, &entry.shown_name);
    }
    if !ls.recursive {
        for child in cloud.list(&entry.id).await? {
            line(&ls, &ls.path.join(&child.shown_name), &child, &child.shown_name)?;
        }
        return Ok(());
    }
    let mut walk = Walk::begin(&cloud, &ls.path, &entry).await?;
    while let Some((path, entry)) = walk.next(&cloud).await? {
        let below = path.names()[ls.path.names().len()..].join("/");
        line(&ls, &path, &entry, &below)?;
    }
    Ok(())
}

/// Finds by a part of a name.
pub(super) async fn find(cloud: Cloud, find: Find) -> Result<()> {
    for found in cloud.find(&find.text, find.most).await? {
        let path = CloudPath::from(found.path).join(&found.entry.shown_name);
        match find.output.json {
            true => print_json(&entry_json(&path, &found.entry))?,
            false => print(&format!("{path}{}", if found.entry.is_folder() { "/" } else { "" }))?,
        }
    }
    Ok(())
}

/// Lists the revisions of a file, the newest first, or goes back to one.
pub(super) async fn versions(cloud: Cloud, versions: Versions, all: ForAll) -> Result<()> {
    let file = versions.path.find_file(&cloud).await?;
    if let Some(number) = versions.restore {
        let now = cloud.restore_revision(&file.id, number).await?.revision;
        return say(all.quiet, &format!("revision {now} of {} is revision {number} again", versions.path));
    }
    for revision in cloud.revisions(&file.id).await? {
        match versions.output.json {
            true => print_json(&json!({
                "path": versions.path.exact(),
                "revision": revision.number,
                "size": revision.size,
                "sha256": revision.sha256.to_string(),
                "modified": revision.modified_ms,
                "written": revision.written_ms,
            }))?,
            false => {
                print(&format!("{:>6} {:>14} {}", revision.number, revision.size, shown_time(revision.written_ms)))?
            }
        }
    }
    Ok(())
}

fn line(ls: &Ls, path: &CloudPath, entry: &Entry, name: &str) -> Result<()> {
    if ls.output.json {
        return print_json(&entry_json(path, entry));
    }
    let name = match (entry.damaged, entry.is_folder()) {
        (Some(_), _) => format!("{} (cannot be opened)", shown(name)),
        (None, true) => format!("{}/", shown(name)),
        (None, false) => shown(name),
    };
    if !ls.long {
        return print(&name);
    }
    let size = if entry.is_folder() { "-".to_owned() } else { entry.size.to_string() };
    let time = shown_time(entry.modified_ms.unwrap_or(entry.written_ms));
    print(&format!("{size:>14} {time} {name}"))
}
