//! Whose a gateway's cloud is, as text.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::PublicIdentity;

use crate::error::{Error, ErrorKind};

/// The FIRST identity of a cloud's owner as text, for a setting of a gateway: base64url without padding of the RSA key
/// (DER SubjectPublicKeyInfo, 294 bytes) and the Ed25519 key (32 bytes), 435 characters. Nothing in it is secret.
///
/// 294 bytes fill whole groups of base64, so this is also the texts of the two keys, as the first entry of a key history
/// has them in JSON, one after the other.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use imegha_cloud::protocol::OwnerText;
/// use imegha_crypto::Identity;
///
/// let owner = Identity::generate()?;
/// let text = OwnerText::from(owner.public()).to_string();
/// assert_eq!(text.parse::<OwnerText>()?.into_identity(), *owner.public());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerText(PublicIdentity);

impl OwnerText {
    /// The identity.
    pub fn into_identity(self) -> PublicIdentity {
        self.0
    }
}

impl From<&PublicIdentity> for OwnerText {
    fn from(identity: &PublicIdentity) -> Self {
        Self(identity.clone())
    }
}

impl fmt::Display for OwnerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.0.spki(), self.0.ed25519()].concat();
        f.write_str(&Base64UrlUnpadded::encode_string(&bytes))
    }
}

impl FromStr for OwnerText {
    type Err = Error;

    /// Reads the one form.
    ///
    /// # Errors
    /// `Malformed` for any other text, and for keys that FORMAT 7 refuses.
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorKind::Malformed, "not the public identity of an owner");
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| malformed())?;
        let (spki, ed25519) = bytes.split_last_chunk::<32>().ok_or_else(malformed)?;
        PublicIdentity::parse(spki, ed25519).map(Self).map_err(|_| malformed())
    }
}

#[cfg(test)]
mod tests {
    use imegha_crypto::Identity;

    use super::*;

    #[test]
    fn it_has_one_form() {
        let identity = Identity::generate().unwrap();
        let text = OwnerText::from(identity.public()).to_string();
        assert_eq!(text.len(), 435);
        let of = Base64UrlUnpadded::encode_string;
        assert_eq!(text, of(identity.public().spki()) + &of(identity.public().ed25519()));
        assert_eq!(text.parse::<OwnerText>().unwrap().into_identity().fingerprint(), identity.fingerprint());
        let small_order = Base64UrlUnpadded::encode_string(&[identity.public().spki(), &[0; 32]].concat());
        for refused in [
            "",
            "AAAA",
            &text[1..],
            &text[..434],
            &format!("{text}="),
            &format!(" {text}"),
            &format!("{text}AAAA"),
            &text.replacen('M', "N", 1),
            &small_order,
            &identity.fingerprint().to_string(),
        ] {
            assert_eq!(refused.parse::<OwnerText>().unwrap_err().kind(), ErrorKind::Malformed, "{refused}");
        }
    }
}
