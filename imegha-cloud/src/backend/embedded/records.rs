//! [`EmbeddedRecords`]: a [`RecordStore`] that is an SQLite file.

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::error::{sqlite, unreadable};
use super::{EmbeddedConfig, blocking, folder};
use crate::backend::records::{
    Condition, Key, Page, PageFilling, Query, Record, RecordStore, Write, check_keys, check_writes,
};
use crate::backend::schema::Schema;
use crate::error::{Error, ErrorKind, Result};

/// Records in an SQLite file. A handle: a clone is the same store.
///
/// Writes are durable before they are acknowledged (WAL, `synchronous=FULL`). Readers do not wait for writers.
/// Several processes may have one file open; each file holds one schema.
pub struct EmbeddedRecords<S: Schema> {
    file: Arc<Connections>,
    schema: PhantomData<fn() -> S>,
}

struct Connections {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl<S: Schema> EmbeddedRecords<S> {
    /// Opens the file, and makes it when there is none. Blocks.
    ///
    /// # Errors
    /// `Version` when a newer version of this crate wrote it; `Backend` when it is no database or cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &EmbeddedConfig::default())
    }

    /// The same with a largest size.
    ///
    /// # Errors
    /// As [`EmbeddedRecords::open`].
    pub fn open_with(path: impl AsRef<Path>, config: &EmbeddedConfig) -> Result<Self> {
        let path = path.as_ref().to_owned();
        folder::create_file(&path)?;
        let mut writer = connect(&path)?;
        migrate(&mut writer, MIGRATIONS)?;
        if let Some(quota) = config.record_quota {
            let pages = i64::try_from(quota / PAGE_LEN).unwrap_or(i64::MAX);
            writer
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .map_err(sqlite("limiting the database"))?;
        }
        let reader = connect(&path)?;
        let file = Arc::new(Connections { path, writer: Mutex::new(writer), reader: Mutex::new(reader) });
        Ok(Self { file, schema: PhantomData })
    }
}

impl<S: Schema> Clone for EmbeddedRecords<S> {
    fn clone(&self) -> Self {
        Self { file: self.file.clone(), schema: PhantomData }
    }
}

impl<S: Schema> fmt::Debug for EmbeddedRecords<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedRecords").field("path", &self.file.path).finish()
    }
}

#[async_trait]
impl<S: Schema> RecordStore<S> for EmbeddedRecords<S> {
    async fn get(&self, key: &Key<S>) -> Result<Option<Record<S>>> {
        key.check()?;
        let (file, key) = (self.file.clone(), key.clone());
        blocking(move || read(&lock(&file.reader), &key)).await
    }

    async fn get_all(&self, keys: &[Key<S>]) -> Result<Vec<Option<Record<S>>>> {
        check_keys(keys)?;
        let (file, keys) = (self.file.clone(), keys.to_vec());
        blocking(move || {
            let connection = lock(&file.reader);
            keys.iter().map(|key| read(&connection, key)).collect()
        })
        .await
    }

    async fn query(&self, query: &Query<S>) -> Result<Page<S>> {
        query.check()?;
        let (file, query) = (self.file.clone(), query.clone());
        blocking(move || read_page(&lock(&file.reader), &query)).await
    }

    async fn transact(&self, writes: &[Write<S>]) -> Result<()> {
        check_writes(writes)?;
        let (file, writes) = (self.file.clone(), writes.to_vec());
        blocking(move || {
            let mut connection = lock(&file.writer);
            // Dropped without a commit it is rolled back.
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite("beginning"))?;
            for (index, write) in writes.iter().enumerate() {
                if !holds(&transaction, write)? {
                    return Err(Error::failed_condition(index));
                }
            }
            // What is removed first makes room for the rest; keys differ, so the order is nobody's business.
            let (removals, rest): (Vec<_>, Vec<_>) =
                writes.iter().partition(|write| matches!(write, Write::Delete(..)));
            for write in removals.into_iter().chain(rest) {
                apply(&transaction, write)?;
            }
            transaction.commit().map_err(sqlite("committing"))
        })
        .await
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // A panic rolls its transaction back, so a poisoned connection is as good as before.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn holds<S: Schema>(transaction: &Transaction<'_>, write: &Write<S>) -> Result<bool> {
    match write.condition() {
        Condition::None => Ok(true),
        condition => Ok(condition.holds(read(transaction, write.key())?.as_ref())),
    }
}

fn apply<S: Schema>(transaction: &Transaction<'_>, write: &Write<S>) -> Result<()> {
    let key = write.key();
    let place = (key.partition_bytes(), key.sort_bytes());
    let result = match write {
        Write::Put(record, _) => transaction
            .prepare_cached("INSERT OR REPLACE INTO records (partition, sort, fields) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((&place.0, &place.1, record.fields_to_bytes()))),
        Write::Delete(..) => transaction
            .prepare_cached("DELETE FROM records WHERE partition = ?1 AND sort = ?2")
            .and_then(|mut statement| statement.execute(place)),
        Write::Check(..) => return Ok(()),
    };
    result.map(drop).map_err(sqlite("writing a record"))
}

fn read<S: Schema>(connection: &Connection, key: &Key<S>) -> Result<Option<Record<S>>> {
    let fields: Option<Vec<u8>> = connection
        .prepare_cached("SELECT fields FROM records WHERE partition = ?1 AND sort = ?2")
        .and_then(|mut statement| {
            statement.query_row((key.partition_bytes(), key.sort_bytes()), |row| row.get(0)).optional()
        })
        .map_err(sqlite("reading a record"))?;
    fields.map(|fields| Record::from_key_and_fields(key.clone(), &fields).map_err(unreadable)).transpose()
}

fn read_page<S: Schema>(connection: &Connection, query: &Query<S>) -> Result<Page<S>> {
    const FIRST: &str = "SELECT sort, fields FROM records WHERE partition = ?1 AND ?2 IS NULL ORDER BY sort";
    const LAST: &str = "SELECT sort, fields FROM records WHERE partition = ?1 AND ?2 IS NULL ORDER BY sort DESC";
    const AFTER: &str = "SELECT sort, fields FROM records WHERE partition = ?1 AND sort > ?2 ORDER BY sort";
    const BEFORE: &str = "SELECT sort, fields FROM records WHERE partition = ?1 AND sort < ?2 ORDER BY sort DESC";
    let after = query.after_bytes();
    let sql = match (&after, query.descending) {
        (None, false) => FIRST,
        (None, true) => LAST,
        (Some(_), false) => AFTER,
        (Some(_), true) => BEFORE,
    };
    let failed = sqlite("reading records");
    let partition = query.partition_bytes();
    let mut statement = connection.prepare_cached(sql).map_err(&failed)?;
    let mut rows = statement.query((&partition, after)).map_err(&failed)?;
    let mut page = PageFilling::new(query.limit);
    let mut more = false;
    while let Some(row) = rows.next().map_err(&failed)? {
        if page.is_full() {
            more = true;
            break;
        }
        let (sort, fields): (Vec<u8>, Vec<u8>) = (row.get(0).map_err(&failed)?, row.get(1).map_err(&failed)?);
        let key = Key::from_parts(&partition, &sort).map_err(unreadable)?;
        let record = Record::from_key_and_fields(key, &fields).map_err(unreadable)?;
        if !page.takes(record) {
            more = true;
            break;
        }
    }
    Ok(page.finish(more))
}

fn connect(path: &Path) -> Result<Connection> {
    let failed = sqlite("opening the database");
    let connection = Connection::open(path).map_err(&failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(&failed)?;
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        .and_then(|_| connection.pragma_update(None, "synchronous", "FULL"))
        .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
        .and_then(|()| connection.pragma_update(None, "trusted_schema", false))
        .map_err(&failed)?;
    Ok(connection)
}

/// Brings the database from the version that it has to the newest, each step in a transaction with its number.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<()> {
    let failed = sqlite("migrating the database");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
    let id: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(&failed)?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(&failed)?;
    let version = version as usize;
    if version > steps.len() {
        return Err(Error::new(ErrorKind::Version, "the database is from a newer version"));
    }
    if version > 0 && id != APPLICATION_ID {
        return Err(Error::new(ErrorKind::Backend, "the database is another program's"));
    }
    for (number, step) in (1_u32..).zip(steps).skip(version) {
        transaction.execute_batch(step).map_err(&failed)?;
        transaction.pragma_update(None, "user_version", number).map_err(&failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(&failed)?;
    transaction.commit().map_err(&failed)
}

/// Each step was released and is never changed; a new one is added at the end.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE records (
        partition BLOB NOT NULL,
        sort BLOB NOT NULL,
        fields BLOB NOT NULL,
        PRIMARY KEY (partition, sort)
    ) STRICT;
"];

/// "iMeg", which SQLite keeps in the file's header.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"iMeg");

pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLite's default.
const PAGE_LEN: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(connection: &Connection) -> (i64, i64) {
        let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
        let tables = connection.query_row(count, [], |row| row.get(0)).unwrap();
        (tables, connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap())
    }

    #[test]
    fn a_failed_migration_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE one (a)"]).unwrap();
        let steps = ["CREATE TABLE one (a)", "CREATE TABLE two (a)", "CREATE TABLE three (a); CREATE TABLE one (a)"];
        assert_eq!(migrate(&mut connection, &steps).unwrap_err().kind(), ErrorKind::Backend);
        assert_eq!(tables(&connection), (1, 1));
        migrate(&mut connection, &steps[..2]).unwrap();
        assert_eq!(tables(&connection), (2, 2));
        migrate(&mut connection, &steps[..2]).unwrap();
        assert_eq!(tables(&connection), (2, 2));
    }

    /// A database as the version before the next one leaves it, with 300 rows.
    fn released(path: &Path) {
        let mut connection = connect(path).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        for row in 0..300_u32 {
            let values = (row.to_be_bytes(), [1; 8], [row as u8; 500]);
            connection.execute("INSERT INTO records VALUES (?1, ?2, ?3)", values).unwrap();
        }
    }

    fn rows(connection: &Connection) -> Vec<Vec<u8>> {
        let mut statement = connection.prepare("SELECT fields FROM records ORDER BY partition").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The next step, whatever it will be: it touches every row.
    const NEXT: &str = "ALTER TABLE records ADD COLUMN more BLOB; UPDATE records SET more = zeroblob(1000)";

    #[test]
    fn what_is_stored_survives_a_migration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cloud.sqlite");
        released(&path);
        let mut connection = connect(&path).unwrap();
        let before = rows(&connection);
        migrate(&mut connection, &[MIGRATIONS[0], NEXT]).unwrap();
        assert_eq!((rows(&connection), tables(&connection)), (before, (1, 2)));
        // The program that wrote it refuses it now, and changes nothing.
        drop(connection);
        let refused = EmbeddedRecords::<crate::schema::CloudSchema>::open(&path).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Version);
    }

    #[test]
    fn a_migration_that_is_killed_leaves_the_version_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cloud.sqlite");
        released(&path);
        let mut connection = connect(&path).unwrap();
        let before = rows(&connection);
        // With no room in memory, half of the migration stands in the write-ahead log already.
        connection.pragma_update(None, "cache_size", 1).unwrap();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        transaction.execute_batch(NEXT).unwrap();
        transaction.pragma_update(None, "user_version", 2).unwrap();
        // What a killed process leaves is what the files are at that moment.
        let left = folder.path().join("left.sqlite");
        for file in ["", "-wal"] {
            let name = |path: &Path| format!("{}{file}", path.display());
            std::fs::copy(name(&path), name(&left)).unwrap();
        }
        assert!(std::fs::metadata(format!("{}-wal", left.display())).unwrap().len() > 100_000);
        let mut connection = connect(&left).unwrap();
        assert_eq!((rows(&connection), tables(&connection)), (before.clone(), (1, 1)));
        migrate(&mut connection, &[MIGRATIONS[0], NEXT]).unwrap();
        assert_eq!((rows(&connection), tables(&connection)), (before, (1, 2)));
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE one (a)", "CREATE TABLE two (a)"]).unwrap();
        assert_eq!(migrate(&mut connection, &["CREATE TABLE one (a)"]).unwrap_err().kind(), ErrorKind::Version);
        assert_eq!(tables(&connection), (2, 2));
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1").unwrap();
        assert_eq!(migrate(&mut connection, MIGRATIONS).unwrap_err().kind(), ErrorKind::Backend);
        assert_eq!(tables(&connection), (1, 1));
    }
}
