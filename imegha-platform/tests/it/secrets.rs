//! ATTACKS 22, for the changes of an account: nothing that leaves the device, or is stored, has a secret in it in any form.

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use imegha_cloud::backend::Record;
use imegha_crypto::hazmat::{self, RawKey as _};
use imegha_crypto::{Email, Hash, KdfParams, Password, PasswordKeys, RecoveryPhrase};
use imegha_platform::client::{Known, NewPhrase};
use memchr::memmem;

use crate::on_every_backend;
use crate::world::{MINUTE, PASSWORD, World};

on_every_backend! { a22_no_change_of_an_account_gives_a_secret_away, }

/// Secrets, each in every form that it could leave in.
#[derive(Default)]
struct Scanner(Vec<(&'static str, Vec<u8>)>);

impl Scanner {
    fn secret(&mut self, what: &'static str, bytes: &[u8]) {
        let hex = hex::encode(bytes);
        let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let mut forms = vec![
            bytes.to_vec(),
            hex.to_uppercase().into_bytes(),
            utf16(&hex),
            hex.into_bytes(),
            percent.to_lowercase().into_bytes(),
            percent.into_bytes(),
        ];
        forms.extend(std::str::from_utf8(bytes).map(utf16));
        // Base64 at each of the three places that a value may begin at, without what its neighbours change.
        for shift in 0..3 {
            let padded = [&[0; 2][..shift], bytes].concat();
            for text in [Base64::encode_string(&padded), Base64UrlUnpadded::encode_string(&padded)] {
                let (from, upto) = (if shift == 0 { 0 } else { 4 }, text.trim_end_matches('=').len() - 2);
                forms.push(text.as_bytes()[from..upto].to_vec());
            }
        }
        self.0.extend(forms.into_iter().map(|form| (what, form)));
    }

    fn password(&mut self, email: &str, password: &str, known: &Known) {
        let kdf = KdfParams::try_from(&known.kdf).unwrap();
        let (email, parsed) = (Email::parse(email).unwrap(), Password::parse(password).unwrap());
        let keys = PasswordKeys::derive(&parsed, &email, &kdf).unwrap();
        let parts: [&[u8]; 4] = [email.as_str().as_bytes(), &[1], &kdf.iterations().to_be_bytes(), kdf.salt()];
        let salt = Hash::of(&hazmat::label("password-salt", &parts));
        let mut master = [0; 32];
        hazmat::pbkdf2(password.as_bytes(), salt.as_bytes(), kdf.iterations(), &mut master).unwrap();
        self.secret("a password", password.as_bytes());
        self.secret("a key of a password", keys.kek.raw());
        self.secret("a master key", &master);
    }

    fn phrase(&mut self, phrase: &RecoveryPhrase) {
        let keys = phrase.derive_keys();
        self.secret("words", phrase.words().collect::<Vec<_>>().join(" ").as_bytes());
        self.secret("a key of a phrase", keys.kek.raw());
        self.secret("a seed of a phrase", hazmat::recovery_auth_seed(&keys));
    }

    fn found_in(&self, bytes: &[u8]) -> Vec<&'static str> {
        self.0.iter().filter(|(_, form)| memmem::find(bytes, form).is_some()).map(|(what, _)| *what).collect()
    }
}

/// Turns red when a request has more in it than `protocol` says: plant the password beside `auth_string` to see it.
async fn a22_no_change_of_an_account_gives_a_secret_away(world: World) {
    let (first, second) = ("alice@example.com", "alice@elsewhere.example");
    let (one, two, three) = (PASSWORD, "second of her passwords", "third of her passwords");
    let mut scanner = Scanner::default();
    let sign_up = world.account(first, "alice").await;
    scanner.phrase(sign_up.phrase());
    let client = world.client();
    let alice = client.sign_in_first(&sign_up).await.unwrap();
    scanner.password(first, one, &alice.known);
    let changed = client.change_password(&alice.account, one, two).await.unwrap();
    scanner.password(first, two, &changed.known);
    client.begin_email_change(&changed.account, two, second).await.unwrap();
    let code = world.next_code().await;
    let moved = client.confirm_email_change(&changed.account, two, second, &code).await.unwrap();
    scanner.password(second, two, &moved.known);
    let new = NewPhrase::prepare(&moved.account).unwrap();
    scanner.phrase(new.phrase());
    client.add_phrase(&moved.account, two, &new).await.unwrap();
    let words: Vec<_> = new.phrase().words().collect();
    client.drop_other_phrases(&moved.account, &new, &words.join(" ")).await.unwrap();
    world.clock.advance(MINUTE);
    let recovery = client.begin_recovery(second).await.unwrap();
    let code = world.next_code().await;
    let recovered = client.recover(&recovery, &code, new.phrase(), three, None).await.unwrap();
    scanner.password(second, three, &recovered.known);
    let stronger = client.change_kdf(&recovered.account, three, 300_000).await.unwrap();
    scanner.password(second, three, &stronger.known);
    scanner.secret("the DEK", alice.account.dek.raw());
    let stored: Vec<u8> = world.store.dump().await.iter().flat_map(Record::to_bytes).collect();
    client.delete_account(&stronger.account, three).await.unwrap();

    let sent: Vec<u8> = world.wire.sent.lock().unwrap().iter().flat_map(|(_, body)| body.clone()).collect();
    assert!(sent.len() > 5_000 && stored.len() > 2_000, "{} and {} bytes", sent.len(), stored.len());
    for (place, bytes) in [("sent", &sent), ("stored", &stored)] {
        assert_eq!(scanner.found_in(bytes), Vec::<&str>::new(), "{place}");
        // Each form of each secret, planted in a copy.
        for (what, form) in &scanner.0 {
            let planted = [&bytes[..64], form, &bytes[..64]].concat();
            assert!(scanner.found_in(&planted).contains(what), "{what} is found where it is");
        }
    }
    let mut public = Scanner::default();
    public.secret("the public key", &alice.account.identity.public().spki()[..96]);
    assert!(!public.found_in(&sent).is_empty() && !public.found_in(&stored).is_empty(), "it is the right traffic");
}
