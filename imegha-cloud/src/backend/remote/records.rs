//! [`RemoteRecords`]: a [`RecordStore`] behind a gateway.

use async_trait::async_trait;

use super::connection::{Question, Remote};
use super::error::dishonest;
use crate::backend::records::{check_keys, check_writes};
use crate::backend::{Key, Page, Query, Record, RecordStore, Write};
use crate::error::Result;
use crate::protocol::{
    GetAllAnswer, GetAllRequest, GetAnswer, GetRequest, PageAnswer, QueryRequest, TransactRequest, WireKey, WireRecord,
    path,
};
use crate::schema::CloudSchema;

/// Records behind a gateway.
#[derive(Clone, Debug)]
pub struct RemoteRecords {
    remote: Remote,
}

impl RemoteRecords {
    /// The records of the cloud that the gateway serves.
    pub fn new(remote: Remote) -> Self {
        Self { remote }
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for RemoteRecords {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        key.check()?;
        let question = Question::read(path::RECORDS_GET, &GetRequest { key: WireKey::of(key) });
        let answer: GetAnswer = self.remote.ask(question).await?;
        let record = answer.record.map(WireRecord::into_record).transpose().map_err(|_| dishonest())?;
        if record.as_ref().is_some_and(|record| record.key != *key) {
            return Err(dishonest());
        }
        Ok(record)
    }

    async fn get_all(&self, keys: &[Key<CloudSchema>]) -> Result<Vec<Option<Record<CloudSchema>>>> {
        check_keys(keys)?;
        let question = Question::read(path::RECORDS_GET_ALL, &GetAllRequest::of(keys));
        let answer: GetAllAnswer = self.remote.ask(question).await?;
        let records = answer.into_records().map_err(|_| dishonest())?;
        let fits = records.len() == keys.len()
            && keys.iter().zip(&records).all(|(key, record)| record.as_ref().is_none_or(|record| record.key == *key));
        if fits { Ok(records) } else { Err(dishonest()) }
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        query.check()?;
        let question = Question::read(path::RECORDS_QUERY, &QueryRequest::of(query));
        let answer: PageAnswer = self.remote.ask(question).await?;
        let page = answer.into_page().map_err(|_| dishonest())?;
        if fits(query, &page) { Ok(page) } else { Err(dishonest()) }
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        check_writes(writes)?;
        self.remote.tell(Question::post(path::RECORDS_TRANSACT, &TransactRequest::of(writes))).await
    }
}

/// Whether a page is one of that query: of its partition, in its order, behind its cursor, no longer than its limit,
/// and with a next place that goes on. What is left out of it nobody can tell here.
fn fits(query: &Query<CloudSchema>, page: &Page<CloudSchema>) -> bool {
    let mut last = query.after_bytes();
    let mut goes_on = |place: Vec<u8>, or_stays: bool| {
        let fits = last.as_ref().is_none_or(|last| match query.descending {
            _ if or_stays && place == *last => true,
            false => place > *last,
            true => place < *last,
        });
        last = Some(place);
        fits
    };
    page.records.len() <= query.limit
        && page.records.iter().all(|record| {
            record.key.collection == query.collection
                && record.key.partition == query.partition
                && goes_on(record.key.sort_bytes(), false)
        })
        && page.next.as_ref().is_none_or(|next| {
            let place = Key::<CloudSchema>::new(query.collection, [], next.clone()).sort_bytes();
            goes_on(place, !page.records.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{CloudValue, Collection};

    fn page(places: &[u64], next: Option<u64>) -> Page<CloudSchema> {
        let record = |place: &u64| Record::new(Key::new(Collection::Log, [], [CloudValue::U64(*place)]));
        Page { records: places.iter().map(record).collect(), next: next.map(|place| vec![CloudValue::U64(place)]) }
    }

    #[test]
    fn a_page_fits_its_query() {
        let mut query = Query::<CloudSchema>::new(Collection::Log, []);
        query.limit = 3;
        query.after = Some(vec![CloudValue::U64(5)]);
        for good in [page(&[], None), page(&[6, 7, 9], None), page(&[6, 7], Some(7)), page(&[], Some(6))] {
            assert!(fits(&query, &good), "{good:?}");
        }
        for bad in [
            page(&[5], None),
            page(&[4], None),
            page(&[7, 6], None),
            page(&[6, 6], None),
            page(&[6, 7, 8, 9], None),
            page(&[6, 7], Some(6)),
            page(&[], Some(5)),
            page(&[], Some(0)),
        ] {
            assert!(!fits(&query, &bad), "{bad:?}");
        }
        let mut other = page(&[6], None);
        other.records[0].key.collection = Collection::Nonce;
        assert!(!fits(&query, &other));
        let mut other = page(&[6], None);
        other.records[0].key.partition = vec![CloudValue::U64(0)];
        assert!(!fits(&query, &other));
        query.descending = true;
        assert!(fits(&query, &page(&[4, 3], Some(3))));
        assert!(!fits(&query, &page(&[6], None)));
        assert!(!fits(&query, &page(&[3, 4], None)));
    }
}
