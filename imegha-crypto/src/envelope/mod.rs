//! What is sealed under a key: other keys, and records.

pub(crate) mod wrapped;
