//! The longest that is sealed as one value, 64 MiB with all that is around it: it is received again, and one byte more is not sealed.

use imegha_crypto::hazmat::RawKey as _;
use imegha_crypto::{
    EpochDraft, EpochKey, Error, FeedPlace, Hash, Id, Identity, LinkKey, Sealed, SealedTo, SenderHead, Subject,
};

const MOST: usize = 64 << 20;

/// The longest plaintext of which, behind so many bytes, no more than [`MOST`] are made.
fn longest(ahead: usize) -> usize {
    let fits = |plain: usize| ahead + plain + 16 * (plain / 16_384 + 1) <= MOST;
    (MOST - 100_000..MOST).rev().find(|plain| fits(*plain)).unwrap()
}

#[test]
fn the_longest_message_link_and_share() {
    let [alice, bob] = [(); 2].map(|()| Identity::generate().unwrap());
    let subject = Subject::Contact { at: FeedPlace::PASTED };
    let payload = vec![7; longest(72 + 256 + 56 + 64) + 1];
    assert_eq!(alice.seal_to(bob.public(), &subject, &payload).unwrap_err(), Error::Bounds);
    let sealed = alice.seal_to(bob.public(), &subject, &payload[1..]).unwrap();
    let printed = format!("SealedTo({} bytes)", sealed.as_bytes().len());
    let received = SealedTo::from_received(sealed.into_bytes()).unwrap();
    assert_eq!(format!("{received:?}"), printed);
    assert!(bob.open_from(alice.public(), &subject, &received).unwrap()[..] == payload[1..]);

    // A signature before the message, which is filled up to a multiple of 256 with a byte at least.
    let key = EpochKey::generate().unwrap();
    let (conversation, members) = (Id::generate().unwrap(), vec![alice.fingerprint()]);
    let draft = EpochDraft { conversation, number: 1, previous: Hash::ZERO, members, senders: vec![] };
    let epoch = draft.start(&alice, &key).unwrap();
    let place = SenderHead::none(alice.fingerprint()).next(&epoch).unwrap();
    let body = vec![7; longest(56) - 64 - 256 + 1];
    assert_eq!(key.seal_message(&alice, &place, &body).unwrap_err(), Error::Bounds);
    let message = key.seal_message(&alice, &place, &body[1..]).unwrap();
    let message = Sealed::from_received(message.as_bytes().to_vec()).unwrap();
    assert!(key.open_message(&message, alice.public(), &place).unwrap()[..] == body[1..]);

    // A signature behind the payload.
    let (key, grant) = (LinkKey::from_raw(&[5; 32]), Id::generate().unwrap());
    let json = vec![7; longest(56) - 64 + 1];
    assert_eq!(key.seal_payload(&alice, &grant, &json).unwrap_err(), Error::Bounds);
    let payload = key.seal_payload(&alice, &grant, &json[1..]).unwrap();
    let payload = Sealed::from_received(payload.as_bytes().to_vec()).unwrap();
    assert!(key.open_payload(&payload, alice.public(), &grant).unwrap()[..] == json[1..]);
}
