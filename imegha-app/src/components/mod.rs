//! What several pages are made of.

mod account_menu;
mod banner;
mod busy_button;
mod check;
mod dialog;
mod field;
mod file_name;
mod file_size;
mod footer;
mod header;
mod heading;
mod icon;
mod logo;
mod menu;
mod notice;
mod places;
mod theme;
mod toast;

pub(crate) use account_menu::AccountMenu;
pub(crate) use banner::Banners;
pub(crate) use busy_button::BusyButton;
pub(crate) use check::Check;
pub(crate) use dialog::Dialog;
pub(crate) use field::Field;
pub(crate) use file_name::{FileName, download_name, shown_name};
pub(crate) use file_size::{file_size, percent};
pub(crate) use footer::Footer;
pub(crate) use header::Header;
pub(crate) use heading::StepHeading;
pub(crate) use icon::{Icon, Shape};
pub(crate) use logo::Logo;
pub(crate) use menu::{Choice, Menu, Spot};
pub(crate) use notice::{FailureNotice, Notice, Tone};
pub(crate) use places::Places;
pub(crate) use theme::ThemeToggle;
pub(crate) use toast::{Toaster, Toasts};
