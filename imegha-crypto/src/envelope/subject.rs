//! What a value sealed to somebody is about, and where it stands (FORMAT 8).

use crate::id::{Hash, Id};
use crate::label::Label;

/// A place in a feed: the list that one connection keeps for another. A recipient remembers the last (seq, hash) and takes
/// only the successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPlace {
    /// The feed.
    pub feed: Id,
    /// The place in it.
    pub seq: u64,
    /// The [`feed_hash`](crate::SealedTo::feed_hash) of the entry before; zero for the first.
    pub previous: Hash,
}

impl FeedPlace {
    /// The place of what stands in no feed, but is pasted as text.
    pub const PASTED: Self = Self { feed: Id::ZERO, seq: 0, previous: Hash::ZERO };
}

/// What a value sealed to somebody is about. It is bound: what was sealed as one thing does not open as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A contact card.
    Contact {
        /// Where it stands.
        at: FeedPlace,
    },
    /// The key of a shared node.
    Share {
        /// Where it stands.
        at: FeedPlace,
        /// The grant that the gateway checks.
        grant: Id,
        /// The node.
        node: Id,
    },
    /// An epoch of a conversation.
    Conversation {
        /// Where it stands.
        at: FeedPlace,
        /// The conversation.
        conversation: Id,
        /// The epoch's number.
        epoch: u32,
    },
}

impl Subject {
    pub(crate) fn context(&self) -> Context {
        match self {
            Self::Contact { at } => Context::in_feed("contact", at),
            Self::Share { at, grant, node } => Context::in_feed("share", at).part(grant).part(node),
            Self::Conversation { at, conversation, epoch } => {
                Context::in_feed("conversation", at).part(conversation).part(epoch.to_be_bytes())
            }
        }
    }
}

/// A purpose and its parts, as they stand in the labels of content and signature.
pub(crate) struct Context {
    purpose: String,
    parts: Vec<Vec<u8>>,
}

impl Context {
    pub(crate) fn new(purpose: &str) -> Self {
        Self { purpose: purpose.to_owned(), parts: Vec::with_capacity(5) }
    }

    fn in_feed(purpose: &str, at: &FeedPlace) -> Self {
        Self::new(purpose).part(at.feed).part(at.seq.to_be_bytes()).part(at.previous)
    }

    pub(crate) fn part(mut self, part: impl AsRef<[u8]>) -> Self {
        self.parts.push(part.as_ref().to_vec());
        self
    }

    /// What the content is sealed under.
    pub(crate) fn content(&self, head: &[u8]) -> Label {
        self.add_parts(Label::new(&format!("sealed/{}", self.purpose)).part(head))
    }

    /// What the sender signs.
    pub(crate) fn signature(&self, body: &[u8]) -> Label {
        self.add_parts(Label::new(&format!("sealed-signature/{}", self.purpose))).part(body)
    }

    fn add_parts(&self, label: Label) -> Label {
        self.parts.iter().fold(label, Label::part)
    }
}
