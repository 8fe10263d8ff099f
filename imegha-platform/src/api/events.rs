//! The stream of events (WHATWG HTML, server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};

use super::Api;
use super::address::Network;
use super::limits::Flow;
use super::session::SignedIn;
use crate::error::Result;
use crate::protocol::PokeEvent;

pub(super) async fn events(State(api): State<Api>, SignedIn(who): SignedIn, network: Network) -> Result<Response> {
    api.limiter.count(Flow::Events, network, who.account.id.as_bytes())?;
    let events = api.server.events(who)?.filter_map(|event| async move { named(&event) });
    // A first line at once: whoever listens knows that he is heard.
    let events = stream::iter([Ok(Event::default().comment("open"))]).chain(events);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // A proxy that gathers an answer before it passes it on would keep all of it.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn named(event: &PokeEvent) -> Option<Result<Event, Infallible>> {
    Event::default().event("poke").json_data(event).ok().map(Ok)
}

/// How long nothing may come: less than what proxies and clients wait for.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
