//! ATTACKS, the lines that concern bytes alone. What needs a backend, a gateway or a platform is tested in those crates
//! under the same numbers.

mod account;
mod account_value;
mod conversation;
mod links;
mod people;
mod sealed_to;
mod storage;
mod two_keys;
