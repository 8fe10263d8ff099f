//! Bringing a backup back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::made::Made;
use super::make::{copy, free_name, sync};
use crate::server::data::{DataFolder, make_private, unfinished_restore};

/// Puts what is in `backup` in the place of the data folder `data`. What stood there is moved aside if `replace` says so, and its new
/// place returned.
///
/// The data folder is made whole beside its place and then renamed: it is the old one or the new one, never something between.
///
/// # Errors
/// In words: a backup that is damaged, a server that runs, a data folder that is not empty. Nothing was changed then.
pub(crate) fn bring_back(backup: &Made, data: &Path, replace: bool) -> Result<Option<PathBuf>> {
    backup.check()?;
    let data = std::path::absolute(data)?;
    let parent = data.parent().context("the data folder cannot be the root of the file system")?;
    fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    // Held to the end: a server that starts meanwhile is told to wait.
    let there = if data.exists() { Some(DataFolder::open(&data)?) } else { None };
    let kept =
        there.is_some() && fs::read_dir(&data)?.any(|entry| entry.is_ok_and(|entry| entry.file_name() != "lock"));
    ensure!(
        replace || !kept,
        "{} is not empty; with --replace it is moved aside, and the backup takes its place",
        data.display()
    );

    let new = unfinished_restore(&data);
    if new.exists() {
        fs::remove_dir_all(&new).with_context(|| format!("{} cannot be removed", new.display()))?;
    }
    if let Err(error) = build(backup, &new) {
        // What is left of it is of no use; that it cannot be removed is not what went wrong.
        let _ = fs::remove_dir_all(&new);
        return Err(error);
    }

    let aside = match kept {
        true => Some(move_aside(&data)?),
        false => {
            if there.is_some() {
                fs::remove_file(data.join("lock"))?;
            }
            None
        }
    };
    fs::rename(&new, &data).with_context(|| {
        format!("{} could not be given the name {}; everything is there", new.display(), data.display())
    })?;
    sync(parent)?;
    Ok(aside)
}

/// Copies the backup to `new`, and makes sure that it is all of it.
fn build(backup: &Made, new: &Path) -> Result<()> {
    make_private(new)?;
    let brought = copy(&backup.folder, new, None)?;
    let whole = brought.clouds == backup.manifest.clouds && brought.files.keys().eq(backup.manifest.files.keys());
    ensure!(whole, "the backup changed while it was brought back; the data folder is as it was");
    Ok(sync(new)?)
}

fn move_aside(data: &Path) -> Result<PathBuf> {
    let name = data.file_name().context("the data folder has no name")?;
    let aside = free_name(|time| {
        let mut name = name.to_owned();
        name.push(format!(".before-{time}"));
        data.with_file_name(name)
    })?;
    fs::rename(data, &aside).with_context(|| format!("{} cannot be moved aside", data.display()))?;
    Ok(aside)
}
