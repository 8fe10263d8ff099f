//! Who is signed in here, from one command to the next.

use std::fmt;

use imegha_platform::client::{Known, Locked, SignedIn};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use crate::failure::{Code, Failure, Result};
use crate::folder::{Folder, read_private, write_private};

/// What the file of the session has. No key in it is of use without the password.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    /// The platform.
    #[serde(with = "address")]
    pub(crate) server: Url,
    /// The account's address, normalised.
    pub(crate) email: String,
    /// What this device saw of the account: it stays after signing out, so that the next sign-in is not shown weaker or older keys.
    pub(crate) known: Known,
    /// Nothing once signed out.
    pub(crate) opened_by: Option<OpenedBy>,
}

/// What opens an account, together with the password.
#[derive(Serialize, Deserialize)]
pub(crate) struct OpenedBy {
    #[serde(with = "secret")]
    pub(crate) token: Zeroizing<String>,
    pub(crate) locked: Locked,
}

impl Session {
    /// The session that was kept, if any was.
    pub(crate) fn load(folder: &Folder) -> Result<Option<Self>> {
        let path = folder.session();
        let Some(bytes) = read_private(&path)? else { return Ok(None) };
        let session = serde_json::from_slice(&Zeroizing::new(bytes)).map_err(|_| {
            let message = "this file is damaged: remove it, and sign in with `imegha login`";
            Failure::new(Code::CannotOpen, message).about(&path.to_string_lossy())
        })?;
        Ok(Some(session))
    }

    pub(crate) fn save(&self, folder: &Folder) -> Result<()> {
        let json =
            serde_json::to_vec_pretty(self).map_err(|_| Failure::new(Code::Failed, "the session cannot be written"))?;
        write_private(&folder.session(), &Zeroizing::new(json))
    }

    /// Whether it is this account's at this platform.
    pub(crate) fn is_of(&self, server: &Url, email: &str) -> bool {
        self.server == *server && imegha_crypto::Email::parse(email).is_ok_and(|email| email.as_str() == self.email)
    }

    /// Remembers what a newer look at the account has shown.
    pub(crate) fn remember(&mut self, signed_in: &SignedIn, folder: &Folder) -> Result<()> {
        if signed_in.known.seq > self.known.seq {
            self.known = signed_in.known.clone();
            self.save(folder)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("server", &self.server.as_str()).finish_non_exhaustive()
    }
}

/// What is said when nobody is signed in.
pub(crate) fn signed_out() -> Failure {
    Failure::new(Code::Failed, "nobody is signed in here: `imegha login --server URL --email ADDRESS`")
}

mod address {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use url::Url;

    pub(super) fn serialize<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(url.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
        Url::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

mod secret {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(secret: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new)
    }
}
