//! What a sign-up must be before anything of it is kept.

use imegha_crypto::{AuthSecret, Email, Hash, Id, KdfParams, KeyHistory, KeyHistoryEntry, RecoveryPublicKey, Sealed};

use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AddPassword, AuthString, FIRST_DEK_EPOCH, HistoryEntry, RecoveryWrap, SignUpRequest};
use crate::registry::{
    AccountKeys, AccountRecord, AccountState, IdentityRecord, NewAccount, PasswordWrapRecord, RecoveryWrapRecord,
};
use crate::tag::Tag;

/// Checks every part of a sign-up. What the platform cannot check, since it cannot open it, are the wraps; they have their length.
pub(super) fn sign_up(request: &SignUpRequest, policy_version: u32) -> Result<NewAccount> {
    if !request.over_13 {
        return Err(Error::refused(ProblemCode::TooYoung));
    }
    if request.policy_version != policy_version {
        return Err(Error::refused(ProblemCode::PolicyNotAccepted));
    }
    let email = stored_email(&request.email)?;
    let tag = Tag::from_stored(&request.tag)?;
    let auth = AuthSecret::parse_auth_string(request.auth_string.expose()).map_err(malformed)?;
    let kdf = KdfParams::try_from(&request.kdf).map_err(malformed)?;
    // All new accounts alike: what prelogin invents for an unknown address is then no different.
    if kdf.iterations() != KdfParams::NEW_ITERATIONS || request.password_wrap.dek_epoch != FIRST_DEK_EPOCH {
        return Err(Error::refused(ProblemCode::Malformed));
    }
    if request.account == Id::ZERO {
        return Err(Error::refused(ProblemCode::Malformed));
    }
    wraps_one_key(&request.password_wrap.wrap)?;
    wraps_one_key(&request.recovery.wrap)?;
    wraps_identity(&request.identity.wrapped)?;

    // The binding and the history name account and tag: another person's identity has signatures for hers (a67).
    let entry = KeyHistoryEntry::try_from(&request.identity.history).map_err(key_refused)?;
    entry.identity.verify_binding(&request.account, tag.as_str(), &entry.binding).map_err(key_refused)?;
    KeyHistory::verify(&request.account, tag.as_str(), vec![entry.clone()]).map_err(key_refused)?;
    recovery_key(&request.recovery)?;

    let fingerprint = entry.identity.fingerprint();
    let new = NewAccount {
        account: AccountRecord {
            id: request.account,
            email: email.clone(),
            tag,
            version: 0,
            state: AccountState::Unconfirmed,
            created_ms: 0,
            policy_version,
            dek_epoch: FIRST_DEK_EPOCH,
            keys_version: FIRST_VERSION,
            keys_signature: request.keys_signature,
            fingerprint,
            pending: None,
            sessions_ended: 0,
            gateway: None,
        },
        password_wrap: PasswordWrapRecord {
            id: request.password_wrap.id,
            added: FIRST_VERSION,
            email,
            kdf,
            auth_hash: auth.hash(),
            dek_epoch: FIRST_DEK_EPOCH,
            wrap: request.password_wrap.wrap.clone(),
        },
        recovery_wrap: RecoveryWrapRecord {
            id: request.recovery.id,
            added: FIRST_VERSION,
            public_key: request.recovery.public_key,
            dek_epoch: FIRST_DEK_EPOCH,
            wrap: request.recovery.wrap.clone(),
        },
        identity: IdentityRecord { fingerprint, dek_epoch: FIRST_DEK_EPOCH, wrapped: request.identity.wrapped.clone() },
        entry: HistoryEntry::from(&entry),
    };
    let keys = AccountKeys {
        account: new.account.clone(),
        passwords: vec![new.password_wrap.clone()],
        phrases: vec![new.recovery_wrap.clone()],
        previous: Vec::new(),
        identities: vec![new.identity.clone()],
        history: vec![new.entry.clone()],
    };
    keys.statement()?.verify(&entry.identity, &request.keys_signature).map_err(key_refused)?;
    Ok(new)
}

/// The hash of a password's `auth`, which stands beside its wrap.
pub(super) fn auth_hash(auth_string: &AuthString) -> Result<Hash> {
    AuthSecret::parse_auth_string(auth_string.expose()).map(|auth| auth.hash()).map_err(malformed)
}

/// A password that is added: `email` is the address that it is for.
pub(super) fn password(
    add: &AddPassword,
    email: Email,
    auth_hash: Hash,
    account: &AccountRecord,
) -> Result<PasswordWrapRecord> {
    let kdf = KdfParams::try_from(&add.kdf).map_err(malformed)?;
    // Few strengths: those that prelogin invents for addresses without an account, too.
    if !ITERATIONS.iter().any(|(iterations, _)| *iterations == kdf.iterations()) {
        return Err(Error::refused(ProblemCode::Malformed));
    }
    wraps_one_key(&add.wrap)?;
    Ok(PasswordWrapRecord {
        id: add.id,
        added: add.next.version,
        email,
        kdf,
        auth_hash,
        dek_epoch: account.dek_epoch,
        wrap: add.wrap.clone(),
    })
}

/// A recovery phrase that is added.
pub(super) fn phrase(wrap: &RecoveryWrap, added: u64, account: &AccountRecord) -> Result<RecoveryWrapRecord> {
    wraps_one_key(&wrap.wrap)?;
    recovery_key(wrap)?;
    let RecoveryWrap { id, wrap, public_key } = wrap.clone();
    Ok(RecoveryWrapRecord { id, added, public_key, dek_epoch: account.dek_epoch, wrap })
}

/// Six digits: what else it may be, it is no code.
pub(super) fn code(code: &str) -> Result<()> {
    let digits = code.len() == CODE_LEN && code.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(()) } else { Err(Error::refused(ProblemCode::WrongCode)) }
}

/// The phrase's key is an Ed25519 key like the identity's, and held to the same form.
fn recovery_key(wrap: &RecoveryWrap) -> Result<()> {
    RecoveryPublicKey::parse(&wrap.public_key).map(drop).map_err(key_refused)
}

/// An address in the form that is stored; the client has normalised it.
pub(super) fn stored_email(text: &str) -> Result<Email> {
    match Email::parse(text) {
        Ok(email) if email.as_str() == text => Ok(email),
        _ => Err(Error::refused(ProblemCode::EmailInvalid)),
    }
}

/// The sealed address of a gateway: a URL and an id.
pub(super) fn seals_address(sealed: &Sealed) -> Result<()> {
    long(sealed, SEALING_LEN..=MAX_ADDRESS_LEN)
}

pub(super) fn wraps_one_key(wrap: &Sealed) -> Result<()> {
    long(wrap, SEALING_LEN + KEY_LEN..=SEALING_LEN + KEY_LEN)
}

pub(super) fn wraps_identity(wrap: &Sealed) -> Result<()> {
    long(wrap, SEALING_LEN + MIN_IDENTITY_LEN..=SEALING_LEN + MAX_IDENTITY_LEN)
}

fn long(sealed: &Sealed, range: std::ops::RangeInclusive<usize>) -> Result<()> {
    if range.contains(&sealed.as_bytes().len()) { Ok(()) } else { Err(Error::refused(ProblemCode::KeyRefused)) }
}

fn malformed(error: imegha_crypto::Error) -> Error {
    Error::refused(ProblemCode::Malformed).caused_by(error)
}

pub(super) fn key_refused(error: imegha_crypto::Error) -> Error {
    Error::refused(ProblemCode::KeyRefused).caused_by(error)
}

/// How many iterations a password may have, and of how many addresses in 256 prelogin says so that have no account.
///
/// Each account has the first when it is made. Were the others never invented, an address that has one of them would be known to be
/// somebody's. All have six digits, so that answers have one length.
pub(super) const ITERATIONS: [(u32, u8); 4] =
    [(KdfParams::NEW_ITERATIONS, 240), (300_000, 6), (600_000, 6), (900_000, 4)];

/// The version of the keys that an account is made with.
const FIRST_VERSION: u64 = 1;
const CODE_LEN: usize = 6;
/// Salt, commitment and the one tag (FORMAT 2).
const SEALING_LEN: usize = 72;
const KEY_LEN: usize = 32;
/// PKCS#8 of RSA-2048 is 1,213 to 1,219 bytes, plus the Ed25519 seed and two lengths; with room for other encoders.
const MIN_IDENTITY_LEN: usize = 1_100;
const MAX_IDENTITY_LEN: usize = 1_400;
const MAX_ADDRESS_LEN: usize = 4_096;
