//! The pages.
//!
//! What tests hold on to, as `data-testid`; it stays when words and looks change:
//!
//! | where | `data-testid` |
//! |---|---|
//! | every page | `nav-sign-in` `nav-sign-up` `nav-files` `theme-toggle` `who` `sign-out` `sign-out-anyway` `offline` `no-webcrypto` `failure` (empty while nothing failed) `way-on` (the button in it) |
//! | `/sign-up`, step 1 | `email` `tag` `password` (each with `…-problem`) `strength` (with `data-score`) `over-13` `policy` `sign-up` |
//! | step 2, the phrase | `phrase` (24 of `phrase-word`, in their order) `phrase-copy` `phrase-save` `phrase-print` `phrase-kept` |
//! | step 3, three words | `recall-0` `recall-1` `recall-2` (each with `data-position`, the word's number from 1, and `…-problem`) `recall` `phrase-again` |
//! | step 4, the code | `code` `confirm` `resend` `code-where` |
//! | `/sign-in` | `sign-in-email` `sign-in-password` `sign-in` `keys-note` |
//! | `/files` | `upload` (the button) `upload-input` `new-folder` `folder-name` `create-folder` `crumbs` `drop-zone` (while files are dragged) `loading` `empty` `list` `entry` (with `data-name`, `data-kind`: `file`, `folder` or `damaged`) `open` `download` `dropped-folders` |
//! | transfers | `transfers` `transfers-summary` `transfer` (with `data-name`, `data-state`: `queued running waiting done failed cancelled`) `transfer-cancel` `transfer-retry` `transfers-clear` |
//! | elsewhere | `landing` `privacy` `not-found` |

mod entries;
mod files;
mod gate;
mod landing;
mod not_found;
pub(crate) mod privacy;
mod sign_in;
mod sign_up;
mod trash;

pub(crate) use files::Files;
pub(crate) use landing::Landing;
pub(crate) use not_found::NotFound;
pub(crate) use privacy::Privacy;
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
pub(crate) use trash::Trash;
