//! Albums: all of them, what is in one, and what a person does with them.

use imegha_cloud::{Cloud, ErrorKind};
use imegha_crypto::Id;

use super::files::named;
use super::tree::nodes_of;
use super::{Worker, node_of};
use crate::protocol::{Album, Entry, ErrorCode, Failure, Reply};

impl Worker {
    /// All albums, the newest first, each with the file that is shown for it.
    pub(super) async fn albums(&self) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let albums = cloud.albums().await?;
        let covers = cloud.album_covers(&albums).await?;
        let albums = albums.into_iter().zip(covers).map(|(album, cover)| shown(album, cover));
        Ok(Reply::Albums { albums: albums.collect() })
    }

    /// An album and its files in their order.
    pub(super) async fn album(&self, album: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let id = album_of(album)?;
        let album = cloud.album(&id).await?;
        let files = cloud.album_files(&id, 0, usize::MAX).await?;
        let cover = files.iter().find(|file| Some(file.id) == album.cover).cloned();
        Ok(Reply::Album { album: shown(album, cover), files: files.into_iter().map(Entry::from).collect() })
    }

    /// Makes an album of these files. If they cannot be added it is deleted again; without a network it stays, with those that were added.
    pub(super) async fn create_album(&self, title: &str, files: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let files = nodes_of(&cloud, files)?;
        let made = cloud.create_album(title).await.map_err(named)?;
        let added = cloud.add_to_album(&made.id, &files).await;
        if added.is_err() {
            // What is left of it would have to be told from the one that is made when it is tried again. Without a network it stays.
            let _ = cloud.delete_album(&made.id).await;
        }
        self.tell_changed(&cloud);
        added.map_err(full)?;
        self.stored(&cloud, &made.id).await
    }

    /// Adds files to the end of an album.
    pub(super) async fn add_to_album(&self, album: &str, files: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let added = cloud.add_to_album(&album_of(album)?, &nodes_of(&cloud, files)?).await;
        // Many go in several steps: even what failed may have added some.
        self.tell_changed(&cloud);
        Ok(Reply::AddedToAlbum { count: added.map_err(full)? as u64 })
    }

    /// Takes files out of an album.
    pub(super) async fn remove_from_album(&self, album: &str, files: &[String]) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let removed = cloud.remove_from_album(&album_of(album)?, &nodes_of(&cloud, files)?).await;
        self.tell_changed(&cloud);
        removed?;
        Ok(Reply::Done)
    }

    /// Moves files within an album, to before another, or to its end.
    pub(super) async fn move_in_album(
        &self,
        album: &str,
        files: &[String],
        before: Option<&str>,
    ) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let before = before.map(|before| node_of(&cloud, Some(before))).transpose()?;
        let moved = cloud.move_in_album(&album_of(album)?, &nodes_of(&cloud, files)?, before.as_ref()).await;
        self.tell_changed(&cloud);
        moved?;
        Ok(Reply::Done)
    }

    /// Gives an album another title.
    pub(super) async fn rename_album(&self, album: &str, title: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let id = album_of(album)?;
        cloud.edit_album(&id, |draft| title.clone_into(&mut draft.title)).await.map_err(named)?;
        self.tell_changed(&cloud);
        self.stored(&cloud, &id).await
    }

    /// Has one of its files shown for an album.
    pub(super) async fn cover_album(&self, album: &str, file: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let (id, file) = (album_of(album)?, node_of(&cloud, Some(file))?);
        let edited = cloud.edit_album(&id, |draft| draft.cover = Some(file)).await;
        // Another device took it out meanwhile.
        edited.map_err(|error| match error.kind() {
            ErrorKind::Malformed => Failure::new(ErrorCode::NotFound),
            _ => error.into(),
        })?;
        self.tell_changed(&cloud);
        self.stored(&cloud, &id).await
    }

    /// Deletes an album. Its files stay where they are.
    pub(super) async fn delete_album(&self, album: &str) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let deleted = cloud.delete_album(&album_of(album)?).await;
        self.tell_changed(&cloud);
        deleted?;
        Ok(Reply::Done)
    }

    async fn stored(&self, cloud: &Cloud, album: &Id) -> Result<Reply, Failure> {
        let album = cloud.album(album).await?;
        let cover = cloud.album_covers(std::slice::from_ref(&album)).await?.pop().flatten();
        Ok(Reply::AlbumStored(shown(album, cover)))
    }
}

/// The title of an album, if there is one of that id and it can be opened.
pub(super) async fn title_of(cloud: &Cloud, album: &Id) -> Result<Option<String>, Failure> {
    match cloud.album(album).await {
        Ok(album) => Ok(Some(album.title)),
        Err(error) if error.kind() == ErrorKind::Unavailable => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn shown(album: imegha_cloud::Album, cover: Option<imegha_cloud::Entry>) -> Album {
    Album {
        id: album.id.to_string(),
        title: album.title,
        cover: cover.map(Entry::from),
        files: album.files as u64,
        damaged: album.damaged.is_some(),
    }
}

fn album_of(album: &str) -> Result<Id, Failure> {
    Id::parse_hex(album).map_err(|_| Failure::new(ErrorCode::NotFound))
}

/// Where files are added, `Malformed` says that there would be too many.
fn full(error: imegha_cloud::Error) -> Failure {
    match error.kind() {
        ErrorKind::Malformed => Failure::new(ErrorCode::AlbumFull),
        _ => error.into(),
    }
}
