//! A new recovery phrase, in an order in which at no moment none opens: kept beside the old one by cloud and platform, shown, asked back, and
//! only then the old one is dropped.

use std::rc::Rc;

use imegha_cloud::Cloud;
use imegha_platform::client::{Known, NewPhrase};
use zeroize::Zeroizing;

use super::Worker;
use crate::protocol::{ErrorCode, Failure, Recalled, Reply};

impl Worker {
    /// Draws the phrase, unless one that was drawn before still waits to be asked back: then it is that one again, and nothing is kept twice.
    pub(super) async fn new_phrase(&self, password: &str) -> Result<Reply, Failure> {
        let (platform, account, cloud) = (self.platform()?, self.account()?, self.cloud_for_phrase()?);
        let drawn = self.new_phrase.borrow().clone();
        let new = match drawn {
            Some(drawn) => drawn,
            None => Rc::new(NewPhrase::prepare(&account)?),
        };
        if let Some(cloud) = &cloud {
            cloud.add_recovery_wrap(new.recovery_wrap()).await?;
        }
        // From here on it may open the account, whatever the answer.
        *self.new_phrase.borrow_mut() = Some(new.clone());
        let known = platform.add_phrase(&account, password, &new).await?;
        self.phrases_changed(&known).await?;
        let words = new.phrase().words().map(str::to_owned).collect();
        Ok(Reply::NewPhrase { words })
    }

    /// Drops the old ones. What was typed stands in the place of the words that it is to be: others open nothing, and then nothing is dropped.
    pub(super) async fn keep_phrase(&self, recalled: Vec<Recalled>) -> Result<Reply, Failure> {
        self.drop_old_phrases(recalled).await?;
        self.new_phrase.borrow_mut().take();
        Ok(Reply::Done)
    }

    /// The same, which keeps the new one at hand.
    pub(super) async fn drop_old_phrases(&self, recalled: Vec<Recalled>) -> Result<Rc<NewPhrase>, Failure> {
        let (platform, account, cloud) = (self.platform()?, self.account()?, self.cloud_for_phrase()?);
        let new = self.new_phrase.borrow().clone().ok_or(Failure::new(ErrorCode::Conflict))?;
        let recalled = Zeroizing::new(recalled.into_iter().map(|Recalled { place, word }| (place, word)).collect());
        let words = typed(&new, &recalled)?;
        let known = platform.drop_other_phrases(&account, &new, &words).await?;
        if let Some(cloud) = &cloud {
            cloud.drop_other_recovery_wraps(new.recovery_wrap()).await?;
        }
        self.phrases_changed(&known).await?;
        // What waited for a cloud to keep it is of the old phrase.
        if let Some(cloud) = &cloud {
            self.tell_changed(cloud);
            self.device()?.forget_recovery_wrap(&account).await;
        } else {
            self.device()?.remember_recovery_wrap(&account, new.recovery_wrap()).await?;
        }
        Ok(new)
    }

    /// The cloud that is to keep what the phrase opens; nothing as long as the account has none. One that is away is waited for: without it
    /// the old phrase would open it and the new one not.
    fn cloud_for_phrase(&self) -> Result<Option<Cloud>, Failure> {
        match self.cloud() {
            Err(Failure { code: ErrorCode::NoCloud, .. }) => Ok(None),
            cloud => cloud.map(Some),
        }
    }

    async fn phrases_changed(&self, known: &Known) -> Result<(), Failure> {
        let email = self.account()?.email;
        self.remember(&email, known).await?;
        if let Some(inside) = &mut *self.inside.borrow_mut() {
            inside.known = known.clone();
        }
        Ok(())
    }
}

/// The words of the phrase, with those that were asked back as they were typed: at least three, each at a place of its own.
fn typed(new: &NewPhrase, recalled: &Zeroizing<Vec<(usize, String)>>) -> Result<Zeroizing<String>, Failure> {
    let mut words = Zeroizing::new(new.phrase().words().map(str::to_owned).collect::<Vec<_>>());
    let mut places: Vec<_> = recalled.iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() < ASKED_BACK {
        return Err(Failure::new(ErrorCode::CannotOpen));
    }
    for (place, word) in recalled.iter() {
        let asked = words.get_mut(*place).ok_or(Failure::new(ErrorCode::CannotOpen))?;
        word.trim().clone_into(asked);
    }
    Ok(Zeroizing::new(words.join(" ")))
}

/// How many words are asked back at least.
const ASKED_BACK: usize = 3;
