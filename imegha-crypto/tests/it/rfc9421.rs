//! Our request signatures by another implementation of RFC 9421, the crate `httpsig`.
//!
//! It writes signature parameters in an order of its own, while RFC 9421 (2.3) has them in the order received. So the
//! lines of the components are its, the last line is what was received, and the verification is its again.

use base64ct::{Base64, Encoding as _};
use httpsig::prelude::message_component::HttpMessageComponent;
use httpsig::prelude::{AlgorithmName, HttpSignatureBase, HttpSignatureHeaders, PublicKey, VerifyingKey as _};
use imegha_crypto::request::{RequestParts, SignedHeaders, sign};
use imegha_crypto::{Hash, Identity};

#[test]
fn httpsig_verifies_what_we_sign() {
    let identity = Identity::generate().unwrap();
    let audience = identity.fingerprint();
    let plain = RequestParts {
        method: "GET",
        target_uri: "https://cloud.example:8443/v1/objects/00ff?x=1",
        body_digest: Hash::of(b""),
        range: None,
        if_match: None,
        if_none_match: None,
    };
    let conditional =
        RequestParts { range: Some("bytes=5-"), if_match: Some("\"a\""), if_none_match: Some("*"), ..plain };
    for parts in [plain, conditional] {
        let headers = sign(&identity, &parts, &audience, 1_790_000_000, [7; 16]).unwrap();
        assert!(httpsig_verifies(&identity, &parts, &headers));
        let elsewhere = RequestParts { target_uri: "https://cloud.example/v1/objects/00ff?x=1", ..parts };
        assert!(!httpsig_verifies(&identity, &elsewhere, &headers));
    }
}

/// Values are bounded: an address of 8 KiB, a header of 1 KiB.
#[test]
fn what_is_too_long_is_not_signed() {
    let identity = Identity::generate().unwrap();
    let signs = |uri: usize, range: usize| {
        let (uri, range) = (format!("https://{}", "a".repeat(uri - 8)), "r".repeat(range));
        let parts = RequestParts {
            method: "GET",
            target_uri: &uri,
            body_digest: Hash::of(b""),
            range: Some(&range),
            if_match: None,
            if_none_match: None,
        };
        sign(&identity, &parts, &identity.fingerprint(), 1_790_000_000, [7; 16]).is_ok()
    };
    assert!(signs(8_192, 1_024));
    assert!(!signs(8_193, 1_024) && !signs(8_192, 1_025));
}

fn httpsig_verifies(identity: &Identity, parts: &RequestParts<'_>, headers: &SignedHeaders) -> bool {
    let parsed = HttpSignatureHeaders::try_parse(&headers.signature, &headers.signature_input).unwrap();
    let parsed = parsed.get("sig").unwrap();
    let params = parsed.signature_params();
    assert_eq!(params.created, Some(1_790_000_000));
    assert_eq!(params.keyid, Some(identity.fingerprint().to_string()));
    assert_eq!(params.alg.as_deref(), Some("ed25519"));
    assert_eq!(params.tag.as_deref(), Some("imegha-v1"));
    let values = [
        ("@method", Some(parts.method)),
        ("@target-uri", Some(parts.target_uri)),
        ("content-digest", Some(headers.content_digest.as_str())),
        ("imegha-audience", Some(headers.imegha_audience.as_str())),
        ("range", parts.range),
        ("if-match", parts.if_match),
        ("if-none-match", parts.if_none_match),
    ];
    let lines = values.iter().filter_map(|(name, value)| value.map(|value| format!("\"{name}\": {value}")));
    let lines: Vec<_> = lines.map(|line| HttpMessageComponent::try_from(line.as_str()).unwrap()).collect();
    let base = HttpSignatureBase::try_new(&lines, params).unwrap().to_string();
    let (components, _) = base.rsplit_once('\n').unwrap();
    let received = headers.signature_input.strip_prefix("sig=").unwrap();
    let base = format!("{components}\n\"@signature-params\": {received}");
    let key = PublicKey::from_bytes(&AlgorithmName::Ed25519, identity.public().ed25519()).unwrap();
    let encoded = parsed.signature_header_value();
    let encoded = encoded.strip_prefix("sig=:").and_then(|rest| rest.strip_suffix(':')).unwrap();
    key.verify(base.as_bytes(), &Base64::decode_vec(encoded).unwrap()).is_ok()
}
