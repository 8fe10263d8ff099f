//! The data encryption key of an account (FORMAT 5).

use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::Id;
use crate::keys::password::{KdfParams, PasswordKek};
use crate::keys::purpose::{Purpose, PurposeKey, RecordKind};
use crate::keys::recovery::RecoveryKek;
use crate::label::Label;
use crate::primitives::kdf;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

secret_keys! {
    /// The data encryption key: one for an account and epoch, at the root of all its keys.
    ///
    /// The platform keeps it wrapped, by password and by recovery phrase, and can open neither.
    Dek;
}

impl Dek {
    /// A new random key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Secret::generate().map(Self)
    }

    /// Wraps it under the password's key. The parameters are bound: a wrap opens only with the ones it was made for.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap_by_password(&self, kek: &PasswordKek, account: &Id, epoch: u32, params: &KdfParams) -> Result<Sealed> {
        wrapped::wrap(&kek.0, &by_password(account, epoch, params), &self.0)
    }

    /// Unwraps it with the password's key.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): a wrong password, or another account's, epoch's, parameters'.
    pub fn unwrap_by_password(
        wrap: &Sealed,
        kek: &PasswordKek,
        account: &Id,
        epoch: u32,
        params: &KdfParams,
    ) -> Result<Self> {
        wrapped::unwrap(&kek.0, &by_password(account, epoch, params), wrap).map(Self)
    }

    /// Wraps it under the recovery phrase's key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap_by_recovery(&self, kek: &RecoveryKek, account: &Id, epoch: u32) -> Result<Sealed> {
        wrapped::wrap(&kek.0, &by_recovery(account, epoch), &self.0)
    }

    /// Unwraps it with the recovery phrase's key.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another phrase, account or epoch.
    pub fn unwrap_by_recovery(wrap: &Sealed, kek: &RecoveryKek, account: &Id, epoch: u32) -> Result<Self> {
        wrapped::unwrap(&kek.0, &by_recovery(account, epoch), wrap).map(Self)
    }

    /// Wraps the key of an earlier epoch under this one, so that what is old stays readable.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn wrap_previous(&self, previous: &Self, account: &Id, old_epoch: u32, new_epoch: u32) -> Result<Sealed> {
        wrapped::wrap(&self.0, &previous_of(account, old_epoch, new_epoch), &previous.0)
    }

    /// Unwraps the key of an earlier epoch.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, account or epoch.
    pub fn unwrap_previous(&self, wrap: &Sealed, account: &Id, old_epoch: u32, new_epoch: u32) -> Result<Self> {
        wrapped::unwrap(&self.0, &previous_of(account, old_epoch, new_epoch), wrap).map(Self)
    }

    /// The bytes of the key. **Dangerous**: whoever has them has everything that the account keeps.
    ///
    /// For one thing only: a device that keeps its owner signed in puts them, sealed under a key that it cannot give away, where
    /// they survive the process. They go nowhere else, and never into another key's derivation.
    pub fn dangerous_to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.expose())
    }

    /// The key of the bytes of [`Dek::dangerous_to_bytes`]. It is not known to be an account's before something of the account
    /// opens with it.
    pub fn dangerous_from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Secret::from_slice(bytes).expect("32 bytes are 32 bytes"))
    }

    /// Derives the key of one purpose in one cloud.
    pub fn derive_purpose_key(&self, purpose: Purpose, cloud: &Id) -> PurposeKey {
        let label = Label::new("purpose-key").part(purpose.name()).id(cloud);
        PurposeKey::new(kdf::expand(self.0.expose(), &label), purpose)
    }

    /// Seals the address of the account's own gateway, which the platform keeps: a settings record where the account
    /// stands for the cloud.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the platform's cryptography fails.
    pub fn seal_gateway_address(&self, account: &Id, edit: u64, payload: &[u8]) -> Result<Sealed> {
        self.derive_purpose_key(Purpose::Settings, account).seal_record(RecordKind::Settings, account, edit, payload)
    }

    /// Opens the address of the account's own gateway.
    ///
    /// # Errors
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another account's or edit's.
    pub fn open_gateway_address(&self, sealed: &Sealed, account: &Id, edit: u64) -> Result<Zeroizing<Vec<u8>>> {
        self.derive_purpose_key(Purpose::Settings, account).open_record(sealed, RecordKind::Settings, account, edit)
    }
}

fn by_password(account: &Id, epoch: u32, params: &KdfParams) -> Label {
    Label::new("wrap/dek-by-password")
        .id(account)
        .u32(epoch)
        .u8(params.kdf_id())
        .u32(params.iterations())
        .part(params.salt())
}

fn by_recovery(account: &Id, epoch: u32) -> Label {
    Label::new("wrap/dek-by-recovery").id(account).u32(epoch)
}

fn previous_of(account: &Id, old_epoch: u32, new_epoch: u32) -> Label {
    Label::new("wrap/dek-previous").id(account).u32(old_epoch).u32(new_epoch)
}
