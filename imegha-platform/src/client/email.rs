//! Moving an account to another address.

use http::Method;
use imegha_crypto::{Email, Password};

use super::account::{Account, Known, SignedIn};
use super::password::{ATTEMPTS, added, is_worth_another, login_for, newest_params, stronger};
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
        let mut failed = Error::refused(ProblemCode::Conflict);
        for _ in 0..ATTEMPTS {
            let keys = match self.fresh(account).await {
                Err(error) if is_worth_another(&error) => {
                    failed = error;
                    continue;
                }
                keys => keys?,
            };
            let newest = newest_params(&keys)?;
            let moved = keys.record().email == email;
            let params = if moved { newest } else { stronger(newest.iterations())? };
            let login = login_for(&password, &email, &params).await?;
            let mut answer = Err(Error::refused(ProblemCode::Conflict));
            if moved {
                // The address is the account's already; what is left is that the platform takes the password with it.
                answer = self.replace_auth(&old, &login, None).await;
                if answer.as_ref().err().and_then(Error::code) == Some(ProblemCode::Conflict) {
                    let changed = keys.change_password(&login)?;
                    answer = self.replace_auth(&old, &login, Some(added(&changed)?)).await;
                }
            } else if let Ok(changed) = keys.change_email(&login) {
                let request = ConfirmEmailRequest {
                    email: email.as_str().to_owned(),
                    code: code.clone(),
                    auth_string: old.clone(),
                    new_auth_string: auth_string(&login),
                    add: added(&changed)?,
                };
                answer = self.tell(Method::POST, "account/email/confirm", Some(&request)).await;
            }
            match answer {
                Ok(()) => return self.sign_in_by_login(&login, Some(&Known::new(&keys, &account.kdf))).await,
                Err(error) if is_worth_another(&error) => failed = error,
                Err(error) => return Err(error),
            }
        }
        Err(failed)
    }
}
