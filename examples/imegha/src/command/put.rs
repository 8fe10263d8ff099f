//! Storing files, folders and standard input.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::stream;
use imegha_cloud::{CancelToken, Cloud, Content, Error, ErrorKind, StreamSource};
use imegha_crypto::Id;
use tokio::sync::mpsc;

use super::storing::Storing;
use crate::arguments::{ForAll, Put};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};

/// Stores each source in the folder.
pub(super) async fn put(cloud: Cloud, put: Put, all: ForAll, token: CancelToken) -> Result<()> {
    let from_stdin = put.sources.iter().any(|source| source.as_os_str() == "-");
    if (put.name.is_some() || from_stdin) && put.sources.len() > 1 {
        return Err(Failure::usage("--name and `-` go with one source"));
    }
    if from_stdin && put.name.is_none() {
        return Err(Failure::usage("standard input has no name: give it one by --name"));
    }
    let folder = cloud
        .ensure_folder(&cloud.root(), put.to.names())
        .await
        .map_err(|error| Failure::from(error).about(&put.to.exact()))?;
    let mut storing = Storing::new(cloud, put.if_exists, all, token);
    if let (true, Some(name)) = (from_stdin, &put.name) {
        let content = Content::new(StreamSource::new(standard_input(), None));
        let stored = storing.once(content, &folder.id, &put.to, name).await;
        return stored.map_err(|failure| failure.about(&put.to.join(name).exact()));
    }
    let mut small = Vec::new();
    for source in &put.sources {
        let found = Found::named(source, put.name.as_deref());
        if let Ok(Found::Folder(_) | Found::Large(_)) = found {
            // What waits was named before it, and may have the same name.
            storing.small_files(&std::mem::take(&mut small), &folder.id, &put.to).await?;
        }
        let stored = match found {
            Ok(Found::Folder(name)) => put_folder(&mut storing, source, &folder.id, &put.to, name).await,
            Ok(Found::Large(name)) => storing.file(source, &folder.id, &put.to, &name).await,
            Ok(Found::Small(name)) => {
                small.push((source.clone(), name));
                Ok(())
            }
            Err(failure) => Err(failure),
        };
        match put.sources.len() {
            1 => stored.map_err(|failure| failure.about(&source.to_string_lossy()))?,
            _ => storing.note(stored, &source.to_string_lossy())?,
        }
    }
    match &small[..] {
        [(source, name)] if put.sources.len() == 1 => {
            let stored = storing.file(source, &folder.id, &put.to, name).await;
            stored.map_err(|failure| failure.about(&source.to_string_lossy()))?;
        }
        small => storing.small_files(small, &folder.id, &put.to).await?,
    }
    storing.finish()
}

/// Stores a folder under a name.
async fn put_folder(storing: &mut Storing, source: &Path, folder: &Id, path: &CloudPath, name: String) -> Result<()> {
    let folder = storing.cloud.ensure_folder(folder, std::slice::from_ref(&name)).await?;
    put_tree(storing, source, &folder.id, &path.join(&name)).await
}

/// Stores what is in a folder of this device. What fails is told, and the rest is stored.
pub(super) async fn put_tree(storing: &mut Storing, source: &Path, folder: &Id, path: &CloudPath) -> Result<()> {
    let mut ahead = vec![(source.to_owned(), *folder, path.clone())];
    while let Some((source, folder, path)) = ahead.pop() {
        let mut children = match children(&source) {
            Ok(children) => children,
            Err(failure) => {
                storing.note(Err(failure), &source.to_string_lossy())?;
                continue;
            }
        };
        children.sort();
        let mut small = Vec::new();
        for child in children {
            let found = Found::in_folder(&child);
            if let Ok(Found::Large(_)) = found {
                storing.small_files(&std::mem::take(&mut small), &folder, &path).await?;
            }
            let stored = match found {
                Ok(Found::Folder(name)) => {
                    let made = storing.cloud.ensure_folder(&folder, std::slice::from_ref(&name)).await;
                    made.map(|made| ahead.push((child.clone(), made.id, path.join(&name)))).map_err(Failure::from)
                }
                Ok(Found::Large(name)) => storing.file(&child, &folder, &path, &name).await,
                Ok(Found::Small(name)) => {
                    small.push((child.clone(), name));
                    Ok(())
                }
                Err(failure) => Err(failure),
            };
            storing.note(stored, &child.to_string_lossy())?;
        }
        storing.small_files(&small, &folder, &path).await?;
    }
    Ok(())
}

/// Something to store, and the name that it is stored under.
#[derive(Debug)]
enum Found {
    Folder(String),
    /// A file that is stored together with others.
    Small(String),
    /// A file that is stored by itself.
    Large(String),
}

impl Found {
    /// What a person has named, under its own name unless there is another for it.
    fn named(source: &Path, name: Option<&str>) -> Result<Self> {
        let meta = std::fs::metadata(source).map_err(|error| Failure::new(disk_code(&error), error.to_string()))?;
        let own = match name {
            Some(name) => name.to_owned(),
            // `.` and `..` have names, too.
            None => match source.file_name() {
                Some(name) => text(name)?,
                None => text(source.canonicalize().ok().as_deref().and_then(Path::file_name).unwrap_or_default())?,
            },
        };
        Self::of(own, &meta, "neither a file nor a folder; what flows is stored from standard input, `-`")
    }

    /// What lies in a folder. A link may lead out of it, or round in it.
    fn in_folder(child: &Path) -> Result<Self> {
        let name = text(child.file_name().unwrap_or_default())?;
        let meta =
            std::fs::symlink_metadata(child).map_err(|error| Failure::new(disk_code(&error), error.to_string()))?;
        Self::of(name, &meta, "not stored: neither a file nor a folder")
    }

    fn of(name: String, meta: &Metadata, neither: &str) -> Result<Self> {
        match meta.len() {
            _ if meta.is_dir() => Ok(Self::Folder(name)),
            _ if !meta.is_file() => Err(Failure::new(Code::Failed, neither)),
            len if len <= Cloud::MAX_SMALL => Ok(Self::Small(name)),
            _ => Ok(Self::Large(name)),
        }
    }
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || std::fs::read_dir(folder)?.map(|child| Ok(child?.path())).collect::<std::io::Result<Vec<_>>>();
    read().map_err(|error| Failure::new(disk_code(&error), error.to_string()))
}

fn text(name: &std::ffi::OsStr) -> Result<String> {
    let text = name.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        Failure::new(Code::Failed, "this name is not Unicode; alone it can be stored under another --name")
    })
}

fn disk_code(error: &std::io::Error) -> Code {
    match error.kind() {
        std::io::ErrorKind::NotFound => Code::NotFound,
        _ => Code::Failed,
    }
}

/// Standard input, read by a thread of its own as fast as it is taken.
fn standard_input() -> impl futures::Stream<Item = imegha_cloud::Result<Bytes>> + Send + 'static {
    let (send, pieces) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut piece = vec![0; PIECE];
            let read = std::io::Read::read(&mut input, &mut piece);
            let (piece, last) = match read {
                Ok(0) => return,
                Ok(len) => {
                    piece.truncate(len);
                    (Ok(Bytes::from(piece)), false)
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    (Err(Error::with_source(ErrorKind::Source, "standard input cannot be read", error)), true)
                }
            };
            // Nobody takes any more once the upload has ended.
            if send.blocking_send(piece).is_err() || last {
                return;
            }
        }
    });
    stream::unfold(pieces, async |mut pieces| Some((pieces.recv().await?, pieces)))
}

/// 64 KiB, as much as a pipe holds.
const PIECE: usize = 64 * 1024;
