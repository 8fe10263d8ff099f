//! The handlers of a recovery.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::Api;
use super::address::Network;
use super::body::Body;
use super::limits::Flow;
use super::session::{check_kind, give};
use crate::error::Result;
use crate::protocol::{
    RecoveryFinishReply, RecoveryFinishRequest, RecoveryOpenReply, RecoveryOpenRequest, RecoveryReply, RecoveryRequest,
};

pub(super) async fn begin(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<RecoveryRequest>,
) -> Result<(StatusCode, Json<RecoveryReply>)> {
    api.limiter.count(Flow::Recovery, network, request.email.as_bytes())?;
    api.limiter.count_mail(&request.email)?;
    let reply = api.server.begin_recovery(&request).await?;
    Ok((StatusCode::ACCEPTED, Json(reply)))
}

pub(super) async fn open(
    State(api): State<Api>,
    network: Network,
    Body(request): Body<RecoveryOpenRequest>,
) -> Result<Json<RecoveryOpenReply>> {
    api.limiter.count(Flow::RecoverySigned, network, request.account.as_bytes())?;
    api.server.open_recovery(&request).await.map(Json)
}

pub(super) async fn finish(
    State(api): State<Api>,
    network: Network,
    headers: HeaderMap,
    Body(request): Body<RecoveryFinishRequest>,
) -> Result<Response> {
    check_kind(&api.server, request.session, &headers)?;
    api.limiter.count(Flow::RecoverySigned, network, request.account.as_bytes())?;
    let token = api.server.finish_recovery(&request).await?;
    give(&api.server, request.session, &token, |token| RecoveryFinishReply { token })
}
