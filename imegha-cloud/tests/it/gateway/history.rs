//! The owner's identity changes, and the gateway follows: one that is told at once, another before the same store within a minute.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use axum::Router;
use http::StatusCode;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{Condition, Key, Page, Query, Record, RecordStore, Write};
use imegha_cloud::clock::ManualClock;
use imegha_cloud::gateway::{Gateway, GatewayOptions, router};
use imegha_cloud::protocol::{HistoryRequest, path};
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{Error, ErrorKind, Result};
use imegha_crypto::{Hash, Id, Identity, KeyHistory, KeyHistoryEntry};

use super::bench::{ADDRESS, Answer, Draft, NOW, log_entry, send, transact};
use crate::served::{owner, stranger};
use crate::storage::{Blobs, Records, Storage};

static SECOND: LazyLock<Arc<Identity>> = LazyLock::new(|| Arc::new(Identity::generate().unwrap()));
static THIRD: LazyLock<Arc<Identity>> = LazyLock::new(|| Arc::new(Identity::generate().unwrap()));

/// The identity after [`owner`]'s first.
pub(crate) fn second() -> Arc<Identity> {
    SECOND.clone()
}

pub(crate) fn third() -> Arc<Identity> {
    THIRD.clone()
}

/// A key history, and whose it is.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) account: Id,
    pub(crate) history: KeyHistory,
    last: Arc<Identity>,
}

pub(crate) const TAG: &str = "alice";

impl Chain {
    /// That of [`owner`], who has no other identity yet.
    pub(crate) fn new() -> Self {
        Self::of(&owner(), Id::from_bytes([7; 16]))
    }

    pub(crate) fn of(first: &Arc<Identity>, account: Id) -> Self {
        let entry = KeyHistoryEntry::first(first, &account, TAG, 1);
        let history = KeyHistory::verify(&account, TAG, vec![entry]).unwrap();
        Self { account, history, last: first.clone() }
    }

    /// The same, with one more.
    pub(crate) fn then(&self, next: &Arc<Identity>) -> Self {
        self.then_at(next, 2)
    }

    pub(crate) fn then_at(&self, next: &Arc<Identity>, ms: u64) -> Self {
        let entry = KeyHistoryEntry::next(&self.history, &self.last, next, &self.account, TAG, ms).unwrap();
        let entries = self.history.entries().iter().cloned().chain([entry]).collect();
        let history = KeyHistory::verify(&self.account, TAG, entries).unwrap();
        Self { account: self.account, history, last: next.clone() }
    }

    pub(crate) fn request(&self) -> HistoryRequest {
        HistoryRequest::of(&self.history, &self.account, TAG)
    }

    /// Told by somebody.
    pub(crate) fn told_by(&self, signer: &Arc<Identity>) -> Draft {
        tell(serde_json::to_vec(&self.request()).unwrap(), signer)
    }

    /// Told as it should be, by the last.
    pub(crate) fn told(&self) -> Draft {
        self.told_by(&self.last)
    }
}

/// A body that is told as a history.
pub(crate) fn tell(body: Vec<u8>, signer: &Arc<Identity>) -> Draft {
    by(signer, Draft::new("PUT", path::OWNER_HISTORY, body))
}

/// A read that is served to whoever is the owner.
pub(crate) fn read(signer: &Arc<Identity>) -> Draft {
    by(signer, Draft::new("GET", path::UPLOADS, ""))
}

pub(crate) fn by(signer: &Arc<Identity>, draft: Draft) -> Draft {
    Draft { signer: signer.clone(), ..draft }
}

/// A store, and a clock, before which gateways are started: each is a process of its own, as a function's instances are.
pub(crate) struct Instances {
    pub(crate) records: Arc<Records>,
    blobs: Arc<Blobs>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Instances {
    pub(crate) fn new(records: Arc<Records>) -> Self {
        Self::of(records, Arc::new(MemoryBlobs::new()))
    }

    pub(crate) fn of(records: Arc<Records>, blobs: Arc<Blobs>) -> Self {
        Self { records, blobs, clock: Arc::new(ManualClock::new(NOW * 1000)) }
    }

    pub(crate) fn gateway(&self) -> Gateway {
        let options = GatewayOptions::new(&ADDRESS.parse().unwrap()).unwrap().with_clock(self.clock.clone());
        Gateway::new(self.records.clone(), self.blobs.clone(), owner().public().clone(), options)
    }

    pub(crate) fn start(&self) -> Instance {
        Instance { app: router(self.gateway()), clock: self.clock.clone() }
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(seconds * 1000);
    }

    /// What is kept of the newest identity: its place in the history.
    pub(crate) async fn kept(&self) -> Option<u64> {
        let record = self.records.get(&newest_key()).await.unwrap()?;
        match record.field(Field::Seq) {
            Some(CloudValue::U64(seq)) => Some(*seq),
            other => panic!("{other:?}"),
        }
    }

    /// Puts something in the place of the record, as storage can.
    pub(crate) async fn put(&self, record: Record<CloudSchema>) {
        self.records.transact(&[Write::Put(record, Condition::None)]).await.unwrap();
    }

    pub(crate) async fn remove(&self) {
        self.records.transact(&[Write::Delete(newest_key(), Condition::None)]).await.unwrap();
    }
}

/// Where the newest identity stands (RECORDS.md 2).
pub(crate) fn newest_key() -> Key<CloudSchema> {
    Key::new(Collection::Owner, [], [CloudValue::U64(1)])
}

/// What storage may put there.
pub(crate) fn newest_record(seq: u64, identity: &Identity) -> Record<CloudSchema> {
    Record::new(newest_key())
        .with(Field::Seq, CloudValue::U64(seq))
        .with(Field::Hash, CloudValue::Hash(Hash::of(b"some entry")))
        .with(Field::Owner, CloudValue::Identity(Box::new(identity.public().clone())))
}

/// One of them.
pub(crate) struct Instance {
    app: Router,
    clock: Arc<ManualClock>,
}

impl Instance {
    /// Sends what is signed now, whenever it was written.
    pub(crate) async fn send(&self, draft: Draft) -> Answer {
        use imegha_cloud::clock::Clock as _;
        let draft = Draft { created: self.clock.now_ms() / 1000, ..draft };
        send(&self.app, draft.sign()).await
    }

    /// Sends it as it was signed.
    pub(crate) async fn replay(&self, draft: &Draft) -> Answer {
        send(&self.app, draft.sign()).await
    }

    /// Whether an identity is served; if not, the answer is the one to a stranger, to the byte.
    pub(crate) async fn serves(&self, signer: &Arc<Identity>) -> bool {
        let answer = self.send(read(signer)).await;
        if answer.status == StatusCode::OK {
            return true;
        }
        let nowhere =
            send(&self.app, http::Request::builder().uri("/nowhere").body(axum::body::Body::empty()).unwrap());
        assert_eq!(answer, nowhere.await);
        false
    }

    /// Who of the owner's three identities is served.
    pub(crate) async fn served(&self) -> [bool; 3] {
        [self.serves(&owner()).await, self.serves(&second()).await, self.serves(&third()).await]
    }

    pub(crate) async fn told(&self, chain: &Chain) {
        let answer = self.send(chain.told()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    }
}

/// Every storage that a gateway may stand before: not another gateway.
pub(crate) async fn storages() -> Vec<Storage> {
    Storage::all().await.into_iter().filter(|storage| storage.name != "remote").collect()
}

/// A real store that counts how often the newest identity is read, that fails, and in which somebody else writes first, when it is told to.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: MemoryRecords<CloudSchema>,
    reads: AtomicUsize,
    fails: AtomicBool,
    first: Mutex<Option<Record<CloudSchema>>>,
}

impl Watched {
    pub(crate) fn new() -> Arc<Self> {
        let inner = MemoryRecords::new();
        Arc::new(Self { inner, reads: AtomicUsize::new(0), fails: AtomicBool::new(false), first: Mutex::default() })
    }

    fn reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// Before the next transaction that is another's.
    pub(crate) fn first(&self, record: Record<CloudSchema>) {
        *self.first.lock().unwrap() = Some(record);
    }
}

#[async_trait]
impl RecordStore<CloudSchema> for Watched {
    async fn get(&self, key: &Key<CloudSchema>) -> Result<Option<Record<CloudSchema>>> {
        if key.collection == Collection::Owner {
            self.reads.fetch_add(1, Ordering::SeqCst);
            // Others ask meanwhile.
            tokio::task::yield_now().await;
        }
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "the store is away"));
        }
        self.inner.get(key).await
    }

    async fn get_all(&self, keys: &[Key<CloudSchema>]) -> Result<Vec<Option<Record<CloudSchema>>>> {
        self.inner.get_all(keys).await
    }

    async fn query(&self, query: &Query<CloudSchema>) -> Result<Page<CloudSchema>> {
        self.inner.query(query).await
    }

    async fn transact(&self, writes: &[Write<CloudSchema>]) -> Result<()> {
        let first = self.first.lock().unwrap().take();
        if let Some(record) = first {
            self.inner.transact(&[Write::Put(record, Condition::None)]).await?;
        }
        self.inner.transact(writes).await
    }
}

#[tokio::test]
async fn a_new_identity_is_served_from_when_it_is_told_and_none_before_it() {
    for storage in [Storage::memory(), Storage::embedded()] {
        let cloud = Instances::of(storage.records.clone(), storage.blobs.clone());
        let gateway = cloud.start();
        assert_eq!(gateway.served().await, [true, false, false], "{}", storage.name);
        gateway.told(&Chain::new()).await;
        assert_eq!((gateway.served().await, cloud.kept().await), ([true, false, false], None));
        gateway.told(&Chain::new().then(&second())).await;
        assert_eq!((gateway.served().await, cloud.kept().await), ([false, true, false], Some(1)));
        // Twice is once, also from another instance.
        gateway.told(&Chain::new().then(&second())).await;
        cloud.start().told(&Chain::new().then(&second())).await;
        gateway.told(&Chain::new().then(&second()).then(&third())).await;
        assert_eq!((gateway.served().await, cloud.kept().await), ([false, false, true], Some(2)));
        // One that starts now knows it before it has served anybody; and several may be told at a time.
        assert_eq!(cloud.start().served().await, [false, false, true]);
        let other = Storage::memory();
        let cloud = Instances::of(other.records.clone(), other.blobs.clone());
        cloud.start().told(&Chain::new().then(&second()).then(&third())).await;
        assert_eq!((cloud.start().served().await, cloud.kept().await), ([false, false, true], Some(2)));
        // What changes something is served as what reads is.
        let put = by(&third(), transact(&[log_entry(1)]));
        assert_eq!(cloud.start().send(put).await.status, StatusCode::NO_CONTENT);
        assert_eq!(cloud.start().send(transact(&[log_entry(2)])).await.code(), "not_found");
    }
}

#[tokio::test]
async fn another_instance_serves_the_new_one_at_once_and_the_old_one_for_a_minute_at_most() {
    let cloud = Instances::new(Arc::new(MemoryRecords::new()));
    let [told, asked, unasked] = [cloud.start(), cloud.start(), cloud.start()];
    for instance in [&told, &asked, &unasked] {
        assert!(instance.serves(&owner()).await);
    }
    cloud.later(30);
    told.told(&Chain::new().then(&second())).await;
    assert!(!told.serves(&owner()).await);
    assert!(asked.serves(&second()).await, "the new one has it look");
    assert!(!asked.serves(&owner()).await);
    assert!(unasked.serves(&owner()).await, "it has not looked since");
    cloud.later(29);
    assert!(unasked.serves(&owner()).await);
    cloud.later(1);
    assert_eq!(unasked.served().await, [false, true, false]);
}

/// A gateway of the same process at another address, as a function has that is asked at two.
#[tokio::test]
async fn a_gateway_at_another_address_knows_what_the_first_does() {
    let cloud = Instances::new(Arc::new(MemoryRecords::new()));
    let gateway = cloud.gateway();
    let elsewhere = gateway.at(&"https://second.example/at".parse().unwrap()).unwrap();
    assert!(gateway.at(&"ftp://second.example".parse().unwrap()).is_err());
    let [here, there] =
        [gateway, elsewhere].map(|gateway| Instance { app: router(gateway), clock: cloud.clock.clone() });
    let at = |draft| Draft { address: "https://second.example/at", ..draft };
    assert_eq!(there.send(at(read(&owner()))).await.status, StatusCode::OK);
    here.told(&Chain::new().then(&second())).await;
    assert_eq!(there.send(at(read(&owner()))).await.code(), "not_found");
    assert_eq!(there.send(at(read(&second()))).await.status, StatusCode::OK);
    assert_eq!(there.send(read(&second())).await.code(), "not_found", "it was signed for the other address");
}

#[tokio::test]
async fn the_store_is_asked_once_a_minute_and_not_more_for_strangers() {
    let records = Watched::new();
    let cloud = Instances::new(records.clone());
    let gateway = cloud.start();
    // What cannot be right asks nothing of it.
    let other_audience = Draft { audience: stranger().fingerprint(), ..read(&stranger()) };
    for draft in [other_audience, Draft { address: "https://evil.example", ..read(&owner()) }] {
        assert_eq!(gateway.send(draft).await.code(), "not_found");
    }
    assert_eq!(records.reads(), 0);
    for _ in 0..100 {
        assert!(gateway.serves(&owner()).await);
    }
    assert_eq!(records.reads(), 1);
    cloud.later(59);
    assert!(gateway.serves(&owner()).await);
    assert_eq!(records.reads(), 0);
    cloud.later(1);
    let asked = (0..20).map(|_| gateway.serves(&OWNER_AGAIN));
    assert!(futures::future::join_all(asked).await.into_iter().all(|served| served));
    assert_eq!(records.reads(), 1, "of those who ask at once one has it read");

    for expected in [10, 0] {
        for _ in 0..100 {
            assert!(!gateway.serves(&stranger()).await);
        }
        assert_eq!(records.reads(), expected);
    }
    cloud.later(3);
    for _ in 0..100 {
        assert!(!gateway.serves(&stranger()).await);
    }
    assert_eq!(records.reads(), 3);
    // Who has a key that was the owner's tells what is known, as often as he likes.
    gateway.told(&Chain::new().then(&second())).await;
    assert_eq!(records.reads(), 1);
    for _ in 0..20 {
        assert_eq!(gateway.send(Chain::new().told()).await.code(), "not_found");
    }
    assert_eq!(records.reads(), 0);
}

static OWNER_AGAIN: LazyLock<Arc<Identity>> = LazyLock::new(owner);

/// Whom to serve nobody knows then, and nobody is told that he is a stranger.
#[tokio::test]
async fn a_store_that_is_away_is_no_reason_to_serve_or_to_refuse() {
    let records = Watched::new();
    let cloud = Instances::new(records.clone());
    let gateway = cloud.start();
    records.fail(true);
    for _ in 0..20 {
        for signer in [owner(), second()] {
            let answer = gateway.send(read(&signer)).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "unavailable"));
        }
        assert_eq!(gateway.send(Chain::new().then(&second()).told()).await.code(), "unavailable");
    }
    assert!(records.reads() <= 20 + 20 + 10);
    records.fail(false);
    gateway.told(&Chain::new().then(&second())).await;
    records.fail(true);
    // For a minute what it knows is enough.
    assert!(gateway.serves(&second()).await && !gateway.serves(&owner()).await);
    cloud.later(60);
    assert_eq!(gateway.send(read(&second())).await.code(), "unavailable");
    let strangers = Draft { address: "https://evil.example", ..read(&second()) };
    assert_eq!(gateway.send(strangers).await.code(), "not_found");
    records.fail(false);
    cloud.later(1);
    assert_eq!(gateway.served().await, [false, true, false]);
}

/// Of two that are told at once the later identity stays, whoever writes first.
#[tokio::test]
async fn of_two_instances_that_are_told_at_once_none_goes_back() {
    let (two, three) = (Chain::new().then(&second()), Chain::new().then(&second()).then(&third()));
    // What another instance writes in between: the record that telling it makes.
    let written = async |chain: &Chain| {
        let cloud = Instances::new(Arc::new(MemoryRecords::new()));
        cloud.start().told(chain).await;
        cloud.records.get(&newest_key()).await.unwrap().unwrap()
    };
    for (mine, others, code, kept) in
        [(&two, &two, "", 1), (&three, &two, "", 2), (&two, &three, "not_found", 2), (&three, &three, "", 2)]
    {
        let records = Watched::new();
        let cloud = Instances::new(records.clone());
        let gateway = cloud.start();
        records.first(written(others).await);
        assert_eq!(gateway.send(mine.told()).await.code(), code);
        assert_eq!(cloud.kept().await, Some(kept));
        assert_eq!(gateway.served().await, [false, kept == 1, kept == 2]);
    }
}
