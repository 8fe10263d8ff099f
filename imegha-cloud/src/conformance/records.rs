//! What every [`RecordStore`] does.

use futures::future::join_all;

use super::SampleSchema;
use crate::backend::records::{
    Condition, Key, MAX_KEYS, MAX_PAGE, MAX_PAGE_LEN, MAX_PARTITION_LEN, MAX_RECORD_LEN, MAX_SORT_LEN,
    MAX_TRANSACTION_LEN, MAX_WRITES, Query, Record, RecordStore, Write,
};
use crate::error::{ErrorKind, Result};

/// An empty store has no record and an empty page.
pub async fn nothing_is_there_at_first<S: SampleSchema>(store: &dyn RecordStore<S>) {
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), None);
    let page = store.query(&Query::new(S::COLLECTIONS[0], [S::number(1)])).await.expect("query");
    assert!(page.records.is_empty() && page.next.is_none());
}

/// Values of every kind come back as they were, in fields, partitions and places.
pub async fn every_value_is_read_as_it_was_written<S: SampleSchema>(store: &dyn RecordStore<S>) {
    for value in S::every_value() {
        let key = Key::<S>::new(S::COLLECTIONS[0], [value.clone()], [value.clone(), S::number(3)]);
        let record = Record::new(key.clone()).with(S::FIELDS[0], value.clone()).with(S::FIELDS[1], S::number(9));
        put(store, &record).await;
        assert_eq!(store.get(&key).await.expect("get"), Some(record.clone()));
        let page = store.query(&Query::new(S::COLLECTIONS[0], [value])).await.expect("query");
        assert_eq!(page.records, [record]);
    }
}

/// A record that is nothing but its key is there all the same.
pub async fn a_record_may_have_no_fields<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let record = Record::new(key::<S>(1, 1));
    put(store, &record).await;
    assert_eq!(store.get(&record.key).await.expect("get"), Some(record));
}

/// A put leaves no field of the record that was there.
pub async fn a_put_replaces_the_whole_record<S: SampleSchema>(store: &dyn RecordStore<S>) {
    put(store, &record(1, 1, 5).with(S::FIELDS[1], S::number(6))).await;
    put(store, &record(1, 1, 7)).await;
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), Some(record(1, 1, 7)));
}

/// A deleted record is neither got nor queried; deleting it again is no error.
pub async fn a_deleted_record_is_gone<S: SampleSchema>(store: &dyn RecordStore<S>) {
    put(store, &record(1, 1, 5)).await;
    put(store, &record(1, 2, 5)).await;
    for _ in 0..2 {
        store.transact(&[Write::Delete(key(1, 1), Condition::None)]).await.expect("delete");
        assert_eq!(store.get(&key(1, 1)).await.expect("get"), None);
        assert_eq!(everything(store, 1).await, [record(1, 2, 5)]);
    }
}

/// `Absent` on put, delete and check.
pub async fn absent_holds_only_without_a_record<S: SampleSchema>(store: &dyn RecordStore<S>) {
    each_write(store, Condition::Absent, |there| there.is_none()).await;
}

/// `Present` on put, delete and check.
pub async fn present_holds_only_with_a_record<S: SampleSchema>(store: &dyn RecordStore<S>) {
    each_write(store, Condition::Present, |there| there.is_some()).await;
}

/// `Equals` on put, delete and check: not without a record, not without the field, not for another value.
pub async fn equals_holds_only_for_that_value<S: SampleSchema>(store: &dyn RecordStore<S>) {
    for value in S::every_value() {
        each_write(store, Condition::Equals(S::FIELDS[0], value.clone()), |there| {
            there.is_some_and(|record| record.field(S::FIELDS[0]) == Some(&value))
        })
        .await;
        each_write(store, Condition::Equals(S::FIELDS[1], value), |_| false).await;
    }
    let five = Condition::Equals(S::FIELDS[0], S::number(5));
    each_write(store, five, |there| there.is_some_and(|record| record.field(S::FIELDS[0]).is_some())).await;
}

/// Records of several partitions and collections, in the order of the keys, and nothing where there is none.
pub async fn several_records_are_read_at_once<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let long = record(2, 7, 5).with(S::FIELDS[1], S::long(300_000));
    let all = [record(1, 1, 1), record(1, 2, 2), long, record(9, 1, 4)];
    for record in &all {
        put(store, record).await;
    }
    let keys = [key(9, 1), key(1, 3), key(2, 7), key(1, 2), key(8, 8), key(1, 1)];
    let read = store.get_all(&keys).await.expect("get_all");
    let [one, two, long, four] = all;
    assert_eq!(read, [Some(four), None, Some(long), Some(two), None, Some(one)]);
    assert_eq!(store.get_all(&[key(1, 3)]).await.expect("get_all"), [None]);
}

/// No key, one key twice, a key that is too long, and more than [`MAX_KEYS`] are refused; just so many of the longest records are read.
pub async fn reads_at_once_are_bounded<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let longest = MAX_RECORD_LEN - 100;
    let mut keys: Vec<Key<S>> = Vec::new();
    for place in 0..MAX_KEYS as u64 {
        let long = record(1, place, 1).with(S::FIELDS[1], S::long(longest));
        keys.push(long.key.clone());
        put(store, &long).await;
    }
    let read = store.get_all(&keys).await.expect("get_all");
    assert_eq!(read.iter().flatten().map(|record| record.key.clone()).collect::<Vec<_>>(), keys);

    let long = Key::new(S::COLLECTIONS[0], [S::number(1)], [S::long(MAX_SORT_LEN)]);
    let too_many = [&keys[..], &[key(2, 1)]].concat();
    for unfit in [&[][..], &[key(1, 1), key(1, 2), key(1, 1)], &[key(1, 1), long], &too_many] {
        refused(ErrorKind::Malformed, store.get_all(unfit).await.map(drop));
    }
}

/// A check alone is a transaction, and changes nothing.
pub async fn a_check_writes_nothing<S: SampleSchema>(store: &dyn RecordStore<S>) {
    store.transact(&[Write::Check(key(1, 1), Condition::Absent)]).await.expect("check of nothing");
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), None);
    put(store, &record(1, 1, 5)).await;
    store.transact(&[Write::Check(key(1, 1), Condition::Present)]).await.expect("check of a record");
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), Some(record(1, 1, 5)));
}

/// One condition that does not hold keeps every write out, whatever its place; without it all happen.
pub async fn a_transaction_is_all_or_nothing<S: SampleSchema>(store: &dyn RecordStore<S>) {
    put(store, &record(1, 1, 5)).await;
    for failing in 0..4 {
        let mut writes = vec![
            Write::Put(record(1, 2, 6), Condition::None),
            Write::Delete(key(1, 1), Condition::Present),
            Write::Put(record(2, 3, 6), Condition::Absent),
        ];
        writes.insert(failing, Write::Check(key(9, 9), Condition::Present));
        let refused = store.transact(&writes).await.expect_err("a condition does not hold");
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!(everything(store, 1).await, [record(1, 1, 5)]);
        assert_eq!(everything(store, 2).await, []);
    }
    let writes = [
        Write::Put(record(1, 2, 6), Condition::None),
        Write::Delete(key(1, 1), Condition::Present),
        Write::Put(record(2, 3, 6), Condition::Absent),
        Write::Check(key(9, 9), Condition::Absent),
    ];
    store.transact(&writes).await.expect("all conditions hold");
    assert_eq!(everything(store, 1).await, [record(1, 2, 6)]);
    assert_eq!(everything(store, 2).await, [record(2, 3, 6)]);
}

/// Of several conditions that do not hold, the error names the first in the order of the writes.
pub async fn the_first_failed_write_is_named<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let writes = [
        Write::Put(record(1, 9, 6), Condition::Absent),
        Write::Check(key(1, 7), Condition::Absent),
        Write::Put(record(1, 5, 6), Condition::Present),
        Write::Delete(key(1, 3), Condition::Present),
    ];
    let refused = store.transact(&writes).await.expect_err("two conditions do not hold");
    assert_eq!(refused.failed_write(), Some(2));
    let refused = store.transact(&writes[3..]).await.expect_err("one condition does not hold");
    assert_eq!(refused.failed_write(), Some(0));
}

/// 100 writes are one transaction; none and 101 are refused.
pub async fn a_transaction_has_1_to_100_writes<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let writes: Vec<_> =
        (0..=MAX_WRITES as u64).map(|sort| Write::Put(record(1, sort, sort), Condition::Absent)).collect();
    refused(ErrorKind::Malformed, store.transact(&[]).await);
    refused(ErrorKind::Malformed, store.transact(&writes).await);
    assert_eq!(everything(store, 1).await, []);
    store.transact(&writes[..MAX_WRITES]).await.expect("100 writes");
    assert_eq!(everything(store, 1).await.len(), MAX_WRITES);
}

/// Two writes of one key are refused, whichever they are.
pub async fn a_transaction_writes_a_key_once<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let writes = [
        Write::Put(record(1, 1, 5), Condition::None),
        Write::Delete(key(1, 1), Condition::None),
        Write::Check(key(1, 1), Condition::None),
    ];
    for first in &writes {
        for second in &writes {
            refused(ErrorKind::Malformed, store.transact(&[first.clone(), second.clone()]).await);
        }
    }
    assert_eq!(everything(store, 1).await, []);
}

/// A record of almost the longest length is kept; a longer one is refused.
pub async fn a_record_has_a_longest_length<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let overhead = Record::new(key::<S>(1, 1)).with(S::FIELDS[0], S::number(0)).to_bytes().len() - 8;
    let long = |len| Record::new(key::<S>(1, 1)).with(S::FIELDS[0], S::long(len));
    let longest = long(MAX_RECORD_LEN - overhead);
    put(store, &longest).await;
    let refusal = store.transact(&[Write::Put(long(MAX_RECORD_LEN - overhead + 17), Condition::None)]).await;
    refused(ErrorKind::Malformed, refusal);
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), Some(longest));
}

/// A transaction of almost the longest length is kept; a longer one is refused.
pub async fn a_transaction_has_a_longest_length<S: SampleSchema>(store: &dyn RecordStore<S>) {
    const EACH: usize = 300_000;
    let put = |sort| Write::Put(Record::new(key::<S>(1, sort)).with(S::FIELDS[0], S::long(EACH)), Condition::None);
    let fitting = (MAX_TRANSACTION_LEN / (EACH + 200)) as u64;
    let too_many: Vec<_> = (0..=MAX_TRANSACTION_LEN as u64 / (EACH as u64 - 16)).map(put).collect();
    refused(ErrorKind::Malformed, store.transact(&too_many).await);
    assert_eq!(everything(store, 1).await, []);
    let fits: Vec<_> = (0..fitting).map(put).collect();
    store.transact(&fits).await.expect("a transaction that fits");
    assert_eq!(everything(store, 1).await.len() as u64, fitting);
}

/// Partitions and places past their longest lengths are refused in reads and writes.
pub async fn a_key_has_a_longest_length<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let parts = |bytes: usize| vec![S::number(1); bytes / 11 + 1];
    let keys = [
        Key::<S>::new(S::COLLECTIONS[0], parts(MAX_PARTITION_LEN), [S::number(1)]),
        Key::new(S::COLLECTIONS[0], [S::number(1)], parts(MAX_SORT_LEN)),
    ];
    for key in keys {
        refused(ErrorKind::Malformed, store.get(&key).await);
        refused(ErrorKind::Malformed, store.transact(&[Write::Put(Record::new(key.clone()), Condition::None)]).await);
        let mut query = Query::new(S::COLLECTIONS[0], key.partition);
        query.after = Some(key.sort);
        refused(ErrorKind::Malformed, store.query(&query).await);
    }
    let longest = Key::new(S::COLLECTIONS[0], parts(MAX_PARTITION_LEN - 64), parts(MAX_SORT_LEN - 64));
    put(store, &Record::new(longest.clone())).await;
    assert!(store.get(&longest).await.expect("get").is_some());
}

/// Numbers sort by size, not by their digits or their low bytes.
pub async fn numbers_sort_by_size<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let numbers = [0, 1, 2, 9, 10, 99, 100, 255, 256, 65_535, 65_536, 1 << 32, (1 << 53) + 1, u64::MAX];
    for number in numbers.iter().rev() {
        put(store, &record(1, *number, *number)).await;
    }
    let expected: Vec<_> = numbers.iter().map(|number| record(1, *number, *number)).collect();
    assert_eq!(everything(store, 1).await, expected);
}

/// A place comes before all that go on from it, and after all that go on from smaller ones.
pub async fn shorter_places_come_first<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let places = [vec![1], vec![1, 5], vec![1, 6], vec![2], vec![2, 0]];
    let records: Vec<Record<S>> = places
        .iter()
        .map(|place| place.iter().map(|part| S::number(*part)).collect::<Vec<_>>())
        .map(|sort| Record::new(Key::new(S::COLLECTIONS[0], [S::number(1)], sort)))
        .collect();
    for record in records.iter().rev() {
        put(store, record).await;
    }
    assert_eq!(everything(store, 1).await, records);
}

/// A descending query is the ascending one backwards, from the end or from a place.
pub async fn a_query_can_descend<S: SampleSchema>(store: &dyn RecordStore<S>) {
    fill(store, 10).await;
    let mut query = Query::new(S::COLLECTIONS[0], [S::number(1)]);
    query.descending = true;
    assert_eq!(sorts(store, &query).await, (0..10).rev().collect::<Vec<_>>());
    query.after = Some(vec![S::number(4)]);
    assert_eq!(sorts(store, &query).await, [3, 2, 1, 0]);
    query.after = Some(vec![S::number(0)]);
    assert!(sorts(store, &query).await.is_empty());
}

/// Whatever the limit and the direction, the pages hold each record once and in order.
pub async fn pages_join_to_the_whole<S: SampleSchema>(store: &dyn RecordStore<S>) {
    fill(store, 23).await;
    for descending in [false, true] {
        for limit in [1, 2, 7, 22, 23, 24, MAX_PAGE] {
            let mut query = Query::new(S::COLLECTIONS[0], [S::number(1)]);
            (query.descending, query.limit) = (descending, limit);
            let mut all = Vec::new();
            loop {
                let page = store.query(&query).await.expect("query");
                assert!(page.records.len() <= limit);
                all.extend(page.records);
                let Some(next) = page.next else { break };
                query.after = Some(next);
            }
            let mut expected: Vec<_> = (0..23).map(|sort| record::<S>(1, sort, sort)).collect();
            if descending {
                expected.reverse();
            }
            assert_eq!(all, expected, "descending: {descending}, limit: {limit}");
        }
    }
}

/// A query goes on from a place where no record is, or is any more.
pub async fn a_cursor_outlives_its_record<S: SampleSchema>(store: &dyn RecordStore<S>) {
    fill(store, 5).await;
    store.transact(&[Write::Delete(key(1, 2), Condition::Present)]).await.expect("delete");
    let mut query = Query::new(S::COLLECTIONS[0], [S::number(1)]);
    query.after = Some(vec![S::number(2)]);
    assert_eq!(sorts(store, &query).await, [3, 4]);
    query.after = Some(vec![S::number(100)]);
    assert!(sorts(store, &query).await.is_empty());
    query.descending = true;
    assert_eq!(sorts(store, &query).await, [4, 3, 1, 0]);
}

/// Limits of 0 and past 1,000 are refused.
pub async fn a_page_has_1_to_1000_records<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let mut query = Query::new(S::COLLECTIONS[0], [S::number(1)]);
    for limit in [0, MAX_PAGE + 1, usize::MAX] {
        query.limit = limit;
        refused(ErrorKind::Malformed, store.query(&query).await);
    }
    query.limit = MAX_PAGE;
    store.query(&query).await.expect("the largest limit");
}

/// A page of long records ends early and says where the next one begins.
pub async fn a_page_of_long_records_is_cut<S: SampleSchema>(store: &dyn RecordStore<S>) {
    const EACH: usize = 300_000;
    let records: Vec<_> = (0..8).map(|sort| Record::new(key::<S>(1, sort)).with(S::FIELDS[0], S::long(EACH))).collect();
    for record in &records {
        put(store, record).await;
    }
    let mut query = Query::new(S::COLLECTIONS[0], [S::number(1)]);
    let mut all = Vec::new();
    loop {
        let page = store.query(&query).await.expect("query");
        assert!(page.records.iter().map(|record| record.to_bytes().len()).sum::<usize>() <= MAX_PAGE_LEN);
        all.extend(page.records);
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(all, records);
}

/// A partition does not show another's records, also where one's parts begin with the other's.
pub async fn partitions_are_apart<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let partitions: [&[u64]; 5] = [&[], &[1], &[1, 2], &[1, 2, 3], &[2]];
    let values = |partition: &[u64]| partition.iter().map(|part| S::number(*part)).collect::<Vec<_>>();
    for partition in partitions {
        let key = Key::<S>::new(S::COLLECTIONS[0], values(partition), [S::number(7)]);
        put(store, &Record::new(key).with(S::FIELDS[0], S::number(partition.len() as u64))).await;
    }
    for partition in partitions {
        for descending in [false, true] {
            let mut query = Query::<S>::new(S::COLLECTIONS[0], values(partition));
            query.descending = descending;
            let page = store.query(&query).await.expect("query");
            let found: Vec<_> = page.records.into_iter().map(|record| record.key.partition).collect();
            assert_eq!(found, [values(partition)]);
        }
    }
}

/// A collection does not show another's records of the same partition and place.
pub async fn collections_are_apart<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let [one, other] = S::COLLECTIONS;
    put(store, &Record::new(Key::new(one, [S::number(1)], [S::number(1)]))).await;
    let key = Key::new(other, [S::number(1)], [S::number(1)]);
    assert_eq!(store.get(&key).await.expect("get"), None);
    assert!(store.query(&Query::new(other, [S::number(1)])).await.expect("query").records.is_empty());
    store.transact(&[Write::Put(Record::new(key), Condition::Absent)]).await.expect("put");
    assert_eq!(store.query(&Query::new(one, [S::number(1)])).await.expect("query").records.len(), 1);
}

/// Of many writers that want a key at the same time, one gets it and the others are told.
pub async fn one_of_many_writers_wins<S: SampleSchema>(store: &dyn RecordStore<S>) {
    for round in 0..5 {
        let writes: Vec<_> =
            (0..8).map(|writer| [Write::Put(record::<S>(1, round, writer), Condition::Absent)]).collect();
        let results = join_all(writes.iter().map(|write| store.transact(write))).await;
        let winners: Vec<_> = (0..8u64).filter(|writer| results[*writer as usize].is_ok()).collect();
        assert_eq!(winners.len(), 1);
        for error in results.into_iter().filter_map(Result::err) {
            assert_eq!((error.kind(), error.failed_write()), (ErrorKind::Conflict, Some(0)));
        }
        assert_eq!(store.get(&key(1, round)).await.expect("get"), Some(record(1, round, winners[0])));
    }
}

/// Counters that many raise at the same time, each by "if it is still n, then n + 1", miss none.
pub async fn no_update_is_lost<S: SampleSchema>(store: &dyn RecordStore<S>) {
    const EACH: u64 = 5;
    put(store, &record(1, 1, 0)).await;
    let raise = || async {
        let mut done = 0;
        while done < EACH {
            let there = store.get(&key(1, 1)).await.expect("get").expect("the counter is there");
            let seen = there.field(S::FIELDS[0]).expect("it has a field").clone();
            let next = (0..).find(|number| S::number(*number) == seen).expect("it is a number") + 1;
            let write = Write::Put(record(1, 1, next), Condition::Equals(S::FIELDS[0], seen));
            match store.transact(&[write]).await {
                Ok(()) => done += 1,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
            }
        }
    };
    join_all([raise(), raise(), raise(), raise()]).await;
    assert_eq!(store.get(&key(1, 1)).await.expect("get"), Some(record(1, 1, 4 * EACH)));
}

/// A read that starts after a write was acknowledged sees it, while others write.
pub async fn a_read_sees_what_was_acknowledged<S: SampleSchema>(store: &dyn RecordStore<S>) {
    let write_and_read = |partition: u64| async move {
        for number in 0..10 {
            put(store, &record(partition, 1, number)).await;
            assert_eq!(store.get(&key(partition, 1)).await.expect("get"), Some(record(partition, 1, number)));
            assert_eq!(everything(store, partition).await, [record(partition, 1, number)]);
        }
    };
    join_all([write_and_read(1), write_and_read(2), write_and_read(3)]).await;
}

/// Puts, deletes and checks under `condition`, without a record, with one of a field, and with one of none.
async fn each_write<S: SampleSchema>(
    store: &dyn RecordStore<S>,
    condition: Condition<S>,
    holds: impl Fn(Option<&Record<S>>) -> bool,
) {
    for there in [None, Some(record(1, 1, 5)), Some(Record::new(key(1, 1)))] {
        for write in [
            Write::Put(record(1, 1, 8), condition.clone()),
            Write::Delete(key(1, 1), condition.clone()),
            Write::Check(key(1, 1), condition.clone()),
        ] {
            let reset = match &there {
                Some(record) => Write::Put(record.clone(), Condition::None),
                None => Write::Delete(key(1, 1), Condition::None),
            };
            store.transact(&[reset]).await.expect("reset");
            let result = store.transact(std::slice::from_ref(&write)).await;
            let after = store.get(&key(1, 1)).await.expect("get");
            if holds(there.as_ref()) {
                result.expect("the condition holds");
                match write {
                    Write::Put(record, _) => assert_eq!(after, Some(record)),
                    Write::Delete(..) => assert_eq!(after, None),
                    Write::Check(..) => assert_eq!(after, there),
                }
            } else {
                refused(ErrorKind::Conflict, result);
                assert_eq!(after, there);
            }
        }
    }
}

fn key<S: SampleSchema>(partition: u64, sort: u64) -> Key<S> {
    Key::new(S::COLLECTIONS[0], [S::number(partition)], [S::number(sort)])
}

fn record<S: SampleSchema>(partition: u64, sort: u64, value: u64) -> Record<S> {
    Record::new(key(partition, sort)).with(S::FIELDS[0], S::number(value))
}

async fn put<S: SampleSchema>(store: &dyn RecordStore<S>, record: &Record<S>) {
    store.transact(&[Write::Put(record.clone(), Condition::None)]).await.expect("put");
}

/// Records 0 to `count` of partition 1.
async fn fill<S: SampleSchema>(store: &dyn RecordStore<S>, count: u64) {
    let writes: Vec<_> = (0..count).map(|sort| Write::Put(record::<S>(1, sort, sort), Condition::None)).collect();
    store.transact(&writes).await.expect("fill");
}

/// Every record of a partition, page by page.
async fn everything<S: SampleSchema>(store: &dyn RecordStore<S>, partition: u64) -> Vec<Record<S>> {
    let mut query = Query::new(S::COLLECTIONS[0], [S::number(partition)]);
    let mut all = Vec::new();
    loop {
        let page = store.query(&query).await.expect("query");
        all.extend(page.records);
        let Some(next) = page.next else { return all };
        query.after = Some(next);
    }
}

/// The places of a page of what [`fill`] wrote.
async fn sorts<S: SampleSchema>(store: &dyn RecordStore<S>, query: &Query<S>) -> Vec<u64> {
    let page = store.query(query).await.expect("query");
    let number = |record: Record<S>| (0..1_000).find(|number| [S::number(*number)] == record.key.sort[..]);
    page.records.into_iter().map(|record| number(record).expect("it is a number")).collect()
}

fn refused<T: std::fmt::Debug>(kind: ErrorKind, result: Result<T>) {
    assert_eq!(result.expect_err("this is refused").kind(), kind);
}
