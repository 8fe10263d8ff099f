//! The client: one method for each thing that the platform does.

use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use http::Method;
use imegha_crypto::{Hash, Id};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::account::{Account, open_gateway};
use super::http::HttpTransport;
use super::sign_up::SignUp;
use super::transport::{ByteStream, MAX_RESPONSE_LEN, Request, Response, Transport};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway_address::GatewayAddress;
use crate::problem::{Problem, ProblemCode};
use crate::protocol::{
    AcceptPolicyRequest, Bundle, Config, ConfirmRequest, Gateway, HostedCloudReply, ResendRequest, Session,
    SessionKind, Sessions, WireBytes as _,
};

/// A client of one platform. Cheap to clone; clones share one session.
///
/// In the browser the session is a cookie that no script can read. Natively it is a token that lives in this
/// client's memory and is wiped when dropped. A program that is to go on with it in another process keeps it by itself:
/// [`Platform::session_token`], [`Platform::take_session`].
#[derive(Clone)]
pub struct Platform {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    token: Mutex<Option<Zeroizing<String>>>,
}

/// A cloud that the platform's host made for the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedCloud {
    /// The address of its gateway.
    pub url: Url,
}

impl Platform {
    /// A client of the platform at `origin`, such as `https://imegha.example`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the address is neither https nor on loopback.
    pub fn new(origin: Url) -> Result<Self> {
        Ok(Self::with_transport(Arc::new(HttpTransport::new(&origin)?)))
    }

    /// A client over another transport: a test's, or a router in the same process.
    pub fn with_transport(transport: Arc<dyn Transport>) -> Self {
        Self { inner: Arc::new(Inner { transport, token: Mutex::new(None) }) }
    }

    /// The token of the session, for a program that is to go on with it in another process. Nothing when nobody is signed in, and in
    /// the browser.
    ///
    /// It opens no key, but whoever has it is signed in: keep it where only its owner reads.
    pub fn session_token(&self) -> Option<Zeroizing<String>> {
        self.inner.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with a session whose token another client had.
    pub fn take_session(&self, token: Zeroizing<String>) {
        self.set_token(Some(token));
    }

    /// What the platform says of itself.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] and [`ErrorKind::Version`], as every method here.
    pub async fn config(&self) -> Result<Config> {
        self.ask(Method::GET, "config", None::<&()>).await
    }

    /// Claims email and tag, and has a code mailed. A taken email is not told: its owner gets a mail that says so.
    /// May be repeated with the same [`SignUp`] when the answer was lost.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`TagTaken`](ProblemCode::TagTaken), [`TooYoung`](ProblemCode::TooYoung),
    /// [`PolicyNotAccepted`](ProblemCode::PolicyNotAccepted), [`TooManyTries`](ProblemCode::TooManyTries).
    pub async fn sign_up(&self, sign_up: &SignUp, over_13: bool, policy_version: u32) -> Result<()> {
        self.tell(Method::POST, "sign-up", Some(&sign_up.request(over_13, policy_version))).await
    }

    /// Confirms the account with the code of the mail. White space in the code is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`WrongCode`](ProblemCode::WrongCode), [`CodeExpired`](ProblemCode::CodeExpired).
    pub async fn confirm(&self, account: &Id, code: &str) -> Result<()> {
        let code = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.tell(Method::POST, "sign-up/confirm", Some(&ConfirmRequest { account: *account, code })).await
    }

    /// Has another code mailed; the one before is void.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`TooManyTries`](ProblemCode::TooManyTries).
    pub async fn resend(&self, account: &Id) -> Result<()> {
        self.tell(Method::POST, "sign-up/resend", Some(&ResendRequest { account: *account })).await
    }

    /// Signs out: the session ends at the platform, and the token here is wiped even when the platform cannot be reached.
    /// The keys in an [`Account`] are the caller's to drop.
    ///
    /// # Errors
    /// [`ErrorKind::Network`].
    pub async fn sign_out(&self) -> Result<()> {
        let told = self.tell(Method::POST, "sign-out", None::<&()>).await;
        self.set_token(None);
        told
    }

    /// The account's sessions, the newest first.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`SignedOut`](ProblemCode::SignedOut).
    pub async fn sessions(&self) -> Result<Vec<Session>> {
        let sessions: Sessions = self.ask(Method::GET, "sessions", None::<&()>).await?;
        Ok(sessions.sessions)
    }

    /// Ends one of the account's sessions.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`SignedOut`](ProblemCode::SignedOut), [`NotFound`](ProblemCode::NotFound).
    pub async fn revoke_session(&self, id: &Hash) -> Result<()> {
        self.tell(Method::DELETE, &format!("sessions/{}", hex::encode(id.wire())), None::<&()>).await
    }

    /// Ends all of the account's sessions, on every device, this one's too.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`SignedOut`](ProblemCode::SignedOut).
    pub async fn sign_out_everywhere(&self) -> Result<()> {
        self.tell(Method::DELETE, "sessions", None::<&()>).await?;
        self.set_token(None);
        Ok(())
    }

    /// Accepts a version of the policy: the one in force.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`PolicyNotAccepted`](ProblemCode::PolicyNotAccepted) when another one is in force by now.
    pub async fn accept_policy(&self, policy_version: u32) -> Result<()> {
        self.tell(Method::POST, "account/policy", Some(&AcceptPolicyRequest { policy_version })).await
    }

    /// Where the account's cloud is, as the platform has it now: another device may have connected one.
    ///
    /// # Errors
    /// [`ErrorKind::CannotOpen`] when what the platform serves was not sealed by this account.
    pub async fn gateway(&self, account: &Account) -> Result<Option<GatewayAddress>> {
        let gateway = self.bundle(account).await?.gateway;
        gateway.map(|gateway| open_gateway(&account.dek, &account.id, &gateway)).transpose()
    }

    /// Seals where the account's cloud is, and leaves it with the platform for the account's other devices: in place of `expected`, which is
    /// what the caller knows to be there. What is there as it is to be stays, so that a call whose answer was lost may be repeated.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`Conflict`](ProblemCode::Conflict) when there is another one than `expected`, or another device set one at the
    /// same time: ask for [`gateway`](Self::gateway) and look at that one first. [`ErrorKind::CannotOpen`] as there.
    pub async fn set_gateway(
        &self,
        account: &Account,
        expected: Option<&GatewayAddress>,
        address: GatewayAddress,
    ) -> Result<()> {
        let present = self.bundle(account).await?.gateway;
        // What does not open is nobody's address, and another takes its place.
        let known = present.as_ref().and_then(|present| open_gateway(&account.dek, &account.id, present).ok());
        if known.as_ref() == Some(&address) {
            return Ok(());
        }
        if known.as_ref() != expected {
            return Err(Error::refused(ProblemCode::Conflict));
        }
        let edit = present.map_or(0, |gateway| gateway.edit) + 1;
        let sealed = account.dek.seal_gateway_address(&account.id, edit, &address.to_json()?)?;
        self.tell(Method::PUT, "account/gateway", Some(&Gateway { edit, sealed })).await
    }

    /// Has the platform's host make a cloud for the account. Asked again, it answers with the same one.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: [`NoHostedClouds`](ProblemCode::NoHostedClouds),
    /// [`StorageFull`](ProblemCode::StorageFull).
    pub async fn host_cloud(&self) -> Result<HostedCloud> {
        let reply: HostedCloudReply = self.ask(Method::POST, "account/cloud", None::<&()>).await?;
        Ok(HostedCloud { url: Url::parse(&reply.url).map_err(|error| not_of_form().caused_by(error))? })
    }

    /// The account of the session, whoever's it is.
    pub(super) async fn account_bundle(&self) -> Result<Bundle> {
        self.ask(Method::GET, "account", None::<&()>).await
    }

    pub(super) async fn bundle(&self, account: &Account) -> Result<Bundle> {
        let bundle = self.account_bundle().await?;
        // With new keys since, of another tab say, it is to be signed in to again: under the old ones nothing is to be sealed.
        if bundle.account != account.id || bundle.dek_epoch > account.dek_epoch {
            return Err(Error::refused(ProblemCode::SignedOut));
        }
        Ok(bundle)
    }

    /// The platform's origin, as this device knows it.
    pub(super) fn origin(&self) -> String {
        self.inner.transport.origin()
    }

    pub(super) fn session_kind(&self) -> SessionKind {
        self.inner.transport.session_kind()
    }

    pub(super) fn set_token(&self, token: Option<Zeroizing<String>>) {
        *self.inner.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Sends a request whose answer has a body.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let response = self.send(method, path, body).await?;
        serde_json::from_slice(&response.body).map_err(|error| not_of_form().caused_by(error))
    }

    /// Sends a request whose answer has none.
    pub(super) async fn tell(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<()> {
        self.send(method, path, body).await.map(drop)
    }

    /// Sends a request whose answer goes on and on.
    pub(super) async fn stream(&self, path: &str) -> Result<ByteStream> {
        let request = Request { method: Method::GET, path: path.to_owned(), body: None, bearer: self.session_token() };
        let mut streamed = self.inner.transport.stream(request).await?;
        if (200..300).contains(&streamed.status) {
            return Ok(streamed.body);
        }
        let mut body = Vec::new();
        while let Some(bytes) = streamed.body.next().await {
            body.extend(bytes?);
            if body.len() > MAX_RESPONSE_LEN {
                return Err(not_of_form());
            }
        }
        Err(refusal(streamed.status, &body))
    }

    async fn send(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<Response> {
        let body = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| Error::with_source(ErrorKind::Device, "the request cannot be written", error))?;
        let bearer = self.session_token();
        let request = Request { method, path: path.to_owned(), body: body.map(Zeroizing::new), bearer };
        let response = self.inner.transport.send(request).await?;
        match response.status {
            200..=299 => Ok(response),
            status => Err(refusal(status, &response.body)),
        }
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("transport", &self.inner.transport).finish_non_exhaustive()
    }
}

/// What an answer that is no success means. One without a problem comes from something between here and the platform.
fn refusal(status: u16, body: &[u8]) -> Error {
    match serde_json::from_slice::<Problem>(body) {
        Ok(Problem { code: ProblemCode::TooManyTries, retry_after_ms, .. }) => {
            Error::too_many(retry_after_ms.unwrap_or(0))
        }
        Ok(problem) => Error::refused(problem.code),
        Err(_) if status >= 500 || status == 429 => Error::refused(ProblemCode::Unavailable),
        Err(_) => not_of_form(),
    }
}

pub(super) fn not_of_form() -> Error {
    Error::new(ErrorKind::Version, "the platform's answer is not of its form")
}
