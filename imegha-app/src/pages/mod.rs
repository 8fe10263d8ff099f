//! The pages.

mod landing;
mod not_found;

pub(crate) use landing::Landing;
pub(crate) use not_found::NotFound;
