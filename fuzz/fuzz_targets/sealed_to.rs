//! Values sealed to a person and signed by another, in the hands of storage, of the platform, and of the sender himself
//! (FORMAT 8).
//!
//! Nothing panics. A value that differs in one bit, or is taken for another thing, does not open. Behind a signature that is right,
//! the wrapped key and the content may be anything: what opens is what a 32-byte key sealed under just that head and subject.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use imegha_crypto::{
    AccessPlace, Error, FeedPlace, GatewayKey, GatewayPublicKey, Hash, Id, Identity, Result, SealedTo, Subject, hazmat,
};
use imegha_fuzz::{ALICE, BOB, Change, MALLORY, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Bytes of any form.
    Raw(&'a [u8]),
    /// What was sealed right, changed or opened as something else.
    Changed { about: About, taken_for: Option<About>, payload: &'a [u8], changes: Vec<Change> },
    /// The sender signs what he likes.
    Signed { about: About, wrapped: Wrapped<'a>, content: Content<'a>, head: Vec<Change> },
    /// A gateway's key as it was served.
    GatewayKey(&'a [u8]),
}

/// What a value is about: few numbers, so that two are often the same.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
struct About {
    purpose: Purpose,
    feed: u8,
    seq: u8,
    previous: u8,
    one: u8,
    other: u8,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Contact,
    Share,
    Conversation,
    Access,
}

#[derive(Arbitrary, Debug)]
enum Wrapped<'a> {
    /// Bytes in the place of the wrapped key.
    Bytes(&'a [u8]),
    /// A key of any length, wrapped right.
    Key(&'a [u8]),
    /// A key of 32 bytes, wrapped right.
    Right,
}

#[derive(Arbitrary, Debug)]
enum Content<'a> {
    /// Bytes in the place of the sealed content.
    Bytes(&'a [u8]),
    /// A payload, sealed under the content key.
    Sealed(&'a [u8]),
}

/// The gateway signs with Alice's seed, so that what she signs in its name is right.
static GATEWAY: LazyLock<GatewayKey> = LazyLock::new(|| GatewayKey::from_seed(&ALICE.seed));

fuzz_target!(|input: Input<'_>| match input {
    Input::Raw(bytes) => {
        let about = About { purpose: Purpose::Contact, feed: 0, seq: 0, previous: 0, one: 0, other: 0 };
        assert!(open(bytes, &about, &BOB.identity).is_err());
        assert!(open(bytes, &About { purpose: Purpose::Access, ..about }, &BOB.identity).is_err());
    }
    Input::Changed { about, taken_for, payload, changes } => {
        let sealed = about.seal(payload);
        let found = changed(&sealed, &changes);
        let taken_for = taken_for.unwrap_or(about);
        match open(&found, &taken_for, &BOB.identity) {
            Ok(opened) => {
                assert_eq!(found, sealed, "a changed value opened");
                assert!(about.is_same(&taken_for), "what was sealed as one thing opened as another");
                assert_eq!(opened, payload);
            }
            Err(error) => {
                assert!(matches!(error, Error::CannotOpen | Error::Malformed), "{error:?}");
                assert!(found != sealed || !about.is_same(&taken_for), "a value that nobody changed did not open");
            }
        }
        assert!(open(&found, &about, &MALLORY.identity).is_err(), "somebody else opened it");
    }
    Input::Signed { about, wrapped, content, head } => {
        let right_head = about.head();
        let head = fitted(&changed(&right_head, &head), right_head.len());
        let key: &[u8] = if let Wrapped::Key(key) = wrapped { &key[..key.len().min(190)] } else { &[7; 32] };
        let (wrapped, is_wrapped) = match wrapped {
            Wrapped::Bytes(bytes) => (fitted(bytes, 256), false),
            Wrapped::Key(_) | Wrapped::Right => (wrap(&head, key), true),
        };
        let content_key = fitted(key, 32).try_into().expect("it was fitted");
        let (content, payload) = match content {
            Content::Bytes(bytes) => (bytes.to_vec(), None),
            Content::Sealed(payload) => (about.seal_content(&head, &content_key, payload), Some(payload)),
        };
        let body = [head.clone(), wrapped, content].concat();
        let signed = [&body[..], about.sign(&body).as_bytes()].concat();
        match open(&signed, &about, &BOB.identity) {
            Ok(opened) => assert_eq!((Some(&opened[..]), key.len(), &head), (payload, 32, &right_head)),
            Err(error) => {
                assert!(matches!(error, Error::CannotOpen | Error::Malformed), "{error:?}");
                let right = is_wrapped && key.len() == 32 && head == right_head && payload.is_some();
                assert!(!right, "what is right did not open");
            }
        }
    }
    Input::GatewayKey(bytes) => {
        if let Ok(key) = GatewayPublicKey::parse(bytes) {
            assert_eq!(key.as_bytes(), bytes);
        }
    }
});

/// Takes bytes for a value about that, from Alice or her gateway, and opens it.
fn open(bytes: &[u8], about: &About, recipient: &Identity) -> Result<Vec<u8>> {
    let sealed = SealedTo::from_received(bytes.to_vec())?;
    assert_eq!(sealed.as_bytes(), bytes);
    assert_eq!(sealed.recipient().as_bytes(), &bytes[8..40]);
    assert_eq!(sealed.claimed_sender().as_bytes(), &bytes[40..72]);
    assert_ne!(sealed.feed_hash(), Hash::ZERO);
    let opened = match about.subject() {
        Some(subject) => recipient.open_from(ALICE.identity.public(), &subject, &sealed),
        None => recipient.open_access(&GATEWAY.public(), &about.access(), &sealed),
    };
    opened.map(|payload| payload.to_vec())
}

impl About {
    fn at(&self) -> FeedPlace {
        FeedPlace { feed: id(self.feed), seq: self.seq.into(), previous: Hash::from_bytes([self.previous; 32]) }
    }

    fn access(&self) -> AccessPlace {
        let FeedPlace { feed, seq, previous } = self.at();
        AccessPlace { cloud: feed, seq, previous }
    }

    /// What an identity seals; none for what a gateway does.
    fn subject(&self) -> Option<Subject> {
        let (at, one) = (self.at(), id(self.one));
        match self.purpose {
            Purpose::Contact => Some(Subject::Contact { at }),
            Purpose::Share => Some(Subject::Share { at, grant: one, node: id(self.other) }),
            Purpose::Conversation => {
                Some(Subject::Conversation { at, conversation: one, epoch: u32::from(self.other) })
            }
            Purpose::Access => None,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.purpose == other.purpose && self.parts() == other.parts()
    }

    fn name(&self) -> &'static str {
        match self.purpose {
            Purpose::Contact => "contact",
            Purpose::Share => "share",
            Purpose::Conversation => "conversation",
            Purpose::Access => "access",
        }
    }

    /// The parts as FORMAT 8 lists them.
    fn parts(&self) -> Vec<Vec<u8>> {
        let at = self.at();
        let mut parts = vec![at.feed.as_bytes().to_vec(), at.seq.to_be_bytes().to_vec(), vec![self.previous; 32]];
        match self.purpose {
            Purpose::Contact | Purpose::Access => {}
            Purpose::Share => parts.extend([vec![self.one; 16], vec![self.other; 16]]),
            Purpose::Conversation => parts.extend([vec![self.one; 16], u32::from(self.other).to_be_bytes().to_vec()]),
        }
        parts
    }

    /// As its sender would.
    fn seal(&self, payload: &[u8]) -> Vec<u8> {
        let recipient = BOB.identity.public();
        let sealed = match self.subject() {
            Some(subject) => ALICE.identity.seal_to(recipient, &subject, payload),
            None => GATEWAY.seal_access(recipient, &self.access(), payload),
        };
        sealed.expect("sealed").into_bytes()
    }

    fn head(&self) -> Vec<u8> {
        let sender =
            if self.subject().is_some() { ALICE.identity.fingerprint() } else { GATEWAY.public().fingerprint() };
        [&b"IMSEAL\x01\x00"[..], BOB.identity.fingerprint().as_bytes(), sender.as_bytes()].concat()
    }

    fn seal_content(&self, head: &[u8], key: &[u8; 32], payload: &[u8]) -> Vec<u8> {
        let parts = [vec![head.to_vec()], self.parts()].concat();
        let context = hazmat::label(&format!("sealed/{}", self.name()), &parts);
        hazmat::seal_with_salt(key, &context, payload, [5; 24]).expect("sealed")
    }

    fn sign(&self, body: &[u8]) -> imegha_crypto::Signature {
        let parts = [self.parts(), vec![body.to_vec()]].concat();
        hazmat::sign_label(&ALICE.identity, &format!("sealed-signature/{}", self.name()), &parts)
    }
}

/// The key as Bob unwraps it.
fn wrap(head: &[u8], key: &[u8]) -> Vec<u8> {
    let label = hazmat::label("sealed-key", &[head]);
    hazmat::oaep_encrypt(BOB.identity.public().spki(), &label, key).expect("wrapped").to_vec()
}

/// The bytes, cut or with zeros behind them.
fn fitted(bytes: &[u8], len: usize) -> Vec<u8> {
    let mut fitted = bytes.to_vec();
    fitted.resize(len, 0);
    fitted
}

fn id(byte: u8) -> Id {
    Id::from_bytes([byte; 16])
}
