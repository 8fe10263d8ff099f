//! Writing everything as plain files.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use imegha_cloud::{CancelToken, Cloud, ExportOptions, Exported, NotExported};
use serde_json::json;

use super::storing::failure_of;
use crate::arguments::{Export, ForAll};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::output::{bytes, counted, print};
use crate::progress;
use crate::shown::shown;

/// Writes a folder or an archive. It fails when something could not be exported; everything else was.
pub(super) async fn export(
    cloud: Cloud,
    export: Export,
    all: ForAll,
    folder: &Folder,
    token: CancelToken,
) -> Result<()> {
    let count = progress::count("exported", all.quiet);
    let told = count.clone();
    let options = ExportOptions::new().cancel(&token).progress(move |files, _| told.set_position(files));
    let options = if export.revisions { options.revisions() } else { options };
    let exported = match export.tar {
        true => to_tar(&cloud, &export.to, &options, folder).await,
        false => cloud.export(&export.to, &options).await.map_err(Failure::from),
    };
    count.finish_and_clear();
    let exported = exported.map_err(|failure| failure.about(&export.to.to_string_lossy()))?;
    let mut failed = Vec::new();
    for NotExported { cloud_path, why, .. } in &exported.failed {
        let failure = Failure::from(imegha_cloud::Error::new(*why, "this could not be exported"));
        failed.push(failure.code());
        eprintln!("imegha: {}", failure.about(cloud_path));
    }
    told_of(&exported, &export, all)?;
    failure_of(&failed, "exported").map_or(Ok(()), Err)
}

/// Says what was written: on standard output, unless the archive is there.
fn told_of(exported: &Exported, export: &Export, all: ForAll) -> Result<()> {
    let summary = if export.output.json {
        json!({
            "folders": exported.folders,
            "files": exported.files,
            "revisions": exported.revisions,
            "bytes": exported.bytes,
            "kept": exported.kept,
            "failed": exported.failed.len(),
            "changed": exported.changed,
        })
        .to_string()
    } else if all.quiet {
        return Ok(());
    } else {
        let (files, folders) = (counted(exported.files, "file"), counted(exported.folders, "folder"));
        let changed =
            if exported.changed { "; the cloud was changed meanwhile: export again to have it all" } else { "" };
        format!("exported {files} in {folders}, {}{changed}", bytes(exported.bytes))
    };
    if export.tar && export.to.as_os_str() == "-" {
        eprintln!("{summary}");
        return Ok(());
    }
    print(&summary)
}

async fn to_tar(cloud: &Cloud, to: &Path, options: &ExportOptions, folder: &Folder) -> Result<Exported> {
    // What is on its way into the archive lies in a folder of this user's alone.
    let scratch = folder.scratch()?;
    if to.as_os_str() == "-" {
        return Ok(cloud.export_tar(std::io::stdout(), scratch.path(), options).await?.0);
    }
    let file = File::create_new(to).map_err(|error| Failure::disk(to, &error))?;
    let written = write_tar(cloud, file, scratch.path(), options).await;
    if written.is_err() {
        // An archive that is not whole looks like one that is.
        let _ = std::fs::remove_file(to);
    }
    written
}

async fn write_tar(cloud: &Cloud, file: File, scratch: &Path, options: &ExportOptions) -> Result<Exported> {
    let (exported, mut file) = cloud.export_tar(file, scratch, options).await?;
    file.flush()
        .and_then(|()| file.sync_all())
        .map_err(|error| Failure::new(Code::Failed, shown(&error.to_string())))?;
    Ok(exported)
}
