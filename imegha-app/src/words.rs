//! What every failure is called, in words for people, and the way on.

use std::borrow::Cow;

use imegha_worker::protocol::{ErrorCode, Failure, PhraseProblem};

/// What the person was doing: the same failure can mean another thing, and another way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Making an account.
    SigningUp,
    /// Entering the code of the mail.
    Confirming,
    /// Asking for another code.
    AskingForCode,
    /// Signing in.
    SigningIn,
    /// Opening what was locked.
    Unlocking,
    /// Opening the keys that this device keeps.
    TakingUp,
    /// Opening a folder.
    Listing,
    /// Making a folder.
    CreatingFolder,
    /// Sending a file.
    Uploading,
    /// Fetching a file.
    Downloading,
    /// Renaming, moving, deleting, restoring.
    Changing,
    /// Looking at a file.
    Previewing,
    /// Writing everything to this device.
    Exporting,
    /// Reading what is only shown: the activity, what is stored, the versions of a file.
    Reading,
    /// Looking whether everything is there.
    Checking,
    /// Writing the profile.
    EditingProfile,
    /// Opening an album.
    OpeningAlbum,
    /// Making an album, or changing it or what is in it.
    EditingAlbum,
    /// Taking another place for the cloud.
    Connecting,
    /// Getting in by the recovery phrase.
    Recovering,
    /// Changing what opens the account: for that the password is asked.
    ChangingAccount,
    /// Asking for a new recovery phrase, or giving its words back.
    ChangingPhrase,
    /// Deleting the account.
    DeletingAccount,
    /// Ending sessions.
    EndingSessions,
    /// Accepting a policy that has changed.
    AcceptingPolicy,
    /// Looking for somebody by iMTag.
    FindingPerson,
    /// Reading who is connected, or who somebody is.
    ReadingPeople,
    /// Asking, answering, ending, blocking.
    ChangingConnection,
    /// Comparing a safety number.
    Comparing,
}

/// What to offer beside the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The same again.
    Retry,
    /// To the page where one signs in.
    SignIn,
    /// To the uppermost folder.
    Root,
    /// To the list of albums.
    Albums,
    /// The page loaded anew.
    Reload,
    /// Another code by mail.
    NewCode,
    /// To the page where a cloud is connected.
    Connect,
    /// To the same page, of who has a cloud.
    Cloud,
    /// To the list of people.
    People,
    /// Nothing to press: the words say what to change in what was typed.
    Mend,
}

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// What happened, short.
    pub(crate) title: &'static str,
    /// What it means, and what to do.
    pub(crate) text: Cow<'static, str>,
    /// What to offer.
    pub(crate) way: Way,
}

impl Way {
    /// What stands on the button; none where there is nothing to press.
    pub(crate) fn label(self) -> Option<&'static str> {
        match self {
            Self::Retry => Some("Try again"),
            Self::SignIn => Some("Sign in"),
            Self::Root => Some("To my files"),
            Self::Albums => Some("To the albums"),
            Self::Reload => Some("Reload the page"),
            Self::NewCode => Some("Send a new code"),
            Self::Connect => Some("Connect a cloud"),
            Self::Cloud => Some("To my cloud"),
            Self::People => Some("To the people"),
            Self::Mend => None,
        }
    }
}

impl Words {
    /// The words for a failure.
    pub(crate) fn of(failure: &Failure, doing: Doing) -> Self {
        let (title, text, way) = match failure.code {
            ErrorCode::TooManyTries if doing == Doing::AskingForCode => return Self::code_just_sent(failure.ms),
            ErrorCode::TooManyTries => return Self::too_many_tries(failure.ms),
            ErrorCode::ClockSkew => return Self::clock_skew(failure.ms),
            ErrorCode::WrongPassword if doing == Doing::Unlocking || doing.asks_for_password() => (
                "This password is wrong",
                "Check it for a slip of the keys, and whether capitals are locked.",
                Way::Mend,
            ),
            ErrorCode::WrongPassword => (
                "Email or password is wrong",
                "Check both. An account whose code was never entered cannot be signed in to: sign up again.",
                Way::Mend,
            ),
            ErrorCode::WrongCode => {
                ("This code is not right", "Check the six digits. Only the code of the newest mail counts.", Way::Mend)
            }
            ErrorCode::CodeExpired if doing == Doing::Recovering => (
                "This code no longer counts",
                "It was used, tried too often, or is too old. Have another one sent; your words stay as they are.",
                Way::NewCode,
            ),
            ErrorCode::KeyRefused if doing == Doing::Recovering => (
                "Address and words do not belong together",
                "There is no account with this address that these words open. Check both, and that they are the newest words that you wrote down.",
                Way::Mend,
            ),
            ErrorCode::KeyRefused if doing == Doing::ChangingPhrase => (
                "Too many phrases were begun",
                "Several new phrases were begun and none of them finished: all of them open the account, and your old words do. Recovery, which the sign-in page \
                 leads to, leaves one phrase alone.",
                Way::Mend,
            ),
            ErrorCode::KeyRefused if doing.is_about_people() => (
                "This person has new keys",
                "What was sealed to the old ones is of no use. Nothing was sent. Look again, then try again.",
                Way::Retry,
            ),
            ErrorCode::KeyRefused => (
                "The server does not take the new keys",
                "Several changes were begun and not finished. Sign out and in again, which finishes them, then try again.",
                Way::Retry,
            ),
            ErrorCode::CodeExpired => (
                "This code no longer counts",
                "It was tried too often or is too old. Have another one sent.",
                Way::NewCode,
            ),
            ErrorCode::TagTaken => (
                "This iMTag is taken",
                "Somebody else has it. Choose another one; what you typed is still here.",
                Way::Mend,
            ),
            ErrorCode::TagInvalid if doing == Doing::FindingPerson => (
                "This is no iMTag",
                "An iMTag has 3 to 30 of the letters a to z, digits, dots and underscores, and begins with a letter.",
                Way::Mend,
            ),
            ErrorCode::TagInvalid => (
                "This iMTag cannot be used",
                "It may be kept back. Use 3 to 30 of the letters a to z, digits, dots and underscores, beginning with a letter.",
                Way::Mend,
            ),
            ErrorCode::EmailInvalid => ("This is not an email address", "Check it for a slip of the keys.", Way::Mend),
            ErrorCode::PasswordRefused => (
                "This password cannot be used",
                "It is too easily guessed, or has characters that some keyboards cannot type. Choose another one.",
                Way::Mend,
            ),
            ErrorCode::TooYoung => ("iMegha is for people of 13 or older", "No account was made.", Way::Mend),
            ErrorCode::PolicyNotAccepted => (
                "The privacy policy has to be accepted",
                "It may have changed since this page was loaded: reload the page, read it, and accept it to go on.",
                Way::Reload,
            ),
            ErrorCode::SignedOut => {
                ("You are signed out", "The session has ended. Sign in again; what was stored is safe.", Way::SignIn)
            }
            ErrorCode::Network => Self::network(doing),
            ErrorCode::StorageFull => Self::storage_full(doing),
            ErrorCode::NotFound if doing == Doing::FindingPerson => (
                "Nobody has this iMTag",
                "People are found by their whole iMTag only. Check it for a slip of the keys.",
                Way::Mend,
            ),
            ErrorCode::NotFound if doing.is_about_people() => (
                "There is nothing with this person any more",
                "The request or connection was ended, or the account is gone. People shows who is there.",
                Way::People,
            ),
            ErrorCode::NotFound if doing == Doing::OpeningAlbum => (
                "This album is not there any more",
                "You may have deleted it on another device. Its files are where they were.",
                Way::Albums,
            ),
            ErrorCode::NotFound => (
                "It is not there any more",
                "It may have been moved or deleted, by you on another device.",
                if doing == Doing::Listing { Way::Root } else { Way::Retry },
            ),
            ErrorCode::NameTaken => {
                ("This name is taken", "The folder holds something of that name. Choose another one.", Way::Mend)
            }
            ErrorCode::NameInvalid if doing == Doing::EditingAlbum => {
                ("This title cannot be used", "Use up to 200 bytes, and not only spaces.", Way::Mend)
            }
            ErrorCode::NameInvalid => (
                "This name cannot be used",
                "Use up to 255 bytes without slashes, and not only dots or spaces.",
                Way::Mend,
            ),
            ErrorCode::AlbumFull => {
                ("This album is full", "An album holds up to 10,000 files. Make another one for the rest.", Way::Mend)
            }
            ErrorCode::Conflict if doing == Doing::ChangingPhrase => (
                "Another device was faster",
                "It has changed what opens your account at this moment, so this phrase may be worth nothing. Begin again with another one.",
                Way::Retry,
            ),
            ErrorCode::Conflict if doing.asks_for_password() || doing == Doing::Recovering => (
                "Another device was faster",
                "It has changed what opens your account at this moment. Begin again.",
                Way::Retry,
            ),
            ErrorCode::Conflict if doing == Doing::Connecting => (
                "Another device was faster",
                "It has taken another place for your cloud, or writes to it all the time. Look above where your cloud is now, then try again.",
                Way::Retry,
            ),
            ErrorCode::Conflict if doing.is_about_people() => (
                "It is otherwise meanwhile",
                "The other person, or you on another device, was faster. What is so now is shown; look at it before you go on.",
                Way::Retry,
            ),
            ErrorCode::LimitReached => (
                "There is no room for more",
                "You, or this person, have as many connections and open requests as there can be. End some, or wait until some are answered.",
                Way::Mend,
            ),
            ErrorCode::Conflict => (
                "Another device was faster",
                "It changed the same thing at this moment. Nothing is lost; try again.",
                Way::Retry,
            ),
            ErrorCode::PictureRefused => (
                "This picture cannot be used",
                "It is no JPEG, PNG, GIF or WebP that this browser can decode, or too large for it. Choose another one.",
                Way::Mend,
            ),
            ErrorCode::TooLong => (
                "This is longer than can be kept",
                "A name has up to 200 bytes, the words about you up to 4,096, a number up to 64. Shorten it.",
                Way::Mend,
            ),
            ErrorCode::CannotOpen => Self::cannot_open(doing),
            ErrorCode::Moved if doing == Doing::Connecting => (
                "The cloud has left from there",
                "It was moved on to yet another place. Enter the address of that one.",
                Way::Mend,
            ),
            ErrorCode::Version if doing == Doing::Connecting => (
                "This app and the gateway are of different versions",
                "They are too far apart to understand each other. Update the gateway, or reload the page if the app is the older one.",
                Way::Reload,
            ),
            ErrorCode::Cancelled if doing == Doing::Connecting => (
                "Stopped",
                "Your cloud is where it was. What is copied is not copied again when you go on.",
                Way::Retry,
            ),
            ErrorCode::NoCloud => (
                "You have no cloud yet",
                "This server keeps no files itself. Connect a cloud of your own, and they go there.",
                Way::Connect,
            ),
            ErrorCode::CloudAway if doing == Doing::Connecting => (
                "Your cloud does not answer",
                "Nobody answers where it is, and it is not at this address. Nothing was made there, since you have a cloud already. Try again when it answers.",
                Way::Retry,
            ),
            ErrorCode::CloudAway => (
                "Your cloud does not answer",
                "Its gateway cannot be reached, or does not show it. Try again in a moment; the page Your cloud in the settings says where it is.",
                Way::Retry,
            ),
            ErrorCode::HalfMoved => (
                "Half moved",
                "Your cloud has left and not arrived: nothing can be changed until you go on. Try again; with the same address the move is finished.",
                Way::Retry,
            ),
            ErrorCode::AddressRefused => (
                "This address cannot be used",
                "A gateway is at an https address, without a user name, a question mark or a hash sign in it. Only where this app itself is at an http address, it may be at http://127.0.0.1 or http://localhost.",
                Way::Mend,
            ),
            ErrorCode::NotAGateway => (
                "This is not a gateway",
                "Something answers at this address, but not as a gateway does. Check it for a slip of the keys.",
                Way::Mend,
            ),
            ErrorCode::NotYours => (
                "This gateway is not yours",
                "It does not take your signature, or takes everybody's. Check the address, and that it was made with your owner text.",
                Way::Mend,
            ),
            ErrorCode::OtherCloud => (
                "There is another cloud already",
                "That storage holds another cloud, or another state of this one. Nothing was changed; choose storage that is empty.",
                Way::Mend,
            ),
            ErrorCode::Rollback => (
                "The storage shows an older state",
                "This device has seen a newer one, so nothing was taken over. Storage may have been put back from a copy, or \
                 somebody tampers with it. Ask whoever runs this server before you go on.",
                Way::Retry,
            ),
            ErrorCode::Moved => (
                "This cloud has moved to another place",
                "Here it can be read, and nothing is written to it any more. Where it is now is found on the page of your cloud, or the move is finished there.",
                Way::Cloud,
            ),
            ErrorCode::WeakKdf => (
                "The server asked for weak encryption of your password",
                "Nothing was sent. This should never happen: the server is set up wrongly or tampers. Tell whoever runs it.",
                Way::Retry,
            ),
            ErrorCode::KeyChanged if doing == Doing::Comparing => (
                "The number is another one meanwhile",
                "The keys have changed while you compared, so nothing was taken. Compare the number that is shown now.",
                Way::Retry,
            ),
            ErrorCode::KeyChanged if doing.is_about_people() => (
                "The keys of this person have changed",
                "They do not follow from those that this device knows: the server, or somebody else, may stand between you. Nothing was sent.",
                Way::Retry,
            ),
            ErrorCode::KeyChanged => (
                "The server shows keys that are not yours",
                "Nothing was opened or sent with them. This should never happen: tell whoever runs this server.",
                Way::Retry,
            ),
            ErrorCode::Cancelled if doing == Doing::Checking => {
                ("Stopped", "You stopped the check. It changes nothing, so nothing was lost.", Way::Retry)
            }
            ErrorCode::Cancelled => ("Stopped", "You stopped it. Nothing half-done was kept.", Way::Retry),
            ErrorCode::Paused => ("Paused", "It goes on where it stood when you resume it.", Way::Retry),
            ErrorCode::SourceChanged => (
                "The file could not be read to its end",
                "It was changed, moved or is no file that the browser may read. Choose it again.",
                Way::Retry,
            ),
            ErrorCode::DeviceFull => {
                ("This device is full", "The file was not saved. Make room on this device, then try again.", Way::Retry)
            }
            ErrorCode::Busy => (
                "Another tab is at it",
                "One export goes on at a time in a browser. Wait for the other tab, or stop it there.",
                Way::Retry,
            ),
            ErrorCode::NotWritable => (
                "The file cannot be saved there",
                "This device does not let the page write there, or the browser did not take it. Download it again to choose another place.",
                Way::Retry,
            ),
            ErrorCode::NoWebCrypto => (
                "This browser gives the page no cryptography",
                "Without it nothing can be encrypted, so nothing was sent. Open iMegha by an https address, or on the machine \
                 that runs it as http://127.0.0.1:3000.",
                Way::Reload,
            ),
            ErrorCode::Version => (
                "This page and the server are of different versions",
                "The server has probably been updated. Reload the page; what was stored is safe.",
                Way::Reload,
            ),
            ErrorCode::NotStarted => (
                "The encryption part could not be started",
                "It could not be loaded whole, so nothing was sent. Check the connection and reload the page.",
                Way::Reload,
            ),
            ErrorCode::Stopped => (
                "The encryption part has stopped",
                "Its keys went with it. Reload the page and sign in again; what was stored is safe.",
                Way::Reload,
            ),
            // `Internal`, and what a later worker may add.
            _ => (
                "Something failed",
                "It is not your doing, and what was stored is safe. Try again in a moment.",
                Way::Retry,
            ),
        };
        Self { title, text: Cow::Borrowed(text), way }
    }

    fn network(doing: Doing) -> (&'static str, &'static str, Way) {
        if doing == Doing::Connecting {
            return (
                "The gateway cannot be reached",
                "Nobody answers there, or not to this page. Check the address, and that it was made for this app's address. Nothing is lost; try again.",
                Way::Retry,
            );
        }
        let text = match doing {
            Doing::Recovering => {
                "You may be offline, or the server may be down. What you typed is still here: try again. If the code no longer counts then, have another one sent."
            }
            Doing::ChangingAccount => {
                "The answer did not come, so it may be done or not: until you know, keep both the old and the new. Try again in a moment; to do it twice does no harm."
            }
            Doing::ChangingPhrase => {
                "The answer did not come. Keep the old words as well as the new ones, and try again in a moment."
            }
            Doing::DeletingAccount => {
                "The answer did not come, so the account may be deleted or not. Try again in a moment."
            }
            Doing::ChangingConnection => {
                "The answer did not come, so it may be done or not. Try again in a moment; to do it twice does no harm."
            }
            Doing::ReadingPeople | Doing::Comparing => {
                "You may be offline, or the server may be down. Try again in a moment."
            }
            Doing::EndingSessions => "Nobody could be told, so no session was ended. Try again in a moment.",
            Doing::Uploading => {
                "The upload stopped because the connection is gone. What was sent is kept; it goes on when you are online."
            }
            Doing::TakingUp => {
                "Your keys are still kept on this device. Try again when the server answers, or sign in with your password."
            }
            Doing::Exporting => {
                "The export stopped because the connection is gone. What is there is not all of it: it has no manifest. Try again when you are online."
            }
            Doing::Downloading => "The download stopped because the connection is gone. Try again when you are online.",
            Doing::Changing | Doing::EditingAlbum => {
                "You may be offline, or the server may be down. Your files are as they were; try again in a moment."
            }
            Doing::Reading | Doing::OpeningAlbum => {
                "You may be offline, or the server may be down. Try again in a moment."
            }
            Doing::Checking => {
                "The check stopped because the connection is gone. It says nothing of your files. Try again when you are online."
            }
            _ => "You may be offline, or the server may be down. What you typed is still here.",
        };
        ("The server cannot be reached", text, Way::Retry)
    }

    fn storage_full(doing: Doing) -> (&'static str, &'static str, Way) {
        let text = match doing {
            Doing::Uploading => {
                "This file was not stored; all others are safe. Whoever runs this server can give you more room. Then try again."
            }
            _ => {
                "Nothing was changed, and your files are safe. Whoever runs this server can make room. Then try again."
            }
        };
        ("The storage is full", text, Way::Retry)
    }

    fn cannot_open(doing: Doing) -> (&'static str, &'static str, Way) {
        let text = match doing {
            Doing::ChangingPhrase => {
                "The words that were typed are not those of the new phrase. Nothing was dropped: the old one opens everything as before."
            }
            Doing::SigningIn
            | Doing::Unlocking
            | Doing::TakingUp
            | Doing::Recovering
            | Doing::ChangingAccount
            | Doing::DeletingAccount => {
                "The keys that the server sent do not open, or are not yours. Nothing was opened. Tell whoever runs this server."
            }
            Doing::FindingPerson | Doing::ReadingPeople | Doing::ChangingConnection | Doing::Comparing => {
                "What the server shows of this person is not sealed to you by that person, or is older than what this device has seen. Nothing was taken."
            }
            Doing::Downloading => {
                "What the storage returned is damaged or was tampered with, so it was not saved. Try again; if it stays so, a copy of the storage may help."
            }
            _ => "What the storage returned is damaged or was tampered with, so it is not shown.",
        };
        ("It cannot be opened", text, Way::Retry)
    }

    fn too_many_tries(ms: Option<u64>) -> Self {
        let text = match ms {
            Some(ms) => Cow::Owned(format!("Wait {}, then try again.", duration(ms))),
            None => Cow::Borrowed("Wait a few minutes, then try again."),
        };
        Self { title: "Too many tries", text, way: Way::Retry }
    }

    fn code_just_sent(ms: Option<u64>) -> Self {
        let wait = ms.map_or("a few minutes".to_owned(), duration);
        let text = Cow::Owned(format!("The last one still counts. Another one can be sent in {wait}."));
        Self { title: "A code was sent a moment ago", text, way: Way::Mend }
    }

    fn clock_skew(ms: Option<u64>) -> Self {
        let text = match ms {
            Some(_) => {
                "The clock of this device and that of the server differ by more than a minute. Set the device's clock, then try again."
            }
            None => "Set the clock of this device, then try again.",
        };
        Self { title: "The clocks differ", text: Cow::Borrowed(text), way: Way::Retry }
    }
}

impl Doing {
    /// Whether the password of who is in is asked for it.
    fn asks_for_password(self) -> bool {
        matches!(self, Self::ChangingAccount | Self::ChangingPhrase | Self::DeletingAccount)
    }

    /// Whether it is about somebody else.
    fn is_about_people(self) -> bool {
        matches!(self, Self::FindingPerson | Self::ReadingPeople | Self::ChangingConnection | Self::Comparing)
    }
}

/// What is wrong with the words of a recovery phrase.
pub(crate) fn phrase_problem(problem: &PhraseProblem) -> String {
    match problem {
        PhraseProblem::Count { words: 0 } => "Enter your 24 words.".to_owned(),
        PhraseProblem::Count { words: 1 } => "This is 1 word. A recovery phrase has 24.".to_owned(),
        PhraseProblem::Count { words } => format!("These are {words} words. A recovery phrase has 24."),
        PhraseProblem::Unknown { place } => {
            format!("Word {place} is in no recovery phrase. Look for a slip of the keys.")
        }
        PhraseProblem::Letters => {
            "The words are written in the letters a to z. Something else is among them.".to_owned()
        }
        _ => "Each word exists, but they do not belong together: one is another one on your paper, or two are swapped."
            .to_owned(),
    }
}

/// A failure as it is shown in one line.
pub(crate) fn short(failure: &Failure, doing: Doing) -> String {
    let Words { title, text, .. } = Words::of(failure, doing);
    format!("{title}. {text}")
}

/// A length of time, rounded up: who waits that long has waited long enough.
pub(crate) fn duration(ms: u64) -> String {
    let of = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match ms.div_ceil(1000) {
        seconds @ 0..60 => of(seconds.max(1), "second"),
        seconds @ 60..3600 => of(seconds.div_ceil(60), "minute"),
        seconds => of(seconds.div_ceil(3600), "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: &[ErrorCode] = &[
        ErrorCode::WrongPassword,
        ErrorCode::WrongCode,
        ErrorCode::CodeExpired,
        ErrorCode::TagTaken,
        ErrorCode::TagInvalid,
        ErrorCode::EmailInvalid,
        ErrorCode::PasswordRefused,
        ErrorCode::TooYoung,
        ErrorCode::PolicyNotAccepted,
        ErrorCode::TooManyTries,
        ErrorCode::SignedOut,
        ErrorCode::Network,
        ErrorCode::StorageFull,
        ErrorCode::ClockSkew,
        ErrorCode::NotFound,
        ErrorCode::NameTaken,
        ErrorCode::NameInvalid,
        ErrorCode::AlbumFull,
        ErrorCode::Conflict,
        ErrorCode::PictureRefused,
        ErrorCode::TooLong,
        ErrorCode::CannotOpen,
        ErrorCode::Rollback,
        ErrorCode::Moved,
        ErrorCode::WeakKdf,
        ErrorCode::KeyChanged,
        ErrorCode::Cancelled,
        ErrorCode::Paused,
        ErrorCode::SourceChanged,
        ErrorCode::DeviceFull,
        ErrorCode::NotWritable,
        ErrorCode::Busy,
        ErrorCode::NoCloud,
        ErrorCode::CloudAway,
        ErrorCode::HalfMoved,
        ErrorCode::AddressRefused,
        ErrorCode::NotAGateway,
        ErrorCode::NotYours,
        ErrorCode::OtherCloud,
        ErrorCode::NoWebCrypto,
        ErrorCode::Version,
        ErrorCode::NotStarted,
        ErrorCode::Stopped,
        ErrorCode::KeyRefused,
        ErrorCode::LimitReached,
    ];

    const DOINGS: &[Doing] = &[
        Doing::SigningUp,
        Doing::Confirming,
        Doing::AskingForCode,
        Doing::SigningIn,
        Doing::Unlocking,
        Doing::TakingUp,
        Doing::Listing,
        Doing::CreatingFolder,
        Doing::Uploading,
        Doing::Downloading,
        Doing::Changing,
        Doing::Previewing,
        Doing::Exporting,
        Doing::Reading,
        Doing::Checking,
        Doing::EditingProfile,
        Doing::OpeningAlbum,
        Doing::EditingAlbum,
        Doing::Connecting,
        Doing::Recovering,
        Doing::ChangingAccount,
        Doing::ChangingPhrase,
        Doing::DeletingAccount,
        Doing::EndingSessions,
        Doing::AcceptingPolicy,
        Doing::FindingPerson,
        Doing::ReadingPeople,
        Doing::ChangingConnection,
        Doing::Comparing,
    ];

    #[test]
    fn every_failure_has_words_of_its_own_and_a_way_on() {
        for doing in DOINGS {
            let anything = Words::of(&Failure { code: ErrorCode::Internal, ms: None }, *doing);
            let mut titles = std::collections::BTreeSet::from([anything.title]);
            for code in CODES {
                let words = Words::of(&Failure { code: *code, ms: None }, *doing);
                assert!(titles.insert(words.title), "{code:?} shares its title with another");
                assert!(words.text.ends_with('.') && words.text.len() > 10, "{code:?}: {}", words.text);
                assert!(!words.title.ends_with('.'), "{code:?}: {}", words.title);
                assert!(words.way == Way::Mend || words.way.label().is_some());
            }
        }
    }

    #[test]
    fn who_must_wait_is_told_how_long() {
        let words = Words::of(&Failure { code: ErrorCode::TooManyTries, ms: Some(61_000) }, Doing::SigningIn);
        assert_eq!(words.text, "Wait 2 minutes, then try again.");
    }

    #[test]
    fn who_asks_for_a_code_too_soon_is_not_told_of_tries() {
        let words = Words::of(&Failure { code: ErrorCode::TooManyTries, ms: Some(41_000) }, Doing::AskingForCode);
        assert_eq!(words.text, "The last one still counts. Another one can be sent in 41 seconds.");
    }

    #[test]
    fn lengths_of_time_are_rounded_up() {
        for (ms, expected) in [
            (0, "1 second"),
            (1, "1 second"),
            (1_001, "2 seconds"),
            (59_000, "59 seconds"),
            (59_001, "1 minute"),
            (60_001, "2 minutes"),
            (3_600_000, "1 hour"),
            (3_600_001, "2 hours"),
        ] {
            assert_eq!(duration(ms), expected, "{ms}");
        }
    }

    #[test]
    fn an_unfinished_account_is_spoken_of_where_one_signs_in() {
        let words = Words::of(&Failure { code: ErrorCode::WrongPassword, ms: None }, Doing::SigningIn);
        assert!(words.text.contains("sign up again"));
    }

    #[test]
    fn what_is_wrong_with_words_is_said_by_their_place() {
        assert!(phrase_problem(&PhraseProblem::Unknown { place: 7 }).contains("Word 7"));
        assert!(phrase_problem(&PhraseProblem::Count { words: 23 }).contains("23 words"));
        assert!(phrase_problem(&PhraseProblem::Count { words: 0 }).contains("Enter"));
        assert!(phrase_problem(&PhraseProblem::Checksum).contains("swapped"));
    }

    #[test]
    fn keys_of_others_are_not_called_ones_own() {
        for doing in [Doing::FindingPerson, Doing::ReadingPeople, Doing::ChangingConnection, Doing::Comparing] {
            let words = Words::of(&Failure { code: ErrorCode::KeyChanged, ms: None }, doing);
            assert!(!words.title.contains("yours") && words.text.contains("nothing") | words.text.contains("Nothing"));
        }
    }

    #[test]
    fn who_is_in_and_mistypes_the_password_is_not_asked_for_an_address() {
        for doing in [Doing::ChangingAccount, Doing::ChangingPhrase, Doing::DeletingAccount] {
            let words = Words::of(&Failure { code: ErrorCode::WrongPassword, ms: None }, doing);
            assert_eq!(words.title, "This password is wrong");
        }
    }
}
