//! What a device does: drawn at random, done to a cloud and to the model.

use imegha_cloud::{BytesSource, Cloud, Content, KeepRevisions, OnTaken, Result};
use imegha_crypto::Id;
use proptest::prelude::*;

use super::model::{Bytes, Model, Refused};

/// An operation whose nodes are numbers: the n-th of what there is, counted round.
#[derive(Clone, Debug)]
pub(super) enum Drawn {
    Create { folder: usize, name: usize },
    Upload { folder: usize, name: usize, content: Bytes },
    Replace { file: usize, content: Bytes },
    GoBack { file: usize, number: u64 },
    Prune { file: usize, last: usize },
    Rename { node: usize, name: usize },
    Move { nodes: Vec<usize>, folder: usize, taken: u8 },
    Trash { nodes: Vec<usize> },
    Restore { node: usize },
    Purge { node: usize },
    EmptyTrash,
    MarkStale { node: usize },
    CreateAlbum { title: usize },
    AddToAlbum { album: usize, files: Vec<usize> },
    RemoveFromAlbum { album: usize, file: usize },
    MoveInAlbum { album: usize, file: usize, before: Option<usize> },
    DeleteAlbum { album: usize },
    Gone { how: u8 },
}

/// The same with the ids of a moment.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Create { folder: Id, name: String },
    Upload { folder: Id, name: String, content: Bytes },
    Replace { file: Id, content: Bytes },
    GoBack { file: Id, number: u64 },
    Prune { file: Id, last: usize },
    Rename { node: Id, name: String },
    Move { nodes: Vec<Id>, folder: Id, taken: OnTaken },
    Trash { nodes: Vec<Id> },
    Restore { node: Id },
    Purge { node: Id },
    EmptyTrash,
    MarkStale { node: Id },
    CreateAlbum { title: String },
    AddToAlbum { album: Id, files: Vec<Id> },
    RemoveFromAlbum { album: Id, file: Id },
    MoveInAlbum { album: Id, file: Id, before: Option<Id> },
    DeleteAlbum { album: Id },
}

pub(super) fn drawn() -> impl Strategy<Value = Drawn> {
    let place = || 0..64_usize;
    let name = || 0..NAMES.len();
    let content = || {
        (any::<u64>(), prop_oneof![Just(0), 1..40_usize, Just(16_384), 30_000..40_000_usize])
            .prop_map(|(seed, len)| Bytes { seed, len })
    };
    prop_oneof![
        3 => (place(), name()).prop_map(|(folder, name)| Drawn::Create { folder, name }),
        4 => (place(), name(), content()).prop_map(|(folder, name, content)| Drawn::Upload { folder, name, content }),
        2 => (place(), content()).prop_map(|(file, content)| Drawn::Replace { file, content }),
        1 => (place(), 1..4_u64).prop_map(|(file, number)| Drawn::GoBack { file, number }),
        1 => (place(), 0..2_usize).prop_map(|(file, last)| Drawn::Prune { file, last }),
        2 => (place(), name()).prop_map(|(node, name)| Drawn::Rename { node, name }),
        4 => (proptest::collection::vec(place(), 1..4), place(), 0..3_u8)
            .prop_map(|(nodes, folder, taken)| Drawn::Move { nodes, folder, taken }),
        3 => proptest::collection::vec(place(), 1..4).prop_map(|nodes| Drawn::Trash { nodes }),
        2 => place().prop_map(|node| Drawn::Restore { node }),
        1 => place().prop_map(|node| Drawn::Purge { node }),
        1 => Just(Drawn::EmptyTrash),
        2 => place().prop_map(|node| Drawn::MarkStale { node }),
        2 => name().prop_map(|title| Drawn::CreateAlbum { title }),
        3 => (place(), proptest::collection::vec(place(), 1..4))
            .prop_map(|(album, files)| Drawn::AddToAlbum { album, files }),
        1 => (place(), place()).prop_map(|(album, file)| Drawn::RemoveFromAlbum { album, file }),
        2 => (place(), place(), proptest::option::of(place()))
            .prop_map(|(album, file, before)| Drawn::MoveInAlbum { album, file, before }),
        1 => place().prop_map(|album| Drawn::DeleteAlbum { album }),
        1 => (0..5_u8).prop_map(|how| Drawn::Gone { how }),
    ]
}

impl Drawn {
    /// The operation on what the model holds now; none where there is nothing to choose from.
    pub(super) fn on(&self, model: &Model) -> Option<Operation> {
        let of = |ids: &[Id], number: usize| ids.get(number.checked_rem(ids.len())?).copied();
        let name = |number: &usize| NAMES[*number].to_owned();
        let some = |numbers: &[usize]| {
            let nodes: Option<Vec<Id>> = numbers.iter().map(|number| of(&model.ids(), *number)).collect();
            Some(model.outermost(&nodes?))
        };
        // What was never there, or is no longer, is told as that.
        let gone = Id::from_bytes([7; 16]);
        Some(match self {
            Self::Create { folder, name: number } => {
                Operation::Create { folder: of(&model.folders(), *folder)?, name: name(number) }
            }
            Self::Upload { folder, name: number, content } => {
                Operation::Upload { folder: of(&model.folders(), *folder)?, name: name(number), content: *content }
            }
            Self::Replace { file, content } => {
                Operation::Replace { file: of(&model.files(), *file)?, content: *content }
            }
            Self::GoBack { file, number } => Operation::GoBack { file: of(&model.files(), *file)?, number: *number },
            Self::Prune { file, last } => Operation::Prune { file: of(&model.files(), *file)?, last: *last },
            Self::Rename { node, name: number } => {
                Operation::Rename { node: of(&model.ids(), *node)?, name: name(number) }
            }
            Self::Move { nodes, folder, taken } => {
                let taken = [OnTaken::Refuse, OnTaken::KeepBoth, OnTaken::Replace][usize::from(*taken)];
                // What takes the place of what, when several of one name come, is nothing that a person could foresee.
                let nodes = if taken == OnTaken::Replace { &nodes[..1] } else { nodes };
                Operation::Move { nodes: some(nodes)?, folder: of(&model.folders(), *folder)?, taken }
            }
            Self::Trash { nodes } => Operation::Trash { nodes: some(nodes)? },
            Self::Restore { node } => Operation::Restore { node: of(&model.trash(), *node)? },
            Self::Purge { node } => Operation::Purge { node: of(&model.trash(), *node)? },
            Self::EmptyTrash => Operation::EmptyTrash,
            Self::MarkStale { node } => Operation::MarkStale { node: of(&model.ids(), *node)? },
            Self::CreateAlbum { title } => Operation::CreateAlbum { title: name(title) },
            Self::AddToAlbum { album, files } => {
                let files = files.iter().map(|file| of(&model.files(), *file)).collect::<Option<_>>()?;
                Operation::AddToAlbum { album: of(&model.albums(), *album)?, files }
            }
            Self::RemoveFromAlbum { album, file } => {
                let album = of(&model.albums(), *album)?;
                Operation::RemoveFromAlbum { album, file: of(&model.album_files(&album), *file)? }
            }
            Self::MoveInAlbum { album, file, before } => {
                let album = of(&model.albums(), *album)?;
                let mut files = model.album_files(&album);
                let file = of(&files, *file)?;
                files.retain(|other| *other != file);
                let before = before.and_then(|before| of(&files, before));
                Operation::MoveInAlbum { album, file, before }
            }
            Self::DeleteAlbum { album } => Operation::DeleteAlbum { album: of(&model.albums(), *album)? },
            Self::Gone { how: 0 } => Operation::Rename { node: gone, name: "a".to_owned() },
            Self::Gone { how: 1 } => Operation::Trash { nodes: vec![gone] },
            Self::Gone { how: 2 } => Operation::Purge { node: of(&model.ids(), 0)? },
            Self::Gone { how: 3 } => Operation::AddToAlbum { album: gone, files: vec![of(&model.files(), 0)?] },
            Self::Gone { .. } => Operation::Create { folder: gone, name: "a".to_owned() },
        })
    }
}

impl Operation {
    /// Does it. Of what is made, the id is answered.
    pub(super) async fn run(&self, cloud: &Cloud) -> Result<Option<Id>> {
        let content = |bytes: &Bytes| {
            let content = Content::new(BytesSource::new(bytes.to_vec())).mime("text/plain");
            match bytes.thumbnail() {
                Some(thumbnail) => content.thumbnail(thumbnail),
                None => content,
            }
        };
        match self {
            Self::Create { folder, name } => cloud.create_folder(folder, name).await.map(|entry| Some(entry.id)),
            Self::Upload { folder, name, content: bytes } => {
                cloud.upload(folder, name, content(bytes)).await.map(|entry| Some(entry.id))
            }
            Self::Replace { file, content: bytes } => cloud.replace(file, content(bytes)).await.map(|_| None),
            Self::GoBack { file, number } => cloud.restore_revision(file, *number).await.map(|_| None),
            Self::Prune { file, last } => cloud.prune(file, &KeepRevisions::none().last(*last)).await.map(|_| None),
            Self::Rename { node, name } => cloud.rename(node, name).await.map(|_| None),
            Self::Move { nodes, folder, taken } => cloud.move_to(nodes, folder, *taken).await.map(|_| None),
            Self::Trash { nodes } => cloud.trash(nodes).await.map(|()| None),
            Self::Restore { node } => cloud.restore(&[*node]).await.map(|_| None),
            Self::Purge { node } => cloud.purge(&[*node]).await.map(|_| None),
            Self::EmptyTrash => cloud.empty_trash().await.map(|_| None),
            Self::MarkStale { node } => cloud.mark_stale(node).await.map(|()| None),
            Self::CreateAlbum { title } => cloud.create_album(title).await.map(|album| Some(album.id)),
            Self::AddToAlbum { album, files } => cloud.add_to_album(album, files).await.map(|_| None),
            Self::RemoveFromAlbum { album, file } => cloud.remove_from_album(album, &[*file]).await.map(|_| None),
            Self::MoveInAlbum { album, file, before } => {
                cloud.move_in_album(album, &[*file], before.as_ref()).await.map(|()| None)
            }
            Self::DeleteAlbum { album } => cloud.delete_album(album).await.map(|()| None),
        }
    }

    /// What it does to the model. `id` is that of what is made.
    pub(super) fn apply(&self, model: &mut Model, id: Id) -> Result<(), Refused> {
        match self {
            Self::Create { folder, name } => model.create(id, folder, name, None),
            Self::Upload { folder, name, content } => model.create(id, folder, name, Some(*content)),
            Self::Replace { file, content } => model.replace(file, *content),
            Self::GoBack { file, number } => model.go_back(file, *number),
            Self::Prune { file, last } => model.prune(file, *last),
            Self::Rename { node, name } => model.rename(node, name),
            Self::Move { nodes, folder, taken } => model.move_to(nodes, folder, *taken),
            Self::Trash { nodes } => model.trash_all(nodes),
            Self::Restore { node } => model.restore(node),
            Self::Purge { node } => model.purge(node),
            Self::EmptyTrash => model.trash().iter().try_for_each(|node| model.purge(node)),
            Self::MarkStale { .. } => Ok(()),
            Self::CreateAlbum { title } => model.create_album(id, title),
            Self::AddToAlbum { album, files } => model.add_to_album(album, files),
            Self::RemoveFromAlbum { album, file } => model.remove_from_album(album, file),
            Self::MoveInAlbum { album, file, before } => model.move_in_album(album, file, before.as_ref()),
            Self::DeleteAlbum { album } => model.delete_album(album),
        }
    }

    /// Whether it is one change, which happens or does not; removing for good is several, from the leaves on.
    pub(super) fn is_one_change(&self) -> bool {
        !matches!(self, Self::Purge { .. } | Self::EmptyTrash)
    }
}

/// Few, so that they meet; two of them differ in case alone.
const NAMES: &[&str] = &["a", "b", "B", "c.txt", "d", "ä", "Ä", "e.tar.gz", " f", "g (2)"];
