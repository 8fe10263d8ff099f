//! What proves `auth_string`: its Argon2id hash (RFC 9106).

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use imegha_cloud::backend::{Condition, Record, RecordStore, Write};
use imegha_crypto::{Hash, Id};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::protocol::AuthString;
use crate::registry::{Collection, Field, Fields, PlatformKey, PlatformRecord, PlatformSchema, PlatformValue as V};
use crate::secret::random;

/// What one hash costs. The default is OWASP's first choice for little memory: 19 MiB, two passes, one lane.
///
/// `auth` is a key already, behind 100,000 iterations of PBKDF2; this is for whoever gets the registry without the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB, at least 8.
    pub memory_kib: u32,
    /// Passes, at least 1.
    pub passes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// The hashes of all accounts.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    store: Arc<dyn RecordStore<PlatformSchema>>,
    cost: Argon2Cost,
    /// Each hash holds its memory while it runs: more at once than there are cores gains nothing and costs all of it.
    permits: Arc<Semaphore>,
}

impl Credentials {
    pub(super) fn new(store: Arc<dyn RecordStore<PlatformSchema>>, cost: Argon2Cost) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self { store, cost, permits: Arc::new(Semaphore::new(cores)) }
    }

    /// Keeps the hash of an account's `auth_string`.
    pub(super) async fn put(&self, account: &Id, auth_string: &AuthString) -> Result<()> {
        let record = self.record(account, auth_string).await?;
        Ok(self.store.transact(&[Write::Put(record, Condition::None)]).await?)
    }

    /// Puts another hash in the place of the one that an account has, to stand in the transaction of what allows it. An account
    /// that was forgotten meanwhile does not come back.
    pub(super) async fn replacing(&self, account: &Id, auth_string: &AuthString) -> Result<Write<PlatformSchema>> {
        Ok(Write::Put(self.record(account, auth_string).await?, Condition::Present))
    }

    /// Whether `auth_string` is the account's. Without an account the same work is done for nothing.
    pub(super) async fn check(&self, account: Option<&Id>, auth_string: &AuthString) -> Result<bool> {
        let kept = self.verifier(account).await?;
        let known = account.is_some() && kept.is_some();
        let verifier = kept.unwrap_or(Verifier { cost: self.cost, salt: [0; 32], hash: Hash::ZERO });
        Ok(self.is_of(&verifier, auth_string).await? & known)
    }

    /// Puts `new` in the place of `old`. Not done, and no less work, when `old` is wrong; true all the same when `new` stands already.
    pub(super) async fn change(&self, account: &Id, old: &AuthString, new: &AuthString) -> Result<bool> {
        for _ in 0..ATTEMPTS {
            let Some(kept) = self.verifier(Some(account)).await? else { return self.check(None, old).await };
            let (old_is_right, new_is_right) = (self.is_of(&kept, old).await?, self.is_of(&kept, new).await?);
            if !old_is_right {
                return Ok(new_is_right);
            }
            // On the hash that was read: of two devices that change at once, the second finds its old password gone.
            let unchanged = Condition::Equals(Field::AuthVerifier, V::Hash(kept.hash));
            match self.store.transact(&[Write::Put(self.record(account, new).await?, unchanged)]).await {
                Err(error) if error.kind() == imegha_cloud::ErrorKind::Conflict => {}
                done => return done.map(|()| true).map_err(Error::from),
            }
        }
        Err(Error::too_many(CONTENDED_MS))
    }

    pub(super) async fn forget(&self, account: &Id) -> Result<()> {
        Ok(self.store.transact(&[Write::Delete(key(account), Condition::None)]).await?)
    }

    async fn verifier(&self, account: Option<&Id>) -> Result<Option<Verifier>> {
        let record = self.store.get(&key(account.unwrap_or(&Id::ZERO))).await?;
        record.as_ref().map(Verifier::from_record).transpose()
    }

    async fn record(&self, account: &Id, auth_string: &AuthString) -> Result<PlatformRecord> {
        let verifier = Verifier { cost: self.cost, salt: random()?, hash: Hash::ZERO };
        let hash = self.hash(&verifier, auth_string).await?;
        Ok(Verifier { hash, ..verifier }.to_record(account))
    }

    async fn is_of(&self, verifier: &Verifier, auth_string: &AuthString) -> Result<bool> {
        let hash = self.hash(verifier, auth_string).await?;
        Ok(hash.as_bytes().ct_eq(verifier.hash.as_bytes()).into())
    }

    async fn hash(&self, verifier: &Verifier, auth_string: &AuthString) -> Result<Hash> {
        let permit = self.permits.clone().acquire_owned().await.map_err(failed)?;
        let (cost, salt) = (verifier.cost, verifier.salt);
        let secret = Zeroizing::new(auth_string.expose().as_bytes().to_vec());
        let hashed = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let params = Params::new(cost.memory_kib, cost.passes, LANES, Some(32)).map_err(failed)?;
            let mut out = [0; 32];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(&secret, &salt, &mut out)
                .map_err(failed)?;
            Ok(Hash::from_bytes(out))
        });
        hashed.await.map_err(failed)?
    }
}

/// A hash and all that is needed to make it again: a cost that is raised later leaves older ones good.
struct Verifier {
    cost: Argon2Cost,
    salt: [u8; 32],
    hash: Hash,
}

impl Verifier {
    fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::new(key(account))
            .with(Field::AuthMemory, V::U64(self.cost.memory_kib.into()))
            .with(Field::AuthPasses, V::U64(self.cost.passes.into()))
            .with(Field::AuthSalt, V::Salt(self.salt))
            .with(Field::AuthVerifier, V::Hash(self.hash))
    }

    fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            cost: Argon2Cost { memory_kib: fields.u32(Field::AuthMemory)?, passes: fields.u32(Field::AuthPasses)? },
            salt: fields.salt(Field::AuthSalt)?,
            hash: fields.hash(Field::AuthVerifier)?,
        })
    }
}

fn key(account: &Id) -> PlatformKey {
    PlatformKey::new(Collection::Credential, [V::Id(*account)], [])
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, "Argon2 could not be run").caused_by(error.to_string())
}

const LANES: u32 = 1;
/// How often a lost race is run again.
const ATTEMPTS: usize = 4;
const CONTENDED_MS: u64 = 1000;
