//! What is left of a secret in this process's memory when it was dropped (Linux: `/proc/self/mem`).
//!
//! All of the process is searched, other tests' memory too: each secret here is random, so nobody else has it. The needle is
//! kept with every byte changed, so that the search does not find itself.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::{LazyLock, Mutex};

use imegha_crypto::hazmat::{self, RawKey};
use imegha_crypto::provider::Provider;
use imegha_crypto::{
    Account, AlbumKey, ContentKind, ContentOpener, ContentSealer, Dek, Email, EpochKey, FeedPlace, FileKey, GatewayKey,
    Hash, Id, Identity, KdfParams, Login, NodeKey, OpeningReader, PartBuffer, Password, PasswordKeys, PublicLink,
    Purpose, RecoveryPhrase, Sealed, SenderHead, Subject, layout,
};
use zeroize::Zeroize as _;

/// The search finds what is planted, and no more once it is gone.
#[test]
fn a51_the_search_finds_a_planted_key() {
    let mut planted = random();
    let needle = Needle::new(&planted[..]);
    assert!(needle.count() >= 1, "control");
    planted.zeroize();
    assert_eq!(needle.count(), 0);
}

/// Random bytes, written straight to where they stay.
fn random() -> Box<[u8; 32]> {
    let mut bytes = Box::new([0; 32]);
    File::open("/dev/urandom").unwrap().read_exact(&mut bytes[..]).unwrap();
    bytes
}

/// Every key, generated, used and dropped. Turns red without `ZeroizeOnDrop` of `Secret`.
#[test]
fn a51_no_key_is_left_when_it_was_dropped() {
    for (name, work) in WORK {
        let needles = work();
        assert!(!needles.is_empty(), "{name}");
        for (at, needle) in needles.iter().enumerate() {
            assert_eq!(needle.count(), 0, "{name}: secret {at} is left");
        }
    }
}

/// Makes a secret, uses it, sees that the search finds it, drops it.
type Work = fn() -> Vec<Needle>;

const WORK: &[(&str, Work)] = &[
    ("random keys", random_keys),
    ("a password", password),
    ("a phrase", phrase),
    ("an identity", identity),
    ("content", content),
    ("a part that is filled and dropped", part),
    ("a reader in the middle of a chunk", reader),
    ("a message", message),
    ("a value sealed to somebody", sealed_to),
    ("a public link", link),
    ("an account", account),
];

fn random_keys() -> Vec<Needle> {
    let (account, dek) = (Id::generate().unwrap(), Dek::generate().unwrap());
    let node_key = NodeKey::generate().unwrap();
    let root = node_key.wrap_root(&dek, &account, 1, 1).unwrap();
    let unwrapped = NodeKey::unwrap_root(&root, &dek, &account, 1, 1).unwrap();
    let file_key = FileKey::generate().unwrap();
    let file_wrap = file_key.wrap(&unwrapped, &account, 1, 1).unwrap();
    let again = FileKey::unwrap(&file_wrap, &node_key, &account, 1, 1).unwrap();
    let albums = dek.derive_purpose_key(Purpose::Albums, &account);
    let album_key = AlbumKey::generate().unwrap();
    album_key.wrap(&albums, &account, 1).unwrap();
    let (thumbnail, metadata) = (again.derive_thumbnail_key(&account, 1), node_key.derive_metadata_key(&account, 1));
    vec![
        Needle::of(&dek),
        Needle::of(&node_key),
        Needle::of(&file_key),
        Needle::of(&album_key),
        Needle::of(&thumbnail),
        Needle::of(&metadata),
        Needle::found(hazmat::raw_purpose_key(&albums)),
    ]
}

fn password() -> Vec<Needle> {
    // Letter by letter: what formats text leaves copies of it.
    let mut text = zeroize::Zeroizing::new(String::with_capacity(100));
    text.push_str("correct horse ");
    random().iter().for_each(|byte| text.push(char::from(b'a' + byte % 26)));
    let typed = Needle::found(text.as_bytes());
    let password = Password::parse(&text).unwrap();
    let (email, params) = (Email::parse("alice@example.com").unwrap(), KdfParams::generate().unwrap());
    let keys = PasswordKeys::derive(&password, &email, &params).unwrap();
    let auth_string = keys.auth.to_auth_string();
    vec![typed, Needle::of(&keys.kek), Needle::of(&keys.auth), Needle::found(auth_string.as_bytes())]
}

fn phrase() -> Vec<Needle> {
    let phrase = RecoveryPhrase::generate().unwrap();
    let text = zeroize::Zeroizing::new({
        let mut text = String::with_capacity(24 * 9);
        phrase.words().for_each(|word| {
            text.push_str(word);
            text.push(' ');
        });
        text
    });
    let words = Needle::found(&text.as_bytes()[..60]);
    let parsed = RecoveryPhrase::parse(&text).unwrap();
    let keys = parsed.derive_keys();
    vec![words, Needle::of(&keys.kek), Needle::found(hazmat::recovery_auth_seed(&keys))]
}

fn identity() -> Vec<Needle> {
    let identity = Identity::generate().unwrap();
    let (dek, account) = (Dek::generate().unwrap(), Id::generate().unwrap());
    let wrap = identity.wrap(&dek, &account, 1).unwrap();
    let opened = Identity::unwrap(&wrap, &dek, &account, 1, &identity.fingerprint()).unwrap();
    opened.sign_binding(&account, "alice");
    private_parts(&wrap, &dek, &account, &identity)
}

/// Memory that stays taken: what lies before it is not given back to the system when it is freed, where nobody could search it.
fn fence() {
    std::mem::forget(vec![7_u8; 120_000]);
}

/// The private exponent, a prime and the Ed25519 seed, from the wrap.
fn private_parts(wrap: &Sealed, dek: &Dek, account: &Id, identity: &Identity) -> Vec<Needle> {
    let fingerprint = identity.fingerprint();
    let context =
        hazmat::label("wrap/identity", &[account.as_bytes().as_slice(), &1_u32.to_be_bytes(), fingerprint.as_bytes()]);
    let payload = hazmat::open(dek.raw(), &context, wrap.as_bytes()).unwrap();
    let seed = payload.len() - 32;
    vec![Needle::found(&payload[400..464]), Needle::found(&payload[700..764]), Needle::found(&payload[seed..])]
}

fn content() -> Vec<Needle> {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let prefix = [&b"IMEGHA\x01\x01"[..], node.as_bytes(), &1_u64.to_be_bytes()].concat();
    let context = hazmat::label("file", &[prefix]);
    let (mut chunk_key, _) = hazmat::derive_chunk_key(key.raw(), &context, &sealer.salt());
    let chunk = Needle::found(&chunk_key);
    chunk_key.zeroize();
    let object = sealer.seal_whole(vec![7; 20_000]).unwrap().into_bytes();
    let (head, chunks) = object.split_at(layout::HEAD_LEN);
    let opener = ContentOpener::new(&key, ContentKind::Content, &node, 1, head).unwrap();
    opener.open_chunks(0, chunks.to_vec(), true).unwrap();
    let mut needles = vec![Needle::of(&key)];
    // The portable AES leaves its round keys on the stack, and the first two of them are the key of the chunks.
    if Provider::current() != Provider::RustCrypto {
        needles.push(chunk);
    }
    needles
}

/// A part that was filled when its upload was given up: plaintext.
fn part() -> Vec<Needle> {
    let mut plaintext = random();
    let mut filled = PartBuffer::next(100_000);
    // Far from the beginning, where what is allocated next would write over it.
    assert_eq!(filled.push(&[7; 95_000]), 95_000);
    assert_eq!(filled.push(&plaintext[..]), 32);
    let needle = Needle::found(&plaintext[..]);
    plaintext.zeroize();
    assert!(needle.count() >= 1, "control: the part holds it");
    fence();
    assert_eq!(format!("{filled:?}"), "PartBuffer(95032 bytes, [redacted])");
    vec![needle]
}

/// A chunk that was opened for the few bytes of it that were asked for.
fn reader() -> Vec<Needle> {
    let (key, node) = (FileKey::generate().unwrap(), Id::generate().unwrap());
    let sealer = ContentSealer::new(&key, ContentKind::Content, &node, 1).unwrap();
    let mut plaintext = random();
    let mut content = vec![7; 40_000];
    // At the end of a chunk, for the same reason.
    let place = 2 * layout::CHUNK_LEN - 40;
    content[place..place + 32].copy_from_slice(&plaintext[..]);
    let object = sealer.seal_whole(content).unwrap().into_bytes();
    let mut reader = OpeningReader::new(Cursor::new(object), &key, ContentKind::Content, &node, 1).unwrap();
    let mut read = [0; 32];
    reader.seek(SeekFrom::Start(place as u64)).unwrap();
    reader.read_exact(&mut read).unwrap();
    assert_eq!(read, *plaintext);
    fence();
    read.zeroize();
    let needle = Needle::new(&plaintext[..]);
    plaintext.zeroize();
    assert!(needle.count() >= 1, "control: the reader holds it");
    vec![needle]
}

fn message() -> Vec<Needle> {
    let (alice, key) = (Identity::generate().unwrap(), EpochKey::generate().unwrap());
    let draft = imegha_crypto::EpochDraft {
        conversation: Id::generate().unwrap(),
        number: 1,
        previous: Hash::ZERO,
        members: vec![alice.fingerprint()],
        senders: vec![],
    };
    let epoch = draft.start(&alice, &key).unwrap();
    let payload = epoch.to_payload(&key).unwrap();
    let place = SenderHead::none(alice.fingerprint()).next(&epoch).unwrap();
    let mut body = random();
    let message = key.seal_message(&alice, &place, &body[..]).unwrap();
    key.open_message(&message, alice.public(), &place).unwrap();
    let needles = vec![Needle::of(&key), Needle::found(&body[..]), Needle::found(&payload[payload.len() - 40..])];
    body.zeroize();
    needles
}

fn sealed_to() -> Vec<Needle> {
    let [alice, bob] = [(); 2].map(|()| Identity::generate().unwrap());
    let key = NodeKey::generate().unwrap();
    let subject = Subject::Contact { at: FeedPlace::PASTED };
    let sealed = alice.seal_to(bob.public(), &subject, key.raw()).unwrap();
    bob.open_from(alice.public(), &subject, &sealed).unwrap();
    let gateway = GatewayKey::generate().unwrap();
    vec![Needle::of(&key), Needle::found(gateway.expose_seed())]
}

fn link() -> Vec<Needle> {
    let owner = imegha_crypto::Fingerprint::from_bytes([1; 32]);
    let link = PublicLink::generate(&Id::ZERO, &owner, "https://cloud.example").unwrap();
    let fragment = link.to_fragment();
    let parsed = PublicLink::parse_fragment(&fragment).unwrap();
    let keys = parsed.derive_keys(None).unwrap();
    let header = keys.access.to_header();
    vec![Needle::found(&fragment.as_bytes()[24..64]), Needle::of(&keys.key), Needle::found(header.as_bytes())]
}

fn account() -> Vec<Needle> {
    let (password, email) = (Password::parse("x").unwrap(), Email::parse("alice@example.com").unwrap());
    let (account, phrase) = Account::create(&password, &email, &KdfParams::generate().unwrap(), "alice", 1).unwrap();
    let login = Login::derive(&password, &email, &account.record().passwords[0].params).unwrap();
    let opened = Account::unlock(account.record(), &login, None).unwrap();
    Account::unlock_with_phrase(account.record(), &phrase, None).unwrap();
    let wrap = &account.record().identities[0].wrap;
    let mut needles = private_parts(wrap, account.dek(), account.id(), account.identity());
    needles.push(Needle::of(opened.dek()));
    needles
}

/// The last 16 bytes of a secret, with every byte changed. Not the first: there an allocator writes over what is freed.
struct Needle(Vec<u8>);

impl Needle {
    fn new(secret: &[u8]) -> Self {
        let end = secret.last_chunk::<NEEDLE_LEN>().expect("a secret is as long");
        Self(end.iter().map(|byte| byte ^ MASK).collect())
    }

    /// Of a secret that is in memory now, which the search must see.
    fn found(secret: &[u8]) -> Self {
        let needle = Self::new(secret);
        assert!(needle.count() >= 1, "control: a secret that is in use is found");
        needle
    }

    fn of(key: &impl RawKey) -> Self {
        Self::found(key.raw())
    }

    /// How often it stands in memory that this process may write.
    fn count(&self) -> usize {
        let Search { buffer, maps } = &mut *SEARCH.lock().unwrap();
        maps.clear();
        let memory = File::open("/proc/self/mem").unwrap();
        File::open("/proc/self/maps").unwrap().read_to_string(maps).unwrap();
        let mut found = 0;
        for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
            let (from, until) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let parse = |address| u64::from_str_radix(address, 16).unwrap();
            let (mut from, until) = (parse(from), parse(until));
            while from < until {
                let len = buffer.len().min((until - from) as usize);
                // A page that nobody may read, or that another thread gave back in the meantime.
                let read = memory.read_at(&mut buffer[..len], from).unwrap_or(0);
                found += self.count_in(&buffer[..read]);
                buffer.fill(0);
                from += WINDOW as u64;
            }
        }
        found
    }

    fn count_in(&self, bytes: &[u8]) -> usize {
        let first = self.0[0] ^ MASK;
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
        starts.filter(|(at, _)| self.is_at(bytes, *at)).count()
    }

    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let found = bytes.get(at..at + self.0.len());
        found.is_some_and(|found| found.iter().zip(&self.0).all(|(byte, masked)| byte ^ MASK == *masked))
    }
}

/// What a search needs, taken once: what it allocated anew could lie where a secret was freed, and wipe what is looked for.
struct Search {
    buffer: Vec<u8>,
    maps: String,
}

static SEARCH: LazyLock<Mutex<Search>> = LazyLock::new(|| {
    let (buffer, maps) = (vec![0; WINDOW + NEEDLE_LEN], String::with_capacity(1 << 20));
    Mutex::new(Search { buffer, maps })
});

const NEEDLE_LEN: usize = 16;
const MASK: u8 = 0xa5;
const WINDOW: usize = 1 << 20;
