//! ATTACKS 22: what leaves the device, and what is stored, has no secret in it in any form.

mod scanner;
mod wire;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use imegha_cloud::backend::remote::{Remote, RemoteBlobs, RemoteRecords};
use imegha_cloud::backend::{Query, Record, RecordStore as _};
use imegha_cloud::clock::SystemClock;
use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};
use imegha_cloud::{BytesSource, Cloud, Content, OnTaken};
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Email, FileKey, Hash, Id, KdfParams, NodeKey, Password, PasswordKeys};
use imegha_platform::client::{Account, GatewayAddress, Platform, SignUp};
use imegha_platform::mail::Message;
use url::Url;

use super::Setting;
use super::running::{Running, free_address, keys, store};
use scanner::Scanner;
use wire::Wire;

const EMAIL: &str = "ann@example.org";
const PASSWORD: &str = "Plüm cactus governs tuesday 7#";
const FOLDER: &str = "Quarterly plans for moving house";
const FILE: &str = "Überblick: bank, insurance & flat.ods";
const RENAMED: &str = "What doctor Kim wrote in October";
const TEXT: &str =
    "Dear Judge, the following happened between the 3rd and the 9th; nobody knows it yet but my sister Zoë.";

/// Turns red when anything but a sealed value is written where a `Sealed` stands. What keeps it from that is the type: `CloudValue` of
/// `imegha-cloud/src/schema.rs` has no text, and only imegha-crypto makes a `Sealed` (`tests/compile_fail`). So it was seen red by
/// a client that asks `prelogin` (`client/sign_in.rs` of imegha-platform) once more, with the password for the address.
#[tokio::test(flavor = "multi_thread")]
async fn a22_nothing_that_leaves_or_is_stored_holds_a_secret() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (behind, _) = free_address();
    // The client talks to the wire, and the wire to the server.
    let wire = Wire::start(behind).await;
    let setting = Setting::new(root.path(), &wire.origin());
    let running = Running::start(&setting, behind).await;

    let platform = Platform::new(wire.origin().parse().expect("an origin")).expect("a client");
    let new = SignUp::prepare(EMAIL, "ann", PASSWORD, 1_790_000_000_000).await.expect("keys");
    platform.sign_up(&new, true, 1).await.expect("claimed");
    let Message::Code { code, .. } = setting.mailer.next().await.message else { panic!("a code was expected") };
    platform.confirm(&new.account(), &code).await.expect("confirmed");
    let account = platform.sign_in(EMAIL, PASSWORD).await.expect("signed in").account;
    let url = platform.host_cloud().await.expect("a cloud").url;
    let cloud = Cloud::create(keys(&account), store(&account, &url)).await.expect("created");
    platform.set_gateway(&account, None, GatewayAddress { url: url.clone(), cloud: cloud.id() }).await.expect("set");

    let text = TEXT.repeat(2_000);
    let content = || Content::new(BytesSource::new(text.clone())).mime("application/vnd.oasis.opendocument");
    let folder = cloud.create_folder(&cloud.root(), FOLDER).await.expect("made");
    let file = cloud.upload(&folder.id, FILE, content()).await.expect("uploaded");
    let lost = cloud.upload(&cloud.root(), "A second one, which goes to the trash", content()).await.expect("uploaded");
    cloud.replace(&file.id, content()).await.expect("replaced");
    cloud.rename(&file.id, RENAMED).await.expect("renamed");
    let mut scanner = Scanner::new();
    assert_eq!(cloud_secrets(&mut scanner, &account, &url).await, 3, "the keys of two files and of a folder");
    cloud.move_to(&[file.id], &cloud.root(), OnTaken::Refuse).await.expect("moved");
    cloud.trash(&[lost.id, folder.id]).await.expect("in the trash");
    cloud.restore(&[folder.id]).await.expect("restored");
    assert_eq!(cloud.download(&file.id).await.expect("found").bytes().await.expect("opened"), text.as_bytes());

    for (what, name) in [("the folder's name", FOLDER), ("the file's name", FILE), ("its new name", RENAMED)] {
        scanner.text(what, name);
    }
    scanner.text("the content", TEXT);
    scanner.text("the type", "application/vnd.oasis.opendocument");
    account_secrets(&mut scanner, &new, &account);
    // A move may have given new ones.
    assert_eq!(cloud_secrets(&mut scanner, &account, &url).await, 3, "one file of them is in the trash");

    let sent = wire.sent();
    let stored = stored(&root.path().join("data"));
    assert!(sent.len() > 400_000 && stored.len() > 400_000, "{} and {} bytes", sent.len(), stored.len());
    // The scanner finds each secret in each form, planted in a copy of what it then finds nothing in.
    scanner.finds_what_is_planted_in(&sent[..4_096]);
    for (place, bytes) in [("what was sent", &sent), ("what is stored", &stored)] {
        assert!(scanner.found_in(bytes).is_empty(), "{place}: {:?}", scanner.found_in(bytes));
    }
    // What may leave does, and is found: it is the right wire, and the right folder.
    let mut public = Scanner::new();
    public.bytes("the public key", account.identity.public().spki());
    assert!(!public.found_in(&sent).is_empty() && !public.found_in(&stored).is_empty());

    cloud.purge(&[lost.id]).await.expect("purged");
    platform.sign_out().await.expect("signed out");
    assert!(scanner.found_in(&wire.sent()).is_empty(), "at the end");
    running.stop().await;
}

/// Every secret of the account, as FORMAT 3 to 5 and 7 derive it.
fn account_secrets(scanner: &mut Scanner, new: &SignUp, account: &Account) {
    scanner.text("the password", PASSWORD);
    scanner.text("the phrase", &new.phrase().words().collect::<Vec<_>>().join(" "));
    let recovery = new.phrase().derive_keys();
    scanner.bytes("the phrase's key", recovery.kek.raw());
    scanner.bytes("the phrase's seed", hazmat::recovery_auth_seed(&recovery));

    let kdf = KdfParams::try_from(&new.known().kdf).expect("kdf fields");
    let (email, password) = (Email::parse(EMAIL).expect("an address"), Password::parse(PASSWORD).expect("a password"));
    let derived = PasswordKeys::derive(&password, &email, &kdf).expect("keys");
    scanner.bytes("the password's key", derived.kek.raw());
    let parts: [&[u8]; 4] = [email.as_str().as_bytes(), &[kdf.kdf_id()], &kdf.iterations().to_be_bytes(), kdf.salt()];
    let salt = Hash::of(&hazmat::label("password-salt", &parts));
    let mut master = [0; 32];
    hazmat::pbkdf2(PASSWORD.as_bytes(), salt.as_bytes(), kdf.iterations(), &mut master).expect("derived");
    scanner.bytes("the master key", &master);

    scanner.bytes("the DEK", account.dek.raw());
    let wrapped = account.identity.wrap(&account.dek, &account.id, 1).expect("wrapped");
    let fingerprint = account.identity.fingerprint();
    let parts: [&[u8]; 3] = [account.id.as_bytes(), &1_u32.to_be_bytes(), fingerprint.as_bytes()];
    let identity = hazmat::open(account.dek.raw(), &hazmat::label("wrap/identity", &parts), wrapped.as_bytes());
    let identity = identity.expect("opened");
    // `lp(PKCS#8) || lp(seed)`: the head of PKCS#8 and the public modulus are no secret, what follows is.
    scanner.bytes("the Ed25519 seed", &identity[identity.len() - 32..]);
    for part in identity[identity.len() - 836..identity.len() - 36].chunks(48) {
        scanner.bytes("the RSA key", part);
    }
}

/// The keys of every node and file, opened from what is stored.
async fn cloud_secrets(scanner: &mut Scanner, account: &Account, url: &Url) -> usize {
    let audience = account.history.first().fingerprint();
    let remote =
        Remote::new(url.clone(), account.identity.clone(), audience, Arc::new(SystemClock)).expect("an address");
    let (records, _) = (RemoteRecords::new(remote.clone()), RemoteBlobs::new(remote));
    let children = async |of: &Id| {
        let query = Query::new(Collection::Children, [CloudValue::Id(*of)]);
        records.query(&query).await.expect("read").records
    };
    let mut folders = Vec::new();
    // The root, and the trash beside it once there is one.
    for top in children(&Id::ZERO).await {
        let Place { node, node_epoch, parent_epoch } = Place::of(&top);
        let key = NodeKey::unwrap_root(sealed(&top, Field::NodeKey), &account.dek, &node, node_epoch, parent_epoch);
        folders.push((node, key.expect("the key of the root, or of the trash")));
    }
    let mut found = 0;
    while let Some((parent, parent_key)) = folders.pop() {
        scanner.bytes("a node's key", parent_key.raw());
        for record in children(&parent).await {
            let Place { node, node_epoch, parent_epoch } = Place::of(&record);
            let wrap = sealed(&record, Field::NodeKey);
            let key =
                NodeKey::unwrap(wrap, &parent_key, &node, &parent, node_epoch, parent_epoch).expect("a node's key");
            scanner.bytes("a metadata key", key.derive_metadata_key(&node, node_epoch).raw());
            if record.field(Field::FileKey).is_some() {
                let (revision, epoch) =
                    (number(&record, Field::Revision), number(&record, Field::RevisionEpoch) as u32);
                let file_key = FileKey::unwrap(sealed(&record, Field::FileKey), &key, &node, revision, epoch);
                scanner.bytes("a file's key", file_key.expect("a file's key").raw());
            }
            found += 1;
            folders.push((node, key));
        }
    }
    found
}

struct Place {
    node: Id,
    node_epoch: u32,
    parent_epoch: u32,
}

impl Place {
    fn of(record: &Record<CloudSchema>) -> Self {
        let [CloudValue::Id(node)] = record.key.sort[..] else { panic!("the place of a child is its id") };
        Self {
            node,
            node_epoch: number(record, Field::NodeEpoch) as u32,
            parent_epoch: number(record, Field::ParentEpoch) as u32,
        }
    }
}

fn sealed(record: &Record<CloudSchema>, field: Field) -> &imegha_crypto::Sealed {
    match record.field(field) {
        Some(CloudValue::Sealed(sealed)) => sealed,
        other => panic!("{field:?} is {other:?}"),
    }
}

fn number(record: &Record<CloudSchema>, field: Field) -> u64 {
    match record.field(field) {
        Some(CloudValue::U64(number)) => *number,
        other => panic!("{field:?} is {other:?}"),
    }
}

/// Every byte of every file under a folder, SQLite's write-ahead logs among them, and the names of the files.
fn stored(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut folders = vec![folder.to_owned()];
    let mut wal = 0;
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).expect("a folder") {
            let path = entry.expect("an entry").path();
            bytes.extend(path.file_name().expect("a name").as_encoded_bytes());
            bytes.push(0);
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let file = fs::read(&path).expect("a file");
                    wal += usize::from(path.extension().is_some_and(|of| of == "sqlite-wal") && !file.is_empty());
                    bytes.extend(file);
                }
            }
        }
    }
    assert_eq!(wal, 2, "the accounts' and the cloud's: the server runs, and what it wrote last is there");
    bytes
}
