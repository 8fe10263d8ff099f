//! The records of the platform: which there are, which fields they have, which values.

use imegha_cloud::backend::{Schema, Value};
use imegha_cloud::{Error, ErrorKind, Result};
use imegha_crypto::{Email, Hash, Id, Sealed, SealedTo, Signature};

use crate::tag::Tag;

/// The schema of a platform's registry and of its embedded identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformSchema;

impl Schema for PlatformSchema {
    type Collection = Collection;
    type Field = Field;
    type Value = PlatformValue;
}

imegha_cloud::names! {
    /// The kinds of record. In brackets: partition / place in it.
    pub enum Collection {
        /// Accounts (account).
        Account = "account",
        /// Who has, or is claiming, an email address (email).
        Email = "email",
        /// Who has, or is claiming, an iMTag (tag).
        Tag = "tag",
        /// Wraps of the DEK by a password (account / wrap's id).
        PasswordWrap = "password_wrap",
        /// Wraps of the DEK by a recovery phrase (account / wrap's id).
        RecoveryWrap = "recovery_wrap",
        /// DEKs of earlier epochs, each wrapped by the next (account / epoch).
        PreviousDek = "previous_dek",
        /// Wrapped private keys (account / fingerprint).
        Identity = "identity",
        /// Key histories (account / seq).
        History = "history",
        /// Sessions (hash of the token).
        Session = "session",
        /// The sessions of an account (account / hash of the token).
        AccountSession = "account_session",
        /// What a recovery is to sign (hash of the challenge).
        Challenge = "challenge",
        /// What ends by itself: unconfirmed accounts, sessions, lock-outs, challenges, accounts that are being deleted (kind / time, id
        /// or hash).
        Due = "due",
        /// Embedded identity: the hash of `auth_string` (account).
        Credential = "credential",
        /// The code that was mailed, and how often (account / what it is for, nothing for a sign-up).
        Code = "code",
        /// Failed sign-ins (keyed hash of the email, whether or not it has an account).
        Lockout = "lockout",
        /// What one person is to another (account / other account). Of two people both have one, or neither.
        Connection = "connection",
        /// How many connections of each kind, and devices, an account has (account).
        People = "people",
        /// Devices that want notifications (account / hash of the push token).
        Device = "device",
        /// Whose device a push token is (hash of the push token).
        DeviceOwner = "device_owner",
        /// That a connection has something new, until it is heard (account / from whom, of what kind).
        Poke = "poke",
    }
}

imegha_cloud::names! {
    /// The fields of the platform's records. What each discloses: [`disclosure`](super::disclosure).
    pub enum Field {
        /// The account that a claim or a session belongs to.
        Account = "account",
        /// An email address, normalised.
        Email = "email",
        /// An iMTag.
        Tag = "tag",
        /// 0 unconfirmed, 1 confirmed, 2 unconfirmed with an email that another account has: can never be confirmed; 3 being deleted.
        State = "state",
        /// Which step of a recovery a challenge is for.
        Step = "step",
        /// How often a record was written: what a change of it is conditional on.
        Version = "version",
        /// When a record was made.
        Created = "created",
        /// When a claim, a session or a code ends.
        Expires = "expires",
        /// The version of the policy that was accepted.
        PolicyVersion = "policy_version",
        /// The epoch of the DEK.
        DekEpoch = "dek_epoch",
        /// The version of the account's keys (FORMAT 12).
        KeysVersion = "keys_version",
        /// The identity's signature over them.
        KeysSignature = "keys_signature",
        /// With which version of the keys a wrap came: the order of the wraps.
        Added = "added",
        /// The password wrap that a change under way has added.
        PendingWrap = "pending_wrap",
        /// Until when that change may be under way.
        PendingUntil = "pending_until",
        /// How often all sessions were ended: one that began before the last time has ended.
        SessionsEnded = "sessions_ended",
        /// The sealed address of the account's gateway.
        Gateway = "gateway",
        /// How often it was set.
        GatewayEdit = "gateway_edit",
        /// A wrapped key.
        Wrap = "wrap",
        /// Which password wrap a session signed in with.
        WrapId = "wrap_id",
        /// H(auth): which `auth` a password wrap stands beside.
        AuthHash = "auth_hash",
        /// The key derivation of a password wrap.
        KdfId = "kdf_id",
        /// Its iterations.
        KdfIterations = "kdf_iterations",
        /// Its salt.
        KdfSalt = "kdf_salt",
        /// The Ed25519 public key of a recovery phrase.
        RecoveryKey = "recovery_key",
        /// The fingerprint of the current identity.
        Fingerprint = "fingerprint",
        /// An RSA public key.
        Spki = "spki",
        /// An Ed25519 public key.
        Ed25519 = "ed25519",
        /// The hash of the entry before, in a key history.
        Previous = "previous",
        /// The time that an entry of a key history states.
        Stated = "stated",
        /// An entry's signature by the previous identity.
        ByPrevious = "by_previous",
        /// An entry's signature by the new identity.
        ByNew = "by_new",
        /// An entry's binding to account and tag.
        Binding = "binding",
        /// Embedded identity: Argon2id's memory in KiB.
        AuthMemory = "auth_memory",
        /// Embedded identity: Argon2id's passes.
        AuthPasses = "auth_passes",
        /// Embedded identity: the salt of Argon2id.
        AuthSalt = "auth_salt",
        /// Embedded identity: Argon2id of `auth_string`.
        AuthVerifier = "auth_verifier",
        /// The keyed hash of a code.
        CodeHash = "code_hash",
        /// How often a code was tried, or failed sign-ins.
        Tries = "tries",
        /// How many codes were mailed.
        Sends = "sends",
        /// When the last code was mailed.
        Sent = "sent",
        /// Until when a sign-in is not heard.
        LockedUntil = "locked_until",
        /// What the other person of a connection is.
        ConnectionState = "connection_state",
        /// Since when.
        ConnectionSince = "connection_since",
        /// The contact card that the account sealed to the other.
        Card = "card",
        /// The list that the card stands in.
        CardFeed = "card_feed",
        /// Its place there.
        CardSeq = "card_seq",
        /// The hash of the card before it.
        CardPrevious = "card_previous",
        /// How many requests the account has made that are not answered.
        Asked = "asked",
        /// How many it has been made.
        Incoming = "incoming",
        /// How many connections it has.
        Connected = "connected",
        /// How many people it has blocked.
        Blocked = "blocked",
        /// How many devices want notifications for it.
        Devices = "devices",
        /// The token that a push service knows a device by.
        PushToken = "push_token",
        /// Which push service.
        PushService = "push_service",
        /// The session that registered the device, and with which it ends.
        PushSession = "push_session",
        /// When a connection had something new.
        Poked = "poked",
    }
}

/// A value in the registry. There is no free text among them.
#[derive(Clone, Debug, PartialEq)]
pub enum PlatformValue {
    /// An id.
    Id(Id),
    /// A number.
    U64(u64),
    /// Milliseconds since 1970.
    Time(u64),
    /// A hash or a fingerprint.
    Hash(Hash),
    /// An Ed25519 signature.
    Signature(Signature),
    /// An Ed25519 public key.
    PublicKey([u8; 32]),
    /// An RSA public key: DER SubjectPublicKeyInfo, of at most 1 KiB.
    Spki(Vec<u8>),
    /// 32 random bytes of a key derivation.
    Salt([u8; 32]),
    /// Something that only a key opens.
    Sealed(Sealed),
    /// An email address, normalised.
    Email(Email),
    /// An iMTag.
    Tag(Tag),
    /// A contact card: sealed to one person, signed by another. At most [`MAX_CARD_LEN`] bytes.
    Card(SealedTo),
    /// What a push service knows a device by: [`PUSH_TOKEN_LEN`] bytes.
    PushToken(Vec<u8>),
}

impl Value for PlatformValue {
    fn tag(&self) -> u8 {
        match self {
            Self::Id(_) => 1,
            Self::U64(_) => 2,
            Self::Time(_) => 3,
            Self::Hash(_) => 4,
            Self::Signature(_) => 5,
            Self::PublicKey(_) => 6,
            Self::Spki(_) => 7,
            Self::Salt(_) => 8,
            Self::Sealed(_) => 9,
            Self::Email(_) => 10,
            Self::Tag(_) => 11,
            Self::Card(_) => 20,
            Self::PushToken(_) => 21,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Id(id) => id.as_bytes().to_vec(),
            Self::U64(number) | Self::Time(number) => number.to_be_bytes().to_vec(),
            Self::Hash(hash) => hash.as_bytes().to_vec(),
            Self::Signature(signature) => signature.as_bytes().to_vec(),
            Self::PublicKey(key) | Self::Salt(key) => key.to_vec(),
            Self::Spki(spki) => spki.clone(),
            Self::Sealed(sealed) => sealed.as_bytes().to_vec(),
            Self::Email(email) => email.as_str().as_bytes().to_vec(),
            Self::Tag(tag) => tag.as_str().as_bytes().to_vec(),
            Self::Card(card) => card.as_bytes().to_vec(),
            Self::PushToken(token) => token.clone(),
        }
    }

    fn from_bytes(tag: u8, bytes: &[u8]) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::Malformed, "not a value of a platform");
        Ok(match tag {
            1 => Self::Id(Id::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            2 => Self::U64(u64::from_be_bytes(bytes.try_into().map_err(|_| malformed())?)),
            3 => Self::Time(u64::from_be_bytes(bytes.try_into().map_err(|_| malformed())?)),
            4 => Self::Hash(Hash::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            5 => Self::Signature(Signature::from_bytes(bytes.try_into().map_err(|_| malformed())?)),
            6 => Self::PublicKey(bytes.try_into().map_err(|_| malformed())?),
            7 if bytes.len() <= MAX_SPKI_LEN => Self::Spki(bytes.to_vec()),
            8 => Self::Salt(bytes.try_into().map_err(|_| malformed())?),
            9 => Self::Sealed(Sealed::from_received(bytes.to_vec()).map_err(|_| malformed())?),
            10 => {
                let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
                let email = Email::parse(text).map_err(|_| malformed())?;
                // Stored addresses are normalised already; what changes by being read was not written here.
                if email.as_str() != text {
                    return Err(malformed());
                }
                Self::Email(email)
            }
            11 => {
                let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
                Self::Tag(Tag::from_stored(text).map_err(|_| malformed())?)
            }
            20 if bytes.len() <= MAX_CARD_LEN => {
                Self::Card(SealedTo::from_received(bytes.to_vec()).map_err(|_| malformed())?)
            }
            21 if PUSH_TOKEN_LEN.contains(&bytes.len()) => Self::PushToken(bytes.to_vec()),
            _ => return Err(malformed()),
        })
    }
}

/// The longest contact card that is stored. Sealing costs some 500 bytes; the rest is an address and a few hashes.
pub const MAX_CARD_LEN: usize = 4_096;

/// How long a push token is: Apple's have 32 bytes, and may come to have up to 100.
pub const PUSH_TOKEN_LEN: std::ops::RangeInclusive<usize> = 16..=200;

/// The longest RSA public key that is stored; that of 2048 bits has 294 bytes.
const MAX_SPKI_LEN: usize = 1024;
