//! People to each other: looking up, connecting, telling that there is something new.

mod connections;
mod devices;
mod directory;
