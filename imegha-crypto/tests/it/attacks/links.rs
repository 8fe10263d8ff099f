//! Public links: what a gateway, storage or whoever writes addresses may try.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::{
    Error, Fingerprint, Id, Identity, KeyHistory, KeyHistoryEntry, LinkAccess, Password, PublicLink, Sealed, hazmat,
};

/// Versions, flags and fields that are not of version 1. Turns red without the match on flags and iterations in
/// `PublicLink::parse` and the comparison with what is written again in `parse_fragment`.
#[test]
fn a13_unknown_version_of_a_link() {
    let link = link(true);
    let bytes = Base64UrlUnpadded::decode_vec(&link.to_fragment()).unwrap();
    let parse = |bytes: &[u8]| PublicLink::parse_fragment(&Base64UrlUnpadded::encode_string(bytes));
    assert_eq!(parse(&bytes), Ok(link), "control");
    let with = |at: usize, found: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + found.len()].copy_from_slice(found);
        parse(&bytes)
    };
    for (at, found) in [(0, 0), (0, 2), (0, 255), (1, 0), (1, 2), (1, 3), (1, 255)] {
        assert_eq!(with(at, &[found]), Err(Error::Malformed), "{at} {found}");
    }
    assert_eq!(with(50, &0_u32.to_be_bytes()), Err(Error::Malformed), "a password without iterations");
    for iterations in [1_u32, 99_999, 10_000_001, u32::MAX] {
        assert_eq!(with(50, &iterations.to_be_bytes()), Err(Error::Params), "{iterations}");
    }
    assert!(with(50, &10_000_000_u32.to_be_bytes()).is_ok(), "control");
    for len in 0..bytes.len() {
        assert_eq!(parse(&bytes[..len]), Err(Error::Malformed), "{len}");
    }
    assert_eq!(parse(&[&bytes[..], &[0]].concat()), Err(Error::Malformed));
    assert_eq!(PublicLink::parse_fragment(&"A".repeat(1 << 20)), Err(Error::Malformed));
    let text = Base64UrlUnpadded::encode_string(&bytes);
    for changed in [format!("{text}="), format!(" {text}"), text.replace('A', "+"), format!("#{text}")] {
        assert_eq!(PublicLink::parse_fragment(&changed), Err(Error::Malformed), "{changed}");
    }
}

/// An address that is no origin: a path, credentials, another scheme, white space. Turns red without `is_origin`.
#[test]
fn a43_a_gateway_that_is_no_origin() {
    let (grant, owner) = (Id::ZERO, Fingerprint::from_bytes([0; 32]));
    for origin in ["https://cloud.example", "https://cloud.example:8443", "http://127.0.0.1:3000", "https://[::1]:1"] {
        let link = PublicLink::generate(&grant, &owner, origin).expect("control");
        assert_eq!(link, link.clone());
        assert_ne!(PublicLink::generate(&grant, &owner, origin).as_ref(), Ok(&link), "two links have two secrets");
    }
    let long = format!("https://{}", "a".repeat(300));
    for origin in [
        "",
        "https://",
        "cloud.example",
        "ftp://cloud.example",
        "javascript:alert(1)",
        "https://a/b",
        "https://a/",
        "https://user@a",
        "https://a?b",
        "https://a#b",
        "https://a b",
        "https://a\n",
        "https://A",
        "https://\u{e4}",
        &long,
    ] {
        assert_eq!(PublicLink::generate(&grant, &owner, origin), Err(Error::Malformed), "{origin:?}");
        let mut bytes = Base64UrlUnpadded::decode_vec(&link(false).to_fragment()).unwrap();
        bytes.truncate(86);
        bytes.extend_from_slice(&(origin.len() as u32).to_be_bytes());
        bytes.extend_from_slice(origin.as_bytes());
        let parsed = PublicLink::parse_fragment(&Base64UrlUnpadded::encode_string(&bytes));
        assert_eq!(parsed, Err(Error::Malformed), "{origin:?}");
    }
}

/// A payload that somebody else signed, of another grant, or for another password. Turns red without `owner.verify` in
/// `LinkKey::open_payload`: who knows the link has its key.
#[test]
fn a35_a_link_signed_by_a_stranger() {
    let [owner, stranger] = [(); 2].map(|()| Identity::generate().unwrap());
    let link = link(true);
    let password = Password::parse("s3cret").unwrap();
    let keys = link.derive_keys(Some(&password)).unwrap();
    let payload = keys.key.seal_payload(&owner, link.grant(), b"{}").unwrap();
    let open =
        |payload: &Sealed| keys.key.open_payload(payload, owner.public(), link.grant()).map(|json| json.to_vec());
    assert_eq!(open(&payload).unwrap(), b"{}", "control");
    assert_eq!(open(&keys.key.seal_payload(&stranger, link.grant(), b"{}").unwrap()), Err(Error::CannotOpen));
    assert_eq!(open(&keys.key.seal_payload(&owner, &Id::ZERO, b"{}").unwrap()), Err(Error::CannotOpen));
    let raw = hazmat::RawKey::raw(&keys.key);
    let unsigned = hazmat::seal_with_salt(raw, &hazmat::label("link", &[link.grant()]), b"{}", [1; 24]).unwrap();
    assert_eq!(open(&Sealed::from_received(unsigned).unwrap()), Err(Error::CannotOpen));
    for wrong in ["s3cre", "s3cret ", "S3cret"] {
        let keys = link.derive_keys(Some(&Password::parse(wrong).unwrap())).unwrap();
        let opened = keys.key.open_payload(&payload, owner.public(), link.grant());
        assert_eq!(opened.unwrap_err(), Error::CannotOpen, "{wrong}");
    }
    assert_eq!(link.derive_keys(None).unwrap_err(), Error::Password);

    // The gateway serves another owner's history.
    let account = Id::generate().unwrap();
    let history = |identity: &Identity| {
        let entry = KeyHistoryEntry::first(identity, &account, "alice", 1);
        KeyHistory::verify(&account, "alice", vec![entry]).unwrap()
    };
    let link = PublicLink::generate(&Id::ZERO, &owner.fingerprint(), "https://cloud.example").unwrap();
    assert_eq!(link.verify_owner(&history(&owner)), Ok(()), "control");
    assert_eq!(link.verify_owner(&history(&stranger)), Err(Error::Signature));

    // Whoever has the link alone, given whatever gateway and platform please.
    let key = link.derive_keys(None).unwrap().key;
    let open =
        |payload: &Sealed, history: &KeyHistory| link.open_payload(&key, payload, history).map(|json| json.to_vec());
    let (by_owner, by_stranger) =
        [&owner, &stranger].map(|signer| key.seal_payload(signer, link.grant(), b"{}").unwrap()).into();
    assert_eq!(open(&by_owner, &history(&owner)).unwrap(), b"{}", "control");
    assert_eq!(open(&by_stranger, &history(&stranger)), Err(Error::CannotOpen), "the stranger's own history");
    assert_eq!(open(&by_stranger, &history(&owner)), Err(Error::CannotOpen));
    // After a change of the owner's identity, what either signed.
    let first = KeyHistoryEntry::first(&owner, &account, "alice", 1);
    let before = KeyHistory::verify(&account, "alice", vec![first.clone()]).unwrap();
    let second = KeyHistoryEntry::next(&before, &owner, &stranger, &account, "alice", 2).unwrap();
    let changed = KeyHistory::verify(&account, "alice", vec![first, second]).unwrap();
    assert_eq!(open(&by_owner, &changed).unwrap(), b"{}");
    assert_eq!(open(&by_stranger, &changed).unwrap(), b"{}", "it is the owner's now");
}

/// What the gateway sees opens nothing, and has one form. Turns red without the labels in `PublicLink::keys_from`.
#[test]
fn a43_what_the_gateway_sees() {
    use imegha_crypto::hazmat::RawKey as _;
    let keys = link(false).derive_keys(None).unwrap();
    assert_ne!(keys.key.raw(), keys.access.raw());
    let header = keys.access.to_header();
    assert_eq!(LinkAccess::parse_header(&header).unwrap().hash(), keys.access.hash(), "control");
    let last_bits = format!("{}{}", &header[..42], if header.ends_with('A') { 'B' } else { 'A' });
    let other = LinkAccess::parse_header(&last_bits);
    assert!(other.is_err() || other.unwrap().hash() != keys.access.hash());
    for text in ["", &header[1..], &format!("{}=", *header), &format!(" {}", *header)] {
        assert_eq!(LinkAccess::parse_header(text).unwrap_err(), Error::Malformed, "{text:?}");
    }
}

fn link(password: bool) -> PublicLink {
    let (grant, owner) = (Id::from_bytes([7; 16]), Fingerprint::from_bytes([8; 32]));
    let origin = "https://cloud.example";
    if password {
        PublicLink::generate_with_password(&grant, &owner, origin).unwrap()
    } else {
        PublicLink::generate(&grant, &owner, origin).unwrap()
    }
}
