//! Storage alters the audit log of the owner's own doing.

use std::sync::Arc;

use imegha_cloud::backend::{Key, Record};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{Action, AuditFilter, BytesSource, Cloud, Content, ErrorKind, MemoryDevice, Store};
use imegha_crypto::Sealed;

use crate::adversary::{RecordAttack, Recorded, TamperingRecords};
use crate::client_audit::audited;
use crate::storage::{Storage, keys};

fn key(seq: u64) -> Key<CloudSchema> {
    Key::new(Collection::Log, [], [CloudValue::U64(seq)])
}

/// What is done to the log, and how it is called.
type Attacks = Vec<(&'static str, RecordAttack)>;

/// Every way to alter entries 1 to 6.
async fn attacks(storage: &Storage) -> Attacks {
    let mut entries = Vec::new();
    for seq in 1..=6 {
        entries.push(storage.records.get(&key(seq)).await.unwrap().unwrap());
    }
    let shown_at = |seq: u64, entry: &Record<CloudSchema>| Record { key: key(seq), fields: entry.fields.clone() };
    let in_place_of = |shown: Vec<Record<CloudSchema>>| -> RecordAttack {
        Box::new(move |asked, record| shown.iter().find(|shown| shown.key == *asked).cloned().or(record))
    };
    let without =
        |dropped: u64| -> RecordAttack { Box::new(move |asked, record| record.filter(|_| *asked != key(dropped))) };
    let mut attacks: Attacks = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let seq = index as u64 + 1;
        let Some(CloudValue::Sealed(sealed)) = entry.field(Field::Entry) else { panic!("an entry is sealed") };
        let bytes = sealed.as_bytes();
        // The salt, the commitment, the text, the tag.
        for at in [0, 24, 56, bytes.len() - 1] {
            let mut altered = bytes.to_vec();
            altered[at] ^= 1;
            let altered = CloudValue::Sealed(Sealed::from_received(altered).unwrap());
            let record = Record::new(key(seq)).with(Field::Entry, altered);
            attacks.push(("altered", in_place_of(vec![record])));
        }
        attacks.push(("dropped", without(seq)));
        attacks.push((
            "cut off",
            Box::new(move |asked, record| {
                record.filter(|_| asked.sort_bytes() < key(seq).sort_bytes() || asked.collection != Collection::Log)
            }),
        ));
        let next = index + 1;
        if next < entries.len() {
            let (one, other) = (shown_at(seq, &entries[next]), shown_at(seq + 1, entry));
            attacks.push(("repeated", in_place_of(vec![other.clone()])));
            attacks.push(("reordered", in_place_of(vec![one, other])));
            // Those behind it move up.
            let moved = entries[next..].iter().zip(seq..).map(|(entry, seq)| shown_at(seq, entry));
            attacks.push(("closed up", in_place_of(moved.collect())));
        }
    }
    attacks
}

/// Entries altered, dropped from the middle or the tail, repeated, reordered: none of it is shown as the owner's doing, neither when
/// it is there from the beginning nor when it comes between two readings. Stopped by the chain (`log::open_entry` in `Walk::next`),
/// and what is cut off by the way that must go on to its end (`page.records.is_empty()` there): without that line this turns red.
#[tokio::test]
async fn a19_the_owners_log_altered_reordered_or_cut() {
    for storage in Storage::all().await {
        let adversary = TamperingRecords::new(&storage.records);
        let device = Arc::new(MemoryDevice::new());
        let shown = || Store { records: adversary.clone(), ..storage.store_of(device.clone()) };
        let cloud = Cloud::create(keys(), shown()).await.unwrap();
        for number in 0..5 {
            cloud.create_folder(&cloud.root(), &number.to_string()).await.unwrap();
        }
        let control = audited(&cloud, AuditFilter::new()).await.unwrap();
        assert_eq!(control.len(), 6);
        let made = || AuditFilter::new().action(Action::CreateFolder);
        for (what, attack) in attacks(&storage).await {
            // It begins after the log was read once, before the page is.
            let mut audit = cloud.audit(AuditFilter::new()).await.unwrap();
            adversary.attack(attack);
            let error = audit.next_page().await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::CannotOpen | ErrorKind::Rollback), "{what}: {error:?}");
            // It is there from the beginning, whatever is asked for.
            for filter in [AuditFilter::new(), made(), AuditFilter::new().since_ms(u64::MAX)] {
                let error = audited(&cloud, filter).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::CannotOpen, "{} {what}", storage.name);
            }
            // So it is to the same device, opened anew: it does not read the log again before it is asked for it.
            let again = Cloud::open(keys(), shown()).await.unwrap();
            assert_eq!(audited(&again, AuditFilter::new()).await.unwrap_err().kind(), ErrorKind::CannotOpen, "{what}");
            adversary.stop();
            assert_eq!(audited(&cloud, AuditFilter::new()).await.unwrap(), control);
        }
    }
}

/// A whole older log under its own, older and signed head, to a device that has seen the newer one. Stopped by `last != to` in
/// `Walk::next`: without that line this turns red.
#[tokio::test]
async fn a19_the_owners_log_in_an_older_state() {
    for storage in Storage::all().await {
        let recorded = Recorded::new(&storage.records);
        let device = Arc::new(MemoryDevice::new());
        let store = Store { records: recorded.clone(), ..storage.store_of(device.clone()) };
        let cloud = Cloud::create(keys(), store.clone()).await.unwrap();
        cloud.upload(&cloud.root(), "first", Content::new(BytesSource::new("1"))).await.unwrap();
        let then = recorded.count();
        cloud.upload(&cloud.root(), "second", Content::new(BytesSource::new("2"))).await.unwrap();
        assert_eq!(audited(&cloud, AuditFilter::new()).await.unwrap().len(), 3);

        let adversary = TamperingRecords::new(&storage.records);
        let open = Cloud::open(keys(), Store { records: adversary.clone(), ..store }).await.unwrap();
        let (older, newest) = (recorded.state_after(then).await, key(3));
        let head = Key::new(Collection::Head, [], [CloudValue::U64(1)]);
        let older_head = older.get(&head).await.unwrap().unwrap();
        adversary.attack(Box::new(move |asked, record| match *asked {
            _ if *asked == head => Some(older_head.clone()),
            _ if *asked == newest => None,
            _ => record,
        }));
        assert_eq!(
            audited(&open, AuditFilter::new()).await.unwrap_err().kind(),
            ErrorKind::Rollback,
            "{}",
            storage.name
        );
        adversary.stop();
        assert_eq!(audited(&open, AuditFilter::new()).await.unwrap().len(), 3);
    }
}

/// Entries of a fork, each of which the owner's own keys sealed in that place, under the head of the other branch. Stopped by the
/// places that the first reading took (`Log::legs`) and `last != to` in `Walk::next`: without that line this turns red.
#[tokio::test]
async fn a19_the_owners_log_of_a_fork() {
    let storage = Storage::memory();
    let recorded = Recorded::new(&storage.records);
    let adversary = TamperingRecords::new(&{
        let records: Arc<crate::storage::Records> = recorded.clone();
        records
    });
    let cloud = Cloud::create(keys(), Store { records: adversary.clone(), ..storage.store() }).await.unwrap();
    let fork = recorded.state_after(recorded.count()).await;
    let other = Cloud::open(keys(), Store { records: fork.clone(), ..storage.store() }).await.unwrap();
    cloud.create_folder(&cloud.root(), "here").await.unwrap();
    other.create_folder(&other.root(), "there").await.unwrap();
    let (ours, theirs) = (key(2), fork.get(&key(2)).await.unwrap().unwrap());
    let control = audited(&cloud, AuditFilter::new()).await.unwrap();
    assert_eq!(control.len(), 2);
    assert_ne!(control, audited(&other, AuditFilter::new()).await.unwrap());

    let mut audit = cloud.audit(AuditFilter::new()).await.unwrap();
    adversary.attack(Box::new(move |asked, record| if *asked == ours { Some(theirs.clone()) } else { record }));
    assert_eq!(audit.next_page().await.unwrap_err().kind(), ErrorKind::CannotOpen);
    assert_eq!(audited(&cloud, AuditFilter::new()).await.unwrap_err().kind(), ErrorKind::CannotOpen);
    adversary.stop();
    assert_eq!(audit.next_page().await.unwrap().unwrap(), control);
}
