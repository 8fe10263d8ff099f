//! One handler a route.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::Api;
use super::address::Network;
use super::body::Body;
use super::limits::Flow;
use super::part::{Part, part};
use super::session::{SignedIn, check_kind, clear_cookie, give, parse_id};
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemCode};
use crate::protocol::{
    Bundle, Config, ConfirmRequest, Gateway, HostedCloudReply, PreloginReply, PreloginRequest, ResendRequest, Sessions,
    SignInReply, SignInRequest, SignUpRequest,
};

/// The description of all of this.
pub(super) async fn description(State(_): State<Api>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], super::description()).into_response()
}

pub(super) async fn config(State(api): State<Api>) -> Json<Config> {
    Json(api.server.config())
}

pub(super) async fn sign_up(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<SignUpRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::SignUp, network, request.email.as_bytes())?;
    let account = api.server.claim(&request).await?;
    // Counted when the claim holds: whoever looks for a free tag has no mails to answer for.
    api.limiter.count_mail(account.email.as_str())?;
    api.server.register(&account, &request.auth_string).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn confirm(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<ConfirmRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Confirm, network, request.account.as_bytes())?;
    api.server.confirm(&request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn resend(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<ResendRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Resend, network, request.account.as_bytes())?;
    if let Some(account) = api.server.awaiting_code(&request.account).await? {
        api.limiter.count_mail(account.email.as_str())?;
        api.server.resend(&account).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn prelogin(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<PreloginRequest>,
) -> Result<Json<PreloginReply>> {
    api.limiter.count(Flow::Prelogin, network, request.email.as_bytes())?;
    api.server.prelogin(&request).await.map(Json)
}

pub(super) async fn sign_in(
    State(api): State<Api>,
    network: Network,
    headers: HeaderMap,
    Body(request): Body<SignInRequest>,
) -> Result<Response> {
    check_kind(&api.server, request.session, &headers)?;
    api.limiter.count(Flow::SignIn, network, request.email.as_bytes())?;
    let (reply, token) = api.server.sign_in(&request).await?;
    give(&api.server, request.session, &token, |token| SignInReply { token, ..reply })
}

pub(super) async fn sign_out(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Response> {
    api.server.sign_out(&who).await?;
    signed_out(&api)
}

pub(super) async fn sign_out_everywhere(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Response> {
    api.server.sign_out_everywhere(&who).await?;
    signed_out(&api)
}

/// The answer that takes the cookie away.
pub(super) fn signed_out(api: &Api) -> Result<Response> {
    let cookie = clear_cookie(&api.server)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])).into_response())
}

pub(super) async fn account(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Json<Bundle>> {
    api.server.own_bundle(&who).await.map(Json)
}

pub(super) async fn set_gateway(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(gateway): Body<Gateway>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.set_gateway(&who, gateway).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn host_cloud(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Json<HostedCloudReply>> {
    let url = api.server.host_cloud(&who).await?;
    Ok(Json(HostedCloudReply { url: url.into() }))
}

pub(super) async fn sessions(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Json<Sessions>> {
    api.server.sessions(&who).await.map(Json)
}

pub(super) async fn revoke_session(State(api): State<Api>, SignedIn(who): SignedIn, id: Part) -> Result<StatusCode> {
    api.server.revoke_session(&who, &parse_id(&part(id)?)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn not_found() -> Error {
    Error::refused(ProblemCode::NotFound)
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(ProblemCode::MethodNotAllowed, None)
}
