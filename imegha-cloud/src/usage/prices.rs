//! What AWS asks for storage and requests.

use std::fmt;

/// An amount of money in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroDollars(pub u64);

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// Prices by which [`Usage::estimate`](crate::Usage::estimate) reckons. A GB is 2^30 bytes, as AWS bills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// When and where these were the prices.
    pub listed: &'static str,
    /// Where they were listed.
    pub sources: [&'static str; 2],
    /// Objects, for each GB and month.
    pub object_gb_month: MicroDollars,
    /// 1,000 requests that write or list objects: PUT, COPY, POST, LIST.
    pub object_writes_1000: MicroDollars,
    /// 1,000 requests that read objects: GET, HEAD.
    pub object_reads_1000: MicroDollars,
    /// Records, for each GB and month.
    pub record_gb_month: MicroDollars,
    /// The GB of records that the list prices at nothing.
    pub record_gb_free: u64,
    /// What is billed of each record beside its own bytes.
    pub record_overhead_bytes: u64,
    /// A million units of writing records.
    pub record_writes_million: MicroDollars,
    /// A million units of reading records.
    pub record_reads_million: MicroDollars,
}

impl PriceList {
    /// List prices of the region us-east-1 in 2025: S3 Standard for the first 50 TB, DynamoDB on demand in the table class Standard. Other
    /// regions ask more, and more than 50 TB costs less.
    pub const AWS_2025: Self = Self {
        listed: "2025, us-east-1",
        sources: ["https://aws.amazon.com/s3/pricing/", "https://aws.amazon.com/dynamodb/pricing/on-demand/"],
        object_gb_month: MicroDollars(23_000),
        object_writes_1000: MicroDollars(5_000),
        object_reads_1000: MicroDollars(400),
        record_gb_month: MicroDollars(250_000),
        record_gb_free: 25,
        record_overhead_bytes: 100,
        record_writes_million: MicroDollars(625_000),
        record_reads_million: MicroDollars(125_000),
    };
}
