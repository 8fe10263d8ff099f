//! ATTACKS 25: a platform that serves a wrapped identity other than the one that it was given.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use imegha_platform::ErrorKind;
use imegha_platform::api::{Limits, Rate};
use serde_json::json;

use crate::evil::EvilPlatform;
use crate::world::World;

const MUTATIONS: u64 = 10_000;

/// Turns red without the comparison of the commitment and the tags of AES-GCM in imegha-crypto's `primitives/seal.rs` (`open`), which
/// `Identity::unwrap(…)?` in `client/sign_in.rs` (`open`) asks: a key from changed bytes would be used, and what is then signed with
/// it, or fails with it, tells its bits (ePrint 2022/959).
#[tokio::test]
async fn a25_a_changed_identity_is_one_error_and_one_trace() {
    let wide = Rate { burst: 100_000, per_hour: 100_000 };
    let world = World::memory_with(|options| {
        options.limits =
            Limits { network_sign_up: wide, network: wide, account: wide, mail: wide, ..Limits::default() };
    });
    let alice = world.account("alice@example.com", "alice").await;
    let honest = EvilPlatform::new(world.wire.clone(), |_, _| {});
    honest.client().sign_in_first(&alice).await.unwrap();
    assert_eq!(honest.asked(), ["sign-in"]);
    let answer = world.post("/sign-in", world.last_sent("sign-in")).await.json();
    let wrapped = answer["account"]["identity"]["wrapped"].as_str().unwrap().to_owned();
    let wrapped = Base64UrlUnpadded::decode_vec(&wrapped).unwrap();
    let dek = Base64UrlUnpadded::decode_vec(answer["wrap"]["wrap"].as_str().unwrap()).unwrap();

    let mut state = 25_u64;
    let mut words = std::collections::BTreeSet::new();
    for number in 0..MUTATIONS {
        let mut changed = mutated(&wrapped, &dek, number, &mut state);
        if changed == wrapped {
            changed[0] ^= 1;
        }
        let changed = json!(Base64UrlUnpadded::encode_string(&changed));
        let evil = EvilPlatform::new(world.wire.clone(), move |path, answer| {
            if path == "sign-in" {
                answer["account"]["identity"]["wrapped"] = changed.clone();
            }
        });
        let error = evil.client().sign_in_first(&alice).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotOpen, "mutation {number}");
        assert_eq!(evil.asked(), ["sign-in", "sign-out"], "mutation {number}");
        words.insert(format!("{error} {error:?}"));
    }
    assert_eq!(words.len(), 1, "one error, to the word: {words:?}");
    // And then as if nothing had been: no try of the platform's leaves anything behind.
    world.client().sign_in_first(&alice).await.unwrap();
}

/// One of the ways in which a sealed value can be changed: bits, bytes, blocks that change places, cuts, tails, another sealed value.
fn mutated(wrapped: &[u8], other: &[u8], number: u64, state: &mut u64) -> Vec<u8> {
    let mut next = |end: usize| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize % end
    };
    let mut bytes = wrapped.to_vec();
    let len = bytes.len();
    match number % 8 {
        // Every bit of the salt, the commitment and the first blocks once, and as many beyond them.
        0..=2 => bytes[number as usize / 8 * 3 % len] ^= 1 << (number / 8 % 8),
        3 => bytes[next(len)] = next(256) as u8,
        4 => (0..=next(64)).for_each(|_| bytes[next(len)] ^= next(256) as u8),
        5 => {
            let (one, two, width) = (next(len - 32), next(len - 32), 1 + next(31));
            for at in 0..width {
                bytes.swap(one + at, two + at);
            }
        }
        6 => match next(3) {
            // Never shorter than a sealed value can be: what is, is no JSON of this form.
            0 => bytes.truncate(72 + next(len - 72)),
            1 => bytes.extend((0..=next(40)).map(|byte| byte as u8)),
            _ => drop(bytes.drain(24..24 + 1 + next(len - 97))),
        },
        _ => {
            // The head of one and the rest of the other, and one whole in the other's place.
            let cut = next(other.len() + 1);
            bytes = [&other[..cut], &wrapped[cut..]].concat();
            if cut % 16 == 0 {
                bytes = other.to_vec();
            }
        }
    }
    bytes
}
