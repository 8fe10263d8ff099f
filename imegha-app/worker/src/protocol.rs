//! What page and worker say to each other.
//!
//! Each message is a JavaScript object `{ id: number, json: string, blob?: Blob, handle?: FileSystemHandle, port?: MessagePort }`. The page numbers its requests;
//! the worker answers each once with a [`Reply`] under the same number, and sends any number of [`Event`]s before that
//! with `id: 0`. A file travels beside the JSON as `blob`: towards the worker what is to be uploaded, towards the page
//! what was downloaded. Keys never cross.

mod account;
mod album;
mod audit;
mod check;
mod photo;
mod place;
mod profile;
mod revision;
mod usage;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use account::{OpenSession, Openers, PhraseProblem, Recalled};
pub use album::Album;
pub use audit::{AuditEntry, AuditFilter, AuditNode};
pub use check::{Fault, Problem, Report};
pub use photo::Photo;
pub use place::{Before, CloudPlace, Place, PublicPlace, Taken};
pub use profile::{PictureChange, Profile};
pub use revision::{Keep, Revision};
pub use usage::{Amount, Estimate, Usage};

/// What the page asks.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Request {
    /// The first message: where the platform is (the page's own origin).
    Hello {
        /// `https://host[:port]` of the page.
        origin: String,
    },
    /// Draws keys and a recovery phrase, and asks the platform to claim email and tag, which mails a code.
    SignUp {
        /// As typed.
        email: String,
        /// As typed.
        tag: String,
        /// As typed.
        password: String,
        /// The person says to be 13 or older.
        over_13: bool,
        /// The version of the policy that was accepted.
        policy_version: u32,
    },
    /// Sends the code of the mail; signs in when it is right.
    Confirm {
        /// As typed.
        code: String,
    },
    /// Has the code mailed again.
    ResendCode,
    /// Signs in and opens the account's keys.
    SignIn {
        /// As typed.
        email: String,
        /// As typed.
        password: String,
        /// Keep the keys on this device, under a key that no script can read, so that a reload does not ask again.
        stay: bool,
    },
    /// Signs out: the platform's session ends, the keys are wiped, and what was kept of them on this device too.
    SignOut,
    /// Wipes the keys, and what was kept of them on this device; the platform's session stays. Signing in opens the account again.
    Lock,
    /// Looks whether others have changed the cloud; [`Event::Changed`] follows if they have.
    Refresh,
    /// Whether this device keeps the keys from now on.
    StaySignedIn {
        /// What the person chose.
        stay: bool,
    },
    /// Lists a folder.
    List {
        /// The folder's id in hex; the root without one.
        folder: Option<String>,
    },
    /// Makes a folder.
    CreateFolder {
        /// The parent's id in hex; the root without one.
        parent: Option<String>,
        /// Its name.
        name: String,
    },
    /// Gives a file or folder another name.
    Rename {
        /// Its id in hex.
        node: String,
        /// The new name.
        name: String,
    },
    /// Moves files and folders to another folder: all of them, or none.
    Move {
        /// Their ids in hex.
        nodes: Vec<String>,
        /// The folder's id in hex; the root without one.
        folder: Option<String>,
        /// What to do with those whose name is taken there.
        taken: OnTaken,
    },
    /// Moves files and folders to the trash.
    Trash {
        /// Their ids in hex.
        nodes: Vec<String>,
    },
    /// Lists the trash.
    ListTrash,
    /// Puts what is in the trash back to where it was; to the root when that folder is gone.
    Restore {
        /// Their ids in hex.
        nodes: Vec<String>,
    },
    /// Removes what is in the trash for good.
    Purge {
        /// Their ids in hex; all of the trash without.
        nodes: Option<Vec<String>>,
    },
    /// Looks for names that contain a text, in all folders, whatever the case of its letters.
    Find {
        /// What is looked for.
        text: String,
    },
    /// Makes the folders of a path that are not there yet.
    EnsureFolder {
        /// The folder that the path begins in; the root without one.
        parent: Option<String>,
        /// The names, from the outermost.
        path: Vec<String>,
    },
    /// Reads a file to be looked at. What can be shown comes as [`Preview`].
    Preview {
        /// The file's id in hex.
        node: String,
    },
    /// Nothing is looked at any more.
    LookAway,
    /// Uploads the file that comes as `blob`; where it is on this device comes as `handle`, if the browser says so. Asked again under the number of a transfer that was paused or failed, it goes on
    /// where that one stood.
    Upload {
        /// A number that the page gives, named in [`Event::Progress`] and [`Request::Cancel`].
        transfer: u32,
        /// What to do when the folder has a file of that name.
        taken: OnTaken,
        /// The folder's id in hex; the root without one.
        folder: Option<String>,
        /// The file's name.
        name: String,
        /// When the file was last modified, in milliseconds since 1970.
        modified_ms: u64,
        /// What the browser takes its type to be; may be empty.
        mime: String,
    },
    /// The uploads that were interrupted because their tab was closed, and that no other tab has at hand.
    Interrupted,
    /// Calls an interrupted upload by the number of a transfer from now on: asked for under it, the upload goes on. Where its file is on
    /// this device comes as `handle`, if the browser knows.
    Adopt {
        /// As with [`Request::Upload`].
        transfer: u32,
        /// As in [`Interrupted`].
        upload: String,
    },
    /// Downloads, decrypts and verifies a file.
    Download {
        /// As with [`Request::Upload`].
        transfer: u32,
        /// The file's id in hex.
        node: String,
        /// The number of the revision; the newest without.
        #[serde(default)]
        revision: Option<u64>,
        /// Where to.
        to: SaveTo,
    },
    /// Writes everything that the cloud keeps as plain files; [`Event::Exporting`] says how far it is, [`Request::Cancel`] ends it.
    Export {
        /// As with [`Request::Upload`].
        transfer: u32,
        /// Where to.
        to: ExportTo,
        /// Also the older revisions of files.
        revisions: bool,
    },
    /// The service worker asks for what is behind an address; it takes it from `port`.
    Stream {
        /// The address: of a [`SaveTo::Stream`], or of a [`Preview::Media`].
        address: String,
        /// Whether it is to be played, and not to be saved.
        playing: bool,
        /// The first byte that is wanted.
        start: u64,
        /// Where the bytes end that are wanted; at the file's end without.
        end: Option<u64>,
    },
    /// Stops a transfer. It answers with [`ErrorCode::Cancelled`], and nothing of it is kept.
    Cancel {
        /// Its number.
        transfer: u32,
    },
    /// Stops an upload for now. It answers with [`ErrorCode::Paused`]; what was sent is kept.
    Pause {
        /// Its number.
        transfer: u32,
    },
    /// Lists the revisions of a file.
    Revisions {
        /// The file's id in hex.
        node: String,
    },
    /// Makes the content of an older revision the newest again.
    RestoreRevision {
        /// The file's id in hex.
        node: String,
        /// The number of the revision.
        number: u64,
    },
    /// Asks how much [`Request::Prune`] would remove. Nothing is changed.
    Prunable {
        /// The file's id in hex.
        node: String,
        /// What stays.
        keep: Keep,
    },
    /// Removes older revisions of a file for good.
    Prune {
        /// The file's id in hex.
        node: String,
        /// What stays.
        keep: Keep,
    },
    /// Counts what the cloud holds.
    Usage,
    /// Looks whether everything is there that should be; [`Event::Checked`] tells how far it is. One check runs at a time: another
    /// ends it.
    Check {
        /// Whether every byte is read.
        deep: bool,
    },
    /// Stops the check. It answers with [`ErrorCode::Cancelled`].
    StopCheck,
    /// Reads what the owner did, the newest first. The rest comes with [`Request::MoreAudit`].
    Audit {
        /// What is wanted of it.
        filter: AuditFilter,
    },
    /// Reads on where the last answer ended.
    MoreAudit,
    /// Writes what the owner did into a file, a line of JSON for each entry. It comes back as `blob`.
    ExportAudit {
        /// What is wanted of it.
        filter: AuditFilter,
    },
    /// Reads the small picture of a file. It comes as `blob`.
    Thumbnail {
        /// The file's id in hex.
        node: String,
    },
    /// Lists the images of all folders.
    Photos,
    /// Lists the albums.
    Albums,
    /// Opens an album.
    Album {
        /// Its id in hex.
        album: String,
    },
    /// Makes an album.
    CreateAlbum {
        /// Its title.
        title: String,
        /// The ids of the files that are in it from the beginning, in hex.
        files: Vec<String>,
    },
    /// Adds files to the end of an album. Those that are in it stay where they are.
    AddToAlbum {
        /// Its id in hex.
        album: String,
        /// Their ids in hex.
        files: Vec<String>,
    },
    /// Takes files out of an album. They stay where they are.
    RemoveFromAlbum {
        /// Its id in hex.
        album: String,
        /// Their ids in hex.
        files: Vec<String>,
    },
    /// Moves files within an album, where they then stand in this order.
    MoveInAlbum {
        /// Its id in hex.
        album: String,
        /// Their ids in hex.
        files: Vec<String>,
        /// The file that they are moved to before, in hex; the album's end without.
        before: Option<String>,
    },
    /// Gives an album another title.
    RenameAlbum {
        /// Its id in hex.
        album: String,
        /// The new title.
        title: String,
    },
    /// Chooses the file that is shown for an album.
    CoverAlbum {
        /// Its id in hex.
        album: String,
        /// The id of one of its files in hex.
        file: String,
    },
    /// Deletes an album. Its files stay where they are.
    DeleteAlbum {
        /// Its id in hex.
        album: String,
    },
    /// Reads the profile.
    Profile,
    /// Makes the image that comes as `blob` small enough for a profile, and drops all that a camera wrote into it. It comes back as
    /// `blob`.
    MakePicture,
    /// Changes the profile. What another device changed meanwhile stays where this leaves it alone; where both changed the same,
    /// nothing is written, and the answer is [`Reply::ProfileChanged`].
    EditProfile {
        /// As it was read.
        before: Profile,
        /// As it is to be; what it says of the picture does not count.
        after: Profile,
        /// What is to become of the picture.
        picture: PictureChange,
    },
    /// Asks where the cloud is.
    Place {
        /// What the page's server says of a public place.
        public: Option<PublicPlace>,
    },
    /// Takes the gateway at an address for this account's cloud, once it has proved to be this owner's and no other's. Where the cloud
    /// is elsewhere and has something in it, nothing is done but to say so.
    Connect {
        /// As typed.
        address: String,
    },
    /// Moves the cloud to the gateway at an address, as it is, sealed, and takes that; [`Event::Moved`] says how far it is. What was
    /// stopped goes on when it is asked for again.
    MoveCloud {
        /// As typed.
        address: String,
    },
    /// Stops the move, as long as the cloud has not left: then it answers with [`ErrorCode::Cancelled`], and the cloud stays where it is.
    StopMoving,
    /// Has a code mailed to an address, if it has an account, for [`Request::Recover`]. Whether it has is not told.
    BeginRecovery {
        /// As typed.
        email: String,
    },
    /// Looks whether words can be a recovery phrase. Nothing is sent.
    CheckPhrase {
        /// As typed, with white space between them.
        words: String,
    },
    /// Gives the account that a recovery was begun for a new password, and opens it. All its sessions end, and a new one begins.
    Recover {
        /// As typed.
        code: String,
        /// As typed, with white space between them.
        words: String,
        /// The new one, as typed.
        password: String,
    },
    /// Asks what opens the account.
    Openers,
    /// Gives the account another password. Sessions that the old one began end, but for this browser's.
    ChangePassword {
        /// The one that it has.
        old: String,
        /// The one that it is to have.
        new: String,
    },
    /// Has the keys derived from the same password with more iterations.
    Strengthen {
        /// The account's password.
        password: String,
        /// How many.
        iterations: u32,
    },
    /// Has a code mailed to the address that the account is to move to. Whether that is taken is not told.
    BeginEmailChange {
        /// The account's password. It is held until [`Request::ConfirmEmailChange`].
        password: String,
        /// As typed.
        email: String,
    },
    /// Moves the account to the address whose code this is.
    ConfirmEmailChange {
        /// As typed.
        code: String,
    },
    /// Draws a new recovery phrase and has platform and cloud keep what it opens, beside what the old one does. Asked again, it is the same phrase.
    NewPhrase {
        /// The account's password.
        password: String,
    },
    /// Drops every other recovery phrase, once words of the new one were asked back.
    KeepPhrase {
        /// Those words.
        recalled: Vec<Recalled>,
    },
    /// Lists the account's sessions.
    Sessions,
    /// Ends one of them.
    EndSession {
        /// As of [`OpenSession`].
        id: String,
    },
    /// Ends all of them, this one too, and signs out here as [`Request::SignOut`] does. When that cannot be said to the platform nothing is
    /// done.
    SignOutEverywhere,
    /// Deletes the account at the platform, and what this device remembers of it. The cloud stays.
    DeleteAccount {
        /// The account's password.
        password: String,
    },
    /// Accepts a version of the policy.
    AcceptPolicy {
        /// The one that was shown.
        version: u32,
    },
}

/// Where a download goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "save", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SaveTo {
    /// Back to the page as `blob`, which browsers hold in memory or on disk.
    Blob,
    /// To the file on this device that comes as `handle`.
    File,
    /// Out through the service worker, which has the browser save it.
    Stream {
        /// The address that the page is about to ask for. Nobody can guess it, and it is answered once.
        address: String,
        /// What the file is to be called on this device.
        name: String,
    },
}

/// Where an export goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "export", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportTo {
    /// To a new folder of this name in the folder of this device that comes as `handle`.
    Folder {
        /// With a number behind it, if it is taken.
        name: String,
    },
    /// As a tar archive, out through the service worker, which has the browser save it.
    Archive {
        /// As of [`SaveTo::Stream`].
        address: String,
        /// What the archive is to be called on this device.
        name: String,
    },
}

/// What to do when a name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnTaken {
    /// Nothing is done; the answer is [`ErrorCode::NameTaken`].
    Ask,
    /// Both stay; the new one becomes "name (2)".
    KeepBoth,
    /// An uploaded file becomes the newest revision of the one that is there. What is moved takes the place of a file that is
    /// there, which goes to the trash.
    Replace,
}

/// Names what is asked and nothing of it: passwords, codes and names stand in requests.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hello { .. } => "Hello",
            Self::SignUp { .. } => "SignUp",
            Self::Confirm { .. } => "Confirm",
            Self::ResendCode => "ResendCode",
            Self::SignIn { .. } => "SignIn",
            Self::SignOut => "SignOut",
            Self::Lock => "Lock",
            Self::Refresh => "Refresh",
            Self::StaySignedIn { .. } => "StaySignedIn",
            Self::List { .. } => "List",
            Self::CreateFolder { .. } => "CreateFolder",
            Self::Rename { .. } => "Rename",
            Self::Move { .. } => "Move",
            Self::Trash { .. } => "Trash",
            Self::ListTrash => "ListTrash",
            Self::Restore { .. } => "Restore",
            Self::Purge { .. } => "Purge",
            Self::Find { .. } => "Find",
            Self::EnsureFolder { .. } => "EnsureFolder",
            Self::Preview { .. } => "Preview",
            Self::LookAway => "LookAway",
            Self::Upload { .. } => "Upload",
            Self::Interrupted => "Interrupted",
            Self::Adopt { .. } => "Adopt",
            Self::Download { .. } => "Download",
            Self::Export { .. } => "Export",
            Self::Stream { .. } => "Stream",
            Self::Cancel { .. } => "Cancel",
            Self::Pause { .. } => "Pause",
            Self::Revisions { .. } => "Revisions",
            Self::RestoreRevision { .. } => "RestoreRevision",
            Self::Prunable { .. } => "Prunable",
            Self::Prune { .. } => "Prune",
            Self::Usage => "Usage",
            Self::Check { .. } => "Check",
            Self::StopCheck => "StopCheck",
            Self::Audit { .. } => "Audit",
            Self::MoreAudit => "MoreAudit",
            Self::ExportAudit { .. } => "ExportAudit",
            Self::Thumbnail { .. } => "Thumbnail",
            Self::Photos => "Photos",
            Self::Albums => "Albums",
            Self::Album { .. } => "Album",
            Self::CreateAlbum { .. } => "CreateAlbum",
            Self::AddToAlbum { .. } => "AddToAlbum",
            Self::RemoveFromAlbum { .. } => "RemoveFromAlbum",
            Self::MoveInAlbum { .. } => "MoveInAlbum",
            Self::RenameAlbum { .. } => "RenameAlbum",
            Self::CoverAlbum { .. } => "CoverAlbum",
            Self::DeleteAlbum { .. } => "DeleteAlbum",
            Self::Profile => "Profile",
            Self::MakePicture => "MakePicture",
            Self::EditProfile { .. } => "EditProfile",
            Self::Place { .. } => "Place",
            Self::Connect { .. } => "Connect",
            Self::MoveCloud { .. } => "MoveCloud",
            Self::StopMoving => "StopMoving",
            Self::BeginRecovery { .. } => "BeginRecovery",
            Self::CheckPhrase { .. } => "CheckPhrase",
            Self::Recover { .. } => "Recover",
            Self::Openers => "Openers",
            Self::ChangePassword { .. } => "ChangePassword",
            Self::Strengthen { .. } => "Strengthen",
            Self::BeginEmailChange { .. } => "BeginEmailChange",
            Self::ConfirmEmailChange { .. } => "ConfirmEmailChange",
            Self::NewPhrase { .. } => "NewPhrase",
            Self::KeepPhrase { .. } => "KeepPhrase",
            Self::Sessions => "Sessions",
            Self::EndSession { .. } => "EndSession",
            Self::SignOutEverywhere => "SignOutEverywhere",
            Self::DeleteAccount { .. } => "DeleteAccount",
            Self::AcceptPolicy { .. } => "AcceptPolicy",
        })
    }
}

/// What the worker answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reply {
    /// The worker is there.
    Hello {
        /// Whether this page has WebCrypto; without it nothing can be encrypted (plain http on a LAN address).
        webcrypto: bool,
        /// Whose keys this device keeps, if they could be opened.
        session: Option<Session>,
        /// Why they could not be opened for now. They stay kept: greeted again, the worker tries again.
        trouble: Option<Failure>,
    },
    /// Done; nothing to say.
    Done,
    /// Email and tag are claimed; the code is on its way.
    SignUpStarted {
        /// The 24 words of the recovery phrase, shown once.
        words: Vec<String>,
        /// Whether the platform prints its mail on the server's terminal, as the set-up without a mail server does.
        code_on_terminal: bool,
    },
    /// Signed in.
    SignedIn(Session),
    /// A code is on its way, if there is whom to send it to.
    CodeSent {
        /// As of [`Reply::SignUpStarted`].
        code_on_terminal: bool,
    },
    /// Whether words can be a recovery phrase.
    PhraseChecked {
        /// Why not; nothing when they can.
        problem: Option<PhraseProblem>,
    },
    /// What opens the account.
    Openers(Openers),
    /// The account was changed, and is still open.
    Renewed(Session),
    /// A new recovery phrase, shown once.
    NewPhrase {
        /// Its 24 words.
        words: Vec<String>,
    },
    /// The account's sessions.
    Sessions {
        /// The newest first.
        sessions: Vec<OpenSession>,
    },
    /// What a folder holds.
    Listing(Listing),
    /// A file was uploaded or a folder made, or either renamed.
    Stored(Entry),
    /// What the trash holds, the latest first.
    Trash {
        /// Its files and folders.
        entries: Vec<Trashed>,
    },
    /// What was found.
    Found {
        /// Folders first, then by name; no more than the worker looks for.
        hits: Vec<Hit>,
        /// Whether there are more.
        more: bool,
    },
    /// What a file looks like. An image comes as `blob`.
    Preview(Preview),
    /// Uploads that can go on.
    Interrupted {
        /// The oldest first.
        uploads: Vec<Interrupted>,
    },
    /// The file is where it was wanted, or comes as `blob`.
    Downloaded {
        /// Its name.
        name: String,
        /// The SHA-256 of what was decrypted, in hex; it was compared with the signed record.
        sha256: String,
    },
    /// Everything was exported, but for what could not be.
    Exported(Exported),
    /// The revisions of a file.
    Revisions {
        /// The newest first.
        revisions: Vec<Revision>,
    },
    /// Older revisions that would be removed, or that are.
    Pruned(Amount),
    /// What the cloud holds.
    Usage(Usage),
    /// What the check has seen.
    Checked(Report),
    /// What the owner did.
    Audit {
        /// The newest first.
        entries: Vec<AuditEntry>,
        /// Whether there is more to read.
        more: bool,
    },
    /// What the owner did, in a file that comes as `blob`.
    AuditExported {
        /// How many entries.
        count: u64,
    },
    /// The profile; its picture comes as `blob`.
    Profile {
        /// What it says.
        profile: Profile,
    },
    /// Nothing was written: another device changed what this one wanted to change. The picture comes as `blob`.
    ProfileChanged {
        /// What it says now.
        profile: Profile,
    },
    /// A picture was read or made; it comes as `blob`.
    Picture,
    /// The images of all folders.
    Photos {
        /// The latest first.
        photos: Vec<Photo>,
    },
    /// The albums.
    Albums {
        /// The newest first.
        albums: Vec<Album>,
    },
    /// An album.
    Album {
        /// The album itself.
        album: Album,
        /// Its files in their order; what is in the trash or gone is not among them.
        files: Vec<Entry>,
    },
    /// An album was made or changed.
    AlbumStored(Album),
    /// Files were added to an album.
    AddedToAlbum {
        /// How many of them had not been in it.
        count: u64,
    },
    /// Where the cloud is.
    Place(Place),
    /// What came of taking a gateway.
    Taken(Taken),
    /// It failed.
    Failed(Failure),
}

/// What the worker says unasked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// How far a transfer is.
    Progress {
        /// Its number.
        transfer: u32,
        /// Bytes of plaintext done.
        done: u64,
        /// Bytes of plaintext in all.
        total: u64,
    },
    /// The connection is gone; a transfer waits and tries again.
    Waiting {
        /// Its number.
        transfer: u32,
    },
    /// How far an export is. How much there is in all nobody knows before its end.
    Exporting {
        /// Its number.
        transfer: u32,
        /// Files that are written, older revisions among them.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// How far the check is.
    Checked {
        /// Objects that were looked at.
        objects: u64,
        /// Objects that there should be.
        of_objects: u64,
        /// How many bytes were looked at.
        bytes: u64,
        /// How many bytes there should be.
        of_bytes: u64,
    },
    /// How far the move to another place is, in bytes of what is sealed.
    Moved {
        /// Those that are there.
        done: u64,
        /// All of them.
        total: u64,
    },
    /// Another tab or device has changed the cloud: what is on the screen may be old.
    Changed,
    /// Another tab has changed the account: its password, its address, what it accepted.
    Renewed(Session),
    /// Another tab has signed out or locked. This worker has wiped its keys.
    Left {
        /// Whether it has locked: the person is expected back.
        locked: bool,
    },
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The email address.
    pub email: String,
    /// The iMTag.
    pub tag: String,
    /// The identity's fingerprint, in hex.
    pub fingerprint: String,
    /// Whether this device keeps the keys.
    pub stays: bool,
    /// Whether the account has a cloud. Where its server gives none, one is to be connected first.
    pub has_cloud: bool,
    /// The version of the policy that the account accepted.
    pub accepted_policy: u32,
    /// The version in force.
    pub policy: u32,
}

/// A folder and what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The folder's id in hex.
    pub folder: String,
    /// The way from the root to the folder, the folder last; empty at the root.
    pub path: Vec<Crumb>,
    /// Folders and files, folders first, then by name.
    pub entries: Vec<Entry>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crumb {
    /// The folder's id in hex.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A folder or a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id in hex.
    pub id: String,
    /// Its name as it is shown.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of plaintext; 0 for a folder.
    pub size: u64,
    /// Its MIME type; empty for a folder.
    pub mime: String,
    /// When it was last modified, in milliseconds since 1970.
    pub modified_ms: u64,
    /// Whether it could not be opened: shown as damaged, with its id for a name.
    pub damaged: bool,
    /// The number of the revision that there is a thumbnail of, if there is one: [`Request::Thumbnail`].
    #[serde(default)]
    pub thumbnail: Option<u64>,
}

/// Something in the trash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trashed {
    /// What it is.
    pub entry: Entry,
    /// When it was put there, in milliseconds since 1970.
    pub trashed_ms: u64,
    /// When it is removed for good, in milliseconds since 1970.
    pub purged_ms: u64,
    /// The names of the folders where it was, from the outermost; nothing when its folder is gone.
    pub origin: Option<Vec<String>>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub entry: Entry,
    /// The folder that it is in, in hex.
    pub folder: String,
    /// The names of the folders that it is in, from the outermost; empty at the root.
    pub path: Vec<String>,
}

/// An upload that was interrupted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interrupted {
    /// What this device calls it, in hex.
    pub upload: String,
    /// The folder that it goes to, in hex.
    pub folder: String,
    /// The name that it is stored under.
    pub name: String,
    /// Bytes of plaintext in all.
    pub size: u64,
    /// Bytes of plaintext that are stored.
    pub sent: u64,
    /// Whether it becomes the newest revision of a file.
    pub replaces: bool,
}

/// What an export has written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// Folders.
    pub folders: u64,
    /// Files, older revisions among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many files and folders could not be exported. The manifest, which is the last that is written, names all of them.
    pub failed: u64,
    /// Where the first of these are in the cloud.
    pub named: Vec<String>,
    /// Whether the cloud was changed meanwhile.
    pub changed: bool,
}

/// What can be shown of a file without trusting it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preview {
    /// An image that the browser may decode: its bytes begin like its type, and its size was checked. It comes as `blob`.
    Image {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Text, also the source of what is never rendered here (HTML, SVG).
    Text {
        /// Its beginning.
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// A sound or a film. The service worker answers `/stream/` and the address, until something else is looked at.
    Media {
        /// Nobody can guess it.
        address: String,
        /// Whether there is something to see.
        film: bool,
    },
    /// It is not shown, and can be downloaded.
    Nothing {
        /// Why.
        why: NoPreview,
    },
}

/// Why a file is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoPreview {
    /// It is of another kind.
    Kind,
    /// Its pixels would fill the device's memory.
    TooLarge,
    /// It is called an image and does not begin like one.
    Damaged,
    /// A PDF, which can hold script.
    Pdf,
    /// A sound or a film of a kind that browsers do not play.
    Unplayable,
}

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
    /// Anything else.
    Internal,
}
