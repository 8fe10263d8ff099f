//! The handlers of the directory, connections, devices and pokes.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use imegha_crypto::Id;
use serde::Deserialize;

use super::Api;
use super::address::Network;
use super::body::Body;
use super::limits::Flow;
use super::part::{Part, part};
use super::session::{SignedIn, parse_id};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{
    AcceptRequest, ActionReply, CardRequest, ConnectionReply, ConnectionsReply, DeviceRequest, DevicesReply,
    PersonReply, PokeRequest, RegisteredDevice,
};
use crate::registry::Action;

pub(super) async fn look_up(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    tag: Part,
) -> Result<Json<PersonReply>> {
    api.limiter.count(Flow::LookUp, network, who.account.id.as_bytes())?;
    api.server.look_up(&part(tag)?).await.map(Json)
}

/// Where a page of connections begins.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    after: Option<String>,
}

pub(super) async fn connections(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    query: Result<Query<After>, QueryRejection>,
) -> Result<Json<ConnectionsReply>> {
    let Query(After { after }) = query.map_err(|_| Error::refused(ProblemCode::Malformed))?;
    let after = after.as_deref().map(parse_account).transpose()?;
    api.server.connections(&who, after.as_ref()).await.map(Json)
}

pub(super) async fn connection(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    other: Part,
) -> Result<Json<ConnectionReply>> {
    api.server.connection(&who, &parse_account(&part(other)?)?).await.map(Json)
}

pub(super) async fn request(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    other: Part,
    Body(CardRequest { card }): Body<CardRequest>,
) -> Result<Json<ActionReply>> {
    // What a stranger gets to see is limited as looking him up is.
    api.limiter.count(Flow::Ask, network, who.account.id.as_bytes())?;
    let other = parse_account(&part(other)?)?;
    let card = api.server.first_card(&who, &other, card).await?;
    api.server.act(&who, &other, &Action::Request(card)).await.map(Json)
}

pub(super) async fn accept(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    other: Part,
    Body(AcceptRequest { card, answers }): Body<AcceptRequest>,
) -> Result<Json<ActionReply>> {
    api.limiter.count(Flow::Connect, network, who.account.id.as_bytes())?;
    let other = parse_account(&part(other)?)?;
    let card = api.server.first_card(&who, &other, card).await?;
    api.server.act(&who, &other, &Action::Accept { card, answers }).await.map(Json)
}

pub(super) async fn put_card(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    other: Part,
    Body(CardRequest { card }): Body<CardRequest>,
) -> Result<Json<ActionReply>> {
    api.limiter.count(Flow::Card, network, who.account.id.as_bytes())?;
    let other = parse_account(&part(other)?)?;
    let card = api.server.card(&who, &other, card).await?;
    api.server.act(&who, &other, &Action::PutCard(card)).await.map(Json)
}

/// The actions of [`ACTIONS`].
pub(super) async fn act(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<ActionReply>> {
    api.limiter.count(Flow::Connect, network, who.account.id.as_bytes())?;
    let Path((other, action)) = path.map_err(|_| Error::refused(ProblemCode::NotFound))?;
    let action = ACTIONS.iter().find(|(name, _)| *name == action).map(|(_, action)| action);
    let action = action.ok_or_else(|| Error::refused(ProblemCode::NotFound))?;
    api.server.act(&who, &parse_account(&other)?, action).await.map(Json)
}

pub(super) async fn devices(State(api): State<Api>, SignedIn(who): SignedIn) -> Result<Json<DevicesReply>> {
    api.server.devices(&who).await.map(Json)
}

pub(super) async fn register_device(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    Body(request): Body<DeviceRequest>,
) -> Result<Json<RegisteredDevice>> {
    api.limiter.count(Flow::Device, network, who.account.id.as_bytes())?;
    api.server.register_device(&who, &request).await.map(Json)
}

pub(super) async fn remove_device(State(api): State<Api>, SignedIn(who): SignedIn, id: Part) -> Result<StatusCode> {
    api.server.remove_device(&who, &parse_id(&part(id)?)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn poke(
    State(api): State<Api>,
    SignedIn(who): SignedIn,
    network: Network,
    Body(request): Body<PokeRequest>,
) -> Result<StatusCode> {
    api.limiter.count(Flow::Poke, network, who.account.id.as_bytes())?;
    // And for each whom he tells: nobody's telephone rings without end.
    api.limiter.count_poke(&who.account.id, &request.to)?;
    api.server.poke(&who, &request).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The id of an account, as it stands in a path: hex.
fn parse_account(text: &str) -> Result<Id> {
    Id::parse_hex(text).map_err(|_| Error::refused(ProblemCode::NotFound))
}

/// The actions that need no card, by what they are called in a path.
pub(super) static ACTIONS: [(&str, Action); 5] = [
    ("decline", Action::Decline),
    ("cancel", Action::Cancel),
    ("remove", Action::Remove),
    ("block", Action::Block),
    ("unblock", Action::Unblock),
];
