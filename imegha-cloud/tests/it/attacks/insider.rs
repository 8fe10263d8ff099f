//! What somebody has who was given a file's keys, or stole them.

use imegha_cloud::backend::{Key, Record};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{Cloud, Entry};
use imegha_crypto::{FileKey, Id, NodeKey, Sealed};

use crate::storage::{Storage, keys};

/// The keys of one file in the root folder, and its record.
pub(crate) struct Insider {
    pub(crate) record: Record<CloudSchema>,
    pub(crate) node_key: NodeKey,
    pub(crate) file_key: FileKey,
}

impl Insider {
    pub(crate) async fn of(storage: &Storage, cloud: &Cloud, file: &Entry) -> Self {
        let root_record = child(storage, &Id::ZERO, &cloud.root()).await;
        let root =
            NodeKey::unwrap_root(sealed(&root_record, Field::NodeKey), &keys().dek, &cloud.root(), 1, 1).unwrap();
        let record = child(storage, &cloud.root(), &file.id).await;
        let node_key = NodeKey::unwrap(sealed(&record, Field::NodeKey), &root, &file.id, &cloud.root(), 1, 1).unwrap();
        let file_key = FileKey::unwrap(sealed(&record, Field::FileKey), &node_key, &file.id, file.revision, 1).unwrap();
        Self { record, node_key, file_key }
    }
}

/// The key of the last of `way`, which begins with the root.
pub(crate) async fn node_key(storage: &Storage, way: &[Id]) -> NodeKey {
    let epoch = |record: &Record<CloudSchema>, field| match record.field(field) {
        Some(CloudValue::U64(epoch)) => u32::try_from(*epoch).unwrap(),
        other => panic!("{other:?}"),
    };
    let record = child(storage, &Id::ZERO, &way[0]).await;
    let wrapped = sealed(&record, Field::NodeKey);
    let mut key = NodeKey::unwrap_root(wrapped, &keys().dek, &way[0], epoch(&record, Field::NodeEpoch), 1).unwrap();
    for step in way.windows(2) {
        let record = child(storage, &step[0], &step[1]).await;
        let (own, parent) = (epoch(&record, Field::NodeEpoch), epoch(&record, Field::ParentEpoch));
        key = NodeKey::unwrap(sealed(&record, Field::NodeKey), &key, &step[1], &step[0], own, parent).unwrap();
    }
    key
}

/// The record of a node in its parent's folder.
pub(crate) async fn child(storage: &Storage, parent: &Id, node: &Id) -> Record<CloudSchema> {
    let key = Key::new(Collection::Children, [CloudValue::Id(*parent)], [CloudValue::Id(*node)]);
    storage.records.get(&key).await.unwrap().expect("the node is there")
}

pub(crate) fn sealed(record: &Record<CloudSchema>, field: Field) -> &Sealed {
    match record.field(field) {
        Some(CloudValue::Sealed(sealed)) => sealed,
        other => panic!("{other:?}"),
    }
}
