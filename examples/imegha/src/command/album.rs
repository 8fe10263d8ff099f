//! Albums.

use imegha_cloud::{Album as Found, Cloud};
use imegha_crypto::Id;
use serde_json::json;

use super::trash::ask;
use crate::arguments::{Album, AsJson, ForAll};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};
use crate::output::{counted, entry_json, print, print_json, say};
use crate::shown::shown;

/// Lists, makes, changes, deletes.
pub(super) async fn album(cloud: Cloud, command: Album, all: ForAll) -> Result<()> {
    match command {
        Album::Ls { album: None, output } => list(&cloud, output).await,
        Album::Ls { album: Some(album), output } => list_files(&cloud, &named(&cloud, &album).await?, output).await,
        Album::Create { title, files } => {
            // What is not there is told before anything is made.
            let files = find_files(&cloud, &files).await?;
            let made = cloud.create_album(&title).await.map_err(|error| Failure::from(error).about(&title))?;
            cloud.add_to_album(&made.id, &files).await?;
            say(all.quiet, &format!("made {}", shown(&title)))
        }
        Album::Add { album, files } => {
            let (album, files) = (named(&cloud, &album).await?, find_files(&cloud, &files).await?);
            let added = cloud.add_to_album(&album.id, &files).await?;
            say(all.quiet, &format!("added {}", counted(added as u64, "file")))
        }
        Album::Rm { album, files } => {
            let (album, files) = (named(&cloud, &album).await?, find_files(&cloud, &files).await?);
            let removed = cloud.remove_from_album(&album.id, &files).await?;
            say(all.quiet, &format!("took out {}", counted(removed as u64, "file")))
        }
        Album::Mv { album, files, before } => {
            let (album, files) = (named(&cloud, &album).await?, find_files(&cloud, &files).await?);
            let before = match before {
                Some(before) => Some(before.find_file(&cloud).await?.id),
                None => None,
            };
            Ok(cloud.move_in_album(&album.id, &files, before.as_ref()).await?)
        }
        Album::Rename { album, title } => {
            let album = named(&cloud, &album).await?;
            let edited = cloud.edit_album(&album.id, |draft| draft.title.clone_from(&title)).await;
            edited.map(drop).map_err(|error| Failure::from(error).about(&title))
        }
        Album::Cover { album, file } => {
            let album = named(&cloud, &album).await?;
            let cover = match file {
                Some(file) => Some(file.find_file(&cloud).await?.id),
                None => None,
            };
            Ok(cloud.edit_album(&album.id, |draft| draft.cover = cover).await.map(drop)?)
        }
        Album::Delete { album, sure } => {
            let album = named(&cloud, &album).await?;
            ask(sure, &format!("the album {}", shown(&album.title)))?;
            cloud.delete_album(&album.id).await?;
            say(all.quiet, &format!("deleted {}; its files stay", shown(&album.title)))
        }
    }
}

async fn list(cloud: &Cloud, output: AsJson) -> Result<()> {
    for album in cloud.albums().await? {
        if output.json {
            print_json(&json!({
                "id": album.id.to_string(),
                "title": album.title,
                "files": album.files,
                "cover": album.cover.map(|cover| cover.to_string()),
                "created": album.created_ms,
                "damaged": album.damaged.is_some(),
            }))?;
        } else {
            let what = if album.damaged.is_some() { "damaged".to_owned() } else { counted(album.files as u64, "file") };
            print(&format!("{} {} ({what})", album.id, shown(&album.title)))?;
        }
    }
    Ok(())
}

async fn list_files(cloud: &Cloud, album: &Found, output: AsJson) -> Result<()> {
    for entry in cloud.album_files(&album.id, 0, usize::MAX).await? {
        let path =
            CloudPath::of(cloud, &entry.id).await.unwrap_or_else(|_| CloudPath::default().join(&entry.shown_name));
        if output.json {
            print_json(&entry_json(&path, &entry))?;
        } else {
            print(&path.to_string())?;
        }
    }
    Ok(())
}

async fn find_files(cloud: &Cloud, paths: &[CloudPath]) -> Result<Vec<Id>> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        files.push(path.find_file(cloud).await?.id);
    }
    Ok(files)
}

/// The album of that title or id.
async fn named(cloud: &Cloud, name: &str) -> Result<Found> {
    let mut found = cloud.albums().await?;
    found.retain(|album| album.id.to_string() == name || (album.damaged.is_none() && album.title == name));
    match found.len() {
        0 => Err(Failure::new(Code::NotFound, "there is no such album; `imegha album ls` shows them").about(name)),
        1 => Ok(found.remove(0)),
        _ => Err(Failure::new(Code::Conflict, "several albums have this title: use the id").about(name)),
    }
}
