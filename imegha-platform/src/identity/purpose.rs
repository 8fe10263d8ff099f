//! What a code is for: one that was mailed for one thing is never right for another.

use imegha_crypto::{Email, Hash, Id};

use super::codes::{DAY_MS, HOUR_MS};
use crate::registry::{Collection, Due, DueKind, PlatformKey, PlatformValue as V};
use crate::secret::ServerSecret;

/// What a code allows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// To confirm a sign-up.
    SignUp,
    /// To replace what proves the password, together with the phrase's signature.
    Recovery,
    /// To move the account to this address. A code is right for the address that it was mailed to and for no other.
    EmailChange(&'a Email),
}

impl Purpose<'_> {
    /// One of each: what an account may have.
    pub(super) const KINDS: [DueKind; 3] = [DueKind::Code, DueKind::RecoveryCode, DueKind::EmailChangeCode];

    pub(super) fn kind(self) -> DueKind {
        match self {
            Self::SignUp => DueKind::Code,
            Self::Recovery => DueKind::RecoveryCode,
            Self::EmailChange(_) => DueKind::EmailChangeCode,
        }
    }

    /// Six digits are guessed in a moment; under the server's secret their hash tells nothing to who has only the store.
    pub(super) fn hash(self, secret: &ServerSecret, account: &Id, code: &str) -> Hash {
        let (account, code) = (account.as_bytes().as_slice(), code.as_bytes());
        match self {
            Self::SignUp => secret.keyed_hash("code", &[account, code]),
            Self::Recovery => secret.keyed_hash("recovery-code", &[account, code]),
            Self::EmailChange(to) => secret.keyed_hash("email-change-code", &[account, to.as_str().as_bytes(), code]),
        }
    }

    /// What stands in a hash's place while another service has made the code: no code has it.
    #[cfg(feature = "aws")]
    pub(super) fn awaited(self, secret: &ServerSecret, account: &Id) -> Hash {
        let account = account.as_bytes().as_slice();
        match self {
            Self::SignUp => secret.keyed_hash("awaited-code", &[account]),
            Self::Recovery => secret.keyed_hash("awaited-recovery-code", &[account]),
            Self::EmailChange(to) => secret.keyed_hash("awaited-email-change-code", &[account, to.as_str().as_bytes()]),
        }
    }

    /// How long after the fifth mail the next one is sent. A recovery can be asked for by whoever knows the address, and must not be
    /// kept from its owner for a day.
    pub(super) fn rest_ms(self) -> u64 {
        match self {
            Self::SignUp => DAY_MS,
            Self::Recovery | Self::EmailChange(_) => HOUR_MS,
        }
    }
}

/// Where the code of an account is that is of this kind.
pub(super) fn key(account: &Id, kind: DueKind) -> PlatformKey {
    match kind {
        DueKind::Code => PlatformKey::new(Collection::Code, [V::Id(*account)], []),
        kind => PlatformKey::new(Collection::Code, [V::Id(*account)], [V::U64(kind.number())]),
    }
}

/// When the record of a code ends.
pub(super) fn due(account: &Id, kind: DueKind, at_ms: u64) -> Due {
    Due { kind, at_ms, what: V::Id(*account) }
}

/// The id under which codes are counted for an address without an account: always the same one, and nobody's.
pub(super) fn nobody(secret: &ServerSecret, email: &Email) -> Id {
    invented(secret, "recovery-nobody", email.as_str().as_bytes())
}

/// An id that is nobody's, always the same for the same `what`.
pub(super) fn invented(secret: &ServerSecret, purpose: &'static str, what: &[u8]) -> Id {
    let hash = secret.keyed_hash(purpose, &[what]);
    let mut id = [0; Id::LEN];
    id.copy_from_slice(&hash.as_bytes()[..Id::LEN]);
    Id::from_bytes(id)
}
