//! Public links: what stands behind `#`, and what it opens (FORMAT 10).

use std::fmt;
use std::net::Ipv6Addr;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::envelope::wrapped;
use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Id, Signature};
use crate::keys::history::KeyHistory;
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::password::{KdfParams, Password};
use crate::label::{Label, push_lp, split_lp};
use crate::primitives::kdf;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

/// A public link: whoever has it, and its password where there is one, opens what it leads to.
///
/// All of it stands in the fragment of an address, which browsers send to no server.
///
/// ```
/// use imegha_crypto::{Id, Identity, PublicLink};
///
/// let owner = Identity::generate()?;
/// let link = PublicLink::generate(&Id::generate()?, &owner.fingerprint(), "https://cloud.example")?;
/// let payload = link.derive_keys(None)?.key.seal_payload(&owner, link.grant(), br#"{"name":"sea.jpg"}"#)?;
/// let address = format!("https://app.example/s#{}", *link.to_fragment());
///
/// let (_, fragment) = address.split_once('#').expect("it has one");
/// let received = PublicLink::parse_fragment(fragment)?;
/// let keys = received.derive_keys(None)?;
/// // The gateway serves the payload, the platform the owner's history; neither can be another's.
/// # let account = Id::generate()?;
/// # let first = imegha_crypto::KeyHistoryEntry::first(&owner, &account, "alice", 0);
/// # let history = imegha_crypto::KeyHistory::verify(&account, "alice", vec![first])?;
/// assert_eq!(*received.open_payload(&keys.key, &payload, &history)?, br#"{"name":"sea.jpg"}"#);
/// # Ok::<(), imegha_crypto::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PublicLink {
    grant: Id,
    secret: Secret,
    /// None: no password.
    iterations: Option<u32>,
    owner: Fingerprint,
    gateway: String,
}

impl PublicLink {
    /// A link without a password. `owner` is the fingerprint of the owner's first identity.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `gateway` is no origin (`https://host` or `https://host:port`; `http://` for one's own machine),
    /// [`Error::Platform`] without randomness.
    pub fn generate(grant: &Id, owner: &Fingerprint, gateway: &str) -> Result<Self> {
        if !is_origin(gateway) {
            return Err(Error::Malformed);
        }
        let secret = Secret::generate()?;
        Ok(Self { grant: *grant, secret, iterations: None, owner: *owner, gateway: gateway.to_owned() })
    }

    /// A link that opens with a password only, of 100,000 iterations.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub fn generate_with_password(grant: &Id, owner: &Fingerprint, gateway: &str) -> Result<Self> {
        let link = Self::generate(grant, owner, gateway)?;
        Ok(Self { iterations: Some(KdfParams::NEW_ITERATIONS), ..link })
    }

    /// Reads what stands behind `#`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another version or form, [`Error::Params`] for fewer than 100,000 or more than 10,000,000
    /// iterations.
    pub fn parse_fragment(text: &str) -> Result<Self> {
        // More than the longest link has no room here.
        let mut room = Zeroizing::new([0; MAX_LEN]);
        let bytes = Base64UrlUnpadded::decode(text, &mut room[..]).map_err(|_| Error::Malformed)?;
        let link = Self::parse(bytes).ok_or(Error::Malformed)?;
        if link.iterations.is_some_and(|iterations| !KdfParams::accepts(iterations)) {
            return Err(Error::Params);
        }
        // Bits that no encoder writes.
        if *link.to_fragment() == text { Ok(link) } else { Err(Error::Malformed) }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let ([VERSION, flags], rest) = bytes.split_first_chunk()? else { return None };
        let (grant, rest) = rest.split_first_chunk()?;
        let (secret, rest) = rest.split_first_chunk::<32>()?;
        let (iterations, rest) = rest.split_first_chunk()?;
        let (owner, rest) = rest.split_first_chunk()?;
        let (gateway, rest) = split_lp(rest)?;
        let gateway = std::str::from_utf8(gateway).ok()?;
        let iterations = match (*flags, u32::from_be_bytes(*iterations)) {
            (0, 0) => None,
            (HAS_PASSWORD, iterations @ 1..) => Some(iterations),
            _ => return None,
        };
        (rest.is_empty() && is_origin(gateway)).then_some(())?;
        Some(Self {
            grant: Id::from_bytes(*grant),
            secret: Secret::from_slice(secret).ok()?,
            iterations,
            owner: Fingerprint::from_bytes(*owner),
            gateway: gateway.to_owned(),
        })
    }

    /// What stands behind `#`. It is the secret: it belongs in an address that a person sends, and in no log.
    pub fn to_fragment(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FIXED_LEN + self.gateway.len()));
        bytes.extend_from_slice(&[VERSION, if self.iterations.is_some() { HAS_PASSWORD } else { 0 }]);
        bytes.extend_from_slice(self.grant.as_bytes());
        bytes.extend_from_slice(self.secret.expose());
        bytes.extend_from_slice(&self.iterations.unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(self.owner.as_bytes());
        push_lp(&mut bytes, self.gateway.as_bytes());
        Zeroizing::new(Base64UrlUnpadded::encode_string(&bytes))
    }

    /// The grant that the gateway checks.
    pub fn grant(&self) -> &Id {
        &self.grant
    }

    /// The fingerprint of the owner's first identity.
    pub fn owner(&self) -> &Fingerprint {
        &self.owner
    }

    /// The origin of the owner's gateway. It was written by whoever made the link: where it leads is for the caller to judge.
    pub fn gateway(&self) -> &str {
        &self.gateway
    }

    /// Whether it opens with a password only.
    pub fn needs_password(&self) -> bool {
        self.iterations.is_some()
    }

    /// Checks that a history is that of the owner whom the link names.
    ///
    /// # Errors
    /// [`Error::Signature`] when it began with another identity.
    pub fn verify_owner(&self, history: &KeyHistory) -> Result<()> {
        if history.first().fingerprint() == self.owner { Ok(()) } else { Err(Error::Signature) }
    }

    /// Opens what the link leads to: signed by an identity of the history, which began with the one that the link names.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: another owner, link or password, signed by somebody else, or changed.
    pub fn open_payload(&self, key: &LinkKey, payload: &Sealed, owner: &KeyHistory) -> Result<Zeroizing<Vec<u8>>> {
        self.verify_owner(owner).map_err(|_| Error::CannotOpen)?;
        let opened = wrapped::open(&key.0, &context(&self.grant), payload)?;
        let newest_first = owner.entries().iter().rev();
        let json = newest_first.filter_map(|entry| signed_by(&opened, &entry.identity, &self.grant)).next();
        json.map(|json| Zeroizing::new(json.to_vec())).ok_or(Error::CannotOpen)
    }

    /// Derives what the link gives. A link with a password takes some 20 ms; in a browser use
    /// [`device::derive_link_keys`](crate::device::derive_link_keys).
    ///
    /// # Errors
    /// [`Error::Password`] when there is a password and none is given, or the reverse.
    pub fn derive_keys(&self, password: Option<&Password>) -> Result<LinkKeys> {
        let stretched = match self.stretching(password)? {
            Some((password, salt, iterations)) => Some(kdf::pbkdf2(password, salt.as_bytes(), iterations)?),
            None => None,
        };
        Ok(self.keys_from(stretched.as_ref()))
    }

    /// What PBKDF2 is asked for, when there is a password.
    pub(crate) fn stretching<'a>(&self, password: Option<&'a Password>) -> Result<Option<(&'a [u8], Hash, u32)>> {
        match (self.iterations, password) {
            (None, None) => Ok(None),
            (Some(iterations), Some(password)) => {
                let salt = Label::new("link-salt").part(self.secret.expose()).sha256();
                Ok(Some((password.as_bytes(), salt, iterations)))
            }
            _ => Err(Error::Password),
        }
    }

    pub(crate) fn keys_from(&self, stretched: Option<&Secret>) -> LinkKeys {
        let mut ikm = Zeroizing::new([0; 64]);
        ikm[..32].copy_from_slice(self.secret.expose());
        let ikm = match stretched {
            Some(stretched) => {
                ikm[32..].copy_from_slice(stretched.expose());
                &ikm[..]
            }
            None => &ikm[..32],
        };
        let prk = kdf::extract(ikm);
        LinkKeys {
            key: LinkKey(kdf::expand(prk.expose(), &Label::new("link-key"))),
            access: LinkAccess(kdf::expand(prk.expose(), &Label::new("link-access"))),
        }
    }
}

impl fmt::Debug for PublicLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicLink({}, [redacted])", self.grant)
    }
}

impl zeroize::ZeroizeOnDrop for PublicLink {}

/// What a public link gives: a key that opens its payload, and a secret that the gateway asks for.
#[derive(Debug)]
pub struct LinkKeys {
    /// What opens the payload. It reaches no server.
    pub key: LinkKey,
    /// What the gateway sees. It opens nothing.
    pub access: LinkAccess,
}

secret_keys! {
    /// The key of a public link's payload.
    LinkKey;
    /// What whoever has a public link shows to the gateway, in the header `Imegha-Link`.
    LinkAccess;
}

impl LinkKey {
    /// Seals what the link leads to, signed by the owner.
    ///
    /// # Errors
    /// [`Error::Bounds`] for 64 MiB, [`Error::Platform`] when the platform's cryptography fails.
    pub fn seal_payload(&self, owner: &Identity, grant: &Id, json: &[u8]) -> Result<Sealed> {
        if !Sealed::holds(json.len() + Signature::LEN) {
            return Err(Error::Bounds);
        }
        let mut payload = Zeroizing::new(Vec::with_capacity(json.len() + Signature::LEN));
        payload.extend_from_slice(json);
        payload.extend_from_slice(owner.sign(&signature_label(grant, json)).as_bytes());
        wrapped::seal(&self.0, &context(grant), &payload)
    }

    /// Opens what a link leads to, signed by that identity. It is for the owner, who knows it; whoever has the link alone takes
    /// [`PublicLink::open_payload`], which checks whose it is.
    ///
    /// # Errors
    /// [`Error::CannotOpen`]: another link, grant or password, signed by somebody else, or changed.
    pub fn open_payload(&self, payload: &Sealed, owner: &PublicIdentity, grant: &Id) -> Result<Zeroizing<Vec<u8>>> {
        let opened = wrapped::open(&self.0, &context(grant), payload)?;
        let json = signed_by(&opened, owner, grant).ok_or(Error::CannotOpen)?;
        Ok(Zeroizing::new(json.to_vec()))
    }
}

impl LinkAccess {
    /// The value of the header: base64url without padding.
    pub fn to_header(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64UrlUnpadded::encode_string(self.0.expose()))
    }

    /// Reads the value of the header.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length or character, or bits that no encoder writes.
    pub fn parse_header(text: &str) -> Result<Self> {
        let secret = Secret::filled_by(|bytes| match Base64UrlUnpadded::decode(text, bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(()),
            _ => Err(Error::Malformed),
        })?;
        let access = Self(secret);
        if *access.to_header() == text { Ok(access) } else { Err(Error::Malformed) }
    }

    /// Its SHA-256: what the gateway keeps.
    pub fn hash(&self) -> Hash {
        Hash::of(self.0.expose())
    }
}

/// What is signed, when it is signed by that identity.
fn signed_by<'a>(payload: &'a [u8], owner: &PublicIdentity, grant: &Id) -> Option<&'a [u8]> {
    let (json, signature) = payload.split_last_chunk()?;
    let signature = Signature::from_bytes(*signature);
    owner.verify(&signature_label(grant, json), &signature).is_ok().then_some(json)
}

fn context(grant: &Id) -> Label {
    Label::new("link").id(grant)
}

fn signature_label(grant: &Id, json: &[u8]) -> Label {
    Label::new("link-signature").id(grant).part(json)
}

/// Scheme, host, perhaps a port, and nothing behind it. Which hosts are taken is the caller's business.
fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    // An IPv6 address stands in brackets, so its colons are no port's.
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address.parse::<Ipv6Addr>().is_ok(), port.strip_prefix(':').ok_or(port)),
        None => {
            let (host, port) = authority.split_once(':').map_or((authority, Err("")), |(host, port)| (host, Ok(port)));
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
            (!host.is_empty() && host.bytes().all(allowed), port)
        }
    };
    let port = match port {
        Ok(port) => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        Err(rest) => rest.is_empty(),
    };
    host && port && authority.len() <= MAX_HOST_LEN
}

const VERSION: u8 = 1;
const HAS_PASSWORD: u8 = 1;
/// All but the gateway's bytes.
const FIXED_LEN: usize = 2 + 16 + 32 + 4 + 32 + 4;
/// A name in DNS has 253 characters at most, a port six with its colon.
const MAX_HOST_LEN: usize = 259;
const MAX_LEN: usize = FIXED_LEN + "https://".len() + MAX_HOST_LEN;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read has the room of the longest link, and of no longer one.
    #[test]
    fn the_longest_link_has_just_its_room() {
        let (grant, owner) = (Id::from_bytes([8; 16]), Fingerprint::from_bytes([9; 32]));
        let longest = format!("https://{}", "a".repeat(MAX_HOST_LEN));
        let link = PublicLink::generate_with_password(&grant, &owner, &longest).unwrap();
        let fragment = link.to_fragment();
        assert_eq!(Base64UrlUnpadded::decode_vec(&fragment).unwrap().len(), MAX_LEN);
        assert_eq!(PublicLink::parse_fragment(&fragment).unwrap().gateway(), longest);
        assert!(PublicLink::generate(&grant, &owner, &format!("{longest}a")).is_err());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for origin in [
            "https://cloud.example",
            "https://cloud.example:8443",
            "http://127.0.0.1:3000",
            "http://localhost",
            "https://[::1]",
            "https://[2001:db8::1]:443",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        let long = format!("https://{}", "a".repeat(MAX_HOST_LEN + 1));
        for text in [
            "",
            "https://",
            "ftp://cloud.example",
            "cloud.example",
            "https://Cloud.example",
            "https://cloud.example/",
            "https://cloud.example?a",
            "https://cloud.example#a",
            "https://a@cloud.example",
            "https://cloud example",
            "https://:443",
            "https://cloud.example:",
            "https://cloud.example:65536",
            "https://cloud.example:4a",
            "https://cloud.example:+4",
            "https://:::",
            "https://a:1:2",
            "https://[::1",
            "https://[]",
            "https://[::1]a",
            "https://[cloud.example]",
            &long,
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
