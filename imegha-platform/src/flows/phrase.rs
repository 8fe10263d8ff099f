//! A new recovery phrase: added, and the others dropped once its words were asked back.

use super::{Authenticated, PlatformServer, validate};
use crate::error::Result;
use crate::protocol::{AddPhraseRequest, DropPhrasesRequest};

impl PlatformServer {
    /// Adds a recovery phrase.
    pub(crate) async fn add_phrase(&self, who: &Authenticated, request: &AddPhraseRequest) -> Result<()> {
        let keys = self.keys_of(who).await?;
        let wrap = validate::phrase(&request.wrap, request.next.version, &keys.account)?;
        self.check_auth(who, &request.auth_string).await?;
        let next = keys.next(request.next.version, &request.next.signature, |next| next.phrases.push(wrap.clone()))?;
        self.replace(&keys, &next).await
    }

    /// Drops every recovery phrase but one.
    pub(crate) async fn drop_phrases(&self, who: &Authenticated, request: &DropPhrasesRequest) -> Result<()> {
        let keys = self.keys_of(who).await?;
        let next = keys.next(request.next.version, &request.next.signature, |next| {
            next.phrases.retain(|wrap| wrap.id == request.keep);
        })?;
        self.replace(&keys, &next).await
    }
}
