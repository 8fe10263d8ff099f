//! What the page asks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    AuditFilter, ConnectionAct, ExportTo, Keep, OnTaken, PictureChange, Profile, PublicPlace, Recalled, SaveTo,
};

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
    /// Looks whether others have changed the cloud; [`Event::Changed`](super::Event::Changed) follows if they have.
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
    /// Reads a file to be looked at. What can be shown comes as [`Preview`](super::Preview).
    Preview {
        /// The file's id in hex.
        node: String,
    },
    /// Nothing is looked at any more.
    LookAway,
    /// Uploads the file that comes as `blob`; where it is on this device comes as `handle`, if the browser says so. Asked again under the number of a transfer that was paused or failed, it goes on
    /// where that one stood.
    Upload {
        /// A number that the page gives, named in [`Event::Progress`](super::Event::Progress) and [`Request::Cancel`].
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
        /// As in [`Interrupted`](super::Interrupted).
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
    /// Writes everything that the cloud keeps as plain files; [`Event::Exporting`](super::Event::Exporting) says how far it is, [`Request::Cancel`] ends it.
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
        /// The address: of a [`SaveTo::Stream`], or of a [`Preview::Media`](super::Preview::Media).
        address: String,
        /// Whether it is to be played, and not to be saved.
        playing: bool,
        /// The first byte that is wanted.
        start: u64,
        /// Where the bytes end that are wanted; at the file's end without.
        end: Option<u64>,
    },
    /// Stops a transfer. It answers with [`ErrorCode::Cancelled`](super::ErrorCode::Cancelled), and nothing of it is kept.
    Cancel {
        /// Its number.
        transfer: u32,
    },
    /// Stops an upload for now. It answers with [`ErrorCode::Paused`](super::ErrorCode::Paused); what was sent is kept.
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
    /// Looks whether everything is there that should be; [`Event::Checked`](super::Event::Checked) tells how far it is. One check runs at a time: another
    /// ends it.
    Check {
        /// Whether every byte is read.
        deep: bool,
    },
    /// Stops the check. It answers with [`ErrorCode::Cancelled`](super::ErrorCode::Cancelled).
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
    /// nothing is written, and the answer is [`Reply::ProfileChanged`](super::Reply::ProfileChanged).
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
    /// Moves the cloud to the gateway at an address, as it is, sealed, and takes that; [`Event::Moved`](super::Event::Moved) says how far it is. What was
    /// stopped goes on when it is asked for again.
    MoveCloud {
        /// As typed.
        address: String,
    },
    /// Stops the move, as long as the cloud has not left: then it answers with [`ErrorCode::Cancelled`](super::ErrorCode::Cancelled), and the cloud stays where it is.
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
    /// Does that, and begins a new key and a new identity behind the new password and the new phrase, for the account and its cloud. All other
    /// sessions end.
    RenewKeys {
        /// The new password.
        password: String,
        /// Words of the new phrase.
        recalled: Vec<Recalled>,
    },
    /// Lists the account's sessions.
    Sessions,
    /// Ends one of them.
    EndSession {
        /// As of [`OpenSession`](super::OpenSession).
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
    /// Lists the people whom the account has to do with. From then on [`Event::People`](super::Event::People) says when to ask again.
    People,
    /// Finds who has exactly this iMTag.
    FindPerson {
        /// As typed.
        tag: String,
    },
    /// Shows one person.
    Person {
        /// The id of his account in hex.
        id: String,
    },
    /// Does something to the connection with a person.
    Connection {
        /// The id of his account in hex.
        id: String,
        /// What.
        act: ConnectionAct,
    },
    /// Marks a safety number as compared, or takes that back. The number must be the person's.
    Compare {
        /// The id of his account in hex.
        id: String,
        /// Its digits, as they were shown.
        digits: String,
        /// Whether it is the same on both sides.
        same: bool,
    },
    /// Takes a person's changed keys, after their number was compared. It must be the one that the platform shows now.
    TakeKeys {
        /// His iMTag.
        tag: String,
        /// Its digits, as they were shown.
        digits: String,
    },
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
            Self::RenewKeys { .. } => "RenewKeys",
            Self::Sessions => "Sessions",
            Self::EndSession { .. } => "EndSession",
            Self::SignOutEverywhere => "SignOutEverywhere",
            Self::DeleteAccount { .. } => "DeleteAccount",
            Self::AcceptPolicy { .. } => "AcceptPolicy",
            Self::People => "People",
            Self::FindPerson { .. } => "FindPerson",
            Self::Person { .. } => "Person",
            Self::Connection { .. } => "Connection",
            Self::Compare { .. } => "Compare",
            Self::TakeKeys { .. } => "TakeKeys",
        })
    }
}
