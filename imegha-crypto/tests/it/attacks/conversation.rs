//! Conversations: what a member, a former member or storage may try.

use imegha_crypto::{
    Epoch, EpochDraft, EpochKey, Error, Fingerprint, Hash, Id, Identity, MessagePlace, Result, Sealed, SenderHead,
    hazmat,
};

/// Messages dropped, repeated, reordered, moved to another conversation, or replayed to a second device. Turns red without
/// the sequence number and the previous hash in `MessagePlace::label`.
#[test]
fn a45_dropped_repeated_reordered_moved() {
    let talk = Talk::new();
    let start = SenderHead::none(talk.alice.fingerprint());
    let mut head = start;
    let mut messages = Vec::new();
    for body in ["one", "two", "three"] {
        let message = talk.seal(&head, body);
        head = head.after(&message).unwrap();
        messages.push(message);
    }
    // A reader takes what storage serves, as long as each is the successor of the one before.
    let read = |order: &[usize]| -> Result<Vec<Vec<u8>>> {
        let mut head = start;
        let mut bodies = Vec::new();
        for at in order {
            let place = head.next(&talk.epoch)?;
            bodies.push(talk.key.open_message(&messages[*at], talk.alice.public(), &place)?.to_vec());
            head = head.after(&messages[*at])?;
        }
        Ok(bodies)
    };
    assert_eq!(read(&[0, 1, 2]).unwrap(), [b"one".as_slice(), b"two", b"three"], "control");
    for order in [[1].as_slice(), &[0, 2], &[0, 0], &[1, 0], &[0, 1, 1], &[2, 1, 0], &[0, 2, 1]] {
        assert_eq!(read(order), Err(Error::CannotOpen), "{order:?}");
    }
    // A second device of Alice reads from its own cloud where her chain stands; a device that does not would sign a second
    // message of that number, and a reader takes only the one that the next message names.
    let second = talk.seal(&start.after(&messages[0]).unwrap(), "another two");
    let after_other = start.after(&messages[0]).unwrap().after(&second).unwrap();
    let third = after_other.next(&talk.epoch).unwrap();
    assert_eq!(talk.key.open_message(&messages[2], talk.alice.public(), &third).unwrap_err(), Error::CannotOpen);
    // Moved to another conversation whose key the mover knows.
    let first = start.next(&talk.epoch).unwrap();
    let moved = MessagePlace { conversation: Id::from_bytes([9; 16]), ..first };
    assert_eq!(talk.key.open_message(&messages[0], talk.alice.public(), &moved).unwrap_err(), Error::CannotOpen);
    assert_eq!(talk.key.seal_message(&talk.alice, &MessagePlace { seq: 0, ..first }, b"").unwrap_err(), Error::Bounds);
    let last = SenderHead { seq: u64::MAX, ..start };
    assert_eq!(last.next(&talk.epoch), Err(Error::Bounds));
}

/// A member writes in another's name: he has the key. Turns red without `sender.verify` in `open_message`.
#[test]
fn a46_a_member_forges_another() {
    let talk = Talk::new();
    let place = SenderHead::none(talk.alice.fingerprint()).next(&talk.epoch).unwrap();
    let open = |message: &Sealed, sender: &Identity| {
        talk.key.open_message(message, sender.public(), &place).map(|body| body.to_vec())
    };
    let honest = talk.key.seal_message(&talk.alice, &place, b"yes").unwrap();
    assert_eq!(open(&honest, &talk.alice).unwrap(), b"yes", "control");
    assert_eq!(open(&honest, &talk.bob), Err(Error::CannotOpen), "shown as Bob's");
    let bobs = talk.key.seal_message(&talk.bob, &place, b"no").unwrap();
    assert_eq!(open(&bobs, &talk.bob).unwrap(), b"no", "control");
    assert_eq!(open(&bobs, &talk.alice), Err(Error::CannotOpen));
    // Sealed for Alice's place with everything that Bob can make: his own signature, an old one of hers, none.
    let signatures = |payload: &[u8]| {
        let bob_signs = hazmat::sign_label(
            &talk.bob,
            "message-signature",
            &[&parts(&place, &talk.alice)[..], &[payload.to_vec()]].concat(),
        );
        let open_hers =
            hazmat::open(raw(&talk.key), &label("message", &place, &talk.alice), honest.as_bytes()).unwrap();
        [*bob_signs.as_bytes(), *open_hers.first_chunk().unwrap(), [0; 64]]
    };
    let mut padded = b"no\x80".to_vec();
    padded.resize(256, 0);
    for signature in signatures(&padded) {
        assert_eq!(
            open(&talk.seal_raw(&place, &[&signature[..], &padded].concat()), &talk.alice),
            Err(Error::CannotOpen)
        );
    }
    // Control: this way of sealing makes what Alice makes.
    let by_alice = hazmat::sign_label(
        &talk.alice,
        "message-signature",
        &[&parts(&place, &talk.alice)[..], &[padded.clone()]].concat(),
    );
    let made = talk.seal_raw(&place, &[by_alice.as_bytes().as_slice(), &padded].concat());
    assert_eq!(open(&made, &talk.alice).unwrap(), b"no");
    // Signed by Alice herself, but padded otherwise, too short, or with nothing in it: one error.
    for padded in [&padded[..255], &[padded.clone(), vec![0; 256]].concat(), &[0; 256], &[1; 256], &[]] {
        let signed = [&parts(&place, &talk.alice)[..], &[padded.to_vec()]].concat();
        let signature = hazmat::sign_label(&talk.alice, "message-signature", &signed);
        let made = talk.seal_raw(&place, &[signature.as_bytes().as_slice(), padded].concat());
        assert_eq!(open(&made, &talk.alice), Err(Error::CannotOpen), "{}", padded.len());
    }
    assert_eq!(open(&talk.seal_raw(&place, &[0; 63]), &talk.alice), Err(Error::CannotOpen));
}

/// Signed words moved to another epoch of the same number: the creator began two. Turns red without the epoch's hash in
/// `MessagePlace::label`.
#[test]
fn a62_signed_words_moved_to_another_epoch() {
    let talk = Talk::new();
    let other_key = EpochKey::generate().unwrap();
    let other = talk.draft().start(&talk.alice, &other_key).unwrap();
    assert_eq!(other.number(), talk.epoch.number());
    let none = SenderHead::none(talk.alice.fingerprint());
    let (here, there) = (none.next(&talk.epoch).unwrap(), none.next(&other).unwrap());
    let message = talk.key.seal_message(&talk.alice, &here, b"yes").unwrap();
    assert!(talk.key.open_message(&message, talk.alice.public(), &here).is_ok(), "control");
    // A member of both seals the signed words again under the other key.
    let payload = hazmat::open(raw(&talk.key), &label("message", &here, &talk.alice), message.as_bytes()).unwrap();
    let sealed = hazmat::seal_with_salt(raw(&other_key), &label("message", &there, &talk.alice), &payload, [7; 24]);
    let moved = Sealed::from_received(sealed.unwrap()).unwrap();
    assert_eq!(other_key.open_message(&moved, talk.alice.public(), &there).unwrap_err(), Error::CannotOpen);
    let number = MessagePlace { epoch: 2, ..here };
    assert_eq!(talk.key.open_message(&message, talk.alice.public(), &number).unwrap_err(), Error::CannotOpen);
}

/// Epochs as a malicious starter, platform or former member would have them. Turns red without the checks of
/// `Epoch::open_payload`, of `EpochDraft::check`, and of `check_successor`.
#[test]
fn a44_epochs() {
    let talk = Talk::new();
    let [carol, mallory] = [(); 2].map(|()| Identity::generate().unwrap());
    let (alice, bob) = (talk.alice.fingerprint(), talk.bob.fingerprint());
    let payload = talk.epoch.to_payload(&talk.key).unwrap();
    let open = |payload: &[u8], starter: &Identity, number, reader: &Fingerprint| {
        Epoch::open_payload(payload, starter.public(), talk.epoch.conversation(), number, reader)
            .map(|(epoch, _)| epoch)
    };
    assert_eq!(open(&payload, &talk.alice, 1, &bob).unwrap(), talk.epoch, "control");
    assert_eq!(open(&payload, &talk.bob, 1, &bob), Err(Error::CannotOpen), "another starter");
    assert_eq!(open(&payload, &talk.alice, 2, &bob), Err(Error::CannotOpen), "another number");
    assert_eq!(open(&payload, &talk.alice, 1, &carol.fingerprint()), Err(Error::CannotOpen), "no member");
    for at in 0..payload.len() {
        let mut changed = payload.to_vec();
        changed[at] ^= 1 << (at % 8);
        assert_eq!(open(&changed, &talk.alice, 1, &bob), Err(Error::CannotOpen), "{at}");
        assert_eq!(open(&payload[..at], &talk.alice, 1, &bob), Err(Error::CannotOpen), "{at}");
    }
    assert_eq!(talk.epoch.to_payload(&EpochKey::generate().unwrap()).unwrap_err(), Error::Key, "another epoch's key");
    let start = |draft: EpochDraft| draft.start(&talk.alice, &talk.key).map(|_| ());
    assert_eq!(start(EpochDraft { members: vec![alice, bob, alice], ..talk.draft() }), Err(Error::Malformed));
    assert_eq!(start(EpochDraft { members: vec![], ..talk.draft() }), Err(Error::Malformed));
    assert_eq!(start(EpochDraft { number: 0, ..talk.draft() }), Err(Error::Malformed));
    let wrote_nothing = EpochDraft { senders: vec![SenderHead::none(bob)], ..talk.draft() };
    assert_eq!(start(wrote_nothing), Err(Error::Malformed));
    let twice = [1, 2].map(|seq| SenderHead { seq, ..SenderHead::none(bob) });
    assert_eq!(start(EpochDraft { senders: twice.to_vec(), ..talk.draft() }), Err(Error::Malformed));
    assert_eq!(start(EpochDraft { senders: twice[..1].to_vec(), ..talk.draft() }), Ok(()), "control");
    // Signed by the starter himself, in another order: sorted, or not at all.
    assert_eq!(open(&talk.forge(&[alice.max(bob), alice.min(bob)]), &talk.alice, 1, &bob), Err(Error::CannotOpen));
    assert!(open(&talk.forge(&[alice.min(bob), alice.max(bob)]), &talk.alice, 1, &bob).is_ok(), "control");

    // Who may follow with what.
    let next = |starter: &Identity, members: &[Fingerprint]| {
        let draft = EpochDraft { number: 2, previous: talk.epoch.hash(), members: members.to_vec(), ..talk.draft() };
        draft.start(starter, &EpochKey::generate().unwrap()).unwrap()
    };
    let follows = |epoch: &Epoch, admins: &[Fingerprint]| talk.epoch.check_successor(epoch, &alice, admins);
    let with_carol = [alice, bob, carol.fingerprint()];
    assert_eq!(follows(&next(&talk.alice, &with_carol), &[]), Ok(()), "control: the creator adds");
    assert_eq!(follows(&next(&talk.bob, &with_carol), &[bob]), Ok(()), "control: an admin adds");
    assert_eq!(follows(&next(&talk.bob, &[alice]), &[]), Ok(()), "control: Bob leaves");
    assert_eq!(follows(&next(&talk.bob, &with_carol), &[]), Err(Error::Signature), "Bob adds");
    assert_eq!(follows(&next(&talk.bob, &[bob]), &[]), Err(Error::Signature), "Bob removes Alice");
    assert_eq!(follows(&next(&talk.bob, &[alice, bob]), &[]), Err(Error::Signature), "Bob changes the key alone");
    assert_eq!(follows(&next(&mallory, &[alice, bob]), &[]), Err(Error::Signature), "a stranger leaves");
    assert_eq!(
        follows(&next(&mallory, &with_carol), &[mallory.fingerprint()]),
        Err(Error::Signature),
        "a former admin"
    );
    let gap =
        EpochDraft { number: 3, previous: talk.epoch.hash(), ..talk.draft() }.start(&talk.alice, &talk.key).unwrap();
    assert_eq!(follows(&gap, &[]), Err(Error::Signature));
    let other_past = EpochDraft { number: 2, previous: Hash::ZERO, ..talk.draft() }.start(&talk.alice, &talk.key);
    assert_eq!(follows(&other_past.unwrap(), &[]), Err(Error::Signature));
    // Of two the creator's, then the lower hash.
    let (creators, bobs) = (next(&talk.alice, &[alice, bob]), next(&talk.bob, &[alice]));
    assert!(creators.wins_over(&bobs, &alice) && !bobs.wins_over(&creators, &alice));
    let again = next(&talk.alice, &[alice, bob]);
    assert_eq!(creators.wins_over(&again, &alice), creators.hash() < again.hash());
}

/// A removed member goes on writing, in his old epoch or in a new one. Turns red without `until_last` in `Epoch::admits`.
#[test]
fn a44_nothing_after_the_last_message_of_who_was_removed() {
    let talk = Talk::new();
    let mut bobs = vec![SenderHead::none(talk.bob.fingerprint())];
    for body in ["one", "two", "three"] {
        let head = bobs.last().unwrap();
        let place = head.next(&talk.epoch).unwrap();
        let message = talk.key.seal_message(&talk.bob, &place, body.as_bytes()).unwrap();
        bobs.push(head.after(&message).unwrap());
    }
    let removed = EpochDraft {
        number: 2,
        previous: talk.epoch.hash(),
        members: vec![talk.alice.fingerprint()],
        senders: vec![bobs[2]],
        ..talk.draft()
    };
    let removed = removed.start(&talk.alice, &EpochKey::generate().unwrap()).unwrap();
    assert!(bobs[1..].iter().all(|head| talk.epoch.admits(head)), "control: while he is a member");
    assert!(removed.admits(&bobs[1]) && removed.admits(&bobs[2]), "control: what he wrote before");
    assert!(!removed.admits(&bobs[3]));
    assert!(!removed.admits(&SenderHead { hash: Hash::of(b"another"), ..bobs[2] }), "another message of that number");
    let stranger = SenderHead { sender: Fingerprint::from_bytes([5; 32]), ..bobs[1] };
    assert!(!removed.admits(&stranger) && !talk.epoch.admits(&stranger));
}

/// Who may only leave, or an admin, states what others have written: he would let a removed member's later words count, or make
/// what others wrote vanish when they are removed. Turns red without `keeps_senders` in `Epoch::check_successor`.
#[test]
fn a44_what_others_have_written() {
    let talk = Talk::new();
    let [carol, dora] = [(); 2].map(|()| Identity::generate().unwrap().fingerprint());
    let (alice, bob) = (talk.alice.fingerprint(), talk.bob.fingerprint());
    let wrote = |sender, seq: u64| SenderHead { sender, seq, hash: Hash::of(&seq.to_be_bytes()) };
    let second = EpochDraft {
        number: 2,
        previous: talk.epoch.hash(),
        senders: vec![wrote(alice, 5), wrote(bob, 3), wrote(carol, 2)],
        ..talk.draft()
    };
    let second = second.start(&talk.alice, &EpochKey::generate().unwrap()).unwrap();
    let follows = |starter: &Identity, senders: &[SenderHead], admins: &[Fingerprint]| {
        let members = if admins.is_empty() && starter.fingerprint() == bob { vec![alice] } else { vec![alice, bob] };
        let draft =
            EpochDraft { number: 3, previous: second.hash(), members, senders: senders.to_vec(), ..talk.draft() };
        let next = draft.start(starter, &EpochKey::generate().unwrap()).unwrap();
        second.check_successor(&next, &alice, admins)
    };
    let honest = [wrote(alice, 6), wrote(bob, 3), wrote(carol, 2)];
    for (starter, admins) in [(&talk.bob, [].as_slice()), (&talk.bob, &[bob]), (&talk.alice, &[])] {
        assert_eq!(follows(starter, &honest, admins), Ok(()), "control");
    }
    for (what, senders) in [
        ("Carol was removed, and may not write on", vec![wrote(alice, 5), wrote(bob, 3), wrote(carol, 4)]),
        (
            "Carol's last message is another",
            vec![wrote(alice, 5), wrote(bob, 3), SenderHead { hash: Hash::ZERO, ..wrote(carol, 2) }],
        ),
        (
            "Alice's last message is another, of the same number",
            vec![SenderHead { hash: Hash::ZERO, ..wrote(alice, 5) }, wrote(bob, 3), wrote(carol, 2)],
        ),
        ("Carol's are dropped", vec![wrote(alice, 5), wrote(bob, 3)]),
        ("Alice is set back", vec![wrote(alice, 4), wrote(bob, 3), wrote(carol, 2)]),
        ("Dora was never there", vec![wrote(alice, 5), wrote(bob, 3), wrote(carol, 2), wrote(dora, 1)]),
    ] {
        assert_eq!(follows(&talk.bob, &senders, &[]), Err(Error::Signature), "who leaves: {what}");
        assert_eq!(follows(&talk.bob, &senders, &[bob]), Err(Error::Signature), "an admin: {what}");
        assert_eq!(follows(&talk.alice, &senders, &[]), Ok(()), "the creator may put right: {what}");
    }
}

/// The key of an epoch before, which a removed member has, at a place in the new one: nothing is sealed. Turns red without the
/// comparison of `key_hash` in `seal_message`.
#[test]
fn a44_nothing_is_sealed_under_an_older_epochs_key() {
    let talk = Talk::new();
    let draft = EpochDraft { number: 2, previous: talk.epoch.hash(), ..talk.draft() };
    let new_key = EpochKey::generate().unwrap();
    let second = draft.start(&talk.alice, &new_key).unwrap();
    let place = SenderHead::none(talk.alice.fingerprint()).next(&second).unwrap();
    assert_eq!(talk.key.seal_message(&talk.alice, &place, b"not for Bob").unwrap_err(), Error::Key);
    assert!(new_key.seal_message(&talk.alice, &place, b"not for Bob").is_ok(), "control");
}

struct Talk {
    alice: Identity,
    bob: Identity,
    key: EpochKey,
    epoch: Epoch,
}

impl Talk {
    fn new() -> Self {
        let [alice, bob] = [(); 2].map(|()| Identity::generate().unwrap());
        let key = EpochKey::generate().unwrap();
        let epoch = draft(&alice, &bob).start(&alice, &key).unwrap();
        Self { alice, bob, key, epoch }
    }

    fn draft(&self) -> EpochDraft {
        draft(&self.alice, &self.bob)
    }

    fn seal(&self, head: &SenderHead, body: &str) -> Sealed {
        self.key.seal_message(&self.alice, &head.next(&self.epoch).unwrap(), body.as_bytes()).unwrap()
    }

    /// Any payload, sealed for Alice's place.
    fn seal_raw(&self, place: &MessagePlace, payload: &[u8]) -> Sealed {
        let context = label("message", place, &self.alice);
        Sealed::from_received(hazmat::seal_with_salt(raw(&self.key), &context, payload, [3; 24]).unwrap()).unwrap()
    }

    /// An epoch with the members in any order, signed by Alice.
    fn forge(&self, members: &[Fingerprint]) -> Vec<u8> {
        let key_hash = Hash::of(&hazmat::label("epoch-key", &[raw(&self.key)]));
        let members: Vec<u8> = members.iter().flat_map(|member| *member.as_bytes()).collect();
        let starter = self.alice.fingerprint();
        let parts = [
            self.epoch.conversation().as_bytes().as_slice(),
            &1_u32.to_be_bytes(),
            Hash::ZERO.as_bytes(),
            starter.as_bytes(),
            key_hash.as_bytes(),
            &members,
            &[],
        ];
        let record = hazmat::label("epoch", &parts);
        let signature = hazmat::sign_label(&self.alice, "epoch-signature", &[&record]);
        let len = u32::try_from(record.len()).unwrap().to_be_bytes();
        [&len[..], &record, signature.as_bytes(), raw(&self.key)].concat()
    }
}

fn draft(alice: &Identity, bob: &Identity) -> EpochDraft {
    EpochDraft {
        conversation: Id::from_bytes([1; 16]),
        number: 1,
        previous: Hash::ZERO,
        members: vec![alice.fingerprint(), bob.fingerprint()],
        senders: vec![],
    }
}

fn raw(key: &EpochKey) -> &[u8; 32] {
    hazmat::RawKey::raw(key)
}

fn parts(place: &MessagePlace, sender: &Identity) -> Vec<Vec<u8>> {
    vec![
        place.conversation.as_bytes().to_vec(),
        place.epoch.to_be_bytes().to_vec(),
        place.epoch_hash.as_bytes().to_vec(),
        sender.fingerprint().as_bytes().to_vec(),
        place.seq.to_be_bytes().to_vec(),
        place.previous.as_bytes().to_vec(),
    ]
}

fn label(name: &str, place: &MessagePlace, sender: &Identity) -> Vec<u8> {
    hazmat::label(name, &parts(place, sender))
}
