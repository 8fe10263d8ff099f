//! The paths below a gateway's address.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use crate::backend::{ObjectName, UploadId};

/// Which versions the gateway speaks: the one request that is not signed.
pub const VERSION: &str = "/v1/version";
/// Reads a record.
pub const RECORDS_GET: &str = "/v1/records/get";
/// Reads several records.
pub const RECORDS_GET_ALL: &str = "/v1/records/get-all";
/// Reads a page of records.
pub const RECORDS_QUERY: &str = "/v1/records/query";
/// Writes records.
pub const RECORDS_TRANSACT: &str = "/v1/records/transact";
/// Tells the gateway how the owner's identity changed.
pub const OWNER_HISTORY: &str = "/v1/owner/history";
/// The listing of objects.
pub const BLOBS: &str = "/v1/blobs";
/// The listing of unfinished uploads.
pub const UPLOADS: &str = "/v1/uploads";

/// An object.
pub fn blob(name: &ObjectName) -> String {
    format!("/v1/blobs/{name}")
}

/// An object, or the address to read it from.
pub fn blob_or_direct(name: &ObjectName) -> String {
    format!("/v1/blobs/{name}?direct=1")
}

/// Where an address to put an object to is asked for.
pub fn blob_direct(name: &ObjectName) -> String {
    format!("/v1/blobs/{name}/direct")
}

/// Size and time of an object.
pub fn blob_meta(name: &ObjectName) -> String {
    format!("/v1/blobs/{name}/meta")
}

/// A page of the listing of objects.
pub fn blobs_page(after: Option<&ObjectName>, limit: usize) -> String {
    match after {
        Some(after) => format!("{BLOBS}?after={after}&limit={limit}"),
        None => format!("{BLOBS}?limit={limit}"),
    }
}

/// Where an upload is begun.
pub fn blob_uploads(name: &ObjectName) -> String {
    format!("/v1/blobs/{name}/uploads")
}

/// An upload.
pub fn upload(name: &ObjectName, id: &UploadId) -> String {
    format!("/v1/blobs/{name}/uploads/{}", encode_id(id))
}

/// A part of an upload.
pub fn upload_part(name: &ObjectName, id: &UploadId, number: u32, offset: u64) -> String {
    format!("/v1/blobs/{name}/uploads/{}/parts/{number}?offset={offset}", encode_id(id))
}

/// Where an address to put a part to is asked for.
pub fn upload_part_direct(name: &ObjectName, id: &UploadId, number: u32, offset: u64) -> String {
    format!("/v1/blobs/{name}/uploads/{}/parts/{number}/direct?offset={offset}", encode_id(id))
}

/// Where an upload is completed.
pub fn upload_complete(name: &ObjectName, id: &UploadId) -> String {
    format!("/v1/blobs/{name}/uploads/{}/complete", encode_id(id))
}

/// An id as a segment of a path: whatever it is made of, it is one segment and neither `.` nor `..`.
fn encode_id(id: &UploadId) -> String {
    Base64UrlUnpadded::encode_string(id.as_str().as_bytes())
}

/// Reads the segment of an upload's id.
pub fn decode_id(segment: &str) -> Option<UploadId> {
    let bytes = Base64UrlUnpadded::decode_vec(segment).ok()?;
    UploadId::parse(std::str::from_utf8(&bytes).ok()?).ok()
}
