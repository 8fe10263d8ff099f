//! Requests to a gateway, signed (FORMAT 13): HTTP Message Signatures (RFC 9421) in one fixed form.
//!
//! There is one way to write these headers. Whatever is received is taken apart, the headers that it should be are
//! written anew, and the bytes are compared: nothing of RFC 9421's freedom is left.
//!
//! ```
//! use imegha_crypto::request::{Received, ReceivedHeaders, RequestParts, sign};
//! use imegha_crypto::{Hash, Identity};
//!
//! let owner = Identity::generate()?;
//! let parts = RequestParts {
//!     method: "GET",
//!     target_uri: "https://cloud.example/v1/objects/00ff",
//!     body_digest: Hash::of(b""),
//!     range: Some("bytes=0-1023"),
//!     if_match: None,
//!     if_none_match: None,
//! };
//! let nonce = *imegha_crypto::Id::generate()?.as_bytes();
//! let headers = sign(&owner, &parts, &owner.fingerprint(), 1_790_000_000, nonce)?;
//!
//! let received = Received::parse(&headers.as_received())?;
//! received.verify(&parts, owner.public(), &owner.fingerprint())?;
//! # Ok::<(), imegha_crypto::Error>(())
//! ```

use std::fmt::Write as _;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};

use crate::error::{Error, Result};
use crate::id::{Fingerprint, Hash, Signature};
use crate::keys::identity::{Identity, PublicIdentity};

/// What of a request is signed, besides whom it is for.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The whole address as the client wrote it: scheme, host, port, path, query.
    pub target_uri: &'a str,
    /// SHA-256 of the body, of the empty one too.
    pub body_digest: Hash,
    /// The header `range`, when there is one.
    pub range: Option<&'a str>,
    /// The header `if-match`, when there is one.
    pub if_match: Option<&'a str>,
    /// The header `if-none-match`, when there is one.
    pub if_none_match: Option<&'a str>,
}

/// The headers that make a request a signed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `content-digest`
    pub content_digest: String,
    /// `imegha-audience`
    pub imegha_audience: String,
    /// `signature-input`
    pub signature_input: String,
    /// `signature`
    pub signature: String,
}

impl SignedHeaders {
    /// The same as a gateway receives them.
    pub fn as_received(&self) -> ReceivedHeaders<'_> {
        ReceivedHeaders {
            content_digest: &self.content_digest,
            imegha_audience: &self.imegha_audience,
            signature_input: &self.signature_input,
            signature: &self.signature,
        }
    }
}

/// Signs a request for the gateway whose owner's first fingerprint is `audience`.
///
/// `created` is in seconds since 1970; `nonce` is random and used once.
///
/// # Errors
/// [`Error::Malformed`] for a method, address or header value that is not of visible ASCII characters, or too long.
pub fn sign(
    identity: &Identity,
    parts: &RequestParts<'_>,
    audience: &Fingerprint,
    created: u64,
    nonce: [u8; 16],
) -> Result<SignedHeaders> {
    let statement = Statement {
        covered: Covered::of(parts),
        created,
        nonce,
        keyid: identity.fingerprint(),
        audience: *audience,
        body_digest: parts.body_digest,
    };
    let signature = identity.sign_request(statement.base(parts)?.as_bytes());
    Ok(SignedHeaders {
        content_digest: content_digest(&statement.body_digest),
        imegha_audience: audience.to_string(),
        signature_input: format!("{LABEL}={}", statement.params()),
        signature: format!("{LABEL}=:{}:", Base64::encode_string(signature.as_bytes())),
    })
}

/// The four headers as they were received, not looked at yet.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedHeaders<'a> {
    /// `content-digest`
    pub content_digest: &'a str,
    /// `imegha-audience`
    pub imegha_audience: &'a str,
    /// `signature-input`
    pub signature_input: &'a str,
    /// `signature`
    pub signature: &'a str,
}

/// Headers of the one form that there is. What they say is not verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    statement: Statement,
    signature: Signature,
}

impl Received {
    /// Reads the headers, strictly.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but the form that [`sign`] writes.
    pub fn parse(headers: &ReceivedHeaders<'_>) -> Result<Self> {
        let body_digest = Hash::from_bytes(parse_binary(headers.content_digest.strip_prefix("sha-256="))?);
        let audience = Fingerprint::parse_hex(headers.imegha_audience)?;
        let signature = headers.signature.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix('='));
        let signature = Signature::from_bytes(parse_binary(signature)?);
        let input = headers.signature_input.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix('='));
        let statement = Statement::parse(input.ok_or(Error::Malformed)?, audience, body_digest)?;
        // The headers that these values should have been written as: bits that no encoder writes, zeros before a
        // number and the like end here.
        let same = headers.content_digest == content_digest(&statement.body_digest)
            && headers.signature == format!("{LABEL}=:{}:", Base64::encode_string(signature.as_bytes()));
        if same { Ok(Self { statement, signature }) } else { Err(Error::Malformed) }
    }

    /// The fingerprint of the identity that is said to have signed.
    pub fn keyid(&self) -> Fingerprint {
        self.statement.keyid
    }

    /// When it is said to have been signed, in seconds since 1970. The window is the gateway's business.
    pub fn created(&self) -> u64 {
        self.statement.created
    }

    /// The number used once. That it is used once is the gateway's business.
    pub fn nonce(&self) -> [u8; 16] {
        self.statement.nonce
    }

    /// The first fingerprint of the owner whose gateway the request is for.
    pub fn audience(&self) -> Fingerprint {
        self.statement.audience
    }

    /// SHA-256 of the body. A gateway that reads the body as a stream compares it at the end.
    pub fn body_digest(&self) -> Hash {
        self.statement.body_digest
    }

    /// Checks that `signer` signed just this request, for the gateway of `audience`.
    ///
    /// # Errors
    /// [`Error::Signature`], whatever differs.
    pub fn verify(&self, parts: &RequestParts<'_>, signer: &PublicIdentity, audience: &Fingerprint) -> Result<()> {
        let statement = &self.statement;
        let fits = statement.keyid == signer.fingerprint()
            && statement.audience == *audience
            && statement.body_digest == parts.body_digest
            && statement.covered == Covered::of(parts);
        if !fits {
            return Err(Error::Signature);
        }
        let base = statement.base(parts).map_err(|_| Error::Signature)?;
        signer.verify_request(base.as_bytes(), &self.signature)
    }
}

/// What the headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    covered: Covered,
    created: u64,
    nonce: [u8; 16],
    keyid: Fingerprint,
    audience: Fingerprint,
    body_digest: Hash,
}

impl Statement {
    /// Reads signature parameters: takes the values from where they must stand, writes the whole anew, and compares.
    fn parse(params: &str, audience: Fingerprint, body_digest: Hash) -> Result<Self> {
        if params.len() > MAX_PARAMS_LEN {
            return Err(Error::Malformed);
        }
        let covered = Covered::ALL.into_iter().find(|covered| params.starts_with(&covered.list()));
        let covered = covered.ok_or(Error::Malformed)?;
        let created = after(params, ";created=", ';')?;
        let nonce = after(params, ";nonce=\"", '"')?;
        let keyid = after(params, ";keyid=\"", '"')?;
        let mut nonce_bytes = [0; 16];
        let decoded = Base64UrlUnpadded::decode(nonce, &mut nonce_bytes).map_err(|_| Error::Malformed)?;
        if decoded.len() != nonce_bytes.len() {
            return Err(Error::Malformed);
        }
        let statement = Self {
            covered,
            created: created.parse().map_err(|_| Error::Malformed)?,
            nonce: nonce_bytes,
            keyid: Fingerprint::parse_hex(keyid)?,
            audience,
            body_digest,
        };
        if statement.params() == params { Ok(statement) } else { Err(Error::Malformed) }
    }

    /// The value of `"@signature-params"`.
    fn params(&self) -> String {
        format!(
            "{};created={};nonce=\"{}\";keyid=\"{}\";alg=\"ed25519\";tag=\"imegha-v1\"",
            self.covered.list(),
            self.created,
            Base64UrlUnpadded::encode_string(&self.nonce),
            self.keyid,
        )
    }

    /// The bytes that are signed (RFC 9421, 2.5).
    fn base(&self, parts: &RequestParts<'_>) -> Result<String> {
        check_value(parts.method, MAX_VALUE_LEN)?;
        check_value(parts.target_uri, MAX_URI_LEN)?;
        let mut base = String::with_capacity(512 + parts.target_uri.len());
        let mut line = |name: &str, value: &str| {
            writeln!(base, "\"{name}\": {value}").expect("writing to a string does not fail");
        };
        line("@method", parts.method);
        line("@target-uri", parts.target_uri);
        line("content-digest", &content_digest(&self.body_digest));
        line("imegha-audience", &self.audience.to_string());
        let conditional =
            [("range", parts.range), ("if-match", parts.if_match), ("if-none-match", parts.if_none_match)];
        for (name, value) in conditional {
            if let Some(value) = value {
                check_value(value, MAX_VALUE_LEN)?;
                line(name, value);
            }
        }
        write!(base, "\"@signature-params\": {}", self.params()).expect("writing to a string does not fail");
        Ok(base)
    }
}

/// Which headers are covered besides those that always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Covered {
    range: bool,
    if_match: bool,
    if_none_match: bool,
}

impl Covered {
    const ALL: [Self; 8] = {
        let mut all = [Self { range: false, if_match: false, if_none_match: false }; 8];
        let mut bits = 0;
        while bits < 8 {
            all[bits] = Self { range: bits & 1 != 0, if_match: bits & 2 != 0, if_none_match: bits & 4 != 0 };
            bits += 1;
        }
        all
    };

    fn of(parts: &RequestParts<'_>) -> Self {
        Self {
            range: parts.range.is_some(),
            if_match: parts.if_match.is_some(),
            if_none_match: parts.if_none_match.is_some(),
        }
    }

    fn list(self) -> String {
        let mut list = String::from("(\"@method\" \"@target-uri\" \"content-digest\" \"imegha-audience\"");
        let conditional =
            [(self.range, " \"range\""), (self.if_match, " \"if-match\""), (self.if_none_match, " \"if-none-match\"")];
        for (_, name) in conditional.into_iter().filter(|(covered, _)| *covered) {
            list.push_str(name);
        }
        list.push(')');
        list
    }
}

/// The value of `content-digest` (RFC 9530).
fn content_digest(digest: &Hash) -> String {
    format!("sha-256=:{}:", Base64::encode_string(digest.as_bytes()))
}

/// Reads `:base64:` of just that many bytes.
fn parse_binary<const N: usize>(text: Option<&str>) -> Result<[u8; N]> {
    let text = text.and_then(|text| text.strip_prefix(':')).and_then(|text| text.strip_suffix(':'));
    let mut bytes = [0; N];
    match Base64::decode(text.ok_or(Error::Malformed)?, &mut bytes) {
        Ok(decoded) if decoded.len() == N => Ok(bytes),
        _ => Err(Error::Malformed),
    }
}

/// What stands between the first `start` and the next `end`.
fn after<'a>(text: &'a str, start: &str, end: char) -> Result<&'a str> {
    let (_, rest) = text.split_once(start).ok_or(Error::Malformed)?;
    rest.split_once(end).map(|(value, _)| value).ok_or(Error::Malformed)
}

/// Visible ASCII: no line can be broken, and nothing is trimmed on the way.
fn check_value(value: &str, max_len: usize) -> Result<()> {
    let visible = !value.is_empty() && value.len() <= max_len && value.bytes().all(|byte| byte.is_ascii_graphic());
    if visible { Ok(()) } else { Err(Error::Malformed) }
}

const LABEL: &str = "sig";
const MAX_URI_LEN: usize = 8 * 1024;
const MAX_VALUE_LEN: usize = 1024;
const MAX_PARAMS_LEN: usize = 512;
