//! Mails kept in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{Mail, Mailer};
use crate::error::Result;

/// Keeps every mail. Clones share one box.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailer {
    mails: Arc<Mutex<Vec<Mail>>>,
    came: Arc<Notify>,
}

impl MemoryMailer {
    /// Waits for the next mail and takes it out of the box.
    pub async fn next(&self) -> Mail {
        loop {
            let came = self.came.notified();
            if let Some(mail) = self.take() {
                return mail;
            }
            came.await;
        }
    }

    /// Takes the oldest mail out of the box, if there is one.
    pub fn take(&self) -> Option<Mail> {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.is_empty() { None } else { Some(mails.remove(0)) }
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, mail: &Mail) -> Result<()> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        self.came.notify_one();
        Ok(())
    }
}
