//! An account, for the one who is signed in to it.

use url::Url;

use super::{Authenticated, PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{
    AcceptPolicyRequest, Bundle, Gateway, Kdf, Keys, PasswordWrapShown, PhraseWrapShown, PreviousDek, WrappedIdentity,
};
use crate::registry::{AccountKeys, IdentityRecord, damaged, public_identity};

impl PlatformServer {
    /// Everything of an account but its wraps.
    pub(crate) fn bundle(&self, keys: AccountKeys) -> Result<Bundle> {
        let AccountKeys { account, passwords, phrases, previous, identities, history } = keys;
        let (current, earlier): (Vec<_>, Vec<_>) =
            identities.into_iter().map(shown).partition(|identity| identity.fingerprint == account.fingerprint);
        Ok(Bundle {
            account: account.id,
            email: account.email.as_str().to_owned(),
            tag: account.tag.as_str().to_owned(),
            dek_epoch: account.dek_epoch,
            keys: Keys {
                version: account.keys_version,
                signature: account.keys_signature,
                passwords: passwords
                    .iter()
                    .map(|wrap| PasswordWrapShown { id: wrap.id, kdf: Kdf::from(&wrap.kdf), hash: wrap.wrap.hash() })
                    .collect(),
                phrases: phrases
                    .iter()
                    .map(|wrap| PhraseWrapShown { id: wrap.id, public_key: wrap.public_key, hash: wrap.wrap.hash() })
                    .collect(),
                earlier,
                previous: previous
                    .into_iter()
                    .map(|wrap| PreviousDek { dek_epoch: wrap.epoch, wrap: wrap.wrap })
                    .collect(),
            },
            identity: current.into_iter().next().ok_or_else(damaged)?,
            history,
            gateway: account.gateway.map(|(edit, sealed)| Gateway { edit, sealed }),
            policy_version: account.policy_version,
            current_policy_version: self.options().policy_version,
        })
    }

    /// The same, for a session.
    pub(crate) async fn own_bundle(&self, who: &Authenticated) -> Result<Bundle> {
        let keys = self.registry().account_keys(&who.account.id).await?;
        self.bundle(keys.ok_or_else(|| Error::refused(ProblemCode::SignedOut))?)
    }

    /// Keeps that the account accepted the policy in force.
    pub(crate) async fn accept_policy(&self, who: &Authenticated, request: AcceptPolicyRequest) -> Result<()> {
        let current = self.options().policy_version;
        if request.policy_version != current {
            return Err(Error::refused(ProblemCode::PolicyNotAccepted));
        }
        self.registry().change_account(&who.account.id, |account| account.policy_version = current).await
    }

    /// Keeps the sealed address of the account's gateway.
    pub(crate) async fn set_gateway(&self, who: &Authenticated, gateway: Gateway) -> Result<()> {
        validate::seals_address(&gateway.sealed)?;
        self.registry().set_gateway(&who.account.id, gateway.edit, gateway.sealed).await
    }

    /// Has the host make a cloud for the account.
    pub(crate) async fn host_cloud(&self, who: &Authenticated) -> Result<Url> {
        let host = self.host().ok_or_else(|| Error::refused(ProblemCode::NoHostedClouds))?;
        let history = self.registry().history(&who.account.id).await?;
        let owner = public_identity(history.first().ok_or_else(damaged)?)?;
        host.create(&who.account.id, &owner).await
    }
}

fn shown(identity: IdentityRecord) -> WrappedIdentity {
    let IdentityRecord { fingerprint, dek_epoch, wrapped } = identity;
    WrappedIdentity { fingerprint, dek_epoch, wrapped }
}
