//! Mails by SMTP (RFC 5321).

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as SmtpMessage, Tokio1Executor};

use super::{Mail, Mailer};
use crate::error::{Error, ErrorKind, Result};

/// Hands mails to a mail server.
#[derive(Clone, Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// A mailer over the server of an address such as `smtps://user:password@mail.example` or `smtp://mail.example?tls=required`,
    /// sending as `from`, such as `iMegha <no-reply@imegha.example>`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when either is not of its form. Nothing is sent yet.
    pub fn new(url: &str, from: &str) -> Result<Self> {
        // The address holds a password: its parse error is not passed on.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| Error::new(ErrorKind::Config, "the mail server's address is not of its form"))?
            .timeout(Some(TIMEOUT))
            .build();
        let from = from.parse().map_err(|error: lettre::address::AddressError| {
            Error::with_source(ErrorKind::Config, "the sender's address is not of its form", error)
        })?;
        Ok(Self { transport, from })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<()> {
        let to = mail.to.as_str().parse().map_err(|error: lettre::address::AddressError| {
            Error::with_source(ErrorKind::Mail, "mail servers do not take an address of this form", error)
        })?;
        let message = SmtpMessage::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text())
            .map_err(|error| Error::with_source(ErrorKind::Mail, "the mail cannot be written", error))?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            Error::with_source(ErrorKind::Mail, "the mail server did not take the mail", cause(&error))
        })
    }
}

/// What happened, without what the server said: that may name the address, and ends in a log.
fn cause(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(status) => format!("SMTP status {status}"),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_tls() => "TLS".to_owned(),
        None => "no connection, or no SMTP on it".to_owned(),
    }
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use imegha_crypto::Email;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::mail::Message;

    /// A mail server for one mail: answers each line as RFC 5321 has it, and yields the mail's lines.
    async fn serve(listener: TcpListener, rcpt: &'static str) -> Vec<String> {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut mail, mut in_data) = (Vec::new(), false);
        write.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.split(' ').next() {
                _ if in_data && line != "." => {
                    mail.push(line);
                    continue;
                }
                Some("DATA") => {
                    in_data = true;
                    "354 go on"
                }
                Some("RCPT") => rcpt,
                Some("QUIT") => break,
                _ => {
                    in_data = false;
                    "250 fine"
                }
            };
            if line.starts_with("RCPT") {
                mail.push(line);
            }
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
        mail
    }

    async fn send(rcpt: &'static str) -> (Result<()>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(serve(listener, rcpt));
        let mailer = SmtpMailer::new(&url, "iMegha <no-reply@imegha.example>").unwrap();
        let to = Email::parse("alice@example.com").unwrap();
        let sent = mailer.send(&Mail { to, message: Message::Code { code: "123456".to_owned(), minutes: 15 } }).await;
        drop(mailer);
        (sent, server.await.unwrap())
    }

    #[tokio::test]
    async fn a_mail_reaches_its_server() {
        let (sent, mail) = send("250 fine").await;
        sent.unwrap();
        assert_eq!(mail[0], "RCPT TO:<alice@example.com>");
        assert!(mail.contains(&"Subject: 123456 is your iMegha code".to_owned()), "{mail:?}");
        assert!(mail.iter().any(|line| line.contains("Your code for iMegha is 123456.")), "{mail:?}");
    }

    #[tokio::test]
    async fn what_the_server_says_is_not_logged() {
        let (sent, _) = send("550 no such user alice@example.com").await;
        let error = sent.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mail);
        let shown = format!("{error:?}");
        assert!(shown.contains("550") && !shown.contains("alice"), "{shown}");
    }

    #[test]
    fn addresses_are_checked_at_the_start() {
        for (url, from) in [("mail.example", "a@b.example"), ("smtp://127.0.0.1", "nobody")] {
            let error = SmtpMailer::new(url, from).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
        }
    }
}
