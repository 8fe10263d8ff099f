//! Making folders, moving, removing.

use imegha_cloud::{Cloud, OnTaken};

use crate::arguments::{ForAll, Mkdir, Mv, Rm};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};
use crate::output::say;

/// Makes a folder.
pub(super) async fn mkdir(cloud: Cloud, mkdir: Mkdir, all: ForAll) -> Result<()> {
    let about = |error: imegha_cloud::Error| Failure::from(error).about(&mkdir.path.exact());
    match mkdir.path.split() {
        _ if mkdir.parents => {
            cloud.ensure_folder(&cloud.root(), mkdir.path.names()).await.map_err(about)?;
        }
        Some((parent, name)) => {
            let parent = parent.find_folder(&cloud).await?;
            cloud.create_folder(&parent.id, name).await.map_err(about)?;
        }
        None => return Err(Failure::new(Code::Conflict, "the root is there")),
    }
    say(all.quiet, &format!("made {}", mkdir.path))
}

/// Moves into a folder, or to a new name.
pub(super) async fn mv(cloud: Cloud, mv: Mv, all: ForAll) -> Result<()> {
    let Some((to, sources)) = mv.paths.split_last() else { return Err(Failure::usage("nothing to move")) };
    match (to.find(&cloud).await, sources) {
        (Ok(folder), sources) if folder.is_folder() => {
            let mut nodes = Vec::new();
            for source in sources {
                nodes.push(source.find(&cloud).await?.id);
            }
            cloud
                .move_to(&nodes, &folder.id, OnTaken::Refuse)
                .await
                .map_err(|error| Failure::from(error).about(&to.exact()))?;
        }
        // Another spelling of its own name: `photos` to `Photos`.
        (Ok(there), [source]) if source.find(&cloud).await?.id == there.id => rename(&cloud, source, to).await?,
        (Ok(_), [_]) => return Err(Failure::new(Code::Conflict, "this name is taken").about(&to.exact())),
        (Err(failure), [source]) if failure.code() == Code::NotFound => rename(&cloud, source, to).await?,
        (Err(failure), _) if failure.code() != Code::NotFound => return Err(failure),
        _ => return Err(Failure::new(Code::NotFound, "several can only be moved into a folder").about(&to.exact())),
    }
    say(all.quiet, &format!("moved to {to}"))
}

/// Moves one to a name that is free.
async fn rename(cloud: &Cloud, source: &CloudPath, to: &CloudPath) -> Result<()> {
    let about = |error: imegha_cloud::Error| Failure::from(error).about(&to.exact());
    let entry = source.find(cloud).await?;
    let Some((parent, name)) = to.split() else { return Err(Failure::usage("the root cannot be a new name")) };
    let folder = parent.find_folder(cloud).await?;
    if folder.id != entry.parent {
        // By two changes: its old name may be taken in the new folder, and its new one in the old. So it is numbered in between.
        cloud.move_to(&[entry.id], &folder.id, OnTaken::KeepBoth).await.map_err(about)?;
    }
    cloud.rename(&entry.id, name).await.map_err(about)?;
    Ok(())
}

/// Moves to the trash.
pub(super) async fn rm(cloud: Cloud, rm: Rm, all: ForAll) -> Result<()> {
    let mut nodes = Vec::new();
    for path in &rm.paths {
        nodes.push(path.find(&cloud).await?.id);
    }
    cloud.trash(&nodes).await?;
    for path in &rm.paths {
        say(all.quiet, &format!("moved {path} to the trash"))?;
    }
    Ok(())
}
