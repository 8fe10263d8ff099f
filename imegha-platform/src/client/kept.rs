//! What a device keeps so that its owner stays signed in.

use std::cmp::Ordering;
use std::fmt;

use imegha_crypto::{Dek, Email, Id, KdfParams};
use zeroize::Zeroizing;

use super::account::{Account, Known, SignedIn, verify_history};
use super::platform::{Platform, not_of_form};
use super::sign_in::{Opener, open_bundle};
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::Bundle;
use crate::tag::Tag;

/// The one key of an account that everything else hangs on, and whose it is. Identity, history and the gateway's address are not in it:
/// they come from the platform again, are opened with the key, and go through every check of signing in.
///
/// As bytes it is a secret like a password. Keep it only under a key that the device does not give away (in a browser: a WebCrypto
/// key that is not extractable), and only if the owner asked for it.
pub struct Kept {
    account: Id,
    email: Email,
    dek: Dek,
    dek_epoch: u32,
}

impl Kept {
    pub(super) fn new(account: Id, email: Email, dek: Dek, dek_epoch: u32) -> Self {
        Self { account, email, dek, dek_epoch }
    }

    /// The account's id.
    pub fn account(&self) -> Id {
        self.account
    }

    /// The account's email address, normalised.
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// As bytes, for the device to seal.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD.len() + FIXED_LEN + self.email.as_str().len()));
        bytes.extend_from_slice(HEAD);
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.extend_from_slice(&self.dek_epoch.to_be_bytes());
        bytes.extend_from_slice(&*self.dek.dangerous_to_bytes());
        bytes.extend_from_slice(self.email.as_str().as_bytes());
        bytes
    }

    /// Reads what [`Kept::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).ok_or_else(|| Error::new(ErrorKind::CannotOpen, "what the device kept is not of its form"))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (account, rest) = bytes.strip_prefix(HEAD)?.split_first_chunk::<16>()?;
        let (dek_epoch, rest) = rest.split_first_chunk::<4>()?;
        let (dek, email) = rest.split_first_chunk::<32>()?;
        let email = std::str::from_utf8(email).ok()?;
        let parsed = Email::parse(email).ok()?;
        // Only as it was written: normalised.
        (parsed.as_str() == email).then_some(())?;
        Some(Self {
            account: Id::from_bytes(*account),
            email: parsed,
            dek: Dek::dangerous_from_bytes(dek),
            dek_epoch: u32::from_be_bytes(*dek_epoch),
        })
    }
}

impl Account {
    /// What to keep of it on a device that is to stay signed in.
    pub fn keep(&self) -> Kept {
        Kept::new(self.id, self.email.clone(), self.dek.clone(), self.dek_epoch)
    }
}

impl Platform {
    /// Opens an account with what this device kept of it, in the session that it still has. In a browser that is the cookie; natively
    /// it is this client's, or the one that [`Platform::take_session`] was given.
    ///
    /// What the device knows is checked as in [`Platform::sign_in_known`].
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with [`SignedOut`](ProblemCode::SignedOut) when the session has ended or is another account's, or the account's keys
    /// were renewed since: it is to be signed in to again. [`ErrorKind::CannotOpen`] and [`ErrorKind::KeyChanged`] when the platform serves keys
    /// that are not this account's. Then what was kept is of no use any more. After [`ErrorKind::Network`] it still is.
    pub async fn resume(&self, kept: &Kept, known: &Known) -> Result<SignedIn> {
        let bundle = self.account_bundle().await?;
        if bundle.account != kept.account || known.account != kept.account {
            return Err(Error::refused(ProblemCode::SignedOut));
        }
        match bundle.dek_epoch.cmp(&kept.dek_epoch) {
            Ordering::Equal => {}
            Ordering::Less => {
                return Err(Error::new(ErrorKind::KeyChanged, "the account had this key before the kept one"));
            }
            Ordering::Greater => {
                check_renewed(&bundle, known)?;
                return Err(Error::refused(ProblemCode::SignedOut));
            }
        }
        let kdf = KdfParams::try_from(&known.kdf)?;
        let by = Opener::Dek(kept.dek.clone(), kept.dek_epoch, &kdf);
        open_bundle(&kept.email, by, Some(known), &bundle)
    }
}

/// That an account with newer keys is the one that the device knows, and that they follow from those of old: each epoch begins with an identity
/// that the one before has signed.
fn check_renewed(bundle: &Bundle, known: &Known) -> Result<()> {
    let tag = Tag::from_stored(&bundle.tag).map_err(|error| not_of_form().caused_by(error))?;
    let history = verify_history(&bundle.account, &tag, &bundle.history)?;
    known.check(bundle, &tag, &history)?;
    if history.entries().len() as u64 >= u64::from(bundle.dek_epoch) {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::KeyChanged, "no identity goes with the account's new key"))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What it is, and its version.
const HEAD: &[u8] = b"IMKEPT\x01";

/// Account, epoch, key.
const FIXED_LEN: usize = 16 + 4 + 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            account: Id::from_bytes([3; 16]),
            email: Email::parse("alice@example.com").unwrap(),
            dek: Dek::dangerous_from_bytes(&[0xab; 32]),
            dek_epoch: 1,
        }
    }

    #[test]
    fn it_survives_and_nothing_else_does() {
        let bytes = kept().to_bytes();
        let again = Kept::parse(&bytes).unwrap();
        assert_eq!((again.account, again.dek_epoch, &again.dek), (kept().account, 1, &kept().dek));
        assert_eq!(again.email().as_str(), "alice@example.com");
        assert_eq!(again.to_bytes(), bytes);

        let mut version = bytes.to_vec();
        version[6] = 2;
        let shouting = [&bytes[..bytes.len() - 17], b"ALICE@example.com"].concat();
        let cut: Vec<_> = (0..HEAD.len() + FIXED_LEN + 1).map(|len| bytes[..len].to_vec()).collect();
        for wrong in [vec![version, shouting], cut].concat() {
            assert_eq!(Kept::parse(&wrong).unwrap_err().kind(), ErrorKind::CannotOpen, "{} bytes", wrong.len());
        }
    }

    #[test]
    fn it_is_not_printed() {
        let printed = format!("{:?}", kept());
        assert!(!printed.contains("alice") && !printed.contains("171") && !printed.contains("ab, ab"), "{printed}");
    }
}
