//! The page's side of what is outside of it: the worker that holds the keys, and the browser.

pub(crate) mod page;
