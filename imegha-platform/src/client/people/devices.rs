//! Devices that want notifications, and telling connections that there is something new.

use http::Method;
use imegha_crypto::{Hash, Id};

use crate::client::platform::Platform;
use crate::error::Result;
use crate::protocol::{DeviceRequest, DevicesReply, PokeName, PokeRequest, PushServiceName, RegisteredDevice};

impl Platform {
    /// Has this device notified by Apple's service, by the token that it gave the program. It ends with the session. To be called at every
    /// start, since tokens change.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`LimitReached`](crate::ProblemCode::LimitReached),
    /// [`Malformed`](crate::ProblemCode::Malformed) for what is no token.
    pub async fn register_apns_device(&self, token: &[u8]) -> Result<RegisteredDevice> {
        let request = DeviceRequest { service: PushServiceName::Apns, token: token.to_vec() };
        self.ask(Method::POST, "devices", Some(&request)).await
    }

    /// The account's devices that are notified.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`SignedOut`](crate::ProblemCode::SignedOut).
    pub async fn devices(&self) -> Result<Vec<RegisteredDevice>> {
        let reply: DevicesReply = self.ask(Method::GET, "devices", None::<&()>).await?;
        Ok(reply.devices)
    }

    /// Ends the notifications of a device.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`NotFound`](crate::ProblemCode::NotFound).
    pub async fn remove_device(&self, id: &Hash) -> Result<()> {
        self.tell(Method::DELETE, &format!("devices/{id}"), None::<&()>).await
    }

    /// Tells a connection that there is a message: its open programs hear it, its devices show who sent one and no more.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused): [`NotFound`](crate::ProblemCode::NotFound) unless the two are connected,
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries).
    pub async fn poke_message(&self, to: &Id) -> Result<()> {
        self.tell(Method::POST, "pokes", Some(&PokeRequest { to: *to, kind: PokeName::Message })).await
    }

    /// Tells a connection that there is something new in the feed that is kept for it. Only its open programs hear it.
    ///
    /// # Errors
    /// As [`Platform::poke_message`].
    pub async fn poke_feed(&self, to: &Id) -> Result<()> {
        self.tell(Method::POST, "pokes", Some(&PokeRequest { to: *to, kind: PokeName::Feed })).await
    }
}
