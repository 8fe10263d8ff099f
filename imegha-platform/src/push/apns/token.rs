//! The token that names the developer: a JWT (RFC 7519), signed by ES256 (RFC 7518, 3.4).

use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use http::HeaderValue;
use serde_json::json;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::{ApnsConfig, unusable};
use crate::error::{Error, ErrorKind, Result};

/// Makes tokens, and uses each for a while: the service takes none older than an hour, and does not like more than one in twenty
/// minutes.
pub(super) struct ProviderToken {
    key: EcdsaKeyPair,
    key_id: String,
    team_id: String,
    current: Mutex<Option<TokenText>>,
}

/// A token, as it goes into a request.
#[derive(Clone)]
pub(super) struct TokenText {
    header: HeaderValue,
    made_ms: u64,
}

impl TokenText {
    /// The value of `authorization`.
    pub(super) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

impl ProviderToken {
    pub(super) fn new(config: &ApnsConfig) -> Result<Self> {
        let (key_id, team_id) = config.checked_ids()?;
        let no_key = || unusable("the push key is not a P-256 key in PEM of PKCS#8");
        let der = PrivatePkcs8KeyDer::from_pem_slice(&config.key_pem).map_err(|_| no_key()).map(Zeroizing::new)?;
        // What is wrong with a key is not said: it may be another secret, given by mistake.
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der()).map_err(|_| no_key())?;
        Ok(Self { key, key_id: key_id.to_owned(), team_id: team_id.to_owned(), current: Mutex::new(None) })
    }

    /// The token in use, or a new one when that is too old.
    pub(super) fn current(&self, now_ms: u64) -> Result<TokenText> {
        self.token_unless(now_ms, |token| now_ms.abs_diff(token.made_ms) < USED_FOR_MS)
    }

    /// A token after the service has said that `refused` has expired. One that is younger than twenty minutes has not: then a clock is wrong,
    /// and another token would not be taken either.
    pub(super) fn renew(&self, refused: &TokenText, now_ms: u64) -> Result<TokenText> {
        if now_ms.abs_diff(refused.made_ms) < KEPT_FOR_MS {
            tracing::error!("the push service takes a fresh token for an expired one: this machine's clock is wrong");
            return Err(Error::new(ErrorKind::Config, "the push service's clock and this machine's differ"));
        }
        // Another request has renewed it meanwhile.
        self.token_unless(now_ms, |token| token.made_ms != refused.made_ms)
    }

    fn token_unless(&self, now_ms: u64, is_good: impl Fn(&TokenText) -> bool) -> Result<TokenText> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = current.as_ref().filter(|token| is_good(token)) {
            return Ok(token.clone());
        }
        let token = self.make(now_ms)?;
        *current = Some(token.clone());
        Ok(token)
    }

    fn make(&self, now_ms: u64) -> Result<TokenText> {
        let part = |json: serde_json::Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
        let head = part(json!({ "alg": "ES256", "kid": self.key_id }));
        let claims = part(json!({ "iss": self.team_id, "iat": now_ms / 1_000 }));
        let signed = format!("{head}.{claims}");
        let failed = || Error::new(ErrorKind::Device, "the push token could not be signed");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| failed())?;
        let signature = Base64UrlUnpadded::encode_string(signature.as_ref());
        let text = Zeroizing::new(format!("bearer {signed}.{signature}"));
        let mut header = HeaderValue::from_str(&text).map_err(|_| failed())?;
        header.set_sensitive(true);
        Ok(TokenText { header, made_ms: now_ms })
    }
}

impl fmt::Debug for ProviderToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderToken").finish_non_exhaustive()
    }
}

/// How long a token is used.
const USED_FOR_MS: u64 = 50 * 60 * 1_000;
/// How long it is used at least, whatever is said of it.
const KEPT_FOR_MS: u64 = 20 * 60 * 1_000;
