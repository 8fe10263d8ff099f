//! Fetching files and folders.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use imegha_cloud::{CancelToken, Cloud, Entry, ToDisk};

use super::cat::write_out;
use super::storing::failure_of;
use crate::arguments::{ForAll, Get};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result, interrupted};
use crate::output::say;
use crate::progress;
use crate::shown::shown;
use crate::walk::Walk;

/// Fetches what is at a path.
pub(super) async fn get(cloud: Cloud, get: Get, all: ForAll, token: CancelToken) -> Result<()> {
    let entry = get.path.find(&cloud).await?;
    let fetching = Fetching { cloud, force: get.force, all, token };
    if get.to.as_deref().is_some_and(|to| to.as_os_str() == "-") {
        let file = get.path.find_file(&fetching.cloud).await?;
        return tokio::select! {
            written = async { write_out(fetching.cloud.download(&file.id).await?).await } => written,
            () = fetching.token.cancelled() => Err(interrupted()),
        };
    }
    let to = match get.to {
        // Into a folder that is there; what is in the root, which has no name, goes into it as it is.
        Some(to) if to.is_dir() && !entry.name.is_empty() => to.join(own_name(&entry)?),
        Some(to) => to,
        None if entry.name.is_empty() => return Err(Failure::usage("the root has no name: say where to")),
        None => own_name(&entry)?,
    };
    match entry.is_folder() {
        true => fetching.tree(&get.path, &entry, to).await,
        false => fetching.file(&entry, to).await,
    }
}

struct Fetching {
    cloud: Cloud,
    force: bool,
    all: ForAll,
    token: CancelToken,
}

impl Fetching {
    /// Writes a file, which stands at its place only when it is whole, with the time that it was last modified.
    async fn file(&self, entry: &Entry, to: PathBuf) -> Result<()> {
        let bar = progress::bar(&entry.shown_name, self.all.quiet);
        let told = bar.clone();
        let options = ToDisk::new().cancel(&self.token).progress(move |done, total| progress::tell(&told, done, total));
        let options = if self.force { options.overwrite() } else { options };
        let fetched = self.cloud.download_to_path(&entry.id, &to, options).await;
        bar.finish_and_clear();
        let entry = fetched.map_err(|error| {
            let there = error.kind() == imegha_cloud::ErrorKind::AlreadyExists;
            let failure = Failure::from(error).about(&to.to_string_lossy());
            if there { Failure::new(Code::Conflict, format!("{failure}; --force replaces it")) } else { failure }
        })?;
        if let Some(time) = entry.modified_ms.and_then(|ms| UNIX_EPOCH.checked_add(Duration::from_millis(ms))) {
            // The content is whole; a disk that keeps no such times keeps it as well.
            let _ = fs::File::options().write(true).open(&to).and_then(|file| file.set_modified(time));
        }
        say(self.all.quiet, &format!("fetched {}", shown(&to.to_string_lossy())))
    }

    /// Writes a folder and all that is in it. What fails is told, and the rest is fetched.
    async fn tree(&self, path: &CloudPath, folder: &Entry, to: PathBuf) -> Result<()> {
        make(&to)?;
        let (mut failed, mut closed) = (Vec::new(), Vec::<CloudPath>::new());
        let mut walk = Walk::begin(&self.cloud, path, folder).await?;
        while let Some((at, entry)) = walk.next(&self.cloud).await? {
            if self.token.is_paused() {
                return Err(interrupted());
            }
            if closed.iter().any(|folder| at.names().starts_with(folder.names())) {
                continue;
            }
            if let Err(failure) = self.one(&at, path, &entry, &to).await {
                if failure.ends_everything() {
                    return Err(failure);
                }
                eprintln!("imegha: {failure}");
                failed.push(failure.code());
                // What is in a folder that could not be made has no place: what stands there may be a link to anywhere.
                if entry.is_folder() {
                    closed.push(at);
                }
            }
        }
        failure_of(&failed, "fetched").map_or(Ok(()), Err)
    }

    async fn one(&self, at: &CloudPath, root: &CloudPath, entry: &Entry, to: &Path) -> Result<()> {
        if let Some(why) = entry.damaged {
            return Err(Failure::from(imegha_cloud::Error::new(why, "this cannot be opened")).about(&at.exact()));
        }
        let mut place = to.to_owned();
        for name in &at.names()[root.names().len()..] {
            place.push(as_component(name).ok_or_else(|| unplaceable(at))?);
        }
        match entry.is_folder() {
            true => make(&place),
            false => self.file(entry, place).await,
        }
    }
}

fn own_name(entry: &Entry) -> Result<PathBuf> {
    let place = as_component(&entry.shown_name).map(Path::to_owned);
    place.ok_or_else(|| Failure::usage("this system cannot hold its name: say where to"))
}

/// A name as one step down on this system; nothing for what would lead elsewhere, such as `..` or a drive.
fn as_component(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    let mut components = path.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == path.as_os_str() => Some(path),
        _ => None,
    }
}

fn unplaceable(at: &CloudPath) -> Failure {
    let message = "this system cannot hold that name; `imegha export` gives it a substitute";
    Failure::new(Code::Failed, message).about(&at.exact())
}

/// Makes a folder, or goes into the one that is there. Not through a link: it may lead anywhere.
fn make(folder: &Path) -> Result<()> {
    let is_folder = |folder: &Path| fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir());
    match fs::create_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && is_folder(folder) => Ok(()),
        made => made.map_err(|error| Failure::disk(folder, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_elsewhere() {
        for name in ["a", "...", " ", "a\u{202e}b", "-rf"] {
            assert_eq!(as_component(name), Some(Path::new(name)));
        }
        for name in ["", ".", "..", "/", "a/b", "/etc", "a/", "../a"] {
            assert_eq!(as_component(name), None, "{name}");
        }
    }
}
