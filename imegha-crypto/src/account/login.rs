//! What a person signs in with, as keys.

use std::fmt;

use crate::error::Result;
use crate::keys::password::{AuthSecret, Email, KdfParams, Password, PasswordKek, PasswordKeys};

/// An address, parameters, and the keys that a password gives with them: they belong together, and stay together.
pub struct Login {
    email: Email,
    params: KdfParams,
    keys: PasswordKeys,
}

impl Login {
    /// Derives the keys: about 20 ms of one core with 100,000 iterations. In a browser use
    /// [`device::derive_login`](crate::device::derive_login).
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) when the provider fails.
    pub fn derive(password: &Password, email: &Email, params: &KdfParams) -> Result<Self> {
        Ok(Self::new(email, params, PasswordKeys::derive(password, email, params)?))
    }

    pub(crate) fn new(email: &Email, params: &KdfParams, keys: PasswordKeys) -> Self {
        Self { email: email.clone(), params: params.clone(), keys }
    }

    /// The address.
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// The parameters.
    pub fn params(&self) -> &KdfParams {
        &self.params
    }

    /// What the platform sees instead of the password.
    pub fn auth(&self) -> &AuthSecret {
        &self.keys.auth
    }

    pub(super) fn kek(&self) -> &PasswordKek {
        &self.keys.kek
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login([redacted])")
    }
}

impl zeroize::ZeroizeOnDrop for Login {}
