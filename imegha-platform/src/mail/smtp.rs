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
            Error::with_source(ErrorKind::Mail, "no mail server takes this address", error)
        })?;
        let message = SmtpMessage::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text())
            .map_err(|error| Error::with_source(ErrorKind::Mail, "the mail cannot be written", error))?;
        self.transport
            .send(message)
            .await
            .map(drop)
            .map_err(|error| Error::with_source(ErrorKind::Mail, "the mail server did not take the mail", error))
    }
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
