//! What client and platform say to each other: JSON over HTTP under `/api/v1`.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /openapi.json` | | this table with all its types, as an OpenAPI 3.1 description |
//! | `GET /config` | | [`Config`] |
//! | `POST /sign-up` | [`SignUpRequest`] | 202, the same for a free and a taken email |
//! | `POST /sign-up/confirm` | [`ConfirmRequest`] | 204 |
//! | `POST /sign-up/resend` | [`ResendRequest`] | 202 |
//! | `POST /prelogin` | [`PreloginRequest`] | [`PreloginReply`], of the same form for an unknown email |
//! | `POST /sign-in` | [`SignInRequest`] | [`SignInReply`] |
//! | `GET /account` | | [`Bundle`]: no password wrap, that comes with signing in only |
//! | `POST /account/password` | [`ChangePasswordRequest`] | 204 |
//! | `POST /account/password/drop` | [`DropPasswordsRequest`] | 204; sessions of dropped passwords end |
//! | `POST /account/email` | [`ChangeEmailRequest`] | 202, the same for a free and a taken email |
//! | `POST /account/email/confirm` | [`ConfirmEmailRequest`] | 204 |
//! | `POST /account/phrase` | [`AddPhraseRequest`] | 204 |
//! | `POST /account/phrase/drop` | [`DropPhrasesRequest`] | 204 |
//! | `POST /account/renew` | [`RenewRequest`] | 204; all other sessions end |
//! | `POST /account/policy` | [`AcceptPolicyRequest`] | 204 |
//! | `POST /account/delete` | [`DeleteAccountRequest`] | 204 |
//! | `POST /recovery` | [`RecoveryRequest`] | 202 [`RecoveryReply`], of the same form for an unknown email |
//! | `POST /recovery/open` | [`RecoveryOpenRequest`] | [`RecoveryOpenReply`] |
//! | `POST /recovery/finish` | [`RecoveryFinishRequest`] | [`RecoveryFinishReply`] |
//! | `PUT /account/gateway` | [`Gateway`] | 204; 409 `conflict` unless `edit` is the next |
//! | `POST /account/cloud` | | [`HostedCloudReply`] |
//! | `GET /sessions` | | [`Sessions`] |
//! | `DELETE /sessions` | | 204: all of them, the one that asks too |
//! | `DELETE /sessions/{id}` | | 204 |
//! | `POST /sign-out` | | 204 |
//! | `GET /people/{tag}` | | [`PersonReply`]; 404 for a tag that nobody has |
//! | `GET /connections?after=` | | [`ConnectionsReply`], a page |
//! | `GET /connections/{account}` | | [`ConnectionReply`] |
//! | `POST /connections/{account}/request` | [`CardRequest`] | [`ActionReply`]: `connected` where the other had asked already |
//! | `POST /connections/{account}/accept` | [`AcceptRequest`] | [`ActionReply`] |
//! | `POST /connections/{account}/` `decline`, `cancel`, `remove`, `block`, `unblock` | | [`ActionReply`] |
//! | `PUT /connections/{account}/card` | [`CardRequest`] | [`ActionReply`]; 409 `conflict` unless it is the next |
//! | `GET /devices` | | [`DevicesReply`] |
//! | `POST /devices` | [`DeviceRequest`] | [`RegisteredDevice`] |
//! | `DELETE /devices/{id}` | | 204 |
//! | `POST /pokes` | [`PokeRequest`] | 202; 404 unless connected |
//! | `GET /events` | | `text/event-stream`: events `poke` with a [`PokeEvent`] each |
//!
//! A change of keys names the version of FORMAT 12 that it makes; where that is not the next one it is 409 `conflict`, and the client looks at
//! what is there. Everything else is a [`Problem`](crate::Problem). Unknown names in JSON are ignored, names that come twice refused.

mod account;
mod auth_string;
mod change;
mod crypto;
mod encoding;
mod keys;
mod people;
mod recovery;
mod redacted;
#[cfg(feature = "server")]
pub(crate) mod schema;
mod sign_in;
mod sign_up;
mod sse;

pub use account::{Bundle, Config, Gateway, HistoryEntry, HostedCloudReply, Session, Sessions, WrappedIdentity};
pub use auth_string::AuthString;
pub use change::{
    AcceptPolicyRequest, AddPhraseRequest, ChangeEmailRequest, ChangePasswordRequest, ConfirmEmailRequest,
    DeleteAccountRequest, DropPasswordsRequest, DropPhrasesRequest, RenewRequest,
};
pub use encoding::WireBytes;
pub(crate) use encoding::{base64url, base64url_option, decimal};
pub use keys::{AddPassword, Keys, NewWrap, NextKeys, PasswordWrapShown, PhraseWrapShown, PreviousDek};
pub use people::{
    AcceptRequest, ActionReply, CardRequest, ConnectionReply, ConnectionState, ConnectionsReply, DeviceRequest,
    DevicesReply, PersonReply, PokeEvent, PokeName, PokeRequest, PushServiceName, RegisteredDevice, WireCard,
};
pub use recovery::{
    RecoveryFinishReply, RecoveryFinishRequest, RecoveryOpenReply, RecoveryOpenRequest, RecoveryReply, RecoveryRequest,
};
pub use sign_in::{Kdf, PasswordWrap, PreloginReply, PreloginRequest, SessionKind, SignInReply, SignInRequest};
pub use sign_up::{ConfirmRequest, IdentityKeys, RecoveryWrap, ResendRequest, SignUpRequest};
pub use sse::{SseEvent, SseParser};

/// The epoch of an account's first DEK.
pub const FIRST_DEK_EPOCH: u32 = 1;
