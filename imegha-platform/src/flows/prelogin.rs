//! How keys are derived from the password of an address, whether or not it has an account.

use imegha_crypto::{Email, Hash, Id, KdfParams};

use super::{PlatformServer, validate};
use crate::error::Result;
use crate::protocol::{Kdf, PreloginReply, PreloginRequest};

impl PlatformServer {
    /// The kdf fields of an address. Unknown addresses, and those only claimed, run through the same steps and get invented ones,
    /// always the same for an address.
    pub(crate) async fn prelogin(&self, request: &PreloginRequest) -> Result<PreloginReply> {
        let email = validate::stored_email(&request.email)?;
        let (nobody, invented) = self.invent(&email);
        let account = self.registry().account_id_by_email(&email).await?;
        let wraps = self.registry().password_wraps(&account.unwrap_or(nobody)).await?;
        let mut kdf: Vec<Kdf> = Vec::new();
        // The newest first: it is the one that most likely proves the password now.
        for wrap in wraps.iter().rev() {
            let fields = Kdf::from(&wrap.kdf);
            // A change of password keeps the kdf fields: two wraps, one set.
            if !kdf.contains(&fields) {
                kdf.push(fields);
            }
        }
        if kdf.is_empty() {
            kdf.push(invented);
        }
        Ok(PreloginReply { kdf })
    }

    /// An account id and kdf fields for an address, as if it had an account, most often of those that every account has since its sign-up.
    pub(super) fn invent(&self, email: &Email) -> (Id, Kdf) {
        let parts = [email.as_str().as_bytes()];
        let salt = self.secret().keyed_hash("prelogin-salt", &parts);
        let id = self.secret().keyed_hash("prelogin-account", &parts);
        let mut nobody = [0; Id::LEN];
        nobody.copy_from_slice(&id.as_bytes()[..Id::LEN]);
        let kdf = Kdf {
            kdf_id: KdfParams::PBKDF2_HMAC_SHA256,
            iterations: iterations(id.as_bytes()[Hash::LEN - 1]),
            salt: salt.as_bytes().to_vec(),
        };
        (Id::from_bytes(nobody), kdf)
    }
}

/// The iterations that an address without an account has, by one byte of its keyed hash.
fn iterations(byte: u8) -> u32 {
    let mut end = 0_u32;
    for (iterations, share) in validate::ITERATIONS {
        end += u32::from(share);
        if u32::from(byte) < end {
            return iterations;
        }
    }
    KdfParams::NEW_ITERATIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_in_sixteen_is_invented_a_stronger_derivation() {
        let all: Vec<u32> = (0..=u8::MAX).map(iterations).collect();
        for (strength, share) in validate::ITERATIONS {
            assert_eq!(all.iter().filter(|one| **one == strength).count(), usize::from(share), "{strength}");
        }
    }
}
