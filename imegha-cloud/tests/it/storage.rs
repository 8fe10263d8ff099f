//! Every backend that a client's test runs on, the keys of one account, and bytes to store.

use std::sync::{Arc, LazyLock};

use imegha_cloud::backend::embedded::Embedded;
use imegha_cloud::backend::memory::{MemoryBlobs, MemoryRecords};
use imegha_cloud::backend::{BlobStore, RecordStore};
use imegha_cloud::clock::{ManualClock, SystemClock};
use imegha_cloud::schema::CloudSchema;
use imegha_cloud::{Cloud, CloudKeys, DeviceStore, EarlierKeys, MemoryDevice, Store};
use imegha_crypto::{Dek, Id, Identity};

pub(crate) type Records = dyn RecordStore<CloudSchema>;
pub(crate) type Blobs = dyn BlobStore;

/// One backend, empty.
pub(crate) struct Storage {
    pub(crate) name: &'static str,
    pub(crate) records: Arc<Records>,
    pub(crate) blobs: Arc<Blobs>,
    _folder: Option<tempfile::TempDir>,
    #[cfg(all(feature = "gateway", feature = "remote"))]
    _served: Option<crate::served::Served>,
}

impl Storage {
    pub(crate) fn memory() -> Self {
        let (records, blobs) = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
        Self {
            name: "memory",
            records,
            blobs,
            _folder: None,
            #[cfg(all(feature = "gateway", feature = "remote"))]
            _served: None,
        }
    }

    pub(crate) fn embedded() -> Self {
        Self::embedded_in(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn embedded_in(folder: tempfile::TempDir) -> Self {
        let Embedded { records, blobs } = Embedded::open(folder.path()).expect("an empty folder opens");
        Self {
            name: "embedded",
            records: Arc::new(records),
            blobs: Arc::new(blobs),
            _folder: Some(folder),
            ..Self::memory()
        }
    }

    /// An embedded one behind a gateway on a port of the loopback.
    #[cfg(all(feature = "gateway", feature = "remote"))]
    pub(crate) async fn remote() -> Self {
        Self::behind_a_gateway(Self::embedded()).await
    }

    #[cfg(all(feature = "gateway", feature = "remote"))]
    pub(crate) async fn behind_a_gateway(behind: Self) -> Self {
        let served = crate::served::Served::start(behind.records, behind.blobs).await;
        Self { _folder: behind._folder, ..Self::behind(served) }
    }

    /// Whatever is behind that gateway.
    #[cfg(all(feature = "gateway", feature = "remote"))]
    pub(crate) fn behind(served: crate::served::Served) -> Self {
        use imegha_cloud::backend::remote::{RemoteBlobs, RemoteRecords};

        let (records, blobs) = (RemoteRecords::new(served.remote()), RemoteBlobs::new(served.remote()));
        let memory = Self { name: "remote", _served: Some(served), ..Self::memory() };
        memory.with(Arc::new(records), Arc::new(blobs))
    }

    /// A table and a bucket.
    #[cfg(feature = "aws")]
    pub(crate) fn aws(cloud: imegha_cloud::backend::aws::Aws<CloudSchema>) -> Self {
        let memory = Self::memory();
        Self { name: "aws", ..memory.with(Arc::new(cloud.records), Arc::new(cloud.blobs)) }
    }

    /// The same with other stores.
    pub(crate) fn with(self, records: Arc<Records>, blobs: Arc<Blobs>) -> Self {
        Self { records, blobs, ..self }
    }

    /// One of each; where the environment asks for the stores of an AWS account, those, by themselves and behind a gateway.
    pub(crate) async fn all() -> Vec<Self> {
        #[cfg(all(feature = "aws", feature = "conformance", feature = "gateway", feature = "remote"))]
        if std::env::var_os("IMEGHA_TEST_STORAGE").is_some_and(|storage| storage == "aws") {
            let aws = async || Self::aws(crate::aws::peers::new_cloud().await);
            return vec![aws().await, Self::behind_a_gateway(aws().await).await];
        }
        vec![
            Self::memory(),
            Self::embedded(),
            #[cfg(all(feature = "gateway", feature = "remote"))]
            Self::remote().await,
        ]
    }

    /// The storage as a device sees it that has no memory yet. Its clock does not wait.
    pub(crate) fn store(&self) -> Store {
        self.store_of(Arc::new(MemoryDevice::new()))
    }

    pub(crate) fn store_of(&self, device: Arc<dyn DeviceStore>) -> Store {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        Store { records: self.records.clone(), blobs: self.blobs.clone(), clock, device }
    }

    /// The same on a clock that does wait: for races.
    pub(crate) fn store_in_real_time(&self) -> Store {
        Store { clock: Arc::new(SystemClock), ..self.store() }
    }

    pub(crate) async fn create(&self) -> Cloud {
        Cloud::create(keys(), self.store()).await.expect("empty storage takes a cloud")
    }

    /// Objects and unfinished uploads.
    pub(crate) async fn objects(&self) -> (usize, usize) {
        let objects = self.blobs.list(None, 1_000).await.expect("objects are listed");
        (objects.len(), self.blobs.uploads().await.expect("uploads are listed").len())
    }
}

pub(crate) const NOW_MS: u64 = 1_790_000_000_000;

/// The keys of one account: drawing an RSA key for each test would take longer than the test.
pub(crate) fn keys() -> CloudKeys {
    #[cfg(all(feature = "gateway", feature = "remote"))]
    static KEYS: LazyLock<CloudKeys> = LazyLock::new(|| draw_keys(crate::served::owner()));
    #[cfg(not(all(feature = "gateway", feature = "remote")))]
    static KEYS: LazyLock<CloudKeys> = LazyLock::new(|| draw_keys(draw_identity()));
    KEYS.clone()
}

/// The keys of the same account after so many renewals, with those of each epoch before.
pub(crate) fn renewed(times: usize) -> CloudKeys {
    static DRAWN: LazyLock<[CloudKeys; MOST_RENEWALS]> =
        LazyLock::new(|| std::array::from_fn(|_| draw_keys(draw_identity())));
    DRAWN[..times].iter().fold(keys(), |before, drawn| {
        let CloudKeys { account, dek, dek_epoch, identity, earlier, .. } = before;
        CloudKeys::new(account, drawn.dek.clone(), dek_epoch + 1, drawn.identity.clone())
            .with_earlier(earlier.into_iter().chain([EarlierKeys { dek, dek_epoch, identity }]))
    })
}

/// As often are there other keys.
pub(crate) const MOST_RENEWALS: usize = 3;

/// The keys of another account.
pub(crate) fn other_keys() -> CloudKeys {
    static KEYS: LazyLock<CloudKeys> = LazyLock::new(|| draw_keys(draw_identity()));
    KEYS.clone()
}

fn draw_keys(identity: Arc<Identity>) -> CloudKeys {
    CloudKeys::new(Id::generate().expect("an id"), Dek::generate().expect("a key"), 1, identity)
}

fn draw_identity() -> Arc<Identity> {
    Arc::new(Identity::generate().expect("an identity"))
}

/// Bytes that repeat nowhere near, the same for the same seed.
pub(crate) fn bytes(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}
