//! What the platform asks of Cognito, each a request or two.

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider as cognito;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, UserStatusType};
use imegha_crypto::Email;
use zeroize::Zeroizing;

use super::CognitoConfig;
use super::error::{code, request};
use super::jwks::Jwks;
use crate::error::{Error, ErrorKind, Result};
use crate::problem::ProblemCode;
use crate::protocol::AuthString;

/// A user pool, by the app client that has a secret.
#[derive(Debug)]
pub(super) struct Client {
    config: CognitoConfig,
    sdk: cognito::Client,
    jwks: Jwks,
}

/// What a sign-up came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignedUp {
    /// The user is new. If it has an address, its code is mailed.
    New,
    /// It was there.
    There,
}

impl Client {
    pub(super) fn new(config: CognitoConfig, sdk: &SdkConfig) -> Result<Self> {
        Ok(Self { sdk: config.client(sdk), jwks: Jwks::new(&config)?, config })
    }

    /// Makes a user; without an address no code is made for it.
    ///
    /// # Errors
    /// [`ProblemCode::EmailInvalid`] for an address that Cognito does not write to.
    pub(super) async fn sign_up(&self, username: &str, auth: &AuthString, email: Option<&Email>) -> Result<SignedUp> {
        let done = self
            .sdk
            .sign_up()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(username))
            .username(username)
            .password(auth.expose())
            .set_user_attributes(email.map(address).transpose()?)
            .send()
            .await;
        let Err(error) = done else { return Ok(SignedUp::New) };
        match code(&error) {
            Some("UsernameExistsException") => Ok(SignedUp::There),
            // The user is made.
            Some(NOT_SENT) => not_sent(SignedUp::New),
            Some("InvalidParameterException") if names_the_address(error.as_service_error()) => {
                Err(Error::refused(ProblemCode::EmailInvalid))
            }
            _ => Err(request("signing up at Cognito")(error)),
        }
    }

    /// Has another code mailed. A user that awaits none gets none.
    pub(super) async fn resend(&self, username: &str) -> Result<()> {
        let done = self
            .sdk
            .resend_confirmation_code()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(username))
            .username(username)
            .send()
            .await;
        let Err(error) = done else { return Ok(()) };
        match code(&error) {
            Some(NOT_SENT) => not_sent(()),
            Some("InvalidParameterException" | "UserNotFoundException") => Ok(()),
            _ => Err(request("having Cognito send a code")(error)),
        }
    }

    /// Whether `code` is the one that was mailed for a sign-up. Of a user that is confirmed it has been.
    pub(super) async fn confirm_sign_up(&self, username: &str, code: &str) -> Result<()> {
        let done = self
            .sdk
            .confirm_sign_up()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(username))
            .username(username)
            .confirmation_code(code)
            .send()
            .await;
        let Err(error) = done else { return Ok(()) };
        match request("giving Cognito a code")(error) {
            // How Cognito says that there is nothing to confirm. Why is not taken from its words.
            error if error.code() == Some(ProblemCode::WrongPassword) => match self.is_confirmed(username).await? {
                true => Ok(()),
                false => Err(Error::refused(ProblemCode::WrongCode)),
            },
            error => Err(error),
        }
    }

    /// Signs in, and yields the access token, which is the pool's. It goes nowhere but back to Cognito.
    pub(super) async fn sign_in(&self, username: &str, auth: &AuthString) -> Result<Zeroizing<String>> {
        // The flow that takes AWS credentials beside the client's secret; the app client allows no other.
        let answer = self
            .sdk
            .admin_initiate_auth()
            .user_pool_id(&self.config.pool)
            .client_id(&self.config.client)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", username)
            .auth_parameters("PASSWORD", auth.expose())
            .auth_parameters("SECRET_HASH", self.config.secret_hash(username))
            .send()
            .await
            .map_err(request("signing in at Cognito"))?;
        let token = answer.authentication_result.and_then(|result| result.access_token).map(Zeroizing::new);
        let token =
            token.ok_or_else(|| Error::new(ErrorKind::Config, "the user pool asks for more than a password"))?;
        self.jwks.verify(&token, username).await?;
        Ok(token)
    }

    /// Replaces the password of whoever the token is.
    pub(super) async fn change_password(&self, token: &str, old: &AuthString, new: &AuthString) -> Result<()> {
        self.sdk
            .change_password()
            .access_token(token)
            .previous_password(old.expose())
            .proposed_password(new.expose())
            .send()
            .await
            .map(drop)
            .map_err(request("changing a password at Cognito"))
    }

    /// Has a code mailed that replaces the password.
    pub(super) async fn forgot_password(&self, username: &str) -> Result<()> {
        let done = self
            .sdk
            .forgot_password()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(username))
            .username(username)
            .send()
            .await;
        let Err(error) = done else { return Ok(()) };
        match code(&error) {
            Some(NOT_SENT) => not_sent(()),
            _ => Err(request("having Cognito send a code")(error)),
        }
    }

    /// Replaces the password by the code.
    pub(super) async fn confirm_forgot_password(&self, username: &str, code: &str, new: &AuthString) -> Result<()> {
        self.sdk
            .confirm_forgot_password()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(username))
            .username(username)
            .confirmation_code(code)
            .password(new.expose())
            .send()
            .await
            .map(drop)
            .map_err(request("replacing a password at Cognito"))
    }

    /// Has the mails of a user go to an address that has been proven.
    pub(super) async fn set_email(&self, username: &str, email: &Email) -> Result<()> {
        let mut attributes = address(email)?;
        attributes.push(attribute("email_verified", "true")?);
        self.sdk
            .admin_update_user_attributes()
            .user_pool_id(&self.config.pool)
            .username(username)
            .set_user_attributes(Some(attributes))
            .send()
            .await
            .map(drop)
            .map_err(request("changing an address at Cognito"))
    }

    /// Removes a user; one that is not there is no error.
    pub(super) async fn delete(&self, username: &str) -> Result<()> {
        let done = self.sdk.admin_delete_user().user_pool_id(&self.config.pool).username(username).send().await;
        match done {
            Err(error) if code(&error) == Some("UserNotFoundException") => Ok(()),
            done => done.map(drop).map_err(request("removing a user at Cognito")),
        }
    }

    async fn is_confirmed(&self, username: &str) -> Result<bool> {
        let done = self.sdk.admin_get_user().user_pool_id(&self.config.pool).username(username).send().await;
        match done {
            Ok(user) => Ok(user.user_status == Some(UserStatusType::Confirmed)),
            Err(error) if code(&error) == Some("UserNotFoundException") => Ok(false),
            Err(error) => Err(request("looking a user up at Cognito")(error)),
        }
    }

    /// That pool, app client, secret and credentials are right, and that Cognito does not tell who is there. Nobody is signed in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] in words; [`ProblemCode::Unavailable`] when Cognito cannot be reached.
    pub(super) async fn check(&self, nobody: &str, auth: &AuthString) -> Result<()> {
        let tells = || {
            Error::new(ErrorKind::Config, "the app client tells who has an account: PreventUserExistenceErrors is off")
        };
        let forgotten = self
            .sdk
            .confirm_forgot_password()
            .client_id(&self.config.client)
            .secret_hash(self.config.secret_hash(nobody))
            .username(nobody)
            .confirmation_code("000000")
            .password(auth.expose())
            .send()
            .await;
        if let Err(error) = forgotten {
            match code(&error) {
                Some("UserNotFoundException") => return Err(tells()),
                Some("CodeMismatchException" | "ExpiredCodeException") => {}
                _ => return Err(request("asking Cognito for nobody")(error)),
            }
        }
        match self.sign_in(nobody, auth).await {
            Err(error) if error.code() == Some(ProblemCode::WrongPassword) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(Error::new(ErrorKind::Config, "the user pool signs everybody in")),
        }
    }
}

/// A mail that was not sent is the operator's to see, and no error of whoever waits for it: another can be asked for.
fn not_sent<T>(done: T) -> Result<T> {
    tracing::error!("Cognito could not send a mail");
    Ok(done)
}

const NOT_SENT: &str = "CodeDeliveryFailureException";

fn address(email: &Email) -> Result<Vec<AttributeType>> {
    Ok(vec![attribute("email", email.as_str())?])
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    AttributeType::builder()
        .name(name)
        .value(value)
        .build()
        .map_err(|error| Error::with_source(ErrorKind::Storage, "an attribute of a user is incomplete", error))
}

/// Whether what Cognito refuses is the address: its words are all that says so.
fn names_the_address<E: cognito::error::ProvideErrorMetadata>(error: Option<&E>) -> bool {
    error.and_then(E::message).is_some_and(|message| message.to_ascii_lowercase().contains("email"))
}
