//! Whose a hosted cloud is: `owner.json` in its folder, written when it is made and never changed.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{Id, PublicIdentity};
use serde::{Deserialize, Serialize};

use crate::server::data::{OWNER, write_private};

/// The owner of a hosted cloud.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The account that has it.
    pub(crate) account: Id,
    /// The account's first identity, which the cloud is for.
    pub(crate) identity: PublicIdentity,
}

#[derive(Serialize, Deserialize)]
struct File {
    account: String,
    spki: String,
    ed25519: String,
}

impl Owner {
    /// Reads a cloud's owner; nothing when there is no cloud in `folder`.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(OWNER);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let owner = Self::parse(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Some(owner))
    }

    /// Writes a cloud's owner, all of it or nothing.
    ///
    /// # Errors
    /// As the file system gives them.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let file = File {
            account: self.account.to_string(),
            spki: Base64UrlUnpadded::encode_string(self.identity.spki()),
            ed25519: Base64UrlUnpadded::encode_string(self.identity.ed25519()),
        };
        let unfinished = folder.join(format!("{OWNER}.new"));
        write_private(&unfinished, &serde_json::to_vec(&file)?)?;
        fs::rename(unfinished, folder.join(OWNER))?;
        // The name is on the disk once the folder is.
        #[cfg(unix)]
        fs::File::open(folder)?.sync_all()?;
        Ok(())
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let file: File = serde_json::from_slice(bytes)?;
        let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).map_err(|_| anyhow::anyhow!("not base64url"));
        let identity = PublicIdentity::parse(&decode(&file.spki)?, &decode(&file.ed25519)?)?;
        Ok(Self { account: Id::parse_hex(&file.account)?, identity })
    }
}
