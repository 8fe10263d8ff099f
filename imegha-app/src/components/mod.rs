//! What several pages are made of.

mod footer;
mod header;
mod icon;
mod logo;
mod theme;

pub(crate) use footer::Footer;
pub(crate) use header::Header;
pub(crate) use icon::{Icon, Shape};
pub(crate) use logo::Logo;
pub(crate) use theme::{Theme, ThemeToggle};
