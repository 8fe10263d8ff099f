//! What crosses threads: an application moves keys to its workers and waits for `device` on any executor.

use imegha_crypto::{
    Account, ContentKind, ContentOpener, ContentSealer, Dek, Epoch, EpochKey, Error, FeedPlace, FileKey, Id, Identity,
    KeyHistory, Login, NodeKey, OpeningReader, PartBuffer, PublicIdentity, PublicLink, PurposeKey, SealedTo,
    SealingWriter, Subject, device,
};

fn crosses<T: Send + Sync>() {}

fn waits_anywhere<F: Future + Send>(_: F) {}

#[test]
fn types_cross_threads() {
    crosses::<(Account, Dek, NodeKey, FileKey, PurposeKey, EpochKey, Identity, PublicIdentity)>();
    crosses::<(ContentSealer, ContentOpener, PartBuffer, SealingWriter<Vec<u8>>, OpeningReader<std::io::Empty>)>();
    crosses::<(SealedTo, Epoch, PublicLink, KeyHistory, Login, Error)>();
}

#[test]
fn what_a_device_waits_for_crosses_threads() {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let mut sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let (alice, card) = (Identity::generate().unwrap(), Subject::Contact { at: FeedPlace::PASTED });
    let sealed = alice.seal_to(alice.public(), &card, b"").unwrap();
    waits_anywhere(device::seal_part(&mut sealer, Vec::new(), true));
    waits_anywhere(device::generate_identity());
    waits_anywhere(device::seal_to(&alice, alice.public(), &card, b""));
    waits_anywhere(device::open_from(&alice, alice.public(), &card, &sealed));
}
