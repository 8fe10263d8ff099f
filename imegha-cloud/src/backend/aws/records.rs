//! [`AwsRecords`]: a [`RecordStore`] that is a table of DynamoDB.

use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem};
use imegha_crypto::Id;

use super::AwsConfig;
use super::error::{dishonest, request, transaction, unreadable};
use super::item::{self, PARTITION};
use crate::backend::records::{
    Condition, Key, Page, PageFilling, Query, Record, RecordStore, Write, check_keys, check_writes,
};
use crate::backend::schema::{Name as _, Schema};
use crate::error::{Error, ErrorKind, Result};

/// Records in a table. A handle: a clone is the same store.
///
/// The table's partition key is `pk`, its sort key `sk`, both binary. All reads are strongly consistent. Everything is
/// written by `TransactWriteItems`, also a single record: with its token, an attempt whose answer was lost is repeated
/// without being done twice, and without meeting its own doing in a condition.
pub struct AwsRecords<S: Schema> {
    client: Client,
    table: String,
    prefix: String,
    schema: PhantomData<fn() -> S>,
}

impl<S: Schema> AwsRecords<S> {
    /// The records in `table`, with the credentials of the default chain. Asks nothing of the table yet.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub async fn open(table: &str, config: &AwsConfig) -> Result<Self> {
        Self::with_sdk(table, config, &config.load().await)
    }

    /// The same with credentials, HTTP client and whatever else `sdk` says, but for retries and timeouts.
    ///
    /// # Errors
    /// `Malformed` when no region is set.
    pub fn with_sdk(table: &str, config: &AwsConfig, sdk: &SdkConfig) -> Result<Self> {
        let client = config.dynamodb(sdk)?;
        Ok(Self { client, table: table.to_owned(), prefix: config.prefix.clone(), schema: PhantomData })
    }

    fn item(&self, write: &Write<S>) -> Result<TransactWriteItem> {
        let (expression, field) = match write.condition() {
            Condition::None => (ANYTHING, None),
            Condition::Absent => (ABSENT, None),
            Condition::Present => (PRESENT, None),
            Condition::Equals(field, value) => (EQUALS, Some((field.name(), item::value(value)))),
        };
        let (name, value): (Option<_>, Option<_>) = field.unzip();
        let names = name.map(|name| [("#field".to_owned(), name.to_owned())].into());
        let values = value.map(|value| [(":value".to_owned(), value)].into());
        // Three types of the SDK with the same four setters, and no trait for them.
        macro_rules! conditional {
            ($builder:expr) => {
                $builder
                    .table_name(&self.table)
                    .condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(incomplete)?
            };
        }
        let item = TransactWriteItem::builder();
        Ok(match write {
            Write::Put(record, _) => {
                let fields = item::from_record(&self.prefix, record)?;
                item.put(conditional!(Put::builder().set_item(Some(fields))))
            }
            Write::Delete(key, _) => {
                let key = item::key(&self.prefix, key)?;
                item.delete(conditional!(Delete::builder().set_key(Some(key))))
            }
            Write::Check(key, _) => {
                let key = item::key(&self.prefix, key)?;
                item.condition_check(conditional!(ConditionCheck::builder().set_key(Some(key))))
            }
        }
        .build())
    }
}

impl<S: Schema> Clone for AwsRecords<S> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            table: self.table.clone(),
            prefix: self.prefix.clone(),
            schema: PhantomData,
        }
    }
}

impl<S: Schema> fmt::Debug for AwsRecords<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsRecords").field("table", &self.table).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: Schema> RecordStore<S> for AwsRecords<S> {
    async fn get(&self, key: &Key<S>) -> Result<Option<Record<S>>> {
        key.check()?;
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key(&self.prefix, key)?))
            .consistent_read(true)
            .send()
            .await
            .map_err(request("reading a record"))?;
        let record = answer.item.map(|item| item::to_record(&self.prefix, &item)).transpose().map_err(unreadable)?;
        match record {
            Some(record) if record.key.to_bytes() != key.to_bytes() => Err(dishonest()),
            record => Ok(record),
        }
    }

    async fn get_all(&self, keys: &[Key<S>]) -> Result<Vec<Option<Record<S>>>> {
        check_keys(keys)?;
        let mut wanted = KeysAndAttributes::builder().consistent_read(true);
        for key in keys {
            wanted = wanted.keys(item::key(&self.prefix, key)?);
        }
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.table, wanted.build().map_err(incomplete)?)
            .send()
            .await
            .map_err(request("reading records"))?;
        // Ten records stay below the length at which DynamoDB leaves some out, so it was short of throughput.
        if answer.unprocessed_keys().is_some_and(|left| !left.is_empty()) {
            return Err(Error::new(ErrorKind::Unavailable, "DynamoDB had no room to read all records"));
        }
        let mut records = vec![None; keys.len()];
        for item in answer.responses().and_then(|tables| tables.get(&self.table)).into_iter().flatten() {
            let record = item::to_record(&self.prefix, item).map_err(unreadable)?;
            let asked = keys.iter().position(|key| key.to_bytes() == record.key.to_bytes()).ok_or_else(dishonest)?;
            if records[asked].replace(record).is_some() {
                return Err(dishonest());
            }
        }
        Ok(records)
    }

    async fn query(&self, query: &Query<S>) -> Result<Page<S>> {
        query.check()?;
        let partition = query.partition_bytes();
        let start = query.after_bytes().map(|after| item::place(&self.prefix, partition.clone(), after)).transpose()?;
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#partition = :partition")
            .expression_attribute_names("#partition", PARTITION)
            .expression_attribute_values(":partition", item::partition_value(&self.prefix, partition)?)
            .set_exclusive_start_key(start)
            .scan_index_forward(!query.descending)
            .limit(query.limit as i32)
            .consistent_read(true)
            .send()
            .await
            .map_err(request("reading records"))?;
        let mut more = answer.last_evaluated_key.is_some();
        let mut page = PageFilling::new(query.limit);
        for item in answer.items() {
            let record: Record<S> = item::to_record(&self.prefix, item).map_err(unreadable)?;
            if record.key.partition_bytes() != query.partition_bytes() {
                return Err(dishonest());
            }
            // DynamoDB counts a little less for a record than this does.
            if !page.takes(record) {
                more = true;
                break;
            }
        }
        Ok(page.finish(more))
    }

    async fn transact(&self, writes: &[Write<S>]) -> Result<()> {
        check_writes(writes)?;
        let items: Result<Vec<_>> = writes.iter().map(|write| self.item(write)).collect();
        self.client
            .transact_write_items()
            .set_transact_items(Some(items?))
            // One for all attempts of the SDK: DynamoDB does what has one token once.
            .client_request_token(Id::generate()?.to_string())
            .send()
            .await
            .map(drop)
            .map_err(transaction)
    }
}

fn incomplete(error: BuildError) -> Error {
    Error::with_source(ErrorKind::Backend, "a write is incomplete", error)
}

/// A check must have a condition; this one always holds.
const ANYTHING: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";
const ABSENT: &str = "attribute_not_exists(pk)";
const PRESENT: &str = "attribute_exists(pk)";
const EQUALS: &str = "#field = :value";
