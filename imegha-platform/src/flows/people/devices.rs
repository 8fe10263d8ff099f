//! Devices, and pokes.

use imegha_crypto::{Hash, Id};

use crate::error::{Error, Result};
use crate::flows::{Authenticated, PlatformServer};
use crate::problem::ProblemCode;
use crate::protocol::{DeviceRequest, DevicesReply, PokeName, PokeRequest, PushServiceName, RegisteredDevice};
use crate::push::Notification;
use crate::registry::{Device, PokeKind, PushService};

impl PlatformServer {
    pub(crate) async fn devices(&self, who: &Authenticated) -> Result<DevicesReply> {
        let devices = self.registry().devices(&who.account.id).await?;
        Ok(DevicesReply { devices: devices.iter().map(|device| registered(who, device)).collect() })
    }

    pub(crate) async fn register_device(
        &self,
        who: &Authenticated,
        request: &DeviceRequest,
    ) -> Result<RegisteredDevice> {
        let PushServiceName::Apns = request.service;
        let device = self
            .registry()
            .register_device(&who.account.id, &who.session.id, PushService::Apns, &request.token)
            .await?;
        Ok(registered(who, &device))
    }

    /// Removes a device of the one who asks; anybody else's is not found.
    pub(crate) async fn remove_device(&self, who: &Authenticated, id: &Hash) -> Result<()> {
        let devices = self.registry().devices(&who.account.id).await?;
        if !devices.iter().any(|device| device.id == *id) {
            return Err(Error::refused(ProblemCode::NotFound));
        }
        self.registry().remove_device(&who.account.id, id).await
    }

    /// Has a connection hear that there is something new.
    pub(crate) async fn poke(&self, who: &Authenticated, request: &PokeRequest) -> Result<()> {
        let kind = match request.kind {
            PokeName::Message => PokeKind::Message,
            PokeName::Feed => PokeKind::Feed,
            // What becomes of connections the platform says by itself.
            PokeName::Connection | PokeName::Unknown => return Err(Error::refused(ProblemCode::Malformed)),
        };
        self.registry().poke(&who.account.id, &request.to, kind).await?;
        self.hub().notify(&request.to);
        if let (PokeKind::Message, Some(push)) = (kind, self.push()) {
            let parts = [request.to.as_bytes().as_slice(), who.account.id.as_bytes()];
            let collapse = self.secret().keyed_hash("push-collapse", &parts);
            push.send(request.to, Notification { sender: who.account.tag.clone(), collapse });
        }
        Ok(())
    }

    /// Has `to` hear that the connection with `from` has changed. It has, whether or not this can be said.
    pub(super) async fn tell_connection(&self, from: &Id, to: &Id) {
        if let Err(error) = self.registry().tell_connection(from, to).await {
            tracing::warn!(?error, "a change of a connection was not told");
        }
        self.hub().notify(to);
    }
}

fn registered(who: &Authenticated, device: &Device) -> RegisteredDevice {
    let PushService::Apns = device.service;
    RegisteredDevice {
        id: device.id,
        service: PushServiceName::Apns,
        created_ms: device.created_ms,
        current: device.session == who.session.id,
    }
}
