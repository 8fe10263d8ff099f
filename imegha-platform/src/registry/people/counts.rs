//! How many connections and devices an account has: what bounds them, and what every change of them is conditional on.

use imegha_cloud::backend::{Condition, Record, Write};
use imegha_crypto::Id;

use super::connection::{Connection, Standing};
use super::{Collection, Field, Fields, PlatformKey, PlatformRecord, PlatformSchema, PlatformValue as V, Registry};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// The counts of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// How often they were written; 0 before the first time.
    version: u64,
    asked: u64,
    incoming: u64,
    connected: u64,
    blocked: u64,
    devices: u64,
}

impl Counts {
    pub(super) fn key(account: &Id) -> PlatformKey {
        PlatformKey::new(Collection::People, [V::Id(*account)], [])
    }

    pub(super) fn from_record(record: Option<&PlatformRecord>) -> Result<Self> {
        let Some(record) = record else { return Ok(Self::default()) };
        let fields = Fields(record);
        Ok(Self {
            version: fields.u64(Field::Version)?,
            asked: fields.u64(Field::Asked)?,
            incoming: fields.u64(Field::Incoming)?,
            connected: fields.u64(Field::Connected)?,
            blocked: fields.u64(Field::Blocked)?,
            devices: fields.u64(Field::Devices)?,
        })
    }

    /// Writes these counts in the place of `before`, unless somebody else did.
    pub(super) fn put(mut self, account: &Id, before: &Self) -> Write<PlatformSchema> {
        self.version = before.version + 1;
        let record = Record::new(Self::key(account))
            .with(Field::Version, V::U64(self.version))
            .with(Field::Asked, V::U64(self.asked))
            .with(Field::Incoming, V::U64(self.incoming))
            .with(Field::Connected, V::U64(self.connected))
            .with(Field::Blocked, V::U64(self.blocked))
            .with(Field::Devices, V::U64(self.devices));
        Write::Put(record, before.unchanged())
    }

    /// That nobody has written them since they were read.
    pub(super) fn unchanged(&self) -> Condition<PlatformSchema> {
        match self.version {
            0 => Condition::Absent,
            version => Condition::Equals(Field::Version, V::U64(version)),
        }
    }

    /// The counts when `before` has become `after`.
    pub(super) fn replace(mut self, before: Option<&Connection>, after: Option<&Connection>) -> Self {
        if let Some(count) = before.and_then(|before| self.of(before.standing)) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = after.and_then(|after| self.of(after.standing)) {
            *count += 1;
        }
        self
    }

    /// # Errors
    /// [`ProblemCode::LimitReached`] where there are more of a kind than are kept, and more than there were.
    pub(super) fn check_bounded(&self, before: &Self) -> Result<()> {
        for (now, then, most) in [
            (self.asked, before.asked, MAX_ASKED),
            (self.incoming, before.incoming, MAX_INCOMING),
            (self.connected, before.connected, MAX_CONNECTED),
            (self.blocked, before.blocked, MAX_BLOCKED),
        ] {
            if now > most && now > then {
                return Err(Error::refused(ProblemCode::LimitReached));
            }
        }
        Ok(())
    }

    /// Whether one more request would be too many.
    pub(super) fn takes_no_request(&self) -> bool {
        self.incoming >= MAX_INCOMING
    }

    /// The counts with one device more.
    ///
    /// # Errors
    /// [`ProblemCode::LimitReached`].
    pub(super) fn with_device(mut self) -> Result<Self> {
        if self.devices >= MAX_DEVICES {
            return Err(Error::refused(ProblemCode::LimitReached));
        }
        self.devices += 1;
        Ok(self)
    }

    /// The counts with one device less.
    pub(super) fn without_device(mut self) -> Self {
        self.devices = self.devices.saturating_sub(1);
        self
    }

    fn of(&mut self, standing: Standing) -> Option<&mut u64> {
        match standing {
            Standing::Asked => Some(&mut self.asked),
            Standing::Incoming => Some(&mut self.incoming),
            Standing::Connected => Some(&mut self.connected),
            Standing::Blocked => Some(&mut self.blocked),
            // That one is blocked is others' doing, and bounded by how many they block.
            Standing::Shut => None,
        }
    }
}

impl Registry {
    /// The counts of several accounts. To be read before what they count: see [`Registry::act`].
    pub(super) async fn counts(&self, accounts: &[Id]) -> Result<Vec<Counts>> {
        let keys: Vec<_> = accounts.iter().map(Counts::key).collect();
        let records = self.store.get_all(&keys).await?;
        records.iter().map(|record| Counts::from_record(record.as_ref())).collect()
    }
}

/// The most requests that an account has made and that are not answered.
const MAX_ASKED: u64 = 200;
/// The most requests that an account has been made: who asks after that is told so.
const MAX_INCOMING: u64 = 200;
/// The most connections of an account.
const MAX_CONNECTED: u64 = 1_000;
/// The most people that an account blocks.
const MAX_BLOCKED: u64 = 1_000;
/// The most devices of an account that want notifications.
const MAX_DEVICES: u64 = 20;
