//! Where the cloud is, and how another place is taken for it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the cloud is, and what it takes to have one elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where it is; nothing while the account has none.
    pub cloud: Option<CloudPlace>,
    /// Where it was before it was taken elsewhere in this session.
    pub before: Option<Before>,
    /// Whose cloud a gateway is to be deployed for, as text. Nothing in it is secret.
    pub owner: String,
    /// The link that opens the AWS console with everything filled in, where the operator has what it takes.
    pub quick_create: Option<String>,
}

/// A cloud, and the gateway before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudPlace {
    /// The gateway's address.
    pub address: String,
    /// Whether the server of this very page keeps it.
    pub hosted: bool,
    /// The cloud's id, in hex.
    pub id: String,
    /// The release that the gateway says that it is of; nothing when it does not answer.
    pub release: Option<String>,
    /// Whether the cloud was opened there. It is not when the gateway does not answer, or not with this cloud.
    pub open: bool,
    /// Whether the cloud has left from there: then it is read there, and not written to.
    pub left: bool,
    /// Whether the recovery phrase opens it, so far as can be said.
    pub recoverable: bool,
}

/// Where a cloud was. What was there is there still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The address of the gateway there.
    pub address: String,
    /// Whether the cloud has left from there, which takes no changes then. Else it is the same storage at another address, or a copy: nobody
    /// can tell from outside.
    pub left: bool,
}

/// What an operator has put in a public place, so that people make their cloud without a program of ours.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicPlace {
    /// The template's address in S3.
    pub template: String,
    /// The bucket with the gateway's program, in the stack's region.
    pub bucket: String,
    /// The program's name there.
    pub key: String,
    /// The region that the stack is made in.
    pub region: String,
    /// What the stack is called.
    pub stack: String,
}

impl fmt::Debug for PublicPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicPlace").field("region", &self.region).finish_non_exhaustive()
    }
}

/// What came of taking a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "taken", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Taken {
    /// The cloud is there now, and the account knows.
    Yes {
        /// Where it was before, if it was elsewhere.
        before: Option<Before>,
    },
    /// Nothing was done: the cloud is elsewhere and has something in it, so it has to move there first.
    MovesFirst {
        /// How much it holds.
        holds: super::Amount,
    },
}
