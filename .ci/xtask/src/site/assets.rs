//! Everything of the site that is not WASM: the style sheet, scripts, icons, the manifest.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project;

/// Joins the style sheets and copies the public files.
pub(crate) fn build(site: &Path) -> Result<()> {
    let app = project::root().join("imegha-app");
    let mut style = Vec::new();
    for path in files(&app.join("style"))? {
        if path.extension().is_some_and(|extension| extension == "css") {
            style.extend(fs::read(&path)?);
        }
    }
    write_changed(&site.join("pkg/main.css"), &style)?;

    let public = app.join("public");
    for path in files(&public)? {
        let inside = path.strip_prefix(&public).context("a public file stands in the public folder")?;
        write_changed(&site.join(inside), &fs::read(&path)?)?;
    }
    Ok(())
}

/// Writes a `.gz` beside each file that compresses well, for the server to send as it is.
pub(crate) fn compress(site: &Path) -> Result<()> {
    for path in files(site)? {
        let compresses = path.extension().is_some_and(|extension| {
            ["wasm", "js", "css", "svg", "webmanifest"].iter().any(|known| extension == *known)
        });
        if !compresses {
            continue;
        }
        let mut compressed = path.clone().into_os_string();
        compressed.push(".gz");
        let compressed = PathBuf::from(compressed);
        let source_time = fs::metadata(&path)?.modified()?;
        // The copy carries its source's time: anything else means that it was made from something else.
        if fs::metadata(&compressed).and_then(|copy| copy.modified()).is_ok_and(|copy_time| copy_time == source_time) {
            continue;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(&path)?)?;
        fs::write(&compressed, encoder.finish()?)?;
        fs::File::options().write(true).open(&compressed)?.set_modified(source_time)?;
    }
    Ok(())
}

/// Every file below a folder, in the order of their paths; none if there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Writes a file unless it already holds these bytes, so that its time says when it changed.
fn write_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("{} could not be written", path.display()))
}
