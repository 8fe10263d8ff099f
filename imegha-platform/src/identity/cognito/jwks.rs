//! Tokens of a sign-in, held against the keys that the user pool publishes (RFC 7517, RFC 7519).

use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::CognitoConfig;
use super::error::untrue_token;
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;

/// The keys of a pool, fetched when they are first needed, every hour, and when a token names one that is not among them: pools rotate them.
#[derive(Debug)]
pub(super) struct Jwks {
    address: Url,
    issuer: String,
    client: String,
    http: reqwest::Client,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    keys: Arc<JwkSet>,
    fetched: Instant,
}

/// What an access token of Cognito says.
#[derive(Deserialize)]
struct Claims {
    token_use: String,
    client_id: String,
    username: String,
}

impl Jwks {
    /// The keys of `config`'s pool. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when their address cannot be used.
    pub(super) fn new(config: &CognitoConfig) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::with_source(ErrorKind::Config, "no HTTP client can be made", error))?;
        let (address, issuer) = (config.jwks()?, config.issuer());
        Ok(Self { address, issuer, client: config.client.clone(), http, kept: Mutex::new(None) })
    }

    /// That `token` is an access token of this pool, for this app client, of that user, and has not expired.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when it is not; [`ProblemCode::Unavailable`] when the keys cannot be fetched.
    pub(super) async fn verify(&self, token: &str, username: &str) -> Result<()> {
        let header = decode_header(token).map_err(untrue_token)?;
        let id = header.kid.ok_or_else(|| untrue_token("it names no key"))?;
        let key = self.key(&id).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        let claims = decode::<Claims>(token, &key, &validation).map_err(untrue_token)?.claims;
        if claims.token_use != "access" || claims.client_id != self.client || claims.username != username {
            return Err(untrue_token("it is for something or somebody else"));
        }
        Ok(())
    }

    async fn key(&self, id: &str) -> Result<DecodingKey> {
        // One at a time: who waits finds what the one before has fetched.
        let mut kept = self.kept.lock().await;
        // A key that the pool withdraws ends here too.
        if let Some(there) = kept.as_ref().filter(|there| there.fetched.elapsed() < KEPT_FOR) {
            if let Some(key) = key_of(&there.keys, id)? {
                return Ok(key);
            }
            // A token that names no key of the pool does not make the platform ask for each.
            if there.fetched.elapsed() < FETCHED_AGAIN_AFTER {
                return Err(untrue_token("its key is not the pool's"));
            }
        }
        let keys = Arc::new(self.fetch().await?);
        *kept = Some(Kept { keys: keys.clone(), fetched: Instant::now() });
        key_of(&keys, id)?.ok_or_else(|| untrue_token("its key is not the pool's"))
    }

    async fn fetch(&self) -> Result<JwkSet> {
        let unreachable = |error: reqwest::Error| {
            let unavailable = ErrorKind::Refused(ProblemCode::Unavailable);
            Error::with_source(unavailable, "the user pool's keys cannot be fetched", error.without_url())
        };
        let malformed = |words: &'static str| Error::new(ErrorKind::Storage, words);
        let mut answer = self.http.get(self.address.clone()).send().await.map_err(unreachable)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(malformed("where the user pool's keys should be are none"));
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + piece.len() > MAX_LEN {
                return Err(malformed("the user pool's keys are longer than keys are"));
            }
            body.extend_from_slice(&piece);
        }
        serde_json::from_slice(&body).map_err(|_| malformed("the user pool's keys are not of their form"))
    }
}

/// The RSA key of that name, if there is one.
fn key_of(keys: &JwkSet, id: &str) -> Result<Option<DecodingKey>> {
    match keys.find(id) {
        Some(key) if matches!(key.algorithm, AlgorithmParameters::RSA(_)) => {
            DecodingKey::from_jwk(key).map(Some).map_err(untrue_token)
        }
        _ => Ok(None),
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
/// A pool publishes two keys of 2048 bits, and for a while more when it rotates them.
const MAX_LEN: usize = 64 * 1024;
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);
const FETCHED_AGAIN_AFTER: Duration = Duration::from_secs(10);
