//! The recovery phrase and what it gives (FORMAT 4).

use std::fmt;

use bip39::Mnemonic;

use crate::error::Result;
use crate::label::Label;
use crate::primitives::sign::{SignKey, VerifyKey};
use crate::primitives::{kdf, mnemonic};
use crate::secret::{Secret, secret_keys};

/// 24 English words that open everything when password and devices are lost (BIP39). Zeroized when dropped.
#[derive(Clone)]
pub struct RecoveryPhrase(Mnemonic);

impl RecoveryPhrase {
    /// 24 random words: 256 bits and a checksum.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Ok(Self(mnemonic::from_entropy(Secret::generate()?.expose())))
    }

    /// Reads 24 words that were typed: in any case, with any ASCII white space between and around them.
    ///
    /// # Errors
    /// [`Error::Phrase`](crate::Error::Phrase) with a [`PhraseError`](crate::PhraseError) that says what to mend.
    pub fn parse(text: &str) -> Result<Self> {
        mnemonic::parse(text).map(Self)
    }

    /// The 24 words, to be shown once and written down.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + Clone + '_ {
        self.0.words()
    }

    /// Derives what the phrase is for. Some milliseconds.
    pub fn derive_keys(&self) -> RecoveryKeys {
        let seed = mnemonic::seed(&self.0, "");
        let prk = kdf::extract(&seed[..]);
        let auth_seed = kdf::expand(prk.expose(), &Label::new("recovery-auth"));
        RecoveryKeys {
            kek: RecoveryKek(kdf::expand(prk.expose(), &Label::new("recovery-kek"))),
            auth: SignKey::from_seed(auth_seed.expose()),
        }
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase([redacted])")
    }
}

/// What a recovery phrase gives: a key that wraps the DEK, and one that signs a recovery.
pub struct RecoveryKeys {
    /// What wraps the DEK.
    pub kek: RecoveryKek,
    pub(crate) auth: SignKey,
}

impl RecoveryKeys {
    /// The Ed25519 public key that the platform keeps, to know a recovery by.
    pub fn public_key(&self) -> [u8; 32] {
        *self.auth.public().as_bytes()
    }
}

impl zeroize::ZeroizeOnDrop for RecoveryKeys {}

impl fmt::Debug for RecoveryKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKeys([redacted])")
    }
}

/// The public half of the key that signs a recovery. The platform keeps it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryPublicKey(pub(crate) VerifyKey);

impl RecoveryPublicKey {
    /// Takes the key that an account was made with.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) unless it is the canonical encoding of a point that is not of small order.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        VerifyKey::parse(bytes).map(Self)
    }

    /// The Ed25519 key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for RecoveryPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryPublicKey({})", hex::encode(self.as_bytes()))
    }
}

secret_keys! {
    /// The key that wraps the DEK under the recovery phrase. It never leaves the device.
    RecoveryKek;
}
