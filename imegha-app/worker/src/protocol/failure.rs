//! Why something failed.

use serde::{Deserialize, Serialize};

/// Why something failed. Words for people are the page's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub code: ErrorCode,
    /// With [`ErrorCode::ClockSkew`]: the server's time, in milliseconds since 1970. With [`ErrorCode::TooManyTries`]:
    /// milliseconds to wait.
    pub ms: Option<u64>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// Email or password is wrong; which of them is not said.
    WrongPassword,
    /// The code is wrong.
    WrongCode,
    /// The code has expired; another was or can be sent.
    CodeExpired,
    /// The iMTag is taken.
    TagTaken,
    /// The iMTag is not of its form, or reserved.
    TagInvalid,
    /// This is not an email address.
    EmailInvalid,
    /// The password is too weak or has characters that cannot be used.
    PasswordRefused,
    /// 13 or older is required.
    TooYoung,
    /// The policy must be accepted.
    PolicyNotAccepted,
    /// Too many tries; wait.
    TooManyTries,
    /// Not signed in, or no longer.
    SignedOut,
    /// The network or the server is gone.
    Network,
    /// The cloud's disk or quota is full.
    StorageFull,
    /// The clocks differ.
    ClockSkew,
    /// No such file or folder.
    NotFound,
    /// A name that is taken.
    NameTaken,
    /// A name that cannot be used.
    NameInvalid,
    /// An album would hold more files than it can.
    AlbumFull,
    /// Somebody else changed it first.
    Conflict,
    /// The picture cannot be used: it is none, or too large to be decoded here.
    PictureRefused,
    /// A text is longer than can be kept.
    TooLong,
    /// It cannot be opened: damaged or tampered with.
    CannotOpen,
    /// Storage shows an older or another state than this device has seen.
    Rollback,
    /// The cloud has left for another place: here it is read, and not written to any more.
    Moved,
    /// The platform asked for key derivation weaker than is allowed or than it was.
    WeakKdf,
    /// The key that the platform shows does not belong to this account's chain.
    KeyChanged,
    /// Cancelled by the person.
    Cancelled,
    /// Paused by the person; what was sent is kept.
    Paused,
    /// The file could not be read any more: moved or changed while it was uploaded.
    SourceChanged,
    /// The disk of this device is full.
    DeviceFull,
    /// This device does not let the page write there, or no longer.
    NotWritable,
    /// Another tab of this browser is at it.
    Busy,
    /// The account has no cloud yet.
    NoCloud,
    /// The account's cloud is not to be had: its gateway is away, or does not show it.
    CloudAway,
    /// The cloud has left its place and not arrived in the new one: it takes changes nowhere until the move is gone on with.
    HalfMoved,
    /// What was typed is no address that a gateway can have: https, or on this very machine.
    AddressRefused,
    /// What answers at the address is no gateway.
    NotAGateway,
    /// The gateway at the address is not this owner's, or takes requests of others too.
    NotYours,
    /// At the address there is another cloud already.
    OtherCloud,
    /// This page has no WebCrypto.
    NoWebCrypto,
    /// The server speaks another version.
    Version,
    /// The worker could not be loaded, or is not the one that this page names. Reload the page.
    NotStarted,
    /// The worker has failed inside and stopped. Reload the page.
    Stopped,
    /// The platform does not take a key or a signature: at a recovery, the words are not the account's.
    KeyRefused,
    /// There are as many of it as there can be.
    LimitReached,
    /// Anything else.
    Internal,
}
