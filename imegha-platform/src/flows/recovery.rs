//! Recovery: the code of a mail AND the phrase's signature, in two steps, since the DEK opens only with a wrap that is served behind both.
//!
//! `open` checks the signature first, so that whoever has the mailbox alone learns nothing of the code, and then has the identity provider take
//! the new proof. `finish` adds the wrap. Stopped between the two, the phrase does it again.

use imegha_crypto::{Hash, Id, RecoveryPublicKey, RecoveryStatement, Signature};
use zeroize::Zeroizing;

use super::{PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{
    Kdf, RecoveryFinishRequest, RecoveryOpenReply, RecoveryOpenRequest, RecoveryReply, RecoveryRequest,
};
use crate::registry::{AccountKeys, AccountState, Challenge, RecoveryWrapRecord, Step};
use crate::secret::random;

impl PlatformServer {
    /// Has a code mailed, and gives what the phrase is to sign. An address without an account runs through the same steps: it is
    /// answered with an invented account, and the challenge is one.
    ///
    /// While an account moves, the new address recovers it: its mailbox is proven, and new keys are derived with it.
    pub(crate) async fn begin_recovery(&self, request: &RecoveryRequest) -> Result<RecoveryReply> {
        let email = validate::stored_email(&request.email)?;
        let (nobody, invented) = self.invent(&email);
        let account = self.registry().account_id_by_email(&email).await?;
        let keys = self.confirmed_keys(&account.unwrap_or(nobody)).await?;
        let keys = keys.filter(|keys| keys.account.email == email);
        let account = keys.as_ref().map(|keys| keys.account.id);
        self.identity().begin_recovery(&email, account.as_ref()).await?;
        let challenge = self.challenge(account.unwrap_or(nobody), Step::Open).await?;
        let kdf = match &keys {
            Some(keys) => Kdf::from(&keys.newest_password()?.kdf),
            None => invented,
        };
        // For every address an invented id: the real one would say that there is an account, and by the directory whose.
        Ok(RecoveryReply { account: nobody, kdf, challenge })
    }

    /// Serves the wrap of the phrase that signed, once the code was right.
    pub(crate) async fn open_recovery(&self, request: &RecoveryOpenRequest) -> Result<RecoveryOpenReply> {
        let auth_hash = validate::auth_hash(&request.new_auth_string)?;
        validate::code(&request.code)?;
        let challenge = self.check_challenge(&request.challenge).await?;
        if challenge.step != Step::Open {
            return Err(Error::refused(ProblemCode::CodeExpired));
        }
        let keys = self.confirmed_keys(&challenge.account).await?;
        let named = keys.as_ref().map_or(challenge.account, |keys| self.invent(&keys.account.email).0);
        if named != request.account {
            return Err(Error::refused(ProblemCode::CodeExpired));
        }
        let origin = self.origin();
        let statement = RecoveryStatement::to_open(request.account, &origin, &request.challenge, auth_hash);
        let wrap = signer(keys.as_ref(), &statement, &request.signature);
        let (Some(keys), Some(wrap)) = (&keys, wrap) else { return Err(Error::refused(ProblemCode::KeyRefused)) };
        // Nothing is replaced for a wrap that would have no place.
        if keys.passwords.len() >= imegha_crypto::AccountRecord::MAX_WRAPS {
            return Err(Error::refused(ProblemCode::KeyRefused));
        }
        let (email, id) = (&keys.account.email, &keys.account.id);
        self.identity().recover(email, Some(id), &request.code, &request.new_auth_string).await?;
        if !self.registry().use_up(&challenge).await? {
            return Err(Error::refused(ProblemCode::KeyRefused));
        }
        let wrap = wrap.wrap.clone();
        let challenge = self.challenge(*id, Step::Finish(auth_hash)).await?;
        Ok(RecoveryOpenReply { wrap, account: self.bundle(keys.clone())?, challenge })
    }

    /// Adds the new password, ends all sessions and begins one, in one transaction. Yields its token.
    pub(crate) async fn finish_recovery(&self, request: &RecoveryFinishRequest) -> Result<Zeroizing<String>> {
        let refused = || Error::refused(ProblemCode::KeyRefused);
        let challenge = self.check_challenge(&request.challenge).await?;
        let (Step::Finish(auth_hash), true) = (challenge.step, challenge.account == request.account) else {
            return Err(Error::refused(ProblemCode::CodeExpired));
        };
        let keys = self.confirmed_keys(&request.account).await?.ok_or_else(refused)?;
        let wrap = validate::password(&request.add, keys.account.email.clone(), auth_hash, &keys.account)?;
        super::password::not_weaker(&wrap, &keys)?;
        let origin = self.origin();
        let statement = RecoveryStatement {
            account: request.account,
            origin: &origin,
            challenge: &request.challenge,
            new_auth: auth_hash,
            new_wrap: wrap.wrap.hash(),
        };
        signer(Some(&keys), &statement, &request.signature).ok_or_else(refused)?;
        let next = &request.add.next;
        let next = keys.next(next.version, &next.signature, |next| {
            next.passwords.push(wrap.clone());
            next.account.sessions_ended += 1;
        })?;
        let (session, token) = self.new_session(&next.account, &wrap.id)?;
        let more = [challenge.using_up().as_slice(), &session.puts()].concat();
        if !self.registry().replace_keys(&keys, &next, &more).await? {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        Ok(token)
    }

    /// The platform's origin as it is signed.
    fn origin(&self) -> String {
        self.options().origin.origin().ascii_serialization()
    }

    async fn challenge(&self, account: Id, step: Step) -> Result<[u8; 32]> {
        let challenge = random()?;
        self.registry().put_challenge(Hash::of(&challenge), account, step).await?;
        Ok(challenge)
    }

    /// The challenge, while it is good. Whose it is and for which step stands in it.
    async fn check_challenge(&self, challenge: &[u8; 32]) -> Result<Challenge> {
        let found = self.registry().challenge(&Hash::of(challenge)).await?;
        found.ok_or_else(|| Error::refused(ProblemCode::CodeExpired))
    }

    /// The keys of an account that is confirmed.
    pub(super) async fn confirmed_keys(&self, account: &Id) -> Result<Option<AccountKeys>> {
        let keys = self.registry().account_keys(account).await?;
        Ok(keys.filter(|keys| keys.account.state == AccountState::Confirmed))
    }
}

/// The wrap of the phrase that signed. Without an account the same is verified, under a key whose phrase nobody has.
fn signer<'a>(
    keys: Option<&'a AccountKeys>,
    statement: &RecoveryStatement<'_>,
    signature: &Signature,
) -> Option<&'a RecoveryWrapRecord> {
    let verifies = |key: &[u8; 32]| {
        let key = RecoveryPublicKey::parse(key);
        key.is_ok_and(|key| statement.verify(&key, signature).is_ok())
    };
    match keys {
        Some(keys) => keys.phrases.iter().rfind(|wrap| verifies(&wrap.public_key)),
        None => {
            verifies(&NOBODYS_KEY);
            None
        }
    }
}

/// The base point of Ed25519 (RFC 8032, 5.1): a key like any other, of which nobody has the seed.
const NOBODYS_KEY: [u8; 32] = {
    let mut key = [0x66; 32];
    key[0] = 0x58;
    key
};
