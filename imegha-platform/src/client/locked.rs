//! What a device keeps that has no safe place for a key: the account's key under the password.

use std::fmt;

use imegha_crypto::{Dek, Email, Id, KdfParams, Password, Sealed, device};
use serde::{Deserialize, Serialize};

use super::account::{Account, Known};
use super::kept::Kept;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::{Kdf, base64url};

/// A [`Kept`] that is of use to nobody without the password: for a device that can keep a file, and no key that it does not give away.
///
/// It is what the platform keeps of the account itself: the DEK wrapped by the password (FORMAT 5), here with the kdf fields and the
/// address that the derivation takes. Whoever has it can try passwords on it, as whoever has the platform's records can, so keep
/// it where only its owner reads.
#[derive(Clone, Serialize, Deserialize)]
pub struct Locked {
    #[serde(with = "base64url")]
    account: Id,
    email: String,
    dek_epoch: u32,
    kdf: Kdf,
    #[serde(with = "base64url")]
    wrap: Sealed,
}

impl Locked {
    /// The account's id.
    pub fn account(&self) -> Id {
        self.account
    }

    /// Opens it with the password. Nothing is sent: whether the session still holds is for [`Platform::resume`] to find out.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for another password, and for what was changed since it was locked.
    ///
    /// [`Platform::resume`]: super::Platform::resume
    pub async fn unlock(&self, password: &str) -> Result<Kept> {
        let email = Email::parse(&self.email).map_err(|error| changed().caused_by(error))?;
        let kdf = KdfParams::try_from(&self.kdf).map_err(|error| changed().caused_by(error))?;
        let keys = device::derive_password_keys(&Password::parse(password)?, &email, &kdf).await?;
        let dek = Dek::unwrap_by_password(&self.wrap, &keys.kek, &self.account, self.dek_epoch, &kdf)?;
        Ok(Kept::new(self.account, email, dek, self.dek_epoch))
    }
}

impl Account {
    /// What to keep of it on a device that asks for the password each time. `password` is the one that it is to be opened with: the
    /// account's, as it signed in; `known` is what signing in gave.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] for a password that cannot be one.
    pub async fn lock(&self, password: &str, known: &Known) -> Result<Locked> {
        let kdf = KdfParams::try_from(&known.kdf)?;
        let keys = device::derive_password_keys(&Password::parse(password)?, &self.email, &kdf).await?;
        let wrap = self.dek.wrap_by_password(&keys.kek, &self.id, self.dek_epoch, &kdf)?;
        Ok(Locked {
            account: self.id,
            email: self.email.as_str().to_owned(),
            dek_epoch: self.dek_epoch,
            kdf: known.kdf.clone(),
            wrap,
        })
    }
}

impl fmt::Debug for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locked").field("account", &self.account).finish_non_exhaustive()
    }
}

fn changed() -> Error {
    Error::new(ErrorKind::CannotOpen, "what the device kept is not of its form")
}
