//! Keys received from others, kept under the purpose key `received` (FORMAT 5).

use crate::envelope::wrapped;
use crate::error::Result;
use crate::id::{Hash, Id};
use crate::keys::node::NodeKey;
use crate::keys::purpose::{Purpose, PurposeKey};
use crate::label::Label;
use crate::sealed::Sealed;
use crate::secret::{Secret, secret_keys};

secret_keys! {
    /// The key of one epoch of a conversation.
    EpochKey;
}

impl EpochKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`Error::Platform`](crate::Error::Platform) without randomness.
    pub fn generate() -> Result<Self> {
        Secret::generate().map(Self)
    }

    /// Wraps it under the key for [`Purpose::Received`].
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `received` is for something else.
    pub fn wrap(&self, received: &PurposeKey, conversation: &Id, epoch_hash: &Hash) -> Result<Sealed> {
        wrapped::wrap(received.of(Purpose::Received)?, &of_epoch(conversation, epoch_hash), &self.0)
    }

    /// Unwraps it.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `received` is for something else,
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, conversation or epoch.
    pub fn unwrap(wrap: &Sealed, received: &PurposeKey, conversation: &Id, epoch_hash: &Hash) -> Result<Self> {
        wrapped::unwrap(received.of(Purpose::Received)?, &of_epoch(conversation, epoch_hash), wrap).map(Self)
    }
}

impl NodeKey {
    /// Wraps the key of somebody else's node, received by a share, under the key for [`Purpose::Received`].
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `received` is for something else.
    pub fn wrap_received(&self, received: &PurposeKey, grant: &Id, node: &Id) -> Result<Sealed> {
        wrapped::wrap(received.of(Purpose::Received)?, &of_share(grant, node), &self.0)
    }

    /// Unwraps the key of somebody else's node.
    ///
    /// # Errors
    /// [`Error::Key`](crate::Error::Key) when `received` is for something else,
    /// [`Error::CannotOpen`](crate::Error::CannotOpen): another key, grant or node.
    pub fn unwrap_received(wrap: &Sealed, received: &PurposeKey, grant: &Id, node: &Id) -> Result<Self> {
        wrapped::unwrap(received.of(Purpose::Received)?, &of_share(grant, node), wrap).map(Self)
    }
}

fn of_epoch(conversation: &Id, epoch_hash: &Hash) -> Label {
    Label::new("wrap/epoch-key").id(conversation).hash(epoch_hash)
}

fn of_share(grant: &Id, node: &Id) -> Label {
    Label::new("wrap/received-key").id(grant).id(node)
}
