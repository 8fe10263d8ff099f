//! Mails on the server's terminal, for a set-up without a mail server.

use std::io::Write as _;

use async_trait::async_trait;

use super::{Mail, Mailer, Message};
use crate::error::{Error, ErrorKind, Result};

/// Prints each mail on standard output. For a machine whose terminal only its operator sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalMailer;

#[async_trait]
impl Mailer for TerminalMailer {
    async fn send(&self, mail: &Mail) -> Result<()> {
        let text = shown(mail);
        // One write, so that mails of the same moment do not run into each other.
        std::io::stdout()
            .lock()
            .write_all(text.as_bytes())
            .map_err(|error| Error::with_source(ErrorKind::Mail, "the terminal cannot be written to", error))
    }

    fn is_terminal(&self) -> bool {
        true
    }
}

fn shown(mail: &Mail) -> String {
    // An address has no control characters: it was parsed. Nothing in here can move the cursor.
    let to = mail.to.as_str();
    match (&mail.message, mail.code()) {
        (Message::Code { .. }, Some((code, minutes))) => {
            format!("\n  ── mail to {to} ──\n  iMegha code: {code}   (good for {minutes} minutes)\n\n")
        }
        (_, Some((code, minutes))) => format!(
            "\n  ── mail to {to} ──\n  {}\n  iMegha code: {code}   (good for {minutes} minutes)\n\n",
            mail.subject()
        ),
        (_, None) => format!("\n  ── mail to {to} ──\n  {}\n\n", mail.text().trim_end().replace('\n', "\n  ")),
    }
}

#[cfg(test)]
mod tests {
    use imegha_crypto::Email;

    use super::*;

    #[test]
    fn the_code_stands_out() {
        let to = Email::parse("alice@example.com").unwrap();
        let text = shown(&Mail { to, message: Message::Code { code: "123456".to_owned(), minutes: 15 } });
        assert!(text.contains("\n  iMegha code: 123456 "), "{text}");
        assert!(text.contains("alice@example.com"));
    }
}
