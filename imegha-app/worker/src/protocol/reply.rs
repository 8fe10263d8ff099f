//! What the worker answers.

use serde::{Deserialize, Serialize};

use super::{
    Album, Amount, AuditEntry, Entry, Exported, Failure, Hit, Interrupted, Listing, OpenSession, Openers, Person,
    PersonView, Photo, PhraseProblem, Place, Preview, Profile, Report, Revision, Session, Taken, Trashed, Usage,
};

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
    /// The people whom the account has to do with.
    People {
        /// In the order in which they are shown.
        people: Vec<Person>,
    },
    /// One of them, or somebody who was found.
    Person(PersonView),
    /// It failed.
    Failed(Failure),
}
