//! The handlers of what an account's owner changes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Api;
use super::address::Network;
use super::body::Body;
use super::handlers::signed_out;
use super::limits::Flow;
use super::session::SignedIn;
use crate::error::Result;
use crate::protocol::{
    AcceptPolicyRequest, AddPhraseRequest, ChangeEmailRequest, ChangePasswordRequest, ConfirmEmailRequest,
    DeleteAccountRequest, DropPasswordsRequest, DropPhrasesRequest, RenewRequest,
};

pub(super) async fn password(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<ChangePasswordRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.change_password(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn drop_passwords(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<DropPasswordsRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.drop_passwords(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn email(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<ChangeEmailRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.limiter.count_mail(&request.email)?;
    api.server.begin_email_change(&who, &request).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn confirm_email(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<ConfirmEmailRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.confirm_email_change(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn phrase(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<AddPhraseRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.add_phrase(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn drop_phrases(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<DropPhrasesRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.drop_phrases(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn renew(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<RenewRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.renew(&who, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn policy(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    Body(request): Body<AcceptPolicyRequest>,
) -> Result<StatusCode> {
    api.server.accept_policy(&who, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn delete_account(
    State(api): State<Api>,
    network: Network,
    SignedIn(who): SignedIn,
    Body(request): Body<DeleteAccountRequest>,
) -> Result<Response> {
    api.limiter.count(Flow::Change, network, who.account.id.as_bytes())?;
    api.server.delete_account(&who, &request).await?;
    signed_out(&api)
}
