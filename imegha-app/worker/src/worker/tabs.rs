//! What tabs of this browser tell each other. No name and no content: a word, and which cloud it is about.

use imegha_crypto::{Hash, Id};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The cloud was changed.
    Changed,
    /// Somebody locked.
    Locked,
    /// Somebody signed out.
    Left,
    /// The cloud is in another place from now on.
    Moved,
    /// The account was changed: what opens it, its address, what it accepted.
    Renewed,
    /// There may be something new between the account and other people.
    People,
}

/// The channel of all tabs. A browser without one has tabs that do not hear of each other.
#[derive(Debug)]
pub(super) struct Tabs {
    channel: Option<BroadcastChannel>,
    _hear: Closure<dyn FnMut(MessageEvent)>,
}

impl Tabs {
    /// Opens the channel. `hear` is called with each word of another tab, and the hash of the cloud that it is about.
    pub(super) fn open(mut hear: impl FnMut(Word, &str) + 'static) -> Self {
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = event.data().as_string().unwrap_or_default();
            if let Some((word, cloud)) = message.split_once(' ')
                && let Some(word) = Word::ALL.into_iter().find(|known| known.name() == word)
            {
                hear(word, cloud);
            }
        });
        let channel = BroadcastChannel::new(NAME).ok();
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        }
        Self { channel, _hear: hear }
    }

    /// Tells all other tabs.
    pub(super) fn tell(&self, word: Word, cloud: &Id) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&format!("{} {}", word.name(), name_of(cloud)).into());
        }
    }
}

/// How a cloud is called among tabs.
pub(super) fn name_of(cloud: &Id) -> String {
    Hash::of(cloud.as_bytes()).to_string()
}

impl Word {
    const ALL: [Self; 6] = [Self::Changed, Self::Locked, Self::Left, Self::Moved, Self::Renewed, Self::People];

    fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Locked => "locked",
            Self::Left => "left",
            Self::Moved => "moved",
            Self::Renewed => "renewed",
            Self::People => "people",
        }
    }
}

const NAME: &str = "imegha";
