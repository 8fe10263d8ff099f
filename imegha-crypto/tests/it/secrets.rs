//! ATTACKS 51 at this crate: what `Debug` of a secret prints, and how secrets are compared.

use std::fmt::Debug;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_crypto::hazmat::{self, RawKey};
use imegha_crypto::{
    Account, AlbumKey, AlbumMetadataKey, AuthSecret, ContentKind, ContentOpener, ContentSealer, Dek, Email, EpochKey,
    FileKey, GatewayKey, Id, Identity, KdfParams, LinkAccess, LinkKey, Login, MetadataKey, NodeKey, Password,
    PasswordKek, PasswordKeys, PublicLink, Purpose, RecoveryKek, RecoveryPhrase, ThumbnailKey, layout,
};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

/// Every key type over 32 bytes, and what is asked of it.
const KEYS: &[(&str, Check)] = &[
    ("AlbumKey", check::<AlbumKey>),
    ("AlbumMetadataKey", check::<AlbumMetadataKey>),
    ("AuthSecret", check::<AuthSecret>),
    ("Dek", check::<Dek>),
    ("EpochKey", check::<EpochKey>),
    ("FileKey", check::<FileKey>),
    ("LinkAccess", check::<LinkAccess>),
    ("LinkKey", check::<LinkKey>),
    ("MetadataKey", check::<MetadataKey>),
    ("NodeKey", check::<NodeKey>),
    ("PasswordKek", check::<PasswordKek>),
    ("RecoveryKek", check::<RecoveryKek>),
    ("ThumbnailKey", check::<ThumbnailKey>),
];

/// Turns red without the hand-written `Debug` and `ConstantTimeEq` of `secret_keys!`: a key type whose `==` is another than
/// that of `subtle` does not have the trait.
#[test]
fn a51_every_key_is_redacted_and_compared_in_constant_time() {
    for (name, check) in KEYS {
        check(name);
    }
    // Positive control: the scanner finds a secret that is printed.
    assert!(shows_secret(&format!("{SECRET:?}")));
    assert!(shows_secret(&hex::encode(SECRET)));
}

/// What is asked of one key type, by its name.
type Check = fn(&str);

fn check<K: RawKey + Debug + Eq + Clone + ConstantTimeEq + ZeroizeOnDrop>(name: &str) {
    let key = K::from_raw(&SECRET);
    assert_eq!(format!("{key:?}"), format!("{name}([redacted])"));
    check_debug(&key);
    assert!(key == key.clone() && bool::from(key.ct_eq(&K::from_raw(&SECRET))), "{name}");
    for at in 0..32 {
        let mut other = SECRET;
        other[at] ^= 1 << (at % 8);
        let other = K::from_raw(&other);
        assert!(key != other && !bool::from(key.ct_eq(&other)), "{name} {at}");
    }
}

/// Turns red without the hand-written `Debug` of each.
#[test]
fn a51_debug_of_what_holds_a_key_is_redacted() {
    for purpose in Purpose::ALL {
        let key = hazmat::purpose_key(&SECRET, purpose);
        check_debug(&key);
        assert!(key == key.clone() && bool::from(key.ct_eq(&hazmat::purpose_key(&SECRET, purpose))));
        assert!(key != hazmat::purpose_key(&[0; 32], purpose));
        let other = if purpose == Purpose::Log { Purpose::Links } else { Purpose::Log };
        assert!(key != hazmat::purpose_key(&SECRET, other), "the same bytes for something else");
    }
    let file_key = FileKey::from_raw(&SECRET);
    let sealer = ContentSealer::new(&file_key, ContentKind::Content, &Id::ZERO, 1).unwrap();
    check_debug(&sealer);
    let object = sealer.seal_whole(Vec::new()).unwrap().into_bytes();
    let head = &object[..layout::HEAD_LEN];
    check_debug(&ContentOpener::new(&file_key, ContentKind::Content, &Id::ZERO, 1, head).unwrap());
    check_debug(&GatewayKey::from_seed(&SECRET));
    let fragment = Base64UrlUnpadded::encode_string(
        &[&[1, 0], &[7; 16][..], &SECRET, &[0; 4], &[8; 32], &[0, 0, 0, 9], b"https://a"].concat(),
    );
    check_debug(&PublicLink::parse_fragment(&fragment).unwrap());
}

#[test]
fn a51_debug_of_words_and_passwords_is_redacted() {
    let password = Password::parse("correct horse").unwrap();
    let email = Email::parse("alice@example.com").unwrap();
    for printed in [format!("{password:?}"), format!("{email:?}")] {
        assert!(!printed.contains("horse") && !printed.contains("alice"), "{printed}");
    }
    assert_eq!(format!("{password:?} {email:?}"), "Password([redacted]) Email([redacted])");
    let params = KdfParams::generate().unwrap();
    assert!(format!("{params:?}").starts_with("KdfParams { kdf_id: 1, iterations: 100000"), "{params:?}");
    let keys = PasswordKeys::derive(&password, &email, &params).unwrap();
    let printed = format!("{keys:?}");
    for key in [keys.auth.raw(), keys.kek.raw()] {
        assert!(!printed.contains(&hex::encode(&key[..4])) && !printed.contains(&format!("{}, {}", key[0], key[1])));
    }
    let phrase = RecoveryPhrase::generate().unwrap();
    let printed = format!("{phrase:?} {:?}", phrase.derive_keys());
    // Not searched for words: "cover" is one of the 2048, and stands in "Recovery".
    assert_eq!(printed, "RecoveryPhrase([redacted]) RecoveryKeys([redacted])");
    let login = Login::derive(&password, &email, &KdfParams::generate().unwrap()).unwrap();
    assert_eq!(format!("{login:?}"), "Login([redacted])");
    let identity = Identity::generate().unwrap();
    let (account, _) = Account::assemble(&login, Identity::generate().unwrap(), "alice", 1).unwrap();
    assert_eq!(format!("{account:?}"), format!("Account({}, version 1, [redacted])", account.id()));
    assert_eq!(format!("{identity:?}"), format!("Identity({}, [redacted])", identity.fingerprint()));
    assert_eq!(format!("{:?}", identity.public()), format!("PublicIdentity({})", identity.fingerprint()));
}

fn check_debug(secret: &impl Debug) {
    for printed in [format!("{secret:?}"), format!("{secret:#?}")] {
        assert!(!shows_secret(&printed), "{printed}");
        assert!(printed.contains("[redacted]"), "{printed}");
    }
}

/// Whether four bytes of the secret stand in the text, in hex or as numbers.
fn shows_secret(text: &str) -> bool {
    let hex = hex::encode(&SECRET[..4]);
    let numbers: Vec<_> = SECRET[..4].iter().map(u8::to_string).collect();
    text.contains(&hex) || text.contains(&numbers.join(", "))
}

const SECRET: [u8; 32] = [
    201, 117, 94, 233, 18, 77, 160, 5, 99, 44, 251, 63, 140, 29, 186, 71, 12, 205, 88, 39, 173, 240, 56, 131, 9, 222,
    67, 154, 33, 198, 81, 110,
];
