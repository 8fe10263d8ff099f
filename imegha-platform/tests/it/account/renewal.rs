//! New keys behind a password and a phrase that were replaced, as everybody sees them who has a part in it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_crypto::RecoveryPhrase;
use imegha_platform::client::{GatewayAddress, NewPhrase, Platform, Request, Response, Transport};
use imegha_platform::protocol::SessionKind;
use imegha_platform::{Error, ErrorKind, ProblemCode, Result};
use serde_json::{Value, json};
use url::Url;

use super::{NEW, OTHER, Replaced, device, opens, opens_not, refusal};
use crate::evil::EvilPlatform;
use crate::on_every_backend;
use crate::world::{MINUTE, NOW, PASSWORD, World};

const ALICE: &str = "alice@example.com";

on_every_backend! {
    everything_is_new_and_what_was_opens,
    all_other_sessions_end,
    the_address_of_the_gateway_goes_along,
    an_address_that_opens_for_nobody_does_not,
    an_answer_that_was_lost_is_found_again,
    of_two_devices_one_renews,
    what_stands_beside_is_in_the_way,
    only_the_words_of_the_account_are_taken,
    a_phrase_of_before_is_not_added_after,
    what_was_kept_before_is_to_be_signed_in_to_again,
}

/// A way to the platform that breaks when a renewal takes it: before it arrives, or before its answer does.
pub(super) struct Broken {
    inner: Arc<dyn Transport>,
    arrives: bool,
    broken: AtomicBool,
    caught: Mutex<Option<Value>>,
}

impl Broken {
    /// It arrives, and the answer of the first is lost.
    fn behind(world: &World) -> Arc<Self> {
        Self::new(world, true)
    }

    /// It never arrives.
    pub(super) fn before(world: &World) -> Arc<Self> {
        Self::new(world, false)
    }

    fn new(world: &World, arrives: bool) -> Arc<Self> {
        Arc::new(Self { inner: world.wire.clone(), arrives, broken: AtomicBool::new(true), caught: Mutex::default() })
    }

    pub(super) fn client(self: &Arc<Self>, of: &Platform) -> Platform {
        let client = Platform::with_transport(self.clone());
        client.take_session(of.session_token().unwrap());
        client
    }

    /// The request that did not arrive.
    pub(super) fn caught(&self) -> Value {
        self.caught.lock().unwrap().take().unwrap()
    }
}

#[async_trait]
impl Transport for Broken {
    async fn send(&self, request: Request) -> Result<Response> {
        if request.path != "account/renew" || !self.broken.load(Ordering::Relaxed) {
            return self.inner.send(request).await;
        }
        if self.arrives {
            self.broken.store(false, Ordering::Relaxed);
            self.inner.send(request).await?;
            return Err(Error::new(ErrorKind::Network, "the answer is lost"));
        }
        let body = request.body.as_ref().map(|body| serde_json::from_slice(body).unwrap());
        *self.caught.lock().unwrap() = body;
        Err(Error::new(ErrorKind::Device, "the request is caught"))
    }

    fn origin(&self) -> String {
        self.inner.origin()
    }

    fn session_kind(&self) -> SessionKind {
        self.inner.session_kind()
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broken")
    }
}

/// Turns red when the bundle, or the record that the client makes of it, leaves out the earlier DEKs (`flows/account.rs`, `client/record.rs`).
async fn everything_is_new_and_what_was_opens(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let before = &alice.signed_in.account;
    assert_eq!((before.dek_epoch, before.earlier().count()), (1, 0));
    let renewed = alice.renew().await.unwrap();
    let now = &renewed.account;
    assert_eq!((now.id, &now.email, now.dek_epoch), (before.id, &before.email, 2));
    assert!(now.dek != before.dek && now.identity.public() != before.identity.public());
    assert_eq!((now.password_count(), now.phrase_count()), (1, 1));

    // Another device with the password, one that knew the account before, and the words alone.
    let mut by_words = None;
    for way in ["password", "known", "words"] {
        let signed_in = match way {
            "password" => opens(&world, ALICE, NEW).await,
            "known" => world.client().sign_in_known(ALICE, NEW, &alice.signed_in.known).await.unwrap(),
            _ => {
                let client = world.client();
                let recovery = client.begin_recovery(ALICE).await.unwrap();
                let code = world.next_code().await;
                let recovered = client.recover(&recovery, &code, &alice.phrase, OTHER, Some(&renewed.known)).await;
                let recovered = recovered.unwrap();
                by_words = Some(client);
                recovered
            }
        };
        let account = &signed_in.account;
        assert!(account.dek == now.dek && account.dek_epoch == 2, "{way}");
        assert_eq!(account.identity.public(), now.identity.public(), "{way}");
        assert_eq!(account.history.current(), now.identity.public(), "{way}");
        let earlier: Vec<_> = account.earlier().collect();
        assert_eq!(earlier.len(), 1, "{way}");
        assert_eq!((earlier[0].dek_epoch, earlier[0].dek), (1, &before.dek), "{way}");
        assert_eq!(earlier[0].identity, before.identity.public(), "{way}");
        assert_eq!(account.previous_dek(1), Some(&before.dek), "{way}");
        assert_eq!((account.previous_dek(0), account.previous_dek(2)), (None, None), "{way}");
        for identity in [&before.identity, &now.identity] {
            let opened = account.open_earlier_identity(&identity.fingerprint()).unwrap();
            assert_eq!(opened.public(), identity.public(), "{way}");
        }
    }
    // What the cloud keeps of it: the same words open the DEK, whether or not this device made the wrap.
    let keys = alice.phrase.derive_keys();
    let (_, later) = device(&world, ALICE, OTHER).await;
    for account in [now, &later.account] {
        let wrap = account.recovery_wrap(&alice.phrase).unwrap();
        let opened = imegha_crypto::Dek::unwrap_by_recovery(&wrap, &keys.kek, &now.id, 2).unwrap();
        assert!(opened == now.dek);
        let refused = account.recovery_wrap(&alice.old_phrase).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen);
    }
    assert_eq!(now.recovery_wrap(&alice.phrase).unwrap(), now.recovery_wrap(&alice.phrase).unwrap());

    // And all of the changes that there are, in the new epoch, another epoch among them.
    let client = by_words.unwrap();
    let third = client.renew(&later.account, OTHER, &alice.phrase, NOW + 2).await.unwrap().account;
    assert_eq!(third.dek_epoch, 3);
    let back = client.change_password(&third, OTHER, PASSWORD).await.unwrap().account;
    assert!(back.dek == third.dek);
    let earlier: Vec<_> =
        back.earlier().map(|keys| (keys.dek_epoch, keys.dek.clone(), keys.identity.clone())).collect();
    let expected = [before, now].map(|then| (then.dek_epoch, then.dek.clone(), then.identity.public().clone()));
    assert_eq!(earlier, expected);
    for identity in [&before.identity, &now.identity] {
        assert_eq!(back.open_earlier_identity(&identity.fingerprint()).unwrap().public(), identity.public());
    }
    client.delete_account(&back, PASSWORD).await.unwrap();
    world.clock.advance(2 * crate::world::DAY);
    world.server.sweep().await.unwrap();
    assert_eq!(world.store.dump().await, [], "nothing of it is left");
}

/// Two things end them: their wrap is gone, and all were ended. Turns red without both in `flows/renewal.rs` (`put_into`), and, for the session that
/// goes on, without either in `goes_over` (`registry/sessions.rs`).
async fn all_other_sessions_end(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, NEW).await;
    let first = world.client();
    first.take_session(alice.client.session_token().unwrap());
    two.register_apns_device(&[2; 32]).await.unwrap();
    let renewed = alice.renew().await.unwrap();
    for ended in [&two, &first] {
        assert_eq!(refusal(ended.sessions().await), Some(ProblemCode::SignedOut));
    }
    assert_eq!(refusal(two.change_password(&at_two.account, NEW, OTHER).await), Some(ProblemCode::SignedOut));
    assert_eq!(
        refusal(two.renew(&at_two.account, PASSWORD, &alice.phrase, NOW).await),
        Some(ProblemCode::WrongPassword)
    );
    let sessions = alice.client.sessions().await.unwrap();
    assert_eq!(
        (sessions.len(), sessions[0].current),
        (1, true),
        "the one that renewed goes on, and no other is listed"
    );
    assert!(alice.client.devices().await.unwrap().is_empty(), "nor is a device told that such a one had registered");
    let again = alice.client.change_password(&renewed.account, NEW, OTHER).await.unwrap();
    assert_eq!(again.account.dek_epoch, 2);
    opens_not(&world, ALICE, NEW).await;
    opens(&world, ALICE, OTHER).await;
}

fn cloud(name: &str) -> GatewayAddress {
    let url = Url::parse(&format!("https://{name}.example/")).unwrap();
    GatewayAddress { url, cloud: imegha_crypto::Id::from_bytes([7; 16]) }
}

/// Turns red when the old sealing stays (`flows/renewal.rs`, `next_gateway`), and when the client seals what it saw at its sign-in.
async fn the_address_of_the_gateway_goes_along(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    alice.client.set_gateway(&alice.signed_in.account, None, cloud("first")).await.unwrap();
    alice.client.set_gateway(&alice.signed_in.account, Some(&cloud("first")), cloud("second")).await.unwrap();
    let renewed = alice.renew().await.unwrap().account;
    assert_eq!(renewed.gateway, Some(cloud("second")));
    assert_eq!(opens(&world, ALICE, NEW).await.account.gateway, Some(cloud("second")));
    let registry = world.server_registry();
    let (edit, sealed) = registry.account(&renewed.id).await.unwrap().unwrap().gateway.unwrap();
    assert_eq!(edit, 3);
    assert!(renewed.dek.open_gateway_address(&sealed, &renewed.id, edit).is_ok());
    let old = &alice.signed_in.account.dek;
    assert!(old.open_gateway_address(&sealed, &renewed.id, edit).is_err(), "the old key opens it no more");
    // It is set on, by who has the new keys and nobody else.
    let late = alice.client.set_gateway(&alice.signed_in.account, Some(&cloud("second")), cloud("third")).await;
    assert_eq!(refusal(late), Some(ProblemCode::SignedOut));
    alice.client.set_gateway(&renewed, Some(&cloud("second")), cloud("third")).await.unwrap();
    assert_eq!(alice.client.gateway(&renewed).await.unwrap(), Some(cloud("third")));
}

async fn an_address_that_opens_for_nobody_does_not(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let mut stranger = alice.signed_in.account.clone();
    stranger.dek = imegha_crypto::Dek::generate().unwrap();
    alice.client.set_gateway(&stranger, None, cloud("nowhere")).await.unwrap();
    let renewed = alice.renew().await.unwrap().account;
    assert_eq!(renewed.gateway, None);
    let registry = world.server_registry();
    assert_eq!(registry.account(&renewed.id).await.unwrap().unwrap().gateway, None);
    alice.client.set_gateway(&renewed, None, cloud("home")).await.unwrap();
    assert_eq!(opens(&world, ALICE, NEW).await.account.gateway, Some(cloud("home")));
}

/// Turns red without the comparison of epochs in `client/renewal.rs`: a third epoch would come of it.
async fn an_answer_that_was_lost_is_found_again(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let broken = Broken::behind(&world);
    let client = broken.client(&alice.client);
    let account = &alice.signed_in.account;
    let renewed = client.renew(account, NEW, &alice.phrase, NOW + 1).await.unwrap().account;
    assert_eq!(renewed.dek_epoch, 2);
    assert!(!broken.broken.load(Ordering::Relaxed), "control: one was lost");
    // The program too, with all that it was told: what it knew before is enough.
    let again = world.client().renew(account, NEW, &alice.phrase, NOW + 2).await.unwrap().account;
    assert!(again.dek == renewed.dek && again.identity.public() == renewed.identity.public());
    assert_eq!(world.server_registry().history(&renewed.id).await.unwrap().len(), 2);
    assert!(opens(&world, ALICE, NEW).await.account.dek == renewed.dek);
}

/// Turns red without the condition of `replace_keys` (`registry/account_keys.rs`) and the version's comparison in `next`.
async fn of_two_devices_one_renews(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let (two, at_two) = device(&world, ALICE, NEW).await;
    let (one, other) = tokio::join!(alice.renew(), two.renew(&at_two.account, NEW, &alice.phrase, NOW + 2));
    let (one, other) = (one.unwrap().account, other.unwrap().account);
    assert_eq!((one.dek_epoch, other.dek_epoch), (2, 2), "the second finds what the first has made");
    assert!(one.dek == other.dek && one.identity.public() == other.identity.public());
    assert!(opens(&world, ALICE, NEW).await.account.dek == one.dek);
    // One that adds a phrase meanwhile: one of the two comes first, and the other sees it.
    let (client, at_first) = device(&world, ALICE, NEW).await;
    let (two, at_two) = device(&world, ALICE, NEW).await;
    let new = NewPhrase::prepare(&at_two.account).unwrap();
    let (renewed, added) = tokio::join!(
        client.renew(&at_first.account, NEW, &alice.phrase, NOW + 3),
        two.add_phrase(&at_two.account, NEW, &new)
    );
    match renewed {
        Ok(renewed) => {
            assert_eq!(refusal(added), Some(ProblemCode::SignedOut));
            assert_eq!((renewed.account.dek_epoch, renewed.account.phrase_count()), (3, 1));
        }
        Err(error) => {
            assert_eq!(error.code(), Some(ProblemCode::Conflict));
            added.unwrap();
            let opened = opens(&world, ALICE, NEW).await.account;
            assert_eq!((opened.dek_epoch, opened.phrase_count()), (2, 2));
        }
    }
}

/// Turns red when `client/renewal.rs` waits for what does not go by waiting.
async fn what_stands_beside_is_in_the_way(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let account = &alice.signed_in.account;
    let new = NewPhrase::prepare(account).unwrap();
    alice.client.add_phrase(account, NEW, &new).await.unwrap();
    for phrase in [&alice.phrase, new.phrase()] {
        let refused = alice.client.renew(account, NEW, phrase, NOW).await;
        assert_eq!(refusal(refused), Some(ProblemCode::Conflict), "two phrases");
    }
    let words: Vec<_> = new.phrase().words().collect();
    alice.client.drop_other_phrases(account, &new, &words.join(" ")).await.unwrap();
    // A change of the password that was broken off, for the minute in which it may still come to its end.
    world.identity.fail_next("change_auth");
    alice.client.change_password(account, NEW, OTHER).await.unwrap_err();
    let refused = alice.client.renew(account, NEW, new.phrase(), NOW).await;
    assert_eq!(refusal(refused), Some(ProblemCode::Conflict), "two passwords");
    assert_eq!(world.server_registry().account(&account.id).await.unwrap().unwrap().dek_epoch, 1);
    // After it, signing in puts it aside.
    world.clock.advance(MINUTE);
    let renewed = alice.client.renew(account, NEW, new.phrase(), NOW).await.unwrap().account;
    assert_eq!((renewed.dek_epoch, renewed.password_count(), renewed.phrase_count()), (2, 1, 1));
}

async fn only_the_words_of_the_account_are_taken(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let account = &alice.signed_in.account;
    for words in [&alice.old_phrase, &RecoveryPhrase::generate().unwrap()] {
        let refused = alice.client.renew(account, NEW, words, NOW).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::CannotOpen);
    }
    let wrong = alice.client.renew(account, PASSWORD, &alice.phrase, NOW).await;
    assert_eq!(refusal(wrong), Some(ProblemCode::WrongPassword));
    let none = alice.client.renew(account, "bell\u{7}", &alice.phrase, NOW).await;
    assert_eq!(refusal(none), Some(ProblemCode::PasswordRefused));
    assert_eq!(world.server_registry().account(&account.id).await.unwrap().unwrap().dek_epoch, 1);
    alice.renew().await.unwrap();
}

/// It would wrap the key of before. Turns red without the comparison of epochs in `client/phrase.rs`.
async fn a_phrase_of_before_is_not_added_after(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let early = NewPhrase::prepare(&alice.signed_in.account).unwrap();
    let renewed = alice.renew().await.unwrap().account;
    let refused = alice.client.add_phrase(&renewed, NEW, &early).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CannotOpen);
    let new = NewPhrase::prepare(&renewed).unwrap();
    alice.client.add_phrase(&renewed, NEW, &new).await.unwrap();
    let words: Vec<_> = new.phrase().words().collect();
    alice.client.drop_other_phrases(&renewed, &new, &words.join(" ")).await.unwrap();
}

/// Turns red without the comparison of epochs in `client/kept.rs` (`resume`) and in `bundle` of `client/platform.rs`.
async fn what_was_kept_before_is_to_be_signed_in_to_again(world: World) {
    let alice = Replaced::new(&world, ALICE, "alice").await;
    let account = &alice.signed_in.account;
    let (kept, known) = (account.keep(), &alice.signed_in.known);
    let (elsewhere, at_elsewhere) = device(&world, ALICE, NEW).await;
    let renewed = alice.renew().await.unwrap();
    // On another device, whose session has ended.
    let ended = elsewhere.resume(&at_elsewhere.account.keep(), &at_elsewhere.known).await;
    assert_eq!(refusal(ended), Some(ProblemCode::SignedOut));
    // In the session that goes on: the device was stopped before it kept the new key, whatever else it had remembered by then.
    for known in [known, &renewed.known] {
        assert_eq!(refusal(alice.client.resume(&kept, known).await), Some(ProblemCode::SignedOut));
    }
    for outcome in [
        alice.client.change_password(account, NEW, OTHER).await.map(drop),
        alice.client.gateway(account).await.map(drop),
        alice.client.add_phrase(account, NEW, &NewPhrase::prepare(account).unwrap()).await.map(drop),
    ] {
        assert_eq!(refusal(outcome), Some(ProblemCode::SignedOut));
    }
    let again = alice.client.resume(&renewed.account.keep(), &renewed.known).await.unwrap();
    assert_eq!((again.known, again.account.previous_dek(1)), (renewed.known.clone(), Some(&account.dek)));
    // The platform shows the state of before to a device that has seen the new one.
    let rolled_back = renewed.account.keep();
    let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
        if path == "account" {
            answer["dek_epoch"] = json!(1);
        }
    });
    let client = evil.client();
    client.take_session(alice.client.session_token().unwrap());
    let refused = client.resume(&rolled_back, &renewed.known).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::KeyChanged);
    // And a new epoch without an identity of its own is none.
    let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
        if path == "account" {
            answer["dek_epoch"] = json!(3);
        }
    });
    let client = evil.client();
    client.take_session(alice.client.session_token().unwrap());
    let refused = client.resume(&rolled_back, &renewed.known).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::KeyChanged);
}
