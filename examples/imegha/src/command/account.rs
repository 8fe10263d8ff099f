//! Signing in and out, and who that is.

use imegha_platform::client::Platform;
use serde_json::json;

use crate::arguments::{AsJson, ForAll, Login};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::output::{print, print_json, say};
use crate::password::password;
use crate::session::{OpenedBy, Session, signed_out};
use crate::shown::shown;

/// Signs in. An account that this device knows is held to what it knows.
pub(super) async fn login(folder: &Folder, login: Login, all: ForAll) -> Result<()> {
    let platform = Platform::new(login.server.clone())?;
    let before = Session::load(folder)?;
    let password = password(all.password_stdin).await?;
    let known =
        before.as_ref().filter(|session| session.is_of(&login.server, &login.email)).map(|session| &session.known);
    let signed_in = match known {
        Some(known) => platform.sign_in_known(&login.email, &password, known).await?,
        None => platform.sign_in(&login.email, &password).await?,
    };
    let account = &signed_in.account;
    let token =
        platform.session_token().ok_or_else(|| Failure::new(Code::Unreachable, "the server gave no session"))?;
    let session = Session {
        server: login.server,
        email: account.email.as_str().to_owned(),
        known: signed_in.known.clone(),
        opened_by: Some(OpenedBy { token, locked: account.lock(&password, &signed_in.known).await? }),
    };
    if let Err(failure) = session.save(folder) {
        // Nobody would ever end it.
        let _ = platform.sign_out().await;
        return Err(failure);
    }
    if let Some(before) = before {
        end(before).await;
    }
    say(all.quiet, &format!("signed in as {}", shown(&session.email)))
}

/// Signs out. What opens the account is removed before the server is asked, whatever it answers.
pub(super) async fn logout(folder: &Folder, all: ForAll) -> Result<()> {
    let mut session = Session::load(folder)?.ok_or_else(signed_out)?;
    let opened_by = session.opened_by.take().ok_or_else(signed_out)?;
    session.save(folder)?;
    let platform = Platform::new(session.server)?;
    platform.take_session(opened_by.token);
    platform.sign_out().await.map_err(|error| {
        let failure = Failure::from(error);
        let message = format!("signed out on this device; the session at the server was not ended: {failure}");
        Failure::new(failure.code(), message)
    })?;
    say(all.quiet, "signed out")
}

/// Who is signed in here, as far as this device knows.
pub(super) fn whoami(folder: &Folder, output: AsJson) -> Result<()> {
    let session = Session::load(folder)?.filter(|session| session.opened_by.is_some()).ok_or_else(signed_out)?;
    let fingerprint = session.known.first.to_string();
    if output.json {
        return print_json(&json!({
            "email": session.email,
            "server": session.server.as_str(),
            "account": session.known.account.to_string(),
            "first_fingerprint": fingerprint,
        }));
    }
    print(&format!("{} at {}", shown(&session.email), session.server))?;
    print(&format!("first key {fingerprint}"))
}

/// Ends the session that another sign-in has replaced. When it cannot be, it ends by itself in time.
async fn end(session: Session) {
    if let (Some(opened_by), Ok(platform)) = (session.opened_by, Platform::new(session.server)) {
        platform.take_session(opened_by.token);
        let _ = platform.sign_out().await;
    }
}
