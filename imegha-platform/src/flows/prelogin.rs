//! How keys are derived from the password of an address, whether or not it has an account.

use imegha_crypto::{Email, Id, KdfParams};

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
        for wrap in &wraps {
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

    /// An account id and kdf fields for an address, as if it had an account: what every account has had since its sign-up.
    fn invent(&self, email: &Email) -> (Id, Kdf) {
        let parts = [email.as_str().as_bytes()];
        let salt = self.secret().keyed_hash("prelogin-salt", &parts);
        let id = self.secret().keyed_hash("prelogin-account", &parts);
        let mut nobody = [0; Id::LEN];
        nobody.copy_from_slice(&id.as_bytes()[..Id::LEN]);
        let kdf = Kdf {
            kdf_id: KdfParams::PBKDF2_HMAC_SHA256,
            iterations: KdfParams::NEW_ITERATIONS,
            salt: salt.as_bytes().to_vec(),
        };
        (Id::from_bytes(nobody), kdf)
    }
}
