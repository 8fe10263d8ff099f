//! Random schedules of three people's actions, against a model that knows no records.

use std::collections::HashMap;

use imegha_cloud::backend::Record;
use imegha_crypto::{Email, FeedPlace, Hash, Id, Identity, KdfParams, KeyHistoryEntry, Sealed, SealedTo, Signature};
use imegha_platform::registry::{
    AccountRecord, AccountState, Action, Card, Collection, Field, IdentityRecord, NewAccount, PasswordWrapRecord,
    PlatformSchema, PlatformValue as V, RecoveryWrapRecord, Registry, Standing,
};
use imegha_platform::{ProblemCode, Tag};

use crate::on_every_backend;
use crate::world::World;

on_every_backend! {
    schedules_do_what_the_model_does,
    schedules_at_once_leave_both_sides_whole,
    requests_are_bounded,
}

/// Numbers that look random, the same in every run (SplitMix64).
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// Accounts without clients: what the registry does not look at is made up.
struct Accounts {
    registry: Registry,
    identity: Identity,
}

impl Accounts {
    fn new(world: &World) -> Self {
        Self { registry: world.server_registry(), identity: Identity::generate().unwrap() }
    }

    async fn make(&self, n: u16) -> Id {
        let mut id = [7; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        let id = Id::from_bytes(id);
        let tag = Tag::parse(&format!("person{n}")).unwrap();
        let sealed = || Sealed::from_received(vec![0; 104]).unwrap();
        let fingerprint = self.identity.fingerprint();
        let email = Email::parse(&format!("person{n}@example.com")).unwrap();
        let new = NewAccount {
            account: AccountRecord {
                id,
                email: email.clone(),
                tag: tag.clone(),
                version: 0,
                state: AccountState::Unconfirmed,
                created_ms: 0,
                policy_version: 1,
                dek_epoch: 1,
                fingerprint,
                keys_version: 1,
                keys_signature: Signature::from_bytes([0; Signature::LEN]),
                pending: None,
                sessions_ended: 0,
                gateway: None,
            },
            password_wrap: PasswordWrapRecord {
                id,
                added: 1,
                email,
                kdf: KdfParams::generate().unwrap(),
                auth_hash: Hash::ZERO,
                dek_epoch: 1,
                wrap: sealed(),
            },
            recovery_wrap: RecoveryWrapRecord { id, added: 1, public_key: [1; 32], dek_epoch: 1, wrap: sealed() },
            identity: IdentityRecord { fingerprint, dek_epoch: 1, wrapped: sealed() },
            entry: (&KeyHistoryEntry::first(&self.identity, &id, tag.as_str(), 1)).into(),
        };
        self.registry.claim(&new).await.unwrap();
        self.registry.confirm(&id).await.unwrap();
        id
    }
}

/// A card of a list: as the registry sees it, its content is nobody's business.
fn card(n: u64) -> Card {
    let mut bytes = b"IMSEAL\x01\x00".to_vec();
    bytes.resize(600, 0);
    bytes[592..].copy_from_slice(&n.to_be_bytes());
    let mut feed = [1; 16];
    feed[8..].copy_from_slice(&n.to_be_bytes());
    Card {
        at: FeedPlace { feed: Id::from_bytes(feed), seq: 1, previous: Hash::ZERO },
        sealed: SealedTo::from_received(bytes).unwrap(),
    }
}

/// What two people want of each other.
#[derive(Clone, Copy, Default)]
struct Wishes {
    asks: [bool; 2],
    blocks: [bool; 2],
    connected: bool,
}

impl Wishes {
    /// What `me` (0 or 1) sees.
    fn seen_by(&self, me: usize) -> Option<Standing> {
        if self.blocks[me] {
            Some(Standing::Blocked)
        } else if self.connected {
            Some(Standing::Connected)
        } else if self.asks[me] {
            Some(Standing::Asked)
        } else if self.asks[1 - me] {
            Some(Standing::Incoming)
        } else {
            None
        }
    }

    /// What an action does, or why it does not.
    fn act(&mut self, me: usize, action: &Action) -> Result<(), ProblemCode> {
        let (conflict, seen) = (Err(ProblemCode::Conflict), self.seen_by(me));
        let connect = Self { connected: true, ..Self::default() };
        match (action, seen) {
            (Action::Request(_), Some(Standing::Blocked | Standing::Connected)) => return conflict,
            (Action::Request(_), Some(Standing::Incoming)) => *self = connect,
            (Action::Request(_), _) => self.asks[me] = true,
            (Action::Accept { .. }, Some(Standing::Incoming)) => *self = connect,
            (Action::Accept { .. }, Some(Standing::Connected)) => return conflict,
            (Action::Accept { .. }, _) => return Err(ProblemCode::NotFound),
            (Action::Decline, Some(Standing::Incoming)) => self.asks[1 - me] = false,
            (Action::Cancel, Some(Standing::Asked)) => self.asks[me] = false,
            (Action::Remove, Some(Standing::Connected)) => self.connected = false,
            (Action::Decline | Action::Cancel | Action::Remove, Some(_)) => return conflict,
            (Action::Block, _) => {
                (self.blocks[me], self.asks[me], self.connected) = (true, false, false);
            }
            (Action::Unblock, _) => self.blocks[me] = false,
            _ => {}
        }
        Ok(())
    }
}

fn action(rng: &mut Rng, n: u64, their_card: Option<Card>) -> Action {
    match rng.below(10) {
        0..3 => Action::Request(card(n)),
        3 | 4 => Action::Accept { card: card(n), answers: their_card.map_or(Id::ZERO, |card| card.at.feed) },
        5 => Action::Decline,
        6 => Action::Cancel,
        7 => Action::Remove,
        8 => Action::Block,
        _ => Action::Unblock,
    }
}

async fn schedules_do_what_the_model_does(world: World) {
    let accounts = Accounts::new(&world);
    let people = [accounts.make(0).await, accounts.make(1).await, accounts.make(2).await];
    let registry = &accounts.registry;
    let mut done: HashMap<String, usize> = HashMap::new();
    let mut wishes: HashMap<(usize, usize), Wishes> = HashMap::new();
    let mut rng = Rng(2026);
    for n in 0..3_000 {
        let me = rng.below(3) as usize;
        let other = (me + 1 + rng.below(2) as usize) % 3;
        let read = registry.connection(&people[me], &people[other]).await.unwrap();
        let action = action(&mut rng, n, read.and_then(|view| view.received));
        let pair = wishes.entry((me.min(other), me.max(other))).or_default();
        let side = usize::from(me > other);
        let (seen_before, other_before) = (pair.seen_by(side), pair.seen_by(1 - side));
        let expected = pair.act(side, &action).map(|()| pair.seen_by(side));
        let acted = registry.act(&people[me], &people[other], &action).await;
        let what = format!("{n}: {action:?} of {me} with {other}, from {seen_before:?}");
        let name = format!("{action:?}").split(['(', ' ']).next().unwrap().to_owned();
        *done.entry(format!("{name} {}", acted.is_ok())).or_default() += 1;
        match (acted, expected) {
            (Ok(acted), Ok(standing)) => {
                assert_eq!(acted.standing, standing, "{what}");
                if pair.seen_by(1 - side) != other_before {
                    assert!(acted.seen_by_other, "{what}");
                }
                if other_before == Some(Standing::Blocked) {
                    assert!(!acted.seen_by_other, "who blocks hears nothing: {what}");
                }
            }
            (Err(error), Err(code)) => assert_eq!(error.code(), Some(code), "{what}"),
            (acted, expected) => panic!("{what}: {acted:?}, not {expected:?}"),
        }
        for (me, other, side) in [(me, other, side), (other, me, 1 - side)] {
            let view = registry.connection(&people[me], &people[other]).await.unwrap();
            assert_eq!(view.as_ref().map(|view| view.standing), pair.seen_by(side), "{what}");
            if let Some(view) = view {
                let (sent, received) = match view.standing {
                    Standing::Asked => (true, false),
                    Standing::Incoming => (false, true),
                    Standing::Connected => (true, true),
                    _ => (false, false),
                };
                assert_eq!((view.sent.is_some(), view.received.is_some()), (sent, received), "{what}");
            }
        }
    }
    check_whole(&world.store.dump().await);
    // The schedule has been everywhere.
    for name in ["Request", "Accept", "Decline", "Cancel", "Remove"] {
        for ok in [true, false] {
            assert!(done.get(&format!("{name} {ok}")).is_some_and(|count| *count > 20), "{name} {ok}: {done:?}");
        }
    }
}

/// Of two people both have a record or neither, only together possible ones, and each one's counts are right.
fn check_whole(records: &[Record<PlatformSchema>]) {
    let mut sides = HashMap::new();
    let mut counts: HashMap<Id, [u64; 4]> = HashMap::new();
    for record in records.iter().filter(|record| record.key.collection == Collection::Connection) {
        let ([V::Id(one)], [V::Id(other)]) = (&record.key.partition[..], &record.key.sort[..]) else { panic!("a key") };
        let Some(V::U64(state)) = record.field(Field::ConnectionState) else { panic!("a state") };
        sides.insert((*one, *other), (*state, record.field(Field::Card).is_some()));
        if *state <= 4 {
            counts.entry(*one).or_default()[*state as usize - 1] += 1;
        }
    }
    for ((one, other), (state, card)) in &sides {
        let (theirs, _) = sides.get(&(*other, *one)).expect("the other side");
        // Asked 1, incoming 2, connected 3, blocked 4, shut 5.
        let possible = [(1, 2), (2, 1), (3, 3), (4, 5), (5, 4), (4, 1), (1, 4), (4, 4)];
        assert!(possible.contains(&(*state, *theirs)), "{state} and {theirs}");
        assert_eq!(*card, matches!(state, 1 | 3), "a card stands where one asks or is connected");
    }
    for record in records.iter().filter(|record| record.key.collection == Collection::People) {
        let [V::Id(account)] = record.key.partition[..] else { panic!("a key") };
        let fields = [Field::Asked, Field::Incoming, Field::Connected, Field::Blocked];
        let kept = fields.map(|field| match record.field(field) {
            Some(V::U64(count)) => *count,
            _ => panic!("a count"),
        });
        assert_eq!(kept, counts.remove(&account).unwrap_or_default());
    }
    assert!(counts.is_empty(), "who has connections has counts");
}

/// The three act at once, several of each one's devices: whatever comes of it is one of the states that there are, on both sides.
async fn schedules_at_once_leave_both_sides_whole(world: World) {
    let accounts = Accounts::new(&world);
    let people = [accounts.make(0).await, accounts.make(1).await, accounts.make(2).await];
    let registry = &accounts.registry;
    let mut lost = 0;
    for round in 0..60 {
        let devices = (0..6_u64).map(|device| {
            let mut rng = Rng(round * 100 + device);
            async move {
                let mut lost = 0;
                for n in 0..3 {
                    let me = (device % 3) as usize;
                    let other = (me + 1 + rng.below(2) as usize) % 3;
                    let read = registry.connection(&people[me], &people[other]).await.unwrap();
                    let n = round * 1_000 + device * 10 + n;
                    let action = action(&mut rng, n, read.and_then(|view| view.received));
                    match registry.act(&people[me], &people[other], &action).await {
                        Err(error) if error.code() == Some(ProblemCode::Unavailable) => lost += 1,
                        Err(error) => {
                            assert!(
                                matches!(error.code(), Some(ProblemCode::Conflict | ProblemCode::NotFound)),
                                "{error:?}"
                            );
                        }
                        Ok(_) => {}
                    }
                }
                lost
            }
        });
        lost += futures::future::join_all(devices).await.into_iter().sum::<u64>();
        check_whole(&world.store.dump().await);
    }
    assert!(lost < 100, "most races are run again and end: {lost} of 1080 did not");
}

/// ATTACKS 47: a flood of requests fills a bounded list, and keeps nobody from what he has.
async fn requests_are_bounded(world: World) {
    let accounts = Accounts::new(&world);
    let registry = &accounts.registry;
    let (alice, blocked, friend) = (accounts.make(1_000).await, accounts.make(1_001).await, accounts.make(1_002).await);
    registry.act(&alice, &blocked, &Action::Block).await.unwrap();
    registry.act(&alice, &friend, &Action::Request(card(1))).await.unwrap();
    registry.act(&friend, &alice, &Action::Accept { card: card(2), answers: card(1).at.feed }).await.unwrap();
    let mut last = alice;
    for n in 0..200 {
        last = accounts.make(n).await;
        registry.act(&last, &alice, &Action::Request(card(n.into()))).await.unwrap();
    }
    let one_more = accounts.make(200).await;
    for who in [one_more, blocked] {
        let error = registry.act(&who, &alice, &Action::Request(card(9))).await.unwrap_err();
        assert_eq!(error.code(), Some(ProblemCode::LimitReached), "the blocked one is told what others are");
    }
    // What is there may be changed, answered and ended; then there is room again.
    registry.act(&last, &alice, &Action::Request(card(10))).await.unwrap();
    registry.act(&alice, &last, &Action::Decline).await.unwrap();
    registry.act(&one_more, &alice, &Action::Request(card(9))).await.unwrap();
    // Listed whole, a page after the other.
    let (mut after, mut listed) = (None, 0);
    loop {
        let (page, next) = registry.connections(&alice, after.as_ref()).await.unwrap();
        assert!(page.len() <= 40);
        listed += page.len();
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(listed, 202);
    registry.remove_people(&alice).await.unwrap();
    check_whole(&world.store.dump().await);
}
