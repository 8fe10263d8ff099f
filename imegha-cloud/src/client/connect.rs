//! Taking a gateway for the cloud of an account.

use std::sync::Arc;

use imegha_crypto::{Fingerprint, KeyHistory};
use url::Url;

use super::cloud::Cloud;
use super::device::DeviceStore;
use super::keys::CloudKeys;
use super::store::Store;
use crate::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::files::fields::Fields;
use crate::log::key;
use crate::schema::Field;

/// A gateway that is an account's.
#[derive(Debug)]
pub struct Connected {
    /// The cloud behind it.
    pub cloud: Cloud,
    /// Whether it was made just now.
    pub created: bool,
}

impl Cloud {
    /// Connects the account of `keys` with the gateway at `gateway`, which was deployed for the owner of the FIRST fingerprint `owner`:
    /// checks that it is that owner's, and opens the cloud behind it. The caller then tells the account where its cloud is.
    ///
    /// An account that has no cloud yet (`keys.cloud` is not set) gets one made there. One that has a cloud finds that cloud, or none: nobody
    /// comes to two clouds by connecting. What is somewhere else moves by [`Cloud::migrate`](crate::Cloud::migrate) first. An account whose
    /// identity has changed connects by [`Cloud::connect_telling`].
    ///
    /// # Errors
    /// `Malformed` for an address that is neither https nor on this machine; `Unavailable` when nobody answers there, `Backend` when it
    /// does not answer like a gateway; `Version` when it is too far from this client in version; `Denied` when it is not this
    /// owner's, or answers to others as well; `NotFound` when the account's cloud is not there, and nothing else; `AlreadyExists` when
    /// another cloud is; `Moved` when it has left from there; else as [`Cloud::open`].
    pub async fn connect(
        gateway: Url,
        owner: Fingerprint,
        keys: CloudKeys,
        clock: Arc<dyn Clock>,
        device: Arc<dyn DeviceStore>,
    ) -> Result<Connected> {
        let remote = Remote::new(gateway, keys.identity.clone(), owner, clock.clone())?;
        remote.check_owner().await?;
        Self::take(remote, keys, clock, device).await
    }

    /// The same for an account whose identity may have changed since the gateway was deployed: `history` is its whole key history, which
    /// ends with the identity of `keys`, and `tag` its iMTag. A gateway that does not know that identity is told the history, and takes no
    /// request of an earlier one from then on.
    ///
    /// # Errors
    /// As [`Cloud::connect`]; `Malformed` for a history that ends with another identity; `Version` for a gateway that is too old to be told.
    pub async fn connect_telling(
        gateway: Url,
        history: &KeyHistory,
        tag: &str,
        keys: CloudKeys,
        clock: Arc<dyn Clock>,
        device: Arc<dyn DeviceStore>,
    ) -> Result<Connected> {
        if history.current() != keys.identity.public() {
            return Err(Error::new(ErrorKind::Malformed, "this history does not end with the identity that signs"));
        }
        let owner = history.first().fingerprint();
        let remote = Remote::new(gateway, keys.identity.clone(), owner, clock.clone())?;
        remote.introduce(history, &keys.account, tag).await?;
        Self::take(remote, keys, clock, device).await
    }

    /// Opens the cloud behind a gateway that is the owner's, or makes it.
    async fn take(
        remote: Remote,
        keys: CloudKeys,
        clock: Arc<dyn Clock>,
        device: Arc<dyn DeviceStore>,
    ) -> Result<Connected> {
        let (records, blobs) = (RemoteRecords::new(remote.clone()), RemoteBlobs::new(remote));
        let store = Store { records: Arc::new(records), blobs: Arc::new(blobs), clock, device };
        match (store.get(&key::cloud()).await?, keys.cloud) {
            (None, Some(_)) => {
                Err(Error::new(ErrorKind::NotFound, "this account's cloud is not there: it has to move there first"))
            }
            (None, None) => Ok(Connected { cloud: Self::create(keys, store).await?, created: true }),
            // Not to be trusted yet, but whoever says that it is another's need not be asked further.
            (Some(found), Some(expected)) if Fields(&found).id(Field::CloudId)? != expected => {
                Err(Error::new(ErrorKind::AlreadyExists, "another cloud is there already"))
            }
            (Some(_), _) => {
                let cloud = Self::open(keys, store).await?;
                if cloud.has_left().await? {
                    return Err(Error::new(ErrorKind::Moved, "the cloud that was here has moved to another place"));
                }
                Ok(Connected { cloud, created: false })
            }
        }
    }
}
