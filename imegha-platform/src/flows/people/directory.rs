//! Looking up an iMTag.

use crate::error::{Error, Result};
use crate::flows::PlatformServer;
use crate::problem::ProblemCode;
use crate::protocol::PersonReply;
use crate::registry::PersonRecord;
use crate::tag::Tag;

impl PlatformServer {
    /// Who has exactly this iMTag. Whatever nobody can have is answered as what nobody has. Whoever is blocked by a person finds him as
    /// anybody does: a tag is public, and an answer of its own would tell him.
    pub(crate) async fn look_up(&self, tag: &str) -> Result<PersonReply> {
        let not_found = || Error::refused(ProblemCode::NotFound);
        let tag = Tag::from_stored(tag).map_err(|_| not_found())?;
        let account = self.registry().account_id_by_tag(&tag).await?.ok_or_else(not_found)?;
        let person = self.registry().person(&account).await?;
        // Released and claimed by somebody else between the two readings: a person is who his own record says.
        person.filter(|person| person.tag == tag).map(PersonReply::from).ok_or_else(not_found)
    }
}

impl From<PersonRecord> for PersonReply {
    fn from(person: PersonRecord) -> Self {
        Self { account: person.account, tag: person.tag.as_str().to_owned(), history: person.history }
    }
}
