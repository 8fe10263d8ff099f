//! People to each other: looking up, connecting, telling that there is something new.

mod connections;
mod devices;
mod directory;
mod events;
mod hub;

pub(super) use hub::Hub;
