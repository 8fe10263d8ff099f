//! Moving an account to another address.

use http::Method;
use imegha_crypto::{Email, Password, device};

use super::account::{Account, Known, SignedIn};
use super::password::{added, again, newest_params, stronger};
use super::platform::Platform;
use super::sign_in::auth_string;
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocol::{ChangeEmailRequest, ConfirmEmailRequest};

impl Platform {
    /// Has a code mailed to the address that the account is to move to. A taken one is not told: its owner gets a mail that says so.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`WrongPassword`](ProblemCode::WrongPassword),
    /// [`EmailInvalid`](ProblemCode::EmailInvalid), [`TooManyTries`](ProblemCode::TooManyTries).
    pub async fn begin_email_change(&self, account: &Account, password: &str, email: &str) -> Result<()> {
        let email = Email::parse(email)?.as_str().to_owned();
        let auth_string = self.current_auth(account, password).await?;
        self.tell(Method::POST, "account/email", Some(&ChangeEmailRequest { email, auth_string })).await
    }

    /// Moves the account to the address whose code this is, and signs in there with the same password. White space in the code is dropped. From then
    /// on the old address is free. May be repeated when the answer was lost; an account that moved already and was not signed in to yet
    /// takes any code.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`WrongCode`](ProblemCode::WrongCode), [`CodeExpired`](ProblemCode::CodeExpired),
    /// also when another account has the address by now, [`WrongPassword`](ProblemCode::WrongPassword),
    /// [`TooManyTries`](ProblemCode::TooManyTries) as for a change of password.
    pub async fn confirm_email_change(
        &self,
        account: &Account,
        password: &str,
        email: &str,
        code: &str,
    ) -> Result<SignedIn> {
        let email = Email::parse(email)?;
        let old = self.current_auth(account, password).await?;
        let password = Password::parse(password)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let (login, known) = again(|| async {
            let keys = self.fresh(account).await?;
            let newest = newest_params(&keys)?;
            let moved = keys.record().email == email;
            let params = if moved { newest } else { stronger(newest.iterations())? };
            let login = device::derive_login(&password, &email, &params).await?;
            if moved {
                // The address is the account's already; what is left is that the platform takes the password with it.
                match self.replace_auth(&old, &login, None).await {
                    Err(error) if error.code() == Some(ProblemCode::Conflict) => {
                        let changed = keys.change_password(&login)?;
                        self.replace_auth(&old, &login, Some(added(&changed)?)).await?;
                    }
                    done => done?,
                }
            } else {
                let changed = keys.change_email(&login).map_err(|_| Error::refused(ProblemCode::Conflict))?;
                let request = ConfirmEmailRequest {
                    email: email.as_str().to_owned(),
                    code: code.clone(),
                    auth_string: old.clone(),
                    new_auth_string: auth_string(&login),
                    add: added(&changed)?,
                };
                self.tell(Method::POST, "account/email/confirm", Some(&request)).await?;
            }
            Ok((login, Known::new(&keys, &account.kdf)))
        })
        .await?;
        self.sign_in_by_login(&login, Some(&known)).await
    }
}
