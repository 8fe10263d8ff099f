//! What is sealed to one person and signed by another, in the hands of a peer or of storage.

use imegha_crypto::{
    AccessPlace, Error, FeedPlace, GatewayKey, Hash, Id, Identity, PublicIdentity, Result, SealedTo, Subject, hazmat,
};

/// Other versions, magics and lengths. Turns red without the comparison of the beginning in `SealedTo::from_received`, and
/// without its bounds, which splitting relies on.
#[test]
fn a13_unknown_version_of_a_sealed_value() {
    let [alice, bob] = people();
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    assert!(SealedTo::from_received(sealed.as_bytes().to_vec()).is_ok(), "control");
    for (at, found) in [(0, b'i'), (5, 0), (6, 0), (6, 2), (6, 255), (7, 1), (7, 255)] {
        let mut changed = sealed.as_bytes().to_vec();
        changed[at] = found;
        assert_eq!(SealedTo::from_received(changed), Err(Error::Malformed), "{at} {found}");
    }
    // Of every length: refused where it is taken, or where it is opened.
    for len in 0..sealed.as_bytes().len() {
        let opened = SealedTo::from_received(sealed.as_bytes()[..len].to_vec())
            .and_then(|cut| bob.open_from(alice.public(), &share(1), &cut));
        assert!(matches!(opened, Err(Error::Malformed | Error::CannotOpen)), "{len}");
    }
}

/// A share to me that nobody signed, or a stranger. Turns red without `signer.verify` in `Checked::new`: whoever knows my
/// public key makes everything else.
#[test]
fn a35_unsigned_or_signed_by_a_stranger() {
    let [alice, bob] = people();
    let mallory = Identity::generate().unwrap();
    let open = |sealed: &SealedTo, sender: &PublicIdentity| bob.open_from(sender, &share(1), sealed).map(|_| ());
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    assert_eq!(open(&sealed, alice.public()), Ok(()), "control");

    let unsigned = with_signature(&sealed, &[0; 64]);
    assert_eq!(open(&unsigned, alice.public()), Err(Error::CannotOpen));
    // Mallory seals as herself: her own name stands in the head, and is not the pinned one.
    let hers = mallory.seal_to(bob.public(), &share(1), b"key").unwrap();
    assert_eq!(open(&hers, mallory.public()), Ok(()), "control: it is well formed");
    assert_eq!(open(&hers, alice.public()), Err(Error::CannotOpen));
    // And with Alice's name in the head, whose signature she cannot make.
    let claimed = seal_share(&mallory, &alice, &bob, b"key");
    assert_eq!(claimed.claimed_sender(), alice.fingerprint());
    assert_eq!(open(&claimed, alice.public()), Err(Error::CannotOpen));
    assert_eq!(open(&seal_share(&alice, &alice, &bob, b"key"), alice.public()), Ok(()), "control");
}

/// Alice's signature stripped, and Mallory's put there, with her name in the head: she wants what Alice sealed to count as
/// hers. Turns red without the head in both `key_label` and `Context::content`: the wrapped key opens under the head that
/// it was made for alone.
#[test]
fn a36_stripped_and_signed_again() {
    let [alice, bob] = people();
    let mallory = Identity::generate().unwrap();
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    assert!(bob.open_from(alice.public(), &share(1), &sealed).is_ok(), "control");
    let mut stolen = sealed.into_bytes();
    stolen[40..72].copy_from_slice(mallory.fingerprint().as_bytes());
    let stolen = SealedTo::from_received(stolen).unwrap();
    let stolen = with_signature(&stolen, sign_share(&mallory, &stolen).as_bytes());
    assert_eq!(bob.open_from(mallory.public(), &share(1), &stolen).unwrap_err(), Error::CannotOpen);
    // With Alice's name left in the head, her pinned key does not verify Mallory's signature.
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    let signed = with_signature(&sealed, sign_share(&mallory, &sealed).as_bytes());
    assert_eq!(bob.open_from(alice.public(), &share(1), &signed).unwrap_err(), Error::CannotOpen);
    assert_eq!(bob.open_from(mallory.public(), &share(1), &signed).unwrap_err(), Error::CannotOpen);
}

/// Bob opens Alice's share and wraps the key again for Carol, who shall believe that it comes from Alice. Turns red without
/// `signer.verify` in `Checked::new`: Bob makes all of it but her signature, which names whom she sealed it to.
#[test]
fn a37_wrapped_again_for_somebody_else() {
    let [alice, bob] = people();
    let carol = Identity::generate().unwrap();
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    let payload = bob.open_from(alice.public(), &share(1), &sealed).unwrap();
    let open = |sealed: &SealedTo, sender: &Identity| carol.open_from(sender.public(), &share(1), sealed).map(|_| ());

    // Alice's bytes as they are; with Carol's name in the head; and with Bob's own sealing under Alice's signature.
    assert_eq!(open(&sealed, &alice), Err(Error::CannotOpen));
    let mut renamed = sealed.as_bytes().to_vec();
    renamed[8..40].copy_from_slice(carol.fingerprint().as_bytes());
    assert_eq!(open(&SealedTo::from_received(renamed).unwrap(), &alice), Err(Error::CannotOpen));
    let bobs = bob.seal_to(carol.public(), &share(1), &payload).unwrap();
    assert_eq!(open(&bobs, &bob), Ok(()), "control: as Bob's own word it opens");
    let alices_signature = &sealed.as_bytes()[sealed.as_bytes().len() - 64..];
    for forged in [&bobs, &seal_share(&bob, &alice, &carol, &payload)] {
        assert_eq!(open(forged, &alice), Err(Error::CannotOpen), "under Bob's signature");
        let forged = with_signature(forged, alices_signature.try_into().unwrap());
        assert_eq!(open(&forged, &alice), Err(Error::CannotOpen), "under hers of the other");
    }
}

/// A value moved to another place or taken for another thing: replayed later in the feed, under another grant, as a card.
/// Turns red without the parts in `Context::add_parts`.
#[test]
fn a38_replayed_in_another_place() {
    let [alice, bob] = people();
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    let open = |subject: &Subject| bob.open_from(alice.public(), subject, &sealed).map(|_| ());
    assert_eq!(open(&share(1)), Ok(()), "control");
    let Subject::Share { at, grant, node } = share(1) else { panic!("a share") };
    let other = Id::from_bytes([0xee; 16]);
    for subject in [
        share(2),
        Subject::Share { at, grant: other, node },
        Subject::Share { at, grant, node: other },
        Subject::Share { at: FeedPlace { feed: other, ..at }, grant, node },
        Subject::Share { at: FeedPlace { previous: Hash::of(b"x"), ..at }, grant, node },
        Subject::Contact { at },
        Subject::Conversation { at, conversation: grant, epoch: 1 },
    ] {
        assert_eq!(open(&subject), Err(Error::CannotOpen), "{subject:?}");
    }
    assert_ne!(sealed.feed_hash(), alice.seal_to(bob.public(), &share(1), b"key").unwrap().feed_hash());
}

/// Any bit of a sealed value. Turns red without `signer.verify` in `Checked::new`: it covers every byte but its own.
#[test]
fn a35_any_bit_flipped() {
    let [alice, bob] = people();
    let sealed = alice.seal_to(bob.public(), &share(1), b"key").unwrap();
    assert!(bob.open_from(alice.public(), &share(1), &sealed).is_ok(), "control");
    for at in 0..sealed.as_bytes().len() {
        let mut changed = sealed.as_bytes().to_vec();
        changed[at] ^= 1 << (at % 8);
        let opened =
            SealedTo::from_received(changed).and_then(|changed| bob.open_from(alice.public(), &share(1), &changed));
        assert!(matches!(opened, Err(Error::Malformed | Error::CannotOpen)), "{at}");
    }
}

/// The chain of accesses: an entry of another gateway, cloud or place, or one that an identity signed. Turns red without the
/// fingerprint of the gateway's key in the head, and the parts of `AccessPlace::context`.
#[test]
fn a19_an_entry_of_the_chain_of_accesses() {
    let [owner, other] = people();
    let [gateway, stranger] = [(); 2].map(|()| GatewayKey::generate().unwrap());
    let place = AccessPlace { cloud: Id::from_bytes([1; 16]), seq: 4, previous: Hash::of(b"3") };
    let entry = gateway.seal_access(owner.public(), &place, b"{}").unwrap();
    let open = |place: &AccessPlace, gateway: &GatewayKey, owner: &Identity| -> Result<()> {
        owner.open_access(&gateway.public(), place, &entry).map(|_| ())
    };
    assert_eq!(open(&place, &gateway, &owner), Ok(()), "control");
    assert_eq!(open(&place, &stranger, &owner), Err(Error::CannotOpen));
    assert_eq!(open(&place, &gateway, &other), Err(Error::CannotOpen));
    for place in [
        AccessPlace { seq: 5, ..place },
        AccessPlace { cloud: Id::ZERO, ..place },
        AccessPlace { previous: Hash::ZERO, ..place },
    ] {
        assert_eq!(open(&place, &gateway, &owner), Err(Error::CannotOpen), "{place:?}");
    }
    // An identity that seals for the purpose `access` is no gateway: its fingerprint is of another label.
    let seq = place.seq.to_be_bytes();
    let parts = [place.cloud.as_bytes().as_slice(), &seq, place.previous.as_bytes()];
    let by_identity = hazmat::seal_to(&other, &other.fingerprint(), owner.public(), "access", &parts, b"{}").unwrap();
    let its_key = imegha_crypto::GatewayPublicKey::parse(other.public().ed25519()).unwrap();
    assert_eq!(owner.open_access(&its_key, &place, &by_identity).unwrap_err(), Error::CannotOpen);
}

fn people() -> [Identity; 2] {
    [(); 2].map(|()| Identity::generate().unwrap())
}

fn share(seq: u64) -> Subject {
    let at = FeedPlace { feed: Id::from_bytes([1; 16]), seq, previous: Hash::of(b"before") };
    Subject::Share { at, grant: Id::from_bytes([2; 16]), node: Id::from_bytes([3; 16]) }
}

fn with_signature(sealed: &SealedTo, signature: &[u8; 64]) -> SealedTo {
    let mut bytes = sealed.as_bytes().to_vec();
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(signature);
    SealedTo::from_received(bytes).unwrap()
}

/// The parts of share 1.
fn share_parts() -> Vec<Vec<u8>> {
    let Subject::Share { at, grant, node } = share(1) else { panic!("a share") };
    let (feed, seq, previous) = (at.feed.as_bytes().to_vec(), at.seq.to_be_bytes().to_vec(), at.previous.as_bytes());
    vec![feed, seq, previous.to_vec(), grant.as_bytes().to_vec(), node.as_bytes().to_vec()]
}

/// Share 1, signed by one and in the name of another.
fn seal_share(signer: &Identity, claimed: &Identity, recipient: &Identity, payload: &[u8]) -> SealedTo {
    hazmat::seal_to(signer, &claimed.fingerprint(), recipient.public(), "share", &share_parts(), payload).unwrap()
}

/// Somebody's signature over the body, as the share 1 that it is.
fn sign_share(signer: &Identity, sealed: &SealedTo) -> imegha_crypto::Signature {
    let body = sealed.as_bytes()[..sealed.as_bytes().len() - 64].to_vec();
    hazmat::sign_label(signer, "sealed-signature/share", &[share_parts(), vec![body]].concat())
}
