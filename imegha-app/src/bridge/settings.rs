//! What the pages of the settings ask for.

use imegha_worker::protocol::{AuditEntry, AuditFilter, ErrorCode, Failure, Reply, Report, Request, Usage};
use leptos::prelude::*;

use super::client::Client;
use super::message::failure;
use super::page;

impl Client {
    /// What the cloud holds. Everything is counted at each call.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn usage(self) -> Result<Usage, Failure> {
        match self.ask(Request::Usage).await? {
            Reply::Usage(usage) => Ok(usage),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Looks whether everything is there; [`Client::checked`] says how far it is.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn check(self, deep: bool) -> Result<Report, Failure> {
        self.checked.set(None);
        self.checking.set(true);
        let answer = self.ask(Request::Check { deep }).await;
        self.checking.set(false);
        match answer? {
            Reply::Checked(report) => Ok(report),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Stops the check.
    pub(crate) fn stop_check(self) {
        // What asked for the check is answered that it was stopped.
        self.tell(Request::StopCheck);
    }

    /// What the owner did, the newest first, and whether there is more: [`Client::more_audit`].
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn audit(self, filter: AuditFilter) -> Result<(Vec<AuditEntry>, bool), Failure> {
        self.entries(Request::Audit { filter }).await
    }

    /// What comes after that.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn more_audit(self) -> Result<(Vec<AuditEntry>, bool), Failure> {
        self.entries(Request::MoreAudit).await
    }

    async fn entries(self, request: Request) -> Result<(Vec<AuditEntry>, bool), Failure> {
        match self.ask(request).await? {
            Reply::Audit { entries, more } => Ok((entries, more)),
            _ => Err(failure(ErrorCode::Version)),
        }
    }

    /// Gives the person what the owner did as a file, and answers how many entries it has.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn export_audit(self, filter: AuditFilter) -> Result<u64, Failure> {
        match self.ask_for_blob(Request::ExportAudit { filter }).await? {
            (Reply::AuditExported { count }, Some(blob)) if page::save(&blob, "imegha-activity.jsonl") => Ok(count),
            _ => Err(failure(ErrorCode::Version)),
        }
    }
}
