//! Changing the password, or how its keys are derived: a wrap is added, then what proves the password is replaced, then the others are dropped.
//!
//! Between the first two the wrap is *pending* for a minute, and nothing else is added or dropped. So no wrap goes whose password is just
//! about to be the one that proves the account.

use imegha_crypto::Hash;
use subtle::ConstantTimeEq as _;

use super::{Authenticated, PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{AddPassword, AuthString, ChangePasswordRequest, DropPasswordsRequest};
use crate::registry::{AccountKeys, PasswordWrapRecord, Pending};

impl PlatformServer {
    /// Replaces what proves the password. A request whose answer was lost may be made again, without the wrap where it was taken.
    pub(crate) async fn change_password(&self, who: &Authenticated, request: &ChangePasswordRequest) -> Result<()> {
        let auth_hash = validate::auth_hash(&request.new_auth_string)?;
        let keys = self.keys_of(who).await?;
        let wrap = match &request.add {
            Some(add) => {
                // The address stays the newest wrap's; whoever moves to another one gives its code.
                let email = keys.account.email.clone();
                let wrap = validate::password(add, email, auth_hash, &keys.account)?;
                not_weaker(&wrap, &keys)?;
                self.check_auth(who, &request.auth_string).await?;
                self.add_password(&keys, add, wrap).await?
            }
            None => self.go_on_with(&keys, &auth_hash).await?,
        };
        self.replace_auth(who, &request.auth_string, &request.new_auth_string, &wrap).await
    }

    /// Drops every password but the session's.
    ///
    /// Only the newest may stay: whatever proves the password later came with a newer wrap, and so made this version another one.
    pub(crate) async fn drop_passwords(&self, who: &Authenticated, request: &DropPasswordsRequest) -> Result<()> {
        let keys = self.keys_of(who).await?;
        let newest = keys.newest_password()?.clone();
        if newest.id != who.wrap.id {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        self.not_pending(&keys, &newest)?;
        let mut next = keys.next(request.next.version, &request.next.signature, |next| {
            next.passwords.retain(|wrap| wrap.id == newest.id);
        })?;
        // Whoever signed in with it has had it taken.
        next.account.pending = None;
        self.replace(&keys, &next).await
    }

    /// Adds a password, pending.
    pub(super) async fn add_password(
        &self,
        keys: &AccountKeys,
        add: &AddPassword,
        wrap: PasswordWrapRecord,
    ) -> Result<PasswordWrapRecord> {
        self.not_pending(keys, &wrap)?;
        // One place is left for a recovery: who has the words alone cannot drop a password to make one.
        if keys.passwords.len() + 1 >= AccountKeys::MAX_WRAPS || kdf_sets(keys, &wrap) > MAX_KDF_SETS {
            return Err(Error::refused(ProblemCode::KeyRefused));
        }
        let mut next = keys.next(add.next.version, &add.next.signature, |next| {
            next.account.email = wrap.email.clone();
            next.passwords.push(wrap.clone());
        })?;
        next.account.pending = Some(self.pending(&wrap));
        self.replace(keys, &next).await?;
        Ok(wrap)
    }

    /// Has the identity provider take the new proof, and ends the pending change.
    pub(super) async fn replace_auth(
        &self,
        who: &Authenticated,
        old: &AuthString,
        new: &AuthString,
        wrap: &PasswordWrapRecord,
    ) -> Result<()> {
        let changed = self.identity().change_auth(&who.wrap.email, &who.account.id, old, new).await;
        let answered = match &changed {
            Ok(()) => true,
            Err(error) => error.code().is_some_and(|code| code.status() < 500),
        };
        // Without an answer it may still be under way; a minute ends it.
        if answered {
            let ended = self.registry().change_account(&who.account.id, |account| {
                account.pending = account.pending.filter(|pending| pending.wrap != wrap.id);
            });
            if let Err(error) = ended.await {
                tracing::warn!(?error, "a change of password stays pending for a minute");
            }
        }
        changed
    }

    /// Whether the password is the session's.
    pub(super) async fn check_auth(&self, who: &Authenticated, auth_string: &AuthString) -> Result<()> {
        self.identity().check_auth(&who.wrap.email, Some(&who.account.id), auth_string).await
    }

    /// The keys of somebody's account as they are now.
    pub(super) async fn keys_of(&self, who: &Authenticated) -> Result<AccountKeys> {
        self.confirmed_keys(&who.account.id).await?.ok_or_else(|| Error::refused(ProblemCode::SignedOut))
    }

    pub(super) async fn replace(&self, before: &AccountKeys, after: &AccountKeys) -> Result<()> {
        let done = self.registry().replace_keys(before, after, &[]).await?;
        if done { Ok(()) } else { Err(Error::refused(ProblemCode::Conflict)) }
    }

    /// The newest wrap, if it is that password's: pending once more.
    async fn go_on_with(&self, keys: &AccountKeys, auth_hash: &Hash) -> Result<PasswordWrapRecord> {
        let newest = keys.newest_password()?;
        if !bool::from(newest.auth_hash.as_bytes().ct_eq(auth_hash.as_bytes())) {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        self.not_pending(keys, newest)?;
        let mut next = keys.clone();
        next.account.pending = Some(self.pending(newest));
        self.replace(keys, &next).await?;
        Ok(newest.clone())
    }

    fn pending(&self, wrap: &PasswordWrapRecord) -> Pending {
        Pending { wrap: wrap.id, until_ms: self.registry().now_ms().saturating_add(PENDING_MS) }
    }

    /// That no change of another wrap may be under way.
    fn not_pending(&self, keys: &AccountKeys, wrap: &PasswordWrapRecord) -> Result<()> {
        let now_ms = self.registry().now_ms();
        match keys.account.pending_at(now_ms).filter(|pending| pending.wrap != wrap.id) {
            Some(pending) => Err(Error::too_many(pending.until_ms - now_ms)),
            None => Ok(()),
        }
    }
}

/// A derivation is never replaced by a weaker one.
pub(super) fn not_weaker(wrap: &PasswordWrapRecord, keys: &AccountKeys) -> Result<()> {
    let refused = |error| Error::refused(ProblemCode::KeyRefused).caused_by(error);
    wrap.kdf.check_not_weaker(&keys.newest_password()?.kdf).map_err(refused)
}

/// How many sets of kdf fields prelogin would answer with.
fn kdf_sets(keys: &AccountKeys, wrap: &PasswordWrapRecord) -> usize {
    let mut sets: Vec<_> = keys.passwords.iter().map(|wrap| &wrap.kdf).chain([&wrap.kdf]).collect();
    sets.sort_by_key(|kdf| (kdf.iterations(), *kdf.salt()));
    sets.dedup();
    sets.len()
}

/// Longer than a request lasts at most.
const PENDING_MS: u64 = 60 * 1000;

/// The most sets of kdf fields: with each, a sign-in is tried, and four may fail before an address waits.
pub(crate) const MAX_KDF_SETS: usize = 4;
