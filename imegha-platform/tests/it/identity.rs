//! The suite of identity providers, on those of this crate.

use std::sync::Arc;

use async_trait::async_trait;
use imegha_cloud::backend::RecordStore;
use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::backend::memory::MemoryRecords;
use imegha_cloud::clock::ManualClock;
use imegha_crypto::Email;
use imegha_platform::ServerSecret;
use imegha_platform::conformance::{CodeFor, Subject};
use imegha_platform::identity::{Argon2Cost, EmbeddedIdentity, EmbeddedOptions, IdentityProvider};
use imegha_platform::mail::{MemoryMailer, Message};
use imegha_platform::registry::PlatformSchema;

use crate::world::NOW;

#[derive(Debug)]
struct Embedded {
    clock: Arc<ManualClock>,
    mailer: MemoryMailer,
    identity: EmbeddedIdentity,
    _folder: Option<tempfile::TempDir>,
}

impl Embedded {
    fn over(store: Arc<dyn RecordStore<PlatformSchema>>, folder: Option<tempfile::TempDir>) -> Self {
        let (clock, mailer) = (Arc::new(ManualClock::new(NOW)), MemoryMailer::default());
        let secret = ServerSecret::from_bytes([42; 32]);
        let options = EmbeddedOptions { argon2: Argon2Cost { memory_kib: 8, passes: 1 } };
        let identity = EmbeddedIdentity::new(store, clock.clone(), secret, Arc::new(mailer.clone()), options);
        Self { clock, mailer, identity, _folder: folder }
    }
}

#[async_trait]
impl Subject for Embedded {
    fn provider(&self) -> &dyn IdentityProvider {
        &self.identity
    }

    async fn mailed(&self, to: &Email, of: CodeFor) -> String {
        loop {
            let wait = std::time::Duration::from_secs(20);
            let mail = tokio::time::timeout(wait, self.mailer.next()).await.expect("a mail comes");
            if mail.to != *to {
                continue;
            }
            return match (mail.message, of) {
                (Message::Code { code, .. }, CodeFor::SignUp)
                | (Message::RecoveryCode { code, .. }, CodeFor::Recovery)
                | (Message::EmailChangeCode { code, .. }, CodeFor::EmailChange) => code,
                // What tells the owner of a taken address is no code.
                (Message::AlreadyRegistered | Message::AddressWanted, _) => continue,
                _ => panic!("a mail for something else"),
            };
        }
    }

    fn advance(&self, ms: u64) {
        self.clock.advance(ms);
    }
}

async fn on_memory() -> Embedded {
    Embedded::over(Arc::new(MemoryRecords::<PlatformSchema>::new()), None)
}

async fn on_sqlite() -> Embedded {
    let folder = tempfile::tempdir().unwrap();
    let records = EmbeddedRecords::<PlatformSchema>::open(folder.path().join("identity.sqlite")).unwrap();
    Embedded::over(Arc::new(records), Some(folder))
}

imegha_platform::identity_conformance!(memory, on_memory);
imegha_platform::identity_conformance!(embedded, on_sqlite);
