//! What a cloud holds, and what that costs.

use serde::{Deserialize, Serialize};

/// What a cloud holds, in the bytes that it takes in storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Contents of the newest revisions.
    pub newest: Amount,
    /// Contents of older revisions.
    pub older: Amount,
    /// Everything of the files in the trash.
    pub trash: Amount,
    /// Thumbnails.
    pub thumbnails: Amount,
    /// The checkpoint of the log.
    pub checkpoint: Amount,
    /// Objects that no record names.
    pub orphaned: Amount,
    /// The records, those of the log among them.
    pub records: Amount,
    /// All objects together.
    pub objects: Amount,
    /// Uploads in parts that are not finished.
    pub unfinished: u64,
    /// Objects that are named and not there, and records that cannot be taken: a check tells which.
    pub troubled: u64,
    /// The most bytes of objects that this cloud may hold, where its host says so.
    pub quota: Option<u64>,
    /// What a month of it costs in an AWS account, about.
    pub estimate: Estimate,
}

/// How many, and how many bytes they have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Amounts in millionths of a US dollar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// For keeping the objects.
    pub objects: u64,
    /// For keeping the records.
    pub records: u64,
    /// When and where the prices were listed.
    pub listed: String,
}
