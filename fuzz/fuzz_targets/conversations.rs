//! Epochs and messages of conversations, written by a member who has the keys and signs what he likes (FORMAT 9).
//!
//! Nothing panics. An epoch that opens is written again as the same bytes and says what its record says; a changed payload does not
//! open. A message opens as what stands before its padding, which has one form, and at the one place that it was signed for.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Epoch, EpochDraft, EpochKey, Error, Fingerprint, Hash, Id, Sealed, SenderHead};
use imegha_fuzz::{ALICE, BOB, Change, MALLORY, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A payload of any form.
    Raw(&'a [u8]),
    /// A payload that was right, changed.
    Changed(Vec<Change>),
    /// A record of any form, signed right.
    Signed { record: &'a [u8], key: &'a [u8] },
    /// A record of seven parts, more or less, each of them of any form, signed right.
    Stated { parts: Vec<(u8, Part<'a>)>, changes: Vec<Change> },
    /// What the starter states, in the types that there are, and the epoch that he lets follow.
    Drafts(Draft, Draft),
    /// What stands inside of a sealed message, signed right or by anybody.
    Message { padded: &'a [u8], zeros: u16, seq: u64, signature: Option<&'a [u8]> },
    /// Messages in order, then read in another.
    Chain { bodies: Vec<&'a [u8]>, order: Vec<u8> },
}

#[derive(Arbitrary, Debug)]
enum Part<'a> {
    Bytes(&'a [u8]),
    People(Vec<u8>),
    Heads(Vec<(u8, u64)>),
    Number(u32),
}

#[derive(Arbitrary, Debug)]
struct Draft {
    number: u32,
    members: Vec<u8>,
    senders: Vec<(u8, u64)>,
    by_bob: bool,
    follows: bool,
}

struct World {
    key: EpochKey,
    epoch: Epoch,
    payload: Vec<u8>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = EpochKey::from_raw(&[7; 32]);
    let epoch = EpochDraft {
        conversation: CONVERSATION,
        number: 3,
        previous: Hash::from_bytes([4; 32]),
        members: vec![who(0), who(1), who(2)],
        senders: vec![head(0, 5), head(3, 1)],
    };
    let epoch = epoch.start(&ALICE.identity, &key).expect("an epoch");
    let payload = epoch.to_payload(&key).expect("its key").to_vec();
    World { key, epoch, payload }
});

const CONVERSATION: Id = Id::from_bytes([1; 16]);

fuzz_target!(|input: Input<'_>| match input {
    Input::Raw(payload) => assert!(open(payload, 3).is_none()),
    Input::Changed(changes) => {
        let payload = changed(&WORLD.payload, &changes);
        assert_eq!(open(&payload, 3).is_some(), payload == WORLD.payload);
    }
    Input::Signed { record, key } => {
        let record = [&hazmat::label("epoch", &[[]; 0])[..], record].concat();
        open(&signed(&record, key), 3);
    }
    Input::Stated { parts, changes } => {
        let mut stated = right_parts();
        for (at, part) in parts.iter().take(8) {
            let at = usize::from(*at) % (stated.len() + 1);
            match stated.get_mut(at) {
                Some(found) => *found = part.bytes(),
                None => stated.push(part.bytes()),
            }
        }
        let record = changed(&hazmat::label("epoch", &stated), &changes);
        let opened = open(&signed(&record, WORLD.key.raw()), 3);
        if record == hazmat::label("epoch", &right_parts()) {
            assert_eq!(opened.as_ref(), Some(&WORLD.epoch));
        }
    }
    Input::Drafts(one, other) => {
        let (Some(one), Some(other)) = (one.start(&WORLD.epoch), other.start(&WORLD.epoch)) else { return };
        let creator = ALICE.identity.fingerprint();
        for (from, to) in [(&WORLD.epoch, &one), (&one, &other), (&other, &one)] {
            let follows = from.number().checked_add(1) == Some(to.number()) && *to.previous() == from.hash();
            assert!(follows || from.check_successor(to, &creator, &[who(1)]).is_err());
            assert!(!(from.wins_over(to, &creator) && to.wins_over(from, &creator)), "each wins over the other");
            assert!(to.members().iter().all(|who| to.admits(&SenderHead::none(*who))));
        }
    }
    Input::Message { padded, zeros, seq, signature } => {
        let place = WORLD.epoch.place(seq, Hash::ZERO);
        let padded = [padded, &vec![0; usize::from(zeros) % 1024]].concat();
        let signed = hazmat::sign_label(&ALICE.identity, "message-signature", &place_parts(seq, Some(&padded)));
        let signature = signature.unwrap_or(signed.as_bytes());
        let context = hazmat::label("message", &place_parts(seq, None));
        let payload = [signature, &padded].concat();
        let message = hazmat::seal_with_salt(WORLD.key.raw(), &context, &payload, [5; 24]).expect("sealed");
        let message = Sealed::from_received(message).expect("what was sealed may be received");
        let is_signed = payload.strip_prefix(signed.as_bytes()) == Some(&padded[..]);
        match WORLD.key.open_message(&message, ALICE.identity.public(), &place) {
            Ok(body) => {
                assert!(is_signed && seq > 0);
                assert_eq!(Some(&body[..]), unpadded(&padded));
            }
            Err(error) => {
                assert_eq!(error, Error::CannotOpen);
                assert!(!is_signed || seq == 0 || unpadded(&padded).is_none(), "what is right did not open");
            }
        }
        assert!(WORLD.key.open_message(&message, BOB.identity.public(), &place).is_err(), "it was shown as Bob's");
    }
    Input::Chain { bodies, order } => chain(&bodies, &order),
});

/// Opens the payload of an epoch that Alice began, for Bob; what opens is the same bytes again.
fn open(payload: &[u8], number: u32) -> Option<Epoch> {
    let bob = BOB.identity.fingerprint();
    match Epoch::open_payload(payload, ALICE.identity.public(), &CONVERSATION, number, &bob) {
        Ok((epoch, key)) => {
            assert_eq!(*epoch.to_payload(&key).expect("its key"), payload);
            assert_eq!((epoch.number(), epoch.conversation()), (number, &CONVERSATION));
            assert_eq!(*epoch.starter(), ALICE.identity.fingerprint());
            assert!(epoch.is_member(&bob) && epoch.members().is_sorted_by(|one, next| one < next));
            assert!(epoch.senders().is_sorted_by(|one, next| one.sender < next.sender));
            let draft = EpochDraft {
                conversation: *epoch.conversation(),
                number,
                previous: *epoch.previous(),
                members: epoch.members().to_vec(),
                senders: epoch.senders().to_vec(),
            };
            assert_eq!(draft.start(&ALICE.identity, &key).expect("it was started once"), epoch);
            Some(epoch)
        }
        Err(error) => {
            assert_eq!(error, Error::CannotOpen);
            None
        }
    }
}

/// The payload of a record that Alice signed.
fn signed(record: &[u8], key: &[u8]) -> Vec<u8> {
    let signature = hazmat::sign_label(&ALICE.identity, "epoch-signature", &[record]);
    [&(record.len() as u32).to_be_bytes()[..], record, signature.as_bytes(), key].concat()
}

/// The parts of the world's epoch, as FORMAT 9 lists them.
fn right_parts() -> Vec<Vec<u8>> {
    let epoch = &WORLD.epoch;
    let key_hash = Hash::of(&hazmat::label("epoch-key", &[WORLD.key.raw()]));
    vec![
        CONVERSATION.as_bytes().to_vec(),
        epoch.number().to_be_bytes().to_vec(),
        epoch.previous().as_bytes().to_vec(),
        epoch.starter().as_bytes().to_vec(),
        key_hash.as_bytes().to_vec(),
        epoch.members().iter().flat_map(|member| *member.as_bytes()).collect(),
        epoch.senders().iter().flat_map(head_bytes).collect(),
    ]
}

/// Where a message of Alice stands, and what she signs there.
fn place_parts(seq: u64, padded: Option<&[u8]>) -> Vec<Vec<u8>> {
    let epoch = &WORLD.epoch;
    let mut parts = vec![
        CONVERSATION.as_bytes().to_vec(),
        epoch.number().to_be_bytes().to_vec(),
        epoch.hash().as_bytes().to_vec(),
        ALICE.identity.fingerprint().as_bytes().to_vec(),
        seq.to_be_bytes().to_vec(),
        Hash::ZERO.as_bytes().to_vec(),
    ];
    parts.extend(padded.map(<[u8]>::to_vec));
    parts
}

/// A reader takes each message at its place in the chain, and no other.
fn chain(bodies: &[&[u8]], order: &[u8]) {
    let World { key, epoch, .. } = &*WORLD;
    let start = SenderHead::none(ALICE.identity.fingerprint());
    let mut head = start;
    let mut messages = Vec::new();
    for body in bodies.iter().take(4) {
        let message = key.seal_message(&ALICE.identity, &head.next(epoch).expect("a place"), body).expect("sealed");
        head = head.after(&message).expect("a place");
        messages.push(message);
    }
    let mut head = start;
    let mut read = 0;
    for at in order.iter().map(|at| usize::from(*at)).take(8) {
        let Some(message) = messages.get(at) else { continue };
        let opened = key.open_message(message, ALICE.identity.public(), &head.next(epoch).expect("a place"));
        assert_eq!(opened.is_ok(), at == read, "a message opened in another place, or not in its own");
        if let Ok(body) = opened {
            assert_eq!(*body, bodies[at]);
            head = head.after(message).expect("a place");
            read += 1;
        }
    }
}

/// FORMAT 9, written once more: the body up to the one mark, which stands in the last block and has only zeros behind it.
fn unpadded(padded: &[u8]) -> Option<&[u8]> {
    if padded.is_empty() || padded.len() % 256 != 0 {
        return None;
    }
    let (before, last) = padded.split_at(padded.len() - 256);
    let zeros = last.iter().rev().take_while(|byte| **byte == 0).count();
    let mark = 255_usize.checked_sub(zeros)?;
    (last[mark] == 0x80).then(|| &padded[..before.len() + mark])
}

impl Part<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::People(people) => people.iter().flat_map(|person| *who(*person).as_bytes()).collect(),
            Self::Heads(heads) => heads.iter().flat_map(|(person, seq)| head_bytes(&head(*person, *seq))).collect(),
            Self::Number(number) => number.to_be_bytes().to_vec(),
        }
    }
}

impl Draft {
    fn start(&self, before: &Epoch) -> Option<Epoch> {
        let draft = EpochDraft {
            conversation: CONVERSATION,
            number: if self.follows { before.number() + 1 } else { self.number },
            previous: if self.follows { before.hash() } else { Hash::ZERO },
            members: self.members.iter().map(|person| who(*person)).collect(),
            senders: self.senders.iter().map(|(person, seq)| head(*person, *seq)).collect(),
        };
        let starter = if self.by_bob { &BOB } else { &ALICE };
        draft.start(&starter.identity, &WORLD.key).ok()
    }
}

/// Alice, Bob, Mallory, and strangers.
fn who(person: u8) -> Fingerprint {
    match person {
        0 => ALICE.identity.fingerprint(),
        1 => BOB.identity.fingerprint(),
        2 => MALLORY.identity.fingerprint(),
        stranger => Fingerprint::from_bytes([stranger; 32]),
    }
}

fn head(person: u8, seq: u64) -> SenderHead {
    SenderHead { sender: who(person), seq, hash: Hash::from_bytes([person; 32]) }
}

fn head_bytes(head: &SenderHead) -> Vec<u8> {
    [&head.sender.as_bytes()[..], &head.seq.to_be_bytes(), head.hash.as_bytes()].concat()
}
