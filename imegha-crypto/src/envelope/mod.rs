//! What is sealed: keys and records under a key, values to a person, messages to a conversation, links to whoever has them.

pub(crate) mod access;
pub(crate) mod epoch;
pub(crate) mod link;
pub(crate) mod message;
pub(crate) mod sealed_to;
pub(crate) mod subject;
pub(crate) mod wrapped;
