//! What a gateway and its clients say to each other: JSON for records, raw bytes for objects.
//!
//! Every request but [`VERSION`](path::VERSION) is signed (FORMAT 13). Requests are read strictly: an unknown member, an
//! unknown name or a value of another form is refused, since what a gateway does not understand it cannot keep. Answers
//! may gain members. Numbers of 64 bits are decimal strings, bytes are base64url without padding, an object's name
//! is 48 hex digits.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /v1/version` | | [`VersionAnswer`] |
//! | `POST /v1/records/get` | [`GetRequest`] | [`GetAnswer`] |
//! | `POST /v1/records/get-all` | [`GetAllRequest`] | [`GetAllAnswer`] |
//! | `POST /v1/records/query` | [`QueryRequest`] | [`PageAnswer`] |
//! | `POST /v1/records/transact` | [`TransactRequest`] | 204 |
//! | `GET /v1/blobs?after=<name>&limit=<n>` | | [`ObjectsAnswer`] |
//! | `PUT /v1/blobs/<name>` | the object | 204 |
//! | `POST /v1/blobs/<name>/direct` | [`DirectRequest`] | [`DirectAnswer`] |
//! | `GET /v1/blobs/<name>`, with or without `Range: bytes=a-b` | | 200 or 206, the bytes |
//! | `GET /v1/blobs/<name>?direct=1`, the same | | 200 with JSON: [`DirectAnswer`]; or as without |
//! | `DELETE /v1/blobs/<name>` | | 204 |
//! | `GET /v1/blobs/<name>/meta` | | [`ObjectAnswer`] |
//! | `GET /v1/uploads` | | [`UploadsAnswer`] |
//! | `PUT /v1/owner/history` | [`HistoryRequest`] | 204 |
//! | `POST /v1/blobs/<name>/uploads` | | [`BegunAnswer`] |
//! | `GET /v1/blobs/<name>/uploads/<id>` | | 204 |
//! | `PUT /v1/blobs/<name>/uploads/<id>/parts/<n>?offset=<n>` | the part | 204 |
//! | `POST /v1/blobs/<name>/uploads/<id>/parts/<n>/direct?offset=<n>` | [`DirectRequest`] | [`DirectAnswer`] |
//! | `POST /v1/blobs/<name>/uploads/<id>/complete` | [`CompleteRequest`] | 204 |
//! | `DELETE /v1/blobs/<name>/uploads/<id>` | | 204 |
//!
//! `<id>` in a path is the upload's id in base64url. An error is a [`Problem`] (RFC 9457).
//!
//! A gateway takes requests that the owner's newest identity signed, as far as it knows: it was deployed with the first, and is told of
//! the others by [`HistoryRequest`], which the identity at the history's end signs. The audience stays the first fingerprint. A gateway
//! from before there was that answers it with 404, and its path with another method too, where the others say that the method is wrong.
//!
//! A gateway before a bucket may let large bodies past it, straight between client and bucket. It says so in the header [`DIRECT`]; a
//! client asks for it by `direct=1`, or by a request of its own for an address to put to. A client that does not know of it
//! never asks and gets its bytes; a gateway that does not know of it sends them, and answers 404 to the other.

mod blobs;
mod direct;
mod encoding;
mod history;
mod owner;
pub mod path;
mod problem;
mod records;
mod version;

pub use blobs::{BegunAnswer, CompleteRequest, ObjectAnswer, ObjectsAnswer, UploadAnswer, UploadsAnswer};
pub use direct::{CHECKSUM, DIRECT, DirectAnswer, DirectRequest};
pub use encoding::{Base64Url, Decimal};
pub use history::{HistoryRequest, MAX_HISTORY_LEN, WireHistoryEntry};
pub use owner::OwnerText;
pub use problem::{Problem, ProblemCode};
pub use records::{
    GetAllAnswer, GetAllRequest, GetAnswer, GetRequest, PageAnswer, QueryRequest, TransactRequest, WireCondition,
    WireKey, WireRecord, WireValue, WireWrite,
};
pub use version::{PROTOCOL, Protocols, VersionAnswer};

/// The most bytes of a body of JSON, in requests and answers.
pub const MAX_JSON_LEN: usize = 8 * 1024 * 1024;

/// The most bytes of an object or a part in one request: 64 MiB and one sealed chunk.
pub const MAX_BLOB_LEN: usize = 64 * 1024 * 1024 + 16_400;
