//! The mails that the embedded identity sends.

mod memory;
mod smtp;
mod terminal;

use std::fmt;

use async_trait::async_trait;
use imegha_crypto::Email;

pub use memory::MemoryMailer;
pub use smtp::SmtpMailer;
pub use terminal::TerminalMailer;

use crate::error::Result;

/// Hands mails to whatever delivers them.
#[async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Sends one mail.
    ///
    /// # Errors
    /// [`ErrorKind::Mail`](crate::ErrorKind::Mail) when it cannot be handed over.
    async fn send(&self, mail: &Mail) -> Result<()>;

    /// Whether mails are printed on the server's terminal instead of being sent. Clients tell people where to look.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// A mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it goes to.
    pub to: Email,
    /// What it says.
    pub message: Message,
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// The code that confirms a sign-up.
    Code {
        /// Six digits.
        code: String,
        /// How many minutes it is good for.
        minutes: u64,
    },
    /// Somebody tried to sign up with an address that has an account.
    AlreadyRegistered,
    /// The code that, together with the recovery phrase, lets a new password be chosen.
    RecoveryCode {
        /// Six digits.
        code: String,
        /// How many minutes it is good for.
        minutes: u64,
    },
    /// The code that moves an account to the address that this is mailed to.
    EmailChangeCode {
        /// Six digits.
        code: String,
        /// How many minutes it is good for.
        minutes: u64,
    },
    /// Somebody tried to move another account to an address that has an account.
    AddressWanted,
}

impl Mail {
    /// The subject line.
    pub fn subject(&self) -> String {
        match &self.message {
            Message::Code { code, .. } => format!("{code} is your iMegha code"),
            Message::AlreadyRegistered => "Somebody tried to sign up with your address".to_owned(),
            Message::RecoveryCode { code, .. } => format!("{code} is your iMegha recovery code"),
            Message::EmailChangeCode { code, .. } => format!("{code} confirms your new address for iMegha"),
            Message::AddressWanted => "Somebody tried to move an account to your address".to_owned(),
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        match &self.message {
            Message::Code { code, minutes } => format!(
                "Your code for iMegha is {code}. It is good for {minutes} minutes.\n\n\
                 If you did not sign up, ignore this mail: without the code nothing happens.\n"
            ),
            Message::AlreadyRegistered => {
                "Somebody tried to sign up for iMegha with your address, which has an account already. \
                 Nothing was changed.\n\n\
                 If it was you, sign in with your password. If it was not, you need not do anything.\n"
                    .to_owned()
            }
            Message::RecoveryCode { code, minutes } => format!(
                "Your recovery code for iMegha is {code}. It is good for {minutes} minutes.\n\n\
                 Together with your recovery phrase it lets you choose a new password. Give it to nobody, and type the phrase \
                 nowhere but on iMegha's own page.\n\n\
                 If you did not ask for it, ignore this mail: without the phrase nothing happens.\n"
            ),
            Message::EmailChangeCode { code, minutes } => format!(
                "The code that moves an iMegha account to this address is {code}. It is good for {minutes} minutes.\n\n\
                 If you did not ask for it, ignore this mail: without the code nothing happens.\n"
            ),
            Message::AddressWanted => {
                "Somebody tried to move another iMegha account to your address, which has an account already. \
                 Nothing was changed.\n\n\
                 If it was you, delete one of the two accounts first. If it was not, you need not do anything.\n"
                    .to_owned()
            }
        }
    }

    /// The code that the mail carries, if it carries one, and how many minutes it is good for.
    pub fn code(&self) -> Option<(&str, u64)> {
        match &self.message {
            Message::Code { code, minutes }
            | Message::RecoveryCode { code, minutes }
            | Message::EmailChangeCode { code, minutes } => Some((code, *minutes)),
            Message::AlreadyRegistered | Message::AddressWanted => None,
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(redacted)")
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message(redacted)")
    }
}
