//! The dear operations of logins, public links and values sealed to a person.

use zeroize::Zeroizing;

use crate::account::login::Login;
use crate::envelope::link::{LinkKeys, PublicLink};
use crate::envelope::sealed_to::SealedTo;
use crate::envelope::subject::Subject;
use crate::error::Result;
use crate::keys::identity::{Identity, PublicIdentity};
use crate::keys::password::{Email, KdfParams, Password};

/// [`Login::derive`].
///
/// # Errors
/// As there.
pub async fn derive_login(password: &Password, email: &Email, params: &KdfParams) -> Result<Login> {
    let keys = super::derive_password_keys(password, email, params).await?;
    Ok(Login::new(email, params, keys))
}

/// [`PublicLink::derive_keys`].
///
/// # Errors
/// As there.
pub async fn derive_link_keys(link: &PublicLink, password: Option<&Password>) -> Result<LinkKeys> {
    platform::derive_link_keys(link, password).await
}

/// [`Identity::seal_to`].
///
/// # Errors
/// As there.
pub async fn seal_to(
    sender: &Identity,
    recipient: &PublicIdentity,
    subject: &Subject,
    payload: &[u8],
) -> Result<SealedTo> {
    platform::seal_to(sender, recipient, subject, payload).await
}

/// [`Identity::open_from`].
///
/// # Errors
/// As there.
pub async fn open_from(
    recipient: &Identity,
    sender: &PublicIdentity,
    subject: &Subject,
    sealed: &SealedTo,
) -> Result<Zeroizing<Vec<u8>>> {
    platform::open_from(recipient, sender, subject, sealed).await
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use super::*;

    pub(super) async fn derive_link_keys(link: &PublicLink, password: Option<&Password>) -> Result<LinkKeys> {
        link.derive_keys(password)
    }

    pub(super) async fn seal_to(
        sender: &Identity,
        recipient: &PublicIdentity,
        subject: &Subject,
        payload: &[u8],
    ) -> Result<SealedTo> {
        sender.seal_to(recipient, subject, payload)
    }

    pub(super) async fn open_from(
        recipient: &Identity,
        sender: &PublicIdentity,
        subject: &Subject,
        sealed: &SealedTo,
    ) -> Result<Zeroizing<Vec<u8>>> {
        recipient.open_from(sender, subject, sealed)
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use send_wrapper::SendWrapper;

    use super::*;
    use crate::envelope::sealed_to::{Checked, Draft};
    use crate::primitives::webcrypto::{self, oaep};

    pub(super) async fn derive_link_keys(link: &PublicLink, password: Option<&Password>) -> Result<LinkKeys> {
        let stretched = match link.stretching(password)? {
            Some((password, salt, iterations)) => {
                Some(SendWrapper::new(webcrypto::pbkdf2(password, salt.as_bytes(), iterations)).await?)
            }
            None => None,
        };
        Ok(link.keys_from(stretched.as_ref()))
    }

    pub(super) async fn seal_to(
        sender: &Identity,
        recipient: &PublicIdentity,
        subject: &Subject,
        payload: &[u8],
    ) -> Result<SealedTo> {
        let draft = Draft::new(recipient, &sender.fingerprint())?;
        let label = draft.key_label();
        let wrapped = oaep::encrypt(recipient.spki(), label.as_bytes(), draft.key.expose());
        draft.finish(&SendWrapper::new(wrapped).await?, sender.signing_key(), &subject.context(), payload)
    }

    pub(super) async fn open_from(
        recipient: &Identity,
        sender: &PublicIdentity,
        subject: &Subject,
        sealed: &SealedTo,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let context = subject.context();
        let (recipient_is, sender_is) = (recipient.fingerprint(), sender.fingerprint());
        let checked = Checked::new(sealed, &recipient_is, &sender_is, &sender.verify_key(), &context)?;
        let label = checked.key_label();
        let key = oaep::decrypt(recipient.pkcs8(), label.as_bytes(), checked.wrapped);
        checked.open(&SendWrapper::new(key).await?, &context)
    }
}
