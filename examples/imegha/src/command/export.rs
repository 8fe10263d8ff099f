//! Writing everything as plain files.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use imegha_cloud::{CancelToken, Cloud, ExportOptions, Exported};
use serde_json::json;

use crate::arguments::{Export, ForAll};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::output::{bytes, counted};
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
    for failed in &exported.failed {
        let why = imegha_cloud::Error::new(failed.why, "this could not be exported");
        eprintln!("imegha: {}", Failure::from(why).about(&failed.cloud_path));
    }
    told_of(&exported, &export, all);
    match exported.failed.len() {
        0 => Ok(()),
        count => {
            let message = format!("{} could not be exported, see above", counted(count as u64, "item"));
            Err(Failure::new(Code::CannotOpen, message))
        }
    }
}

/// On standard error: the archive may be on standard output.
fn told_of(exported: &Exported, export: &Export, all: ForAll) {
    if export.output.json {
        eprintln!(
            "{}",
            json!({
                "folders": exported.folders,
                "files": exported.files,
                "revisions": exported.revisions,
                "bytes": exported.bytes,
                "kept": exported.kept,
                "failed": exported.failed.len(),
                "changed": exported.changed,
            })
        );
    } else if !all.quiet {
        let (files, folders) = (counted(exported.files, "file"), counted(exported.folders, "folder"));
        eprintln!("exported {files} in {folders}, {}", bytes(exported.bytes));
        if exported.changed {
            eprintln!("the cloud was changed meanwhile: export again to have it all");
        }
    }
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
