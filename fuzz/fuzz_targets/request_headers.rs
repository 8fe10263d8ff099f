//! The headers of signed requests, as anybody may send them (FORMAT 13).
//!
//! Nothing panics, and headers that differ from those that were signed in one byte are refused, by the parser or by the
//! signature.
#![no_main]

use arbitrary::Arbitrary;
use imegha_crypto::Hash;
use imegha_crypto::request::{Received, ReceivedHeaders, RequestParts, SignedHeaders, sign};
use imegha_fuzz::ALICE;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Input {
    Raw([String; 4]),
    Changed { header: u8, at: u16, cut: u8, insert: String },
    Parts { method: String, target_uri: String, range: Option<String>, if_match: Option<String> },
}

fuzz_target!(|input: Input| {
    let owner = &ALICE.identity;
    let parts = RequestParts {
        method: "PUT",
        target_uri: "https://cloud.example/v1/objects/00ff",
        body_digest: Hash::of(b"body"),
        range: None,
        if_match: Some("\"7\""),
        if_none_match: None,
    };
    match input {
        Input::Raw(texts) => {
            let [content_digest, imegha_audience, signature_input, signature] = &texts;
            let headers = ReceivedHeaders { content_digest, imegha_audience, signature_input, signature };
            if let Ok(received) = Received::parse(&headers) {
                assert!(received.verify(&parts, owner.public(), &owner.fingerprint()).is_err());
            }
        }
        Input::Changed { header, at, cut, insert } => {
            let signed = signed(&parts);
            let mut changed = signed.clone();
            let text = match header % 4 {
                0 => &mut changed.content_digest,
                1 => &mut changed.imegha_audience,
                2 => &mut changed.signature_input,
                _ => &mut changed.signature,
            };
            let at = usize::from(at) % (text.len() + 1);
            let until = (at + usize::from(cut)).min(text.len());
            text.replace_range(at..until, &insert);
            let verified = Received::parse(&changed.as_received())
                .and_then(|received| received.verify(&parts, owner.public(), &owner.fingerprint()));
            assert_eq!(verified.is_ok(), changed == signed);
        }
        Input::Parts { method, target_uri, range, if_match } => {
            let parts = RequestParts {
                method: &method,
                target_uri: &target_uri,
                range: range.as_deref(),
                if_match: if_match.as_deref(),
                ..parts
            };
            if let Ok(headers) = sign(owner, &parts, &owner.fingerprint(), 1, [7; 16]) {
                let received = Received::parse(&headers.as_received()).expect("what is signed is read");
                assert_eq!(received.verify(&parts, owner.public(), &owner.fingerprint()), Ok(()));
            }
        }
    }
});

fn signed(parts: &RequestParts<'_>) -> SignedHeaders {
    let owner = &ALICE.identity;
    sign(owner, parts, &owner.fingerprint(), 1_790_000_000, [7; 16]).expect("these parts may be signed")
}
