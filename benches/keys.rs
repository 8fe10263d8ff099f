//! Everything but content: what is done once a file, once a message, once a sign-in.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use imegha_crypto::provider::{Provider, with};
use imegha_crypto::{
    Account, Email, EpochDraft, EpochKey, FeedPlace, FileKey, Hash, Id, Identity, KdfParams, NodeKey, Password,
    PasswordKeys, SenderHead, Subject,
};

/// A file's key under its node's, and a record.
fn wraps(criterion: &mut Criterion) {
    let (node, node_key, file_key) = (id(), NodeKey::generate().expect(RANDOM), FileKey::generate().expect(RANDOM));
    let wrap = file_key.wrap(&node_key, &node, 1, 1).expect("it is wrapped");
    criterion.bench_function("wrap a file key", |bencher| {
        bencher.iter(|| black_box(&file_key).wrap(&node_key, &node, 1, 1));
    });
    criterion.bench_function("unwrap a file key", |bencher| {
        bencher.iter(|| FileKey::unwrap(black_box(&wrap), &node_key, &node, 1, 1).expect("it opens"));
    });
    let record = br#"{"name":"sea, seen from the tower.jpg","kind":"file"}"#;
    let key = node_key.derive_metadata_key(&node, 1);
    let sealed = key.seal_node(&node, &node, 1, record).expect("it is sealed");
    criterion.bench_function("seal a node's record", |bencher| {
        bencher.iter(|| key.seal_node(&node, &node, 1, black_box(record)));
    });
    criterion.bench_function("open a node's record", |bencher| {
        bencher.iter(|| key.open_node(black_box(&sealed), &node, &node, 1).expect("it opens"));
    });
}

/// A value of 1 KiB sealed to a person: RSA-OAEP and a signature.
fn sealed_to(criterion: &mut Criterion) {
    let (alice, bob) = (Identity::generate().expect(RANDOM), Identity::generate().expect(RANDOM));
    let subject = Subject::Contact { at: FeedPlace::PASTED };
    for provider in Provider::ALL {
        with(*provider, || {
            let sealed = alice.seal_to(bob.public(), &subject, &[7; 1024]).expect("it is sealed");
            criterion.bench_function(&format!("seal to a person/{provider:?}"), |bencher| {
                bencher.iter(|| alice.seal_to(bob.public(), &subject, black_box(&[7; 1024])));
            });
            criterion.bench_function(&format!("open from a person/{provider:?}"), |bencher| {
                bencher.iter(|| bob.open_from(alice.public(), &subject, black_box(&sealed)).expect("it opens"));
            });
        });
    }
}

/// A message of 200 bytes.
fn messages(criterion: &mut Criterion) {
    let (alice, key) = (Identity::generate().expect(RANDOM), EpochKey::generate().expect(RANDOM));
    let members = vec![alice.fingerprint()];
    let draft = EpochDraft { conversation: id(), number: 1, previous: Hash::ZERO, members, senders: vec![] };
    let epoch = draft.start(&alice, &key).expect("it has a member");
    let place = SenderHead::none(alice.fingerprint()).next(&epoch).expect("the first");
    let message = key.seal_message(&alice, &place, &[7; 200]).expect("it is sealed");
    criterion.bench_function("seal a message", |bencher| {
        bencher.iter(|| key.seal_message(&alice, &place, black_box(&[7; 200])));
    });
    criterion.bench_function("open a message", |bencher| {
        bencher.iter(|| key.open_message(black_box(&message), alice.public(), &place).expect("it opens"));
    });
}

/// By each provider: 100,000 iterations of PBKDF2, and the search for two primes.
fn slow_ones(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("slow");
    group.sample_size(10);
    let password = Password::parse("correct horse battery staple").expect("it may be one");
    let email = Email::parse("alice@example.com").expect("it may be one");
    let params = KdfParams::generate().expect(RANDOM);
    for provider in Provider::ALL {
        group.bench_function(BenchmarkId::new("derive from a password", format!("{provider:?}")), |bencher| {
            bencher.iter(|| with(*provider, || PasswordKeys::derive(black_box(&password), &email, &params)));
        });
        group.bench_function(BenchmarkId::new("generate an identity", format!("{provider:?}")), |bencher| {
            bencher.iter(|| with(*provider, Identity::generate));
        });
    }
    let (account, phrase) = Account::create(&password, &email, &params, "alice", 1).expect(RANDOM);
    group.bench_function("unlock an account with its password", |bencher| {
        bencher.iter(|| {
            Account::unlock_with_password(black_box(account.record()), &password, &email, None).expect("it opens")
        });
    });
    group.bench_function("unlock an account with its phrase", |bencher| {
        bencher.iter(|| Account::unlock_with_phrase(black_box(account.record()), &phrase, None).expect("it opens"));
    });
    group.finish();
}

fn id() -> Id {
    Id::generate().expect(RANDOM)
}

const RANDOM: &str = "there is randomness";

criterion_group!(benches, wraps, sealed_to, messages, slow_ones);
criterion_main!(benches);
