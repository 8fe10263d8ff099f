//! New keys behind what opens the account: a new epoch of the DEK and a new identity, after a password, a phrase or a device was seen.
//!
//! Password and phrase were replaced before, each by its own flow, and stay as they are. What proves the password does not change, so the
//! identity provider has nothing to take, and all of it is one transaction, the end of every other session with it.

use imegha_crypto::{Fingerprint, KeyHistory, KeyHistoryEntry, Sealed};
use subtle::ConstantTimeEq as _;

use super::{Authenticated, PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{HistoryEntry, RenewRequest, WrappedIdentity};
use crate::registry::{AccountKeys, AccountRecord, IdentityRecord, PreviousDekRecord, damaged};

impl PlatformServer {
    /// Takes the keys of a new epoch. Made again, since its answer was lost, it is a conflict: the client looks at what is there.
    pub(crate) async fn renew(&self, who: &Authenticated, request: &RenewRequest) -> Result<()> {
        let auth_hash = validate::auth_hash(&request.auth_string)?;
        let keys = self.keys_of(who).await?;
        if keys.account.keys_version.checked_add(1) != Some(request.next.version) {
            return Err(conflict());
        }
        self.nothing_beside(who, &keys)?;
        if keys.history.len() >= AccountKeys::MAX_EPOCHS {
            return Err(Error::refused(ProblemCode::LimitReached));
        }
        self.check_auth(who, &request.auth_string).await?;
        // Of a recovery that was broken off the proof is another one, whose wrap is not there.
        if !bool::from(who.wrap.auth_hash.as_bytes().ct_eq(auth_hash.as_bytes())) {
            return Err(conflict());
        }
        let renewed = Renewed::check(request, &keys)?;
        let next = keys.next(request.next.version, &request.next.signature, |next| renewed.put_into(next))?;
        let more = [who.session.goes_over(&next.account, request.password.id)];
        let done = self.registry().replace_keys(&keys, &next, &more).await?;
        if done { Ok(()) } else { Err(conflict()) }
    }

    /// That the account has one password, the session's, and one phrase, and that no change of them is under way.
    fn nothing_beside(&self, who: &Authenticated, keys: &AccountKeys) -> Result<()> {
        let now_ms = self.registry().now_ms();
        if let Some(pending) = keys.account.pending_at(now_ms) {
            return Err(Error::too_many(pending.until_ms - now_ms));
        }
        match (keys.passwords.as_slice(), keys.phrases.as_slice()) {
            ([password], [_]) if password.id == who.wrap.id => Ok(()),
            _ => Err(conflict()),
        }
    }
}

/// What a request brings, checked as far as a platform can that opens none of it.
struct Renewed<'a> {
    request: &'a RenewRequest,
    fingerprint: Fingerprint,
    entry: HistoryEntry,
    gateway: Option<(u64, Sealed)>,
}

impl<'a> Renewed<'a> {
    fn check(request: &'a RenewRequest, keys: &AccountKeys) -> Result<Self> {
        if keys.account.dek_epoch.checked_add(1) != Some(request.dek_epoch) {
            return Err(refused());
        }
        for wrap in [&request.password.wrap, &request.phrase.wrap, &request.previous] {
            validate::wraps_one_key(wrap)?;
        }
        let mut there = keys.passwords.iter().map(|wrap| wrap.id).chain(keys.phrases.iter().map(|wrap| wrap.id));
        if there.any(|id| id == request.password.id || id == request.phrase.id) {
            return Err(refused());
        }
        let entry = next_entry(&request.entry, keys)?;
        let fingerprint = entry.identity.fingerprint();
        check_identities(request, [keys.account.fingerprint, fingerprint])?;
        let gateway = next_gateway(request, &keys.account)?;
        Ok(Self { request, fingerprint, entry: HistoryEntry::from(&entry), gateway })
    }

    /// Puts it in the place of the keys that were current. What proves the password, what its keys are derived with, and the phrase's public key
    /// stay as they are.
    fn put_into(self, keys: &mut AccountKeys) {
        let Self { request, fingerprint, entry, gateway } = self;
        let (added, dek_epoch) = (request.next.version, request.dek_epoch);
        for password in &mut keys.passwords {
            (password.id, password.added, password.dek_epoch) = (request.password.id, added, dek_epoch);
            password.wrap = request.password.wrap.clone();
        }
        for phrase in &mut keys.phrases {
            (phrase.id, phrase.added, phrase.dek_epoch) = (request.phrase.id, added, dek_epoch);
            phrase.wrap = request.phrase.wrap.clone();
        }
        keys.previous.push(PreviousDekRecord { epoch: keys.account.dek_epoch, wrap: request.previous.clone() });
        keys.identities.retain(|identity| identity.fingerprint != keys.account.fingerprint);
        keys.identities.extend(request.identities.iter().map(|WrappedIdentity { fingerprint, dek_epoch, wrapped }| {
            IdentityRecord { fingerprint: *fingerprint, dek_epoch: *dek_epoch, wrapped: wrapped.clone() }
        }));
        keys.history.push(entry);
        keys.account.fingerprint = fingerprint;
        keys.account.dek_epoch = dek_epoch;
        keys.account.gateway = gateway;
        keys.account.pending = None;
        keys.account.sessions_ended += 1;
    }
}

/// The entry with which the history goes on, verified with all of it: an identity that the account did not have.
fn next_entry(entry: &HistoryEntry, keys: &AccountKeys) -> Result<KeyHistoryEntry> {
    let there: Result<Vec<_>, _> = keys.history.iter().map(KeyHistoryEntry::try_from).collect();
    let mut entries = there.map_err(|error| damaged().caused_by(error))?;
    let entry = KeyHistoryEntry::try_from(entry).map_err(validate::key_refused)?;
    if entries.iter().any(|before| before.identity.fingerprint() == entry.identity.fingerprint()) {
        return Err(refused());
    }
    entries.push(entry.clone());
    KeyHistory::verify(&keys.account.id, keys.account.tag.as_str(), entries).map_err(validate::key_refused)?;
    Ok(entry)
}

/// That the wraps are those of the two identities, each once, under the new DEK.
fn check_identities(request: &RenewRequest, both: [Fingerprint; 2]) -> Result<()> {
    let [one, other] = request.identities.as_slice() else { return Err(refused()) };
    let given = [one.fingerprint, other.fingerprint];
    let each_once = given == both || given == [both[1], both[0]];
    if !each_once || request.identities.iter().any(|identity| identity.dek_epoch != request.dek_epoch) {
        return Err(refused());
    }
    request.identities.iter().try_for_each(|identity| validate::wraps_identity(&identity.wrapped))
}

/// The address of the gateway from then on: the one that the client saw, under the new DEK. The old DEK opens none that stays.
fn next_gateway(request: &RenewRequest, account: &AccountRecord) -> Result<Option<(u64, Sealed)>> {
    let before = account.gateway.as_ref().map_or(0, |(edit, _)| *edit);
    if before != request.gateway_edit {
        return Err(conflict());
    }
    let Some(gateway) = &request.gateway else { return Ok(None) };
    if before.checked_add(1) != Some(gateway.edit) {
        return Err(conflict());
    }
    validate::seals_address(&gateway.sealed)?;
    Ok(Some((gateway.edit, gateway.sealed.clone())))
}

fn refused() -> Error {
    Error::refused(ProblemCode::KeyRefused)
}

fn conflict() -> Error {
    Error::refused(ProblemCode::Conflict)
}
