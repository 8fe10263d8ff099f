//! Records (FORMAT 5): each is sealed under the label that the format names, opens in its own place, and in no other.

use imegha_crypto::hazmat::{self, RawKey};
use imegha_crypto::{
    AlbumKey, Dek, Error, FileKey, GatewayKey, GatewayPublicKey, Id, NodeKey, Purpose, RecordKind, RecoveryPhrase,
    RecoveryPublicKey, Result, Sealed,
};
use zeroize::Zeroizing;

const PAYLOAD: &[u8] = br#"{"title":"Brittany"}"#;

type Opened = Result<Zeroizing<Vec<u8>>>;

fn id(byte: u8) -> Id {
    Id::from_bytes([byte; 16])
}

fn number(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// `sealed` under `key` and that label; `open` opens it at its own place, 0, and at no other.
fn check(
    sealed: &Sealed,
    key: &[u8; 32],
    name: &str,
    parts: &[Vec<u8>],
    places: usize,
    open: impl Fn(usize) -> Opened,
) {
    assert_eq!(hazmat::open(key, &hazmat::label(name, parts), sealed.as_bytes()).unwrap()[..], *PAYLOAD, "{name}");
    assert_eq!(open(0).unwrap()[..], *PAYLOAD, "{name}");
    for place in 1..places {
        assert_eq!(open(place), Err(Error::CannotOpen), "{name} at place {place}");
    }
}

#[test]
fn the_records_of_an_album_open_in_their_places() {
    let album_key = AlbumKey::generate().unwrap();
    let key = album_key.derive_metadata_key(&id(1), 3);
    let others = [album_key.derive_metadata_key(&id(1), 4), album_key.derive_metadata_key(&id(2), 3)];

    let sealed = key.seal_album(&id(1), 5, PAYLOAD).unwrap();
    let parts = [id(1).as_bytes().to_vec(), number(5)];
    check(&sealed, key.raw(), "record/album", &parts, 5, |place| match place {
        0 => key.open_album(&sealed, &id(1), 5),
        1 => key.open_album(&sealed, &id(2), 5),
        2 => key.open_album(&sealed, &id(1), 6),
        other => others[other - 3].open_album(&sealed, &id(1), 5),
    });

    let sealed = key.seal_item(&id(1), &id(7), 5, PAYLOAD).unwrap();
    let parts = [id(1).as_bytes().to_vec(), id(7).as_bytes().to_vec(), number(5)];
    check(&sealed, key.raw(), "record/album-item", &parts, 6, |place| match place {
        0 => key.open_item(&sealed, &id(1), &id(7), 5),
        1 => key.open_item(&sealed, &id(7), &id(1), 5),
        2 => key.open_item(&sealed, &id(1), &id(7), 4),
        3 => key.open_album(&sealed, &id(1), 5),
        other => others[other - 4].open_item(&sealed, &id(1), &id(7), 5),
    });
}

#[test]
fn the_records_of_a_node_open_in_their_places() {
    let node_key = NodeKey::generate().unwrap();
    let (key, other) = (node_key.derive_metadata_key(&id(1), 3), node_key.derive_metadata_key(&id(1), 4));

    let sealed = key.seal_node(&id(1), &id(2), 5, PAYLOAD).unwrap();
    let parts = [id(1).as_bytes().to_vec(), id(2).as_bytes().to_vec(), number(5)];
    check(&sealed, key.raw(), "record/node", &parts, 4, |place| match place {
        0 => key.open_node(&sealed, &id(1), &id(2), 5),
        1 => key.open_node(&sealed, &id(1), &id(3), 5),
        2 => key.open_node(&sealed, &id(1), &id(2), 6),
        _ => other.open_node(&sealed, &id(1), &id(2), 5),
    });

    let sealed = key.seal_revision(&id(1), 5, 3, PAYLOAD).unwrap();
    let parts = [id(1).as_bytes().to_vec(), number(5), 3_u32.to_be_bytes().to_vec()];
    check(&sealed, key.raw(), "record/revision", &parts, 5, |place| match place {
        0 => key.open_revision(&sealed, &id(1), 5, 3),
        1 => key.open_revision(&sealed, &id(2), 5, 3),
        2 => key.open_revision(&sealed, &id(1), 6, 3),
        3 => key.open_revision(&sealed, &id(1), 5, 4),
        _ => other.open_revision(&sealed, &id(1), 5, 3),
    });
}

#[test]
fn the_records_of_a_cloud_open_in_their_places() {
    let key = |purpose| hazmat::purpose_key(&[9; 32], purpose);
    for (kind, purpose, name) in [
        (RecordKind::Profile, Purpose::Profile, "record/profile"),
        (RecordKind::Settings, Purpose::Settings, "record/settings"),
    ] {
        let key = key(purpose);
        let sealed = key.seal_record(kind, &id(1), 5, PAYLOAD).unwrap();
        check(&sealed, &[9; 32], name, &[id(1).as_bytes().to_vec(), number(5)], 3, |place| match place {
            0 => key.open_record(&sealed, kind, &id(1), 5),
            1 => key.open_record(&sealed, kind, &id(2), 5),
            _ => key.open_record(&sealed, kind, &id(1), 6),
        });
    }
    let (journals, links) = (key(Purpose::Journal), key(Purpose::Links));
    let sealed = journals.seal_journal(&id(1), PAYLOAD).unwrap();
    check(&sealed, &[9; 32], "record/journal", &[id(1).as_bytes().to_vec()], 2, |place| match place {
        0 => journals.open_journal(&sealed, &id(1)),
        _ => journals.open_journal(&sealed, &id(2)),
    });
    let sealed = links.seal_link(&id(1), PAYLOAD).unwrap();
    check(&sealed, &[9; 32], "record/link", &[id(1).as_bytes().to_vec()], 2, |place| match place {
        0 => links.open_link(&sealed, &id(1)),
        _ => links.open_link(&sealed, &id(2)),
    });
    // A key of one purpose neither seals nor opens what is of another.
    assert_eq!(links.seal_journal(&id(1), PAYLOAD), Err(Error::Key));
    assert_eq!(links.open_journal(&journals.seal_journal(&id(1), PAYLOAD).unwrap(), &id(1)), Err(Error::Key));
}

#[test]
fn the_address_of_the_own_gateway_opens_in_its_place() {
    let dek = Dek::generate().unwrap();
    let sealed = dek.seal_gateway_address(&id(1), 5, PAYLOAD).unwrap();
    let key = dek.derive_purpose_key(Purpose::Settings, &id(1));
    let parts = [id(1).as_bytes().to_vec(), number(5)];
    check(&sealed, hazmat::raw_purpose_key(&key), "record/settings", &parts, 4, |place| match place {
        0 => dek.open_gateway_address(&sealed, &id(1), 5),
        1 => dek.open_gateway_address(&sealed, &id(2), 5),
        2 => dek.open_gateway_address(&sealed, &id(1), 6),
        _ => Dek::generate().unwrap().open_gateway_address(&sealed, &id(1), 5),
    });
}

#[test]
fn keys_survive_the_bytes_that_a_device_keeps() {
    let (dek, file_key) = (Dek::generate().unwrap(), FileKey::generate().unwrap());
    assert_eq!((dek.dangerous_to_bytes()[..].len(), &dek.dangerous_to_bytes()[..]), (32, &dek.raw()[..]));
    assert!(Dek::dangerous_from_bytes(&dek.dangerous_to_bytes()) == dek);
    assert_eq!(file_key.expose_for_journal(), file_key.raw());
    assert!(FileKey::from_journal(file_key.expose_for_journal()) == file_key);
    let bytes = RecoveryPhrase::generate().unwrap().derive_keys().public_key();
    let public = RecoveryPublicKey::parse(&bytes).unwrap();
    assert_eq!(
        (public.as_bytes(), format!("{public:?}")),
        (&bytes, format!("RecoveryPublicKey({})", hex::encode(bytes)))
    );
}

#[test]
fn a_gateways_key_survives_its_bytes() {
    let key = GatewayKey::generate().unwrap();
    let public = key.public();
    let again = GatewayPublicKey::parse(public.as_bytes()).unwrap();
    assert_eq!((again, again.fingerprint()), (public, GatewayKey::from_seed(key.expose_seed()).public().fingerprint()));
    assert_eq!(format!("{public:?}"), format!("GatewayPublicKey({})", public.fingerprint()));
}
