//! ATTACKS 51 at this crate: what `Debug` of a secret prints.

use std::fmt::Debug;

use imegha_crypto::hazmat::{self, RawKey};
use imegha_crypto::{
    AlbumKey, AlbumMetadataKey, AuthSecret, ContentKind, ContentOpener, ContentSealer, Dek, Email, EpochKey, FileKey,
    Id, Identity, KdfParams, MetadataKey, NodeKey, Password, PasswordKek, PasswordKeys, Purpose, RecoveryKek,
    RecoveryPhrase, ThumbnailKey, layout,
};
use zeroize::ZeroizeOnDrop;

/// Turns red without the hand-written `Debug` of `secret_keys!`.
#[test]
fn a51_debug_of_every_secret_is_redacted() {
    fn key<K: RawKey + Debug + Eq + Clone + ZeroizeOnDrop>(found: &mut Found) {
        let key = K::from_raw(&SECRET);
        assert!(key == K::from_raw(&SECRET) && key.clone() != K::from_raw(&[0; 32]));
        found.check(&key);
    }
    let mut found = Found::default();
    key::<AlbumKey>(&mut found);
    key::<AlbumMetadataKey>(&mut found);
    key::<AuthSecret>(&mut found);
    key::<Dek>(&mut found);
    key::<EpochKey>(&mut found);
    key::<FileKey>(&mut found);
    key::<MetadataKey>(&mut found);
    key::<NodeKey>(&mut found);
    key::<PasswordKek>(&mut found);
    key::<RecoveryKek>(&mut found);
    key::<ThumbnailKey>(&mut found);
    for purpose in Purpose::ALL {
        found.check(&hazmat::purpose_key(&SECRET, purpose));
    }
    let file_key = FileKey::from_raw(&SECRET);
    let sealer = ContentSealer::new(&file_key, ContentKind::Content, &Id::ZERO, 1).unwrap();
    found.check(&sealer);
    let object = sealer.seal_whole(Vec::new()).unwrap().into_bytes();
    let head = &object[..layout::HEAD_LEN];
    found.check(&ContentOpener::new(&file_key, ContentKind::Content, &Id::ZERO, 1, head).unwrap());
    assert_eq!(found.0, 20);

    // Positive control: the scanner finds a secret that is printed.
    assert!(shows_secret(&format!("{SECRET:?}")));
    assert!(shows_secret(&hex::encode(SECRET)));
}

#[test]
fn a51_debug_of_words_and_passwords_is_redacted() {
    let password = Password::parse("correct horse").unwrap();
    let email = Email::parse("alice@example.com").unwrap();
    for printed in [format!("{password:?}"), format!("{email:?}")] {
        assert!(!printed.contains("horse") && !printed.contains("alice"), "{printed}");
    }
    let keys = PasswordKeys::derive(&password, &email, &KdfParams::generate().unwrap()).unwrap();
    let printed = format!("{keys:?}");
    for key in [keys.auth.raw(), keys.kek.raw()] {
        assert!(!printed.contains(&hex::encode(&key[..4])) && !printed.contains(&format!("{}, {}", key[0], key[1])));
    }
    let phrase = RecoveryPhrase::generate().unwrap();
    let printed = format!("{phrase:?} {:?}", phrase.derive_keys());
    // Not searched for words: "cover" is one of the 2048, and stands in "Recovery".
    assert_eq!(printed, "RecoveryPhrase([redacted]) RecoveryKeys([redacted])");
    let identity = Identity::generate().unwrap();
    assert_eq!(format!("{identity:?}"), format!("Identity({}, [redacted])", identity.fingerprint()));
}

/// A secret is not copied by accident, not hashed, not shown, not written out: this does not compile otherwise, since
/// `lacks` would then be ambiguous.
macro_rules! assert_lacks {
    ($secret:ty: $($bound:path),+) => { $(
        const _: fn() = || {
            trait Lacks<A> { fn lacks() {} }
            impl<T: ?Sized> Lacks<()> for T {}
            struct Has;
            impl<T: ?Sized + $bound> Lacks<Has> for T {}
            let _ = <$secret as Lacks<_>>::lacks;
        };
    )+ };
    ($($secret:ty),+ $(,)?) => {
        $(assert_lacks!($secret: Copy, std::hash::Hash, std::fmt::Display, serde::Serialize);)+
    };
}
assert_lacks!(
    AlbumKey,
    AlbumMetadataKey,
    AuthSecret,
    Dek,
    EpochKey,
    FileKey,
    Identity,
    MetadataKey,
    NodeKey,
    Password,
    PasswordKek,
    PasswordKeys,
    RecoveryKek,
    RecoveryPhrase,
    ThumbnailKey,
    imegha_crypto::PurposeKey,
    imegha_crypto::RecoveryKeys,
);

#[derive(Default)]
struct Found(usize);

impl Found {
    fn check(&mut self, secret: &impl Debug) {
        for printed in [format!("{secret:?}"), format!("{secret:#?}")] {
            assert!(!shows_secret(&printed), "{printed}");
            assert!(printed.contains("[redacted]"), "{printed}");
        }
        self.0 += 1;
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
