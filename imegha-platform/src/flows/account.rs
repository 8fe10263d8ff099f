//! An account, for the one who is signed in to it.

use imegha_crypto::PublicIdentity;
use url::Url;

use super::{Authenticated, PlatformServer, validate};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{Bundle, Gateway, WrappedIdentity};
use crate::registry::{AccountRecord, damaged};

impl PlatformServer {
    /// Everything of an account but its password wraps.
    pub(crate) async fn bundle(&self, account: AccountRecord) -> Result<Bundle> {
        let identity = self.registry().identity(&account.id, &account.fingerprint).await?;
        let history = self.registry().history(&account.id).await?;
        Ok(Bundle {
            account: account.id,
            tag: account.tag.as_str().to_owned(),
            dek_epoch: account.dek_epoch,
            identity: WrappedIdentity {
                fingerprint: identity.fingerprint,
                dek_epoch: identity.dek_epoch,
                wrapped: identity.wrapped,
            },
            history,
            gateway: account.gateway.map(|(edit, sealed)| Gateway { edit, sealed }),
            policy_version: account.policy_version,
        })
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
        let first = history.first().ok_or_else(damaged)?;
        let owner = PublicIdentity::parse(&first.spki, &first.ed25519).map_err(|error| damaged().caused_by(error))?;
        host.create(&who.account.id, &owner).await
    }
}
