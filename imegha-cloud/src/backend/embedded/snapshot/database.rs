//! Databases: a copy of one moment, and which objects go with it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::backend::ObjectName;
use crate::backend::embedded::error::{file, sqlite, unreadable};
use crate::backend::embedded::folder;
use crate::backend::embedded::records::BUSY_TIMEOUT;
use crate::backend::records::{Key, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{CloudSchema, CloudValue, Field};

/// Copies the database at `from`, which may be in use, to the new file `to`: all of one moment, durable and checked. Blocks.
///
/// # Errors
/// `NotFound` when there is none; `Unavailable` when it is busy for too long; `StorageFull`; `Backend` when it cannot be
/// read, and when the copy is not whole.
pub fn copy_database(from: &Path, to: &Path) -> Result<()> {
    let failed = sqlite("copying the database");
    let source = open(from)?;
    // An older copy is not written over: what SQLite would leave of it depends on its pages.
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(file("removing an older copy")(error));
        }
        _ => {}
    }
    folder::create_file(to)?;
    let mut copy = Connection::open(to).map_err(&failed)?;
    let backup = Backup::new(&source, &mut copy).map_err(&failed)?;
    // In one step, and so of one moment: in WAL a reader keeps no writer waiting.
    match backup.step(-1).map_err(&failed)? {
        StepResult::Done => {}
        _ => return Err(Error::new(ErrorKind::Unavailable, "the database is busy")),
    }
    drop(backup);
    // One file, without the two that WAL keeps beside it; who opens it to write turns it on again.
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0)).map_err(&failed)?;
    check(&copy)?;
    copy.close().map_err(|(_, error)| failed(error))?;
    let durable = std::fs::File::open(to).and_then(|file| file.sync_all());
    durable.map_err(file("syncing the copy"))
}

/// The objects that a cloud's database names, and their lengths: contents, thumbnails, those of older revisions. It also
/// checks that the file is a whole database. For a database that nobody writes, such as a copy. Blocks.
///
/// # Errors
/// `NotFound` when there is none; `Backend` when it is not whole or not a cloud's.
pub(super) fn named_objects(database: &Path) -> Result<BTreeMap<ObjectName, u64>> {
    let failed = sqlite("reading the database");
    let connection = open(database)?;
    check(&connection)?;
    let mut statement = connection.prepare("SELECT partition, sort, fields FROM records").map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    let mut named = BTreeMap::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        let column = |index| row.get::<_, Vec<u8>>(index).map_err(&failed);
        let key = Key::<CloudSchema>::from_parts(&column(0)?, &column(1)?).map_err(unreadable)?;
        let record = Record::from_key_and_fields(key, &column(2)?).map_err(unreadable)?;
        for (object, size) in [(Field::Object, Field::Size), (Field::Thumbnail, Field::ThumbnailSize)] {
            if let (Some(CloudValue::Salt(salt)), Some(CloudValue::U64(size))) =
                (record.field(object), record.field(size))
            {
                named.insert(ObjectName::from_salt(*salt), *size);
            }
        }
    }
    Ok(named)
}

/// Checks that the file is a whole database. Blocks.
///
/// # Errors
/// `NotFound` when there is none; `Backend` when it is not whole.
pub fn check_database(database: &Path) -> Result<()> {
    check(&open(database)?)
}

fn open(path: &Path) -> Result<Connection> {
    if !path.is_file() {
        return Err(Error::new(ErrorKind::NotFound, "no such database"));
    }
    let failed = sqlite("opening the database");
    // Without CREATE: a database that is not there must not come to be.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(&failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(&failed)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(&failed)?;
    Ok(connection)
}

fn check(connection: &Connection) -> Result<()> {
    let said: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(sqlite("checking the database"))?;
    if said == "ok" { Ok(()) } else { Err(Error::new(ErrorKind::Backend, "the database is damaged")) }
}

#[cfg(test)]
mod tests {
    use imegha_crypto::Id;

    use super::*;
    use crate::backend::embedded::EmbeddedRecords;
    use crate::backend::{Condition, RecordStore as _, Write};
    use crate::schema::Collection;

    fn child(node: u8, object: u8, size: u64) -> Write<CloudSchema> {
        let id = |byte| CloudValue::Id(Id::from_bytes([byte; 16]));
        let record = Record::new(Key::new(Collection::Children, [id(0)], [id(node)]))
            .with(Field::Object, CloudValue::Salt([object; 24]))
            .with(Field::Size, CloudValue::U64(size));
        Write::Put(record, Condition::None)
    }

    #[tokio::test]
    async fn a_copy_of_one_moment_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let [live, copy] = ["live.sqlite", "copy.sqlite"].map(|name| folder.path().join(name));
        assert_eq!(copy_database(&live, &copy).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(!live.exists() && !copy.exists());
        let records = EmbeddedRecords::<CloudSchema>::open(&live).unwrap();
        records.transact(&[child(1, 1, 500), child(2, 2, 600)]).await.unwrap();
        let writing = tokio::spawn({
            let records = records.clone();
            async move {
                // Two at once: a copy that is not of one moment would have an odd number of them.
                for round in 0..100 {
                    records.transact(&[child(3, round + 3, 1), child(4, round + 3, 1)]).await.unwrap();
                }
            }
        });
        while !writing.is_finished() {
            copy_database(&live, &copy).unwrap();
            let named = named_objects(&copy).unwrap();
            assert!([2, 3].contains(&named.len()), "{named:?}");
            assert_eq!(named[&ObjectName::from_salt([2; 24])], 600);
            tokio::task::yield_now().await;
        }
        writing.await.unwrap();
        // The copy is one file, and a store again.
        assert!(!folder.path().join("copy.sqlite-wal").exists());
        EmbeddedRecords::<CloudSchema>::open(&copy).unwrap().transact(&[child(1, 1, 500)]).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let [live, copy] = ["live.sqlite", "copy.sqlite"].map(|name| folder.path().join(name));
        let records = EmbeddedRecords::<CloudSchema>::open(&live).unwrap();
        for node in 0..=255 {
            records.transact(&[child(node, node, 1)]).await.unwrap();
        }
        copy_database(&live, &copy).unwrap();
        check_database(&copy).unwrap();
        let mut bytes = std::fs::read(&copy).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0);
        std::fs::write(&copy, bytes).unwrap();
        assert_eq!(check_database(&copy).unwrap_err().kind(), ErrorKind::Backend);
        assert_eq!(named_objects(&copy).unwrap_err().kind(), ErrorKind::Backend);
        std::fs::write(&copy, b"no database").unwrap();
        assert_eq!(check_database(&copy).unwrap_err().kind(), ErrorKind::Backend);
    }
}
