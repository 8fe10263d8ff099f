//! Records over HTTP.

use axum::Json;
use http::StatusCode;

use super::refusal::Refusal;
use super::signed::Signed;
use crate::backend::records::check_writes;
use crate::protocol::{
    GetAllAnswer, GetAllRequest, GetAnswer, GetRequest, MAX_JSON_LEN, PageAnswer, ProblemCode, QueryRequest,
    TransactRequest, WireRecord,
};
use crate::schema::Collection;

pub(super) async fn get(request: Signed<MAX_JSON_LEN>) -> Result<Json<GetAnswer>, Refusal> {
    let key = request.json::<GetRequest>()?.key.into_key()?;
    let record = request.gateway.inner.records.get(&key).await?;
    Ok(Json(GetAnswer { record: record.as_ref().map(WireRecord::of) }))
}

pub(super) async fn get_all(request: Signed<MAX_JSON_LEN>) -> Result<Json<GetAllAnswer>, Refusal> {
    let keys = request.json::<GetAllRequest>()?.into_keys()?;
    let records = request.gateway.inner.records.get_all(&keys).await?;
    Ok(Json(GetAllAnswer::of(&records)))
}

pub(super) async fn query(request: Signed<MAX_JSON_LEN>) -> Result<Json<PageAnswer>, Refusal> {
    let query = request.json::<QueryRequest>()?.into_query()?;
    let page = request.gateway.inner.records.query(&query).await?;
    Ok(Json(PageAnswer::of(&page)))
}

pub(super) async fn transact(request: Signed<MAX_JSON_LEN>) -> Result<StatusCode, Refusal> {
    let writes = request.json::<TransactRequest>()?.into_writes()?;
    // Before the nonce is added: the bounds are those of what was asked for.
    check_writes(&writes)?;
    if writes.iter().any(|write| is_the_gateways(write.key().collection)) {
        return Err(Refusal::new(ProblemCode::Denied));
    }
    request.gateway.transact_once(&request.nonce, writes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What only the gateway writes. Every collection is named here, so that a new one is decided about.
fn is_the_gateways(collection: Collection) -> bool {
    match collection {
        Collection::Nonce | Collection::Owner => true,
        Collection::Cloud
        | Collection::Children
        | Collection::Node
        | Collection::Revision
        | Collection::Log
        | Collection::Head
        | Collection::Profile
        | Collection::Album
        | Collection::AlbumItem
        | Collection::Wrap
        | Collection::Earlier => false,
    }
}
