//! The pages.
//!
//! What tests hold on to, as `data-testid`; it stays when words and looks change:
//!
//! | where | `data-testid` |
//! |---|---|
//! | every page | `nav-sign-in` `nav-sign-up` `nav-files` `theme-toggle` `who` (opens `account-menu`, with `stay-signed-in` `lock-after` `export-open` `lock-now` `sign-out`) `sign-out-anyway` `offline` `stale` `no-webcrypto` `idle-notice` `failure` (empty while nothing failed) `way-on` (the button in it) |
//! | `/sign-up`, step 1 | `email` `tag` `password` (each with `…-problem`) `strength` (with `data-score`) `over-13` `policy` `sign-up` |
//! | step 2, the phrase | `phrase` (24 of `phrase-word`, in their order) `phrase-copy` `phrase-save` `phrase-print` `phrase-kept` |
//! | step 3, three words | `recall-0` `recall-1` `recall-2` (each with `data-position`, the word's number from 1, and `…-problem`) `recall` `phrase-again` |
//! | step 4, the code | `code` `confirm` `resend` `code-where` |
//! | `/sign-in` | `sign-in-email` `sign-in-password` `sign-in-stay` `sign-in` `to-recover` `keys-note` `taking-up` |
//! | `/recover` | `recover` `recover-email` `recover-begin`; `recover-code` `recover-words` (with `recover-words-count`) `recover-prove` `resend` `code-where` `recover-restart`; `recover-password` (with `strength`) `recover-send` `recover-back` (each field with `…-problem`) |
//! | a policy that was not accepted, in place of every page but `/privacy` | `policy-change` `policy-what` `policy-read` `policy-accept` `policy-export` `policy-leave` `policy-delete` |
//! | the lock, in place of every page | `locked` `locked-email` `unlock-password` `unlock` `lock-leave` |
//! | `/files` | `upload` (the button) `upload-input` `upload-folder-input` `new-folder` `folder-name` `create-folder` `crumbs` `drop-zone` (while files are dragged) `loading` `empty` `damaged` |
//! | a list | `list` (with `data-count`; of more than 200 only what is near the screen is in it) `entry` (with `data-name`, `data-kind`: `file`, `folder` or `damaged`; `aria-selected`, `aria-busy`) `open` (a folder's link) `select` `download` `more` `select-all` `sort-name` `sort-kind` `sort-size` `sort-modified` `sort` (with `sort-by-…`) `layout` |
//! | what is selected | `selected` `selection-bar` `clear-selection` `bar-download` `bar-rename` `bar-move` `bar-add-to-album` `bar-delete` `bar-restore` `bar-purge` |
//! | a menu | `menu` `do-open` `do-download` `do-versions` `do-rename` `do-move` `do-add-to-album` `do-activity` `do-delete` `do-restore` `do-purge` `do-new-folder` `do-upload` `do-upload-folder` `do-select-all` |
//! | renaming, moving | `new-name` (with `new-name-problem`) `rename`; `mover` `mover-path` `mover-folder` (with `data-name`) `mover-empty` `mover-new-folder` `mover-folder-name` `mover-make` `move-here` `move-cancel`; `conflict` `keep-both` `replace` `skip` |
//! | searching | `search` `search-clear` `search-line` `search-everywhere` `found-in` (a link to the folder) `nothing-found` `search-everywhere-instead` |
//! | what was done | `toasts` `toast` `undo` `toast-close`; `show-keys` `keys` `letters` `keys-close` |
//! | `/trash` | `empty-trash` `trash-empty` `purge-ask` `purge-confirm` `purge-cancel` |
//! | pages of who is signed in | `place-files` `place-photos` `place-trash` `place-settings` |
//! | a file with a small picture | `thumb` |
//! | `/photos` | `tab-timeline` `tab-albums` `timeline` (with `data-count`; only what is near the screen is in it) `month` `photo` (with `data-name`) `pick` (the box of a photo) `photos-empty`; of what is selected `bar-add-to-album` `bar-download` |
//! | `/photos/albums` | `albums` (with `data-count`) `album` (with `data-name`) `new-album` `albums-empty`; `album-title` (with `album-title-problem`) `title-save` `title-cancel` |
//! | an album | `album-back` `album-title-shown` `rename-album` `delete-album` (`delete-album-ask` `delete-album-confirm` `delete-album-cancel`) `album-facts` `album-files` (with `data-count`, of `photo`s) `album-empty` `album-fill`; of what is selected `bar-first` `bar-earlier` `bar-later` `bar-last` `bar-cover` `bar-download` `bar-remove` |
//! | adding to an album | `adder` `adder-album` (with `data-name`) `adder-empty` `adder-new` `adder-title` `adder-make` `adder-problem` `adder-cancel` |
//! | versions of a file | `versions` `version` (with `data-number`) `version-download` `version-restore` `prune-keep` `prune-words` `prune` `versions-close` |
//! | `/settings` | `settings` `to-account` `to-profile` `to-cloud` `to-storage` `to-check` `to-activity` `settings-back` (on the pages below it) |
//! | `/settings/account` | `account` `to-password` `to-phrase` `to-email` `to-strength` `to-sessions` `to-delete` `account-stay` `account-lock-after`; below it `password-now`, wherever the password is asked |
//! | below it | `password-new` (with `strength`) `password-change`; `phrase-new`, then as when signing up, `phrase-changed`; `email-now` `email-new` `email-begin` `email-code` `email-confirm` `email-again`; `iterations` (with `data-count`) `iterations-new` `strengthen` `strongest`; `sessions` (with `data-count`) `session` (with `data-current`) `session-end` `leave-everywhere` `leave-everywhere-confirm`; `delete-says` `stays-hosted` `stays-own` `delete-export` `delete-sure` `delete-account` |
//! | `/settings/profile` | `profile` `profile-picture` `picture-input` `picture-choose` `picture-remove` `profile-name` `profile-bio` `profile-phone` (each with `…-problem`) `profile-save` `profile-clash` `clash-keep-mine` `clash-take-theirs` |
//! | `/settings/cloud` | `no-cloud` `place` (with `data-hosted`) `place-address` `place-id` `place-release` `place-away` `place-left` `place-unrecoverable` `gateway-address` (with `…-problem`) `connect` `moves-first` `migrate-line` `move-cloud` `move-not` `moving` `move-stop` `connected` `before-says` (with `data-left`) `before` `quick-create` `deploy-line` `deploy-move-line` `template` `app-origin` `not-secure` `owner` (a text to take along has a `…-copy`) |
//! | `/settings/storage` | `storage` `amount` (with `data-kind`, `data-count`, `data-bytes`) `quota` `estimate` `storage-again` |
//! | `/settings/check` | `check-quick` `check-deep` `check-stop` `check-progress` `check-sound` `check-problems` `check-problem` (with `data-fault`) |
//! | `/settings/activity` | `activity-proof` `activity-action` `activity-since` `activity-until` `activity-node` `activity-node-clear` `activity-entry` (with `data-action`, `data-seq`) `activity-more` `activity-export` `activity-none` |
//! | `/people` | `find-tag` (with `…-problem`) `find-person` `people` (a list for each standing, with `data-count`) `people-empty` `person` (with `data-tag`, `data-standing`: `nobody asked incoming connected blocked unproven`; `data-keys`: `hold renewed changed card-refused`) `person-open` `person-compared` `person-ask` `person-accept` `person-decline` `person-cancel` `person-remove` `person-block` `person-unblock`; asked first: `person-sure` `person-sure-confirm` `person-not` |
//! | a person's page | `people-back` `person-title` `about-person` (as `person`) `person-standing` `person-gateway` `safety-digits` (with `data-digits`) `safety-code` `safety-mark` `safety-unmark` `safety-compared` `safety-never` `safety-another` `keys-changed` `keys-renewed` `keys-none` `keys-compared` (with `…-problem`) `keys-take` `card-refused` |
//! | transfers | `transfers` `transfers-summary` `transfers-pace` `transfers-preparing` `transfers-more` `transfers-fold` `transfers-pause` `transfers-resume` `transfers-retry` `transfers-cancel` `transfers-clear` `transfer` (with `data-name`, `data-state`: `queued running waiting paused interrupted asking done failed cancelled skipped`) `transfer-pause` `transfer-retry` (also resumes) `transfer-again` and `transfer-again-input` (of what was interrupted) `transfer-cancel` |
//! | a name that is taken | `name-taken` `taken-rest` `taken-skip` `taken-replace` `taken-keep-both` |
//! | looking at a file | `viewer` (with `data-state`: `loading image film sound text nothing undecodable unplayable failed`) `viewer-image` `viewer-zoom` `viewer-media` `viewer-unplayable` `viewer-text` `viewer-cut` `viewer-nothing` `viewer-undecodable` `viewer-download` `viewer-previous` `viewer-next` `viewer-close` |
//! | the export | `export` (with `data-state`: `choice running done failed`) `export-revisions` `export-archive` `export-folder` `export-progress` `export-stop` `export-done` `export-failed` `export-close` |
//! | elsewhere | `landing` `privacy` `not-found` |

mod albums;
mod code;
mod deed;
mod entries;
mod export;
mod files;
mod gate;
mod idle_watch;
mod landing;
mod loaded;
mod lock;
mod not_found;
mod people;
mod photos;
mod phrase;
mod policy_change;
mod privacy;
mod recover;
mod settings;
mod sign_in;
mod sign_up;
mod signed_in;
mod transfers;
mod trash;
mod viewer;

pub(crate) use albums::{Album, Albums};
pub(crate) use export::ExportDialog;
pub(crate) use files::Files;
pub(crate) use idle_watch::IdleWatch;
pub(crate) use landing::Landing;
pub(crate) use lock::Lock;
pub(crate) use not_found::NotFound;
pub(crate) use people::{OnePerson, People};
pub(crate) use photos::Photos;
pub(crate) use policy_change::PolicyChange;
pub(crate) use privacy::Privacy;
pub(crate) use recover::Recover;
pub(crate) use settings::{
    Account, Activity, ChangeEmail, ChangePassword, ChangePhrase, Check, DeleteAccount, EditProfile, RenewKeys,
    Sessions, Settings, Storage, Strengthen, YourCloud,
};
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
pub(crate) use signed_in::SignedIn;
pub(crate) use transfers::TransferPanel;
pub(crate) use trash::Trash;
pub(crate) use viewer::Viewer;
