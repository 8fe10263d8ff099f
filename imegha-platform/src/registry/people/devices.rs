//! Devices that want notifications: the tokens by which a push service knows them.

use imegha_cloud::backend::{Condition, Query, Record, Write};
use imegha_crypto::{Hash, Id};

use super::{
    AccountRecord, Collection, Field, Fields, PUSH_TOKEN_LEN, PlatformKey, PlatformRecord, PlatformSchema,
    PlatformValue as V, Registry, damaged,
};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::registry::keys::place_hash;

/// A device that wants notifications. It belongs to the session that registered it: whoever ends that session ends its notifications.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    /// Names it: the hash of its token.
    pub id: Hash,
    /// The push service.
    pub service: PushService,
    /// The token that the service gave out.
    pub token: Vec<u8>,
    /// The session that registered it.
    pub session: Hash,
    /// When, in milliseconds since 1970.
    pub created_ms: u64,
}

/// Who carries notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushService {
    /// Apple's.
    Apns,
}

impl PushService {
    fn number(self) -> u64 {
        match self {
            Self::Apns => 1,
        }
    }

    fn from_number(number: u64) -> Result<Self> {
        if number == Self::Apns.number() { Ok(Self::Apns) } else { Err(damaged()) }
    }
}

impl Registry {
    /// Takes a device up, or says that it is still there. Who has it now is who registered it last: a telephone that another person signs
    /// in on is not told any more what was the one's before.
    ///
    /// # Errors
    /// [`ProblemCode::LimitReached`], [`ProblemCode::Malformed`] for a token that is too long or too short.
    pub async fn register_device(
        &self,
        account: &Id,
        session: &Hash,
        service: PushService,
        token: &[u8],
    ) -> Result<Device> {
        if !PUSH_TOKEN_LEN.contains(&token.len()) {
            return Err(Error::refused(ProblemCode::Malformed));
        }
        let id = device_id(service, token);
        for _ in 0..ATTEMPTS {
            // Those whose session is over make room.
            self.devices(account).await?;
            let owner_record = self.store.get(&owner_key(&id)).await?;
            let owner = owner_record.as_ref().map(|record| Fields(record).id(Field::Account)).transpose()?;
            let previous = owner.filter(|owner| owner != account);
            let accounts: Vec<Id> = [Some(*account), previous].into_iter().flatten().collect();
            let counts = self.counts(&accounts).await?;
            let is_new = self.store.get(&device_key(account, &id)).await?.is_none();
            let mine = counts.first().ok_or_else(damaged)?;
            let new = if is_new { mine.with_device()? } else { *mine };
            let device = Device { id, service, token: token.to_vec(), session: *session, created_ms: self.now_ms() };
            let unchanged = match owner {
                Some(owner) => Condition::Equals(Field::Account, V::Id(owner)),
                None => Condition::Absent,
            };
            let owned = Record::new(owner_key(&id)).with(Field::Account, V::Id(*account));
            let mut writes = vec![
                Write::Put(device.to_record(account), Condition::None),
                Write::Put(owned, unchanged),
                new.put(account, mine),
                // Nothing comes to an account whose deletion has begun.
                Write::Check(AccountRecord::key(account), super::action::is_confirmed()),
            ];
            if let (Some(previous), Some(theirs)) = (previous, counts.get(1)) {
                writes.push(Write::Delete(device_key(&previous, &id), Condition::Present));
                writes.push(theirs.without_device().put(&previous, theirs));
            }
            if self.transact(&writes).await? {
                return Ok(device);
            }
        }
        Err(Error::new(ErrorKind::Refused(ProblemCode::Unavailable), "too many changed the same devices at once"))
    }

    /// The devices of an account whose session goes on. Those whose session is over are removed.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`], as every method here.
    pub async fn devices(&self, account: &Id) -> Result<Vec<Device>> {
        let there = self.store.query(&Query::new(Collection::Device, [V::Id(*account)])).await?.records;
        if there.is_empty() {
            return Ok(Vec::new());
        }
        // Read once for all of them, behind the list.
        let (owner, wraps) = (self.account(account).await?, self.password_wraps(account).await?);
        let mut devices = Vec::new();
        for record in there {
            let device = Device::from_record(&record)?;
            let session = self.session(&device.session).await?.filter(|session| session.account == *account);
            let goes_on = session.zip(owner.as_ref()).is_some_and(|(session, owner)| {
                session.is_ahead_of(owner)
                    || (session.is_under(owner) && wraps.iter().any(|wrap| wrap.id == session.wrap_id))
            });
            match goes_on {
                true => devices.push(device),
                // As it was read: what has been registered again meanwhile is another session's.
                false => self.remove_device_as_read(account, &device).await?,
            }
        }
        Ok(devices)
    }

    /// Removes a device. One that is not there is no error.
    ///
    /// # Errors
    /// As every method here.
    pub async fn remove_device(&self, account: &Id, id: &Hash) -> Result<()> {
        self.remove_device_where(account, id, |_| true).await
    }

    /// Removes a device as it was read. One that has been registered again since stays.
    ///
    /// # Errors
    /// As every method here.
    pub async fn remove_device_as_read(&self, account: &Id, device: &Device) -> Result<()> {
        self.remove_device_where(account, &device.id, |there| there == device).await
    }

    async fn remove_device_where(&self, account: &Id, id: &Hash, is_it: impl Fn(&Device) -> bool) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let counts = self.counts(&[*account]).await?;
            let counts = counts.first().ok_or_else(damaged)?;
            match self.store.get(&device_key(account, id)).await?.as_ref().map(Device::from_record).transpose()? {
                Some(device) if is_it(&device) => {}
                _ => return Ok(()),
            }
            let writes = [
                Write::Delete(device_key(account, id), Condition::Present),
                Write::Delete(owner_key(id), Condition::Equals(Field::Account, V::Id(*account))),
                counts.without_device().put(account, counts),
            ];
            if self.transact(&writes).await? {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Refused(ProblemCode::Unavailable), "too many changed the same devices at once"))
    }
}

impl Device {
    fn to_record(&self, account: &Id) -> PlatformRecord {
        Record::<PlatformSchema>::new(device_key(account, &self.id))
            .with(Field::PushService, V::U64(self.service.number()))
            .with(Field::PushToken, V::PushToken(self.token.clone()))
            .with(Field::PushSession, V::Hash(self.session))
            .with(Field::Created, V::Time(self.created_ms))
    }

    fn from_record(record: &PlatformRecord) -> Result<Self> {
        let fields = Fields(record);
        Ok(Self {
            id: place_hash(record)?,
            service: PushService::from_number(fields.u64(Field::PushService)?)?,
            token: fields.push_token(Field::PushToken)?,
            session: fields.hash(Field::PushSession)?,
            created_ms: fields.time(Field::Created)?,
        })
    }
}

/// Without the token: whoever has it can send to the device.
impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("id", &self.id).field("service", &self.service).finish_non_exhaustive()
    }
}

fn device_id(service: PushService, token: &[u8]) -> Hash {
    Hash::of(&[&service.number().to_be_bytes(), token].concat())
}

fn device_key(account: &Id, id: &Hash) -> PlatformKey {
    PlatformKey::new(Collection::Device, [V::Id(*account)], [V::Hash(*id)])
}

pub(in crate::registry) fn owner_key(id: &Hash) -> PlatformKey {
    PlatformKey::new(Collection::DeviceOwner, [V::Hash(*id)], [])
}

/// How often a lost race is run again.
const ATTEMPTS: usize = 8;
