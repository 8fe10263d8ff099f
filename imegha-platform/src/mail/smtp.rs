//! Mails by SMTP (RFC 5321).

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as SmtpMessage, Tokio1Executor};
use url::Url;

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
    /// sending as `from`, such as `iMegha <no-reply@imegha.example>`. Without TLS it must be on this machine: codes and addresses go over it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when either is not of its form, or the server is elsewhere and TLS is not required. Nothing is sent yet.
    pub fn new(url: &str, from: &str) -> Result<Self> {
        // The address holds a password: its parse error is not passed on.
        let not_of_form = || Error::new(ErrorKind::Config, "the mail server's address is not of its form");
        let parsed = Url::parse(url).map_err(|_| not_of_form())?;
        if !is_secure(&parsed) && !is_here(&parsed) {
            let context = "a mail server elsewhere is smtps://, or smtp:// with ?tls=required";
            return Err(Error::new(ErrorKind::Config, context));
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| not_of_form())?
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
        let not_taken = |cause| Error::with_source(ErrorKind::Mail, "the mail server did not take the mail", cause);
        // The transport's own patience ends with the connection: a server that takes one and is silent would be waited for without end.
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| not_taken(cause(&error))),
            Err(_) => Err(not_taken("timeout".to_owned())),
        }
    }
}

/// Whether nothing is sent but by TLS. `tls=opportunistic` is not that: whoever is in between can leave STARTTLS out.
fn is_secure(url: &Url) -> bool {
    url.scheme() == "smtps"
        || url.query_pairs().find(|(name, _)| name == "tls").is_some_and(|(_, value)| value == "required")
}

/// Whether the server is on this machine. The scheme is not one of the web's, so its host is a name even where it is a number.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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

const TIMEOUT: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 20 });

#[cfg(test)]
mod tests {
    use imegha_crypto::Email;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::mail::Message;

    /// A mail server for one mail: answers each line as RFC 5321 has it, and yields the mail's lines.
    async fn serve(listener: TcpListener, offers: &'static str, rcpt: &'static str) -> Vec<String> {
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
                Some("EHLO") => offers,
                Some("AUTH") => {
                    mail.push(line.clone());
                    "235 you are"
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
        send_by("smtp://HOST", "250 fine", rcpt).await
    }

    /// Sends a mail to a server that offers so much, by an address in which its own stands for HOST.
    async fn send_by(url: &str, offers: &'static str, rcpt: &'static str) -> (Result<()>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url.replace("HOST", &listener.local_addr().unwrap().to_string());
        let server = tokio::spawn(serve(listener, offers, rcpt));
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

    #[tokio::test]
    async fn the_password_of_the_address_signs_in() {
        let (sent, said) = send_by("smtp://imegha:tower@HOST", "250 AUTH PLAIN", "250 fine").await;
        sent.unwrap();
        // NUL imegha NUL tower (RFC 4616).
        assert_eq!(said[0], "AUTH PLAIN AGltZWdoYQB0b3dlcg==");
        // A server that takes no password is not sent the mail without one.
        let (sent, said) = send_by("smtp://imegha:tower@HOST", "250 fine", "250 fine").await;
        let error = sent.unwrap_err();
        assert!(error.kind() == ErrorKind::Mail && said.is_empty(), "{said:?}");
        assert!(!format!("{error:?}").contains("tower"));
    }

    /// Who is in between leaves STARTTLS out, or answers with a certificate of his own.
    #[tokio::test]
    async fn where_tls_is_required_nothing_goes_in_the_clear() {
        for (url, offers) in [
            ("smtp://imegha:tower@HOST?tls=required", "250 AUTH PLAIN"),
            ("smtp://imegha:tower@HOST?tls=required", "250-STARTTLS\r\n250 AUTH PLAIN"),
            ("smtps://imegha:tower@HOST", "250 AUTH PLAIN"),
        ] {
            let (sent, said) = send_by(url, offers, "250 fine").await;
            assert_eq!(sent.unwrap_err().kind(), ErrorKind::Mail, "{url} {offers}");
            assert!(
                said.iter().all(|line| !line.contains("AUTH") && !line.contains("alice")),
                "{url} {offers}: {said:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let mailer = SmtpMailer::new(&url, "no-reply@imegha.example").unwrap();
        let mail = Mail { to: Email::parse("alice@example.com").unwrap(), message: Message::AlreadyRegistered };
        let error = mailer.send(&mail).await.unwrap_err();
        let shown = format!("{error:?}");
        assert!(error.kind() == ErrorKind::Mail && shown.contains("timeout") && !shown.contains("alice"), "{shown}");
        drop(listener);
    }

    #[test]
    fn addresses_are_checked_at_the_start() {
        for (url, from) in [
            ("mail.example", "a@b.example"),
            ("smtp://127.0.0.1", "nobody"),
            ("http://127.0.0.1", "a@b.example"),
            ("smtp://mail.example", "a@b.example"),
            ("smtp://192.168.1.2:25", "a@b.example"),
            ("smtp://mail.example?tls=opportunistic", "a@b.example"),
            ("smtp://127.0.0.1.example", "a@b.example"),
        ] {
            let error = SmtpMailer::new(url, from).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        }
        for url in ["smtps://mail.example", "smtp://mail.example?tls=required", "smtp://localhost", "smtp://[::1]:25"] {
            SmtpMailer::new(url, "a@b.example").expect(url);
        }
    }
}
