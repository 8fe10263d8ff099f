//! Public links: what stands behind `#` in an address that anybody may have written, and the payload that it leads to (FORMAT 10).
//!
//! Nothing panics. A fragment that is read is written again as the same text, the header of an access too. A payload opens as what
//! its owner signed for that grant, whatever else was sealed under the link's key.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{
    Error, Fingerprint, Id, KeyHistory, KeyHistoryEntry, LinkAccess, LinkKey, Password, PublicLink, Sealed,
};
use imegha_fuzz::{ALICE, BOB, Change, changed};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A text of any form.
    Text(&'a str),
    /// Bytes of any form, encoded right.
    Bytes(&'a [u8]),
    /// The fields that there are, each perhaps another than it should be.
    Fields {
        version: Option<u8>,
        flags: u8,
        iterations: u32,
        owner: u8,
        lie: Option<u32>,
        gateway: Gateway<'a>,
        behind: &'a [u8],
    },
    /// A link that was right, changed in its bytes or its characters.
    Changed { with_password: bool, bytes: Vec<Change>, text: Vec<Change> },
    /// What is sealed under a link's key: signed or not, of this grant or another.
    Payload { json: &'a [u8], signature: Option<&'a [u8]>, grant: bool, changes: Vec<Change> },
    /// The header of an access.
    Header(&'a str),
    /// The header of a secret that there is, changed.
    ChangedHeader([u8; 32], Vec<Change>),
}

#[derive(Arbitrary, Debug)]
enum Gateway<'a> {
    Bytes(&'a [u8]),
    Host { tls: bool, host: &'a str },
}

const GRANT: Id = Id::from_bytes([1; 16]);
const GATEWAY: &[u8] = b"https://cloud.example:8443";

static HISTORIES: LazyLock<[KeyHistory; 2]> = LazyLock::new(|| {
    [&ALICE, &BOB].map(|owner| {
        let first = KeyHistoryEntry::first(&owner.identity, &GRANT, "owner", 1);
        KeyHistory::verify(&GRANT, "owner", vec![first]).expect("a history")
    })
});

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => drop(read(text)),
    Input::Bytes(bytes) => drop(read(&Base64UrlUnpadded::encode_string(bytes))),
    Input::Fields { version, flags, iterations, owner, lie, gateway, behind } => {
        let gateway = gateway.bytes();
        let len = lie.unwrap_or(gateway.len() as u32).to_be_bytes();
        let owner = fingerprint(owner);
        let head = fixed(version.unwrap_or(1), flags, iterations, &owner);
        let bytes = [&head[..], &len, &gateway, behind].concat();
        if let Some(link) = read(&Base64UrlUnpadded::encode_string(&bytes)) {
            assert_eq!((link.grant(), link.owner(), link.gateway().as_bytes()), (&GRANT, &owner, &gateway[..]));
            assert_eq!(link.needs_password(), flags == 1);
        }
    }
    Input::Changed { with_password, bytes, text } => {
        let head = if with_password { fixed(1, 1, 100_000, &fingerprint(0)) } else { fixed(1, 0, 0, &fingerprint(0)) };
        let right = [&head[..], &(GATEWAY.len() as u32).to_be_bytes(), GATEWAY].concat();
        let fragment = Base64UrlUnpadded::encode_string(&changed(&right, &bytes));
        let Ok(fragment) = String::from_utf8(changed(fragment.as_bytes(), &text)) else { return };
        let link = read(&fragment);
        if fragment == Base64UrlUnpadded::encode_string(&right) {
            assert_eq!(link.expect("what nobody changed is read").needs_password(), with_password);
        }
    }
    Input::Payload { json, signature, grant, changes } => payload(json, signature, grant, &changes),
    Input::Header(text) => header(text),
    Input::ChangedHeader(secret, changes) => {
        let right = LinkAccess::from_raw(&secret).to_header();
        header(&right);
        if let Ok(text) = String::from_utf8(changed(right.as_bytes(), &changes)) {
            header(&text);
        }
    }
});

/// Reads a fragment; what is read is the same text again, and gives keys.
fn read(text: &str) -> Option<PublicLink> {
    match PublicLink::parse_fragment(text) {
        Ok(link) => {
            assert_eq!(*link.to_fragment(), text);
            for history in &*HISTORIES {
                let first = history.first().fingerprint();
                assert_eq!(link.verify_owner(history).is_ok(), *link.owner() == first);
            }
            if link.needs_password() {
                // Deriving costs 100,000 iterations and more.
                assert_eq!(link.derive_keys(None).unwrap_err(), Error::Password);
            } else {
                let keys = link.derive_keys(None).expect("without a password");
                assert_ne!(keys.key.raw(), keys.access.raw());
                let password = Password::parse("password").expect("a password");
                assert_eq!(link.derive_keys(Some(&password)).unwrap_err(), Error::Password);
            }
            Some(link)
        }
        Err(error) => {
            assert!(matches!(error, Error::Malformed | Error::Params), "{error:?}");
            None
        }
    }
}

/// Opens what somebody sealed under a link's key.
fn payload(json: &[u8], signature: Option<&[u8]>, right_grant: bool, changes: &[Change]) {
    let key = LinkKey::from_raw(&[7; 32]);
    let grant = if right_grant { GRANT } else { Id::ZERO };
    let signed = hazmat::sign_label(&ALICE.identity, "link-signature", &[&grant.as_bytes()[..], json]);
    let right = [json, signed.as_bytes()].concat();
    let inner = signature.map_or_else(|| right.clone(), |signature| [json, signature].concat());
    let context = hazmat::label("link", &[GRANT]);
    let sealed = hazmat::seal_with_salt(key.raw(), &context, &inner, [5; 24]).expect("sealed");
    let found = changed(&sealed, changes);
    let is_right = inner == right && right_grant && found == sealed;
    let link = PublicLink::generate(&GRANT, &ALICE.identity.fingerprint(), "https://cloud.example").expect("a link");
    let opened = Sealed::from_received(found).and_then(|found| {
        assert!(link.open_payload(&key, &found, &HISTORIES[1]).is_err(), "another owner's");
        link.open_payload(&key, &found, &HISTORIES[0])
    });
    match opened {
        Ok(opened) => {
            assert!(is_right, "something opened that the owner did not sign");
            assert_eq!(*opened, json);
        }
        Err(error) => {
            assert!(matches!(error, Error::CannotOpen | Error::Malformed), "{error:?}");
            assert!(!is_right, "what is right did not open");
        }
    }
}

fn header(text: &str) {
    match LinkAccess::parse_header(text) {
        Ok(access) => assert_eq!(*access.to_header(), text),
        Err(error) => assert_eq!(error, Error::Malformed),
    }
}

/// All of a link that stands before its gateway.
fn fixed(version: u8, flags: u8, iterations: u32, owner: &Fingerprint) -> Vec<u8> {
    let iterations = iterations.to_be_bytes();
    [&[version, flags][..], GRANT.as_bytes(), &[7; 32], &iterations, owner.as_bytes()].concat()
}

impl Gateway<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Host { tls, host } => [if *tls { "https://" } else { "http://" }, host].concat().into_bytes(),
        }
    }
}

/// Alice's, Bob's, or a stranger's.
fn fingerprint(owner: u8) -> Fingerprint {
    match owner {
        0 => ALICE.identity.fingerprint(),
        1 => BOB.identity.fingerprint(),
        stranger => Fingerprint::from_bytes([stranger; 32]),
    }
}
