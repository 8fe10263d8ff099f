//! Keys that others serve, and signatures over what others may move.

use imegha_crypto::request::{Received, ReceivedHeaders, RequestParts, SignedHeaders, sign};
use imegha_crypto::{
    Dek, Error, Fingerprint, GatewayPublicKey, Hash, Id, Identity, KeyHistory, KeyHistoryEntry, NodeKey,
    PublicIdentity, RecoveryPublicKey, Sealed, Signature, safety_number,
};

/// The history of an account: gap, fork, wrong hash, foreign signature, rollback. Turns red without the checks of
/// `verify_links`.
#[test]
fn a33_key_history() {
    let (account, tag) = (Id::generate().unwrap(), "alice");
    let [one, two, three, stranger] = [(); 4].map(|()| Identity::generate().unwrap());
    let first = KeyHistoryEntry::first(&one, &account, tag, 1);
    let verify = |entries: &[&KeyHistoryEntry]| {
        KeyHistory::verify(&account, tag, entries.iter().map(|entry| (*entry).clone()).collect())
    };
    let history = verify(&[&first]).unwrap();
    let second = KeyHistoryEntry::next(&history, &one, &two, &account, tag, 2).unwrap();
    let history = verify(&[&first, &second]).unwrap();
    let third = KeyHistoryEntry::next(&history, &two, &three, &account, tag, 3).unwrap();
    let whole = verify(&[&first, &second, &third]).unwrap();
    assert_eq!((whole.first(), whole.current()), (one.public(), three.public()), "control");
    assert!(whole.contains(&account, tag, &history.head()), "control: it goes on from a head seen before");

    assert_eq!(verify(&[]), Err(Error::Signature));
    assert_eq!(verify(&[&second, &third]), Err(Error::Signature), "no beginning");
    assert_eq!(verify(&[&first, &third]), Err(Error::Signature), "a gap");
    assert_eq!(verify(&[&first, &first]), Err(Error::Signature), "repeated");
    // A device that saw three and is served two: the head that it remembers is not among them.
    let rolled_back = verify(&[&first, &second]).unwrap();
    assert!(!rolled_back.contains(&account, tag, &whole.head()));

    let forged = KeyHistoryEntry { by_previous: Some(stranger.sign_binding(&account, tag)), ..second.clone() };
    let unsigned = KeyHistoryEntry { by_previous: None, ..second.clone() };
    let wrong_hash = KeyHistoryEntry { previous: Hash::of(b"x"), ..second.clone() };
    let later = KeyHistoryEntry { ms: 9, ..second.clone() };
    let other_key = KeyHistoryEntry { identity: stranger.public().clone(), ..second.clone() };
    let signed_first = KeyHistoryEntry { by_previous: Some(first.by_new), ..first.clone() };
    for changed in [&forged, &unsigned, &wrong_hash, &later, &other_key] {
        assert_eq!(verify(&[&first, changed]), Err(Error::Signature), "{changed:?}");
    }
    assert_eq!(verify(&[&signed_first]), Err(Error::Signature));
    let strangers = KeyHistoryEntry::next(&history, &stranger, &three, &account, tag, 3);
    assert_eq!(strangers, Err(Error::Key));
    assert_eq!(
        KeyHistory::verify(&account, "mallory", vec![first.clone()]),
        Err(Error::Signature),
        "under another tag"
    );
    assert_eq!(KeyHistory::verify(&Id::ZERO, tag, vec![first]), Err(Error::Signature), "under another account");
}

/// RSA keys that are not the one form. Turns red without the comparisons of `check_spki`.
#[test]
fn a34_public_keys() {
    let identity = Identity::generate().unwrap();
    let (spki, ed25519) = (identity.public().spki(), identity.public().ed25519());
    assert!(PublicIdentity::parse(spki, ed25519).is_ok(), "control");
    let refused = |spki: &[u8], what: &str| {
        assert_eq!(PublicIdentity::parse(spki, ed25519), Err(Error::Key), "{what}");
    };
    let changed = |at: usize, byte: u8| {
        let mut spki = spki.to_vec();
        spki[at] = byte;
        spki
    };
    let last_of_modulus = 33 + 255;
    refused(&changed(last_of_modulus, spki[last_of_modulus] & !1), "an even modulus");
    refused(&changed(33, spki[33] & 0x7f), "a modulus of 2047 bits");
    refused(&changed(spki.len() - 1, 3), "e = 65539");
    refused(&changed(14, 0x0a), "RSASSA-PSS");
    refused(&[spki, &[0]].concat(), "trailing bytes");
    refused(&spki[..spki.len() - 1], "cut");
    refused(&[], "empty");
    refused(&rsa_spki(&modulus(128), &[1, 0, 1]), "1024 bits");
    refused(&rsa_spki(&modulus(1024), &[1, 0, 1]), "8192 bits");
    for e in [1, 3] {
        refused(&rsa_spki(&spki[33..33 + 256], &[e]), "e = 1 or 3");
    }
    assert_eq!(rsa_spki(&spki[33..33 + 256], &[1, 0, 1]), spki, "control: this encoder writes what is accepted");
    // The key of another algorithm: an Ed25519 SubjectPublicKeyInfo.
    let other = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &ed25519[..]].concat();
    refused(&other, "Ed25519");
}

/// A signed request: body, path, time, nonce, key changed (the replay is the gateway's business). Turns red without
/// `Statement::base`, or the comparisons of `Received::verify`.
#[test]
fn a40_request_signature() {
    let [owner, mallory] = [(); 2].map(|()| Identity::generate().unwrap());
    let audience = owner.fingerprint();
    let parts = RequestParts {
        method: "PUT",
        target_uri: "https://cloud.example/v1/objects/00ff?part=1",
        body_digest: Hash::of(b"body"),
        range: None,
        if_match: Some("\"7\""),
        if_none_match: None,
    };
    let headers = sign(&owner, &parts, &audience, 1_790_000_000, [7; 16]).unwrap();
    let verify = |headers: &SignedHeaders, parts: &RequestParts<'_>, signer: &Identity, audience: &Fingerprint| {
        Received::parse(&headers.as_received())?.verify(parts, signer.public(), audience)
    };
    assert_eq!(verify(&headers, &parts, &owner, &audience), Ok(()), "control");

    for changed in [
        RequestParts { method: "DELETE", ..parts },
        RequestParts { target_uri: "https://cloud.example/v1/objects/00fe?part=1", ..parts },
        RequestParts { target_uri: "https://cloud.example/v1/objects/00ff", ..parts },
        RequestParts { target_uri: "http://cloud.example/v1/objects/00ff?part=1", ..parts },
        RequestParts { body_digest: Hash::of(b"Body"), ..parts },
        RequestParts { range: Some("bytes=0-1"), ..parts },
        RequestParts { if_match: Some("\"8\""), ..parts },
        RequestParts { if_match: None, ..parts },
        RequestParts { if_match: None, if_none_match: Some("\"7\""), ..parts },
    ] {
        assert_eq!(verify(&headers, &changed, &owner, &audience), Err(Error::Signature), "{changed:?}");
    }
    let changed = |from: &str, to: &str| {
        let signature_input = headers.signature_input.replace(from, to);
        assert_ne!(signature_input, headers.signature_input, "{from}");
        SignedHeaders { signature_input, ..headers.clone() }
    };
    let other_time = changed("1790000000", "1790000001");
    let other_nonce = changed("nonce=\"BwcH", "nonce=\"BwcI");
    let other_key = changed(&owner.fingerprint().to_string(), &mallory.fingerprint().to_string());
    for headers in [&other_time, &other_nonce, &other_key] {
        assert_eq!(verify(headers, &parts, &owner, &audience), Err(Error::Signature));
    }
    assert_eq!(verify(&other_key, &parts, &mallory, &audience), Err(Error::Signature));
    assert_eq!(verify(&headers, &parts, &mallory, &audience), Err(Error::Signature));
    // Relayed to another cloud: its gateway knows another first fingerprint (65).
    assert_eq!(verify(&headers, &parts, &owner, &mallory.fingerprint()), Err(Error::Signature));
    let readdressed = SignedHeaders { imegha_audience: mallory.fingerprint().to_string(), ..headers.clone() };
    assert_eq!(verify(&readdressed, &parts, &owner, &mallory.fingerprint()), Err(Error::Signature));
}

/// Headers of any other form. Turns red without the comparison at the end of `Statement::parse`.
#[test]
fn a40_request_headers_have_one_form() {
    let owner = Identity::generate().unwrap();
    let parts = RequestParts {
        method: "GET",
        target_uri: "https://cloud.example/",
        body_digest: Hash::of(b""),
        range: Some("bytes=0-1"),
        if_match: None,
        if_none_match: None,
    };
    let headers = sign(&owner, &parts, &owner.fingerprint(), 1_790_000_000, [0xff; 16]).unwrap();
    assert!(Received::parse(&headers.as_received()).is_ok(), "control");
    let input = headers.signature_input.as_str();
    for (from, to) in [
        ("sig=", "sig1="),
        ("sig=", ""),
        ("sig=", " sig="),
        ("\"@method\" ", ""),
        ("\"@method\" \"@target-uri\"", "\"@target-uri\" \"@method\""),
        (" \"range\"", "  \"range\""),
        (" \"range\"", " \"range\";sf"),
        (" \"range\"", " \"date\""),
        (" \"imegha-audience\"", ""),
        ("created=1790000000", "created=01790000000"),
        ("created=1790000000", "created=+1790000000"),
        ("created=1790000000", "created=-1"),
        ("created=1790000000", "created=18446744073709551616"),
        (";created=1790000000", ""),
        ("_w\"", "_x\""),
        ("nonce=\"", "nonce=\"AA"),
        ("alg=\"ed25519\"", "alg=\"rsa-pss-sha512\""),
        (";alg=\"ed25519\"", ""),
        ("tag=\"imegha-v1\"", "tag=\"imegha-v2\""),
        (";tag=\"imegha-v1\"", ";tag=\"imegha-v1\";expires=1"),
        (";tag=\"imegha-v1\"", ";tag=\"imegha-v1\", sig2=()"),
    ] {
        let changed = input.replacen(from, to, 1);
        assert_ne!(changed, input, "{from}");
        let received = ReceivedHeaders { signature_input: &changed, ..headers.as_received() };
        assert_eq!(Received::parse(&received), Err(Error::Malformed), "{changed}");
    }
    let upper = headers.imegha_audience.to_uppercase();
    let (digest, signature) = (headers.content_digest.as_str(), headers.signature.as_str());
    let unpadded = digest.replace('=', "");
    let both = format!("{digest}, sha-512=:AAAA:");
    let short = signature.replace("==:", ":");
    for received in [
        ReceivedHeaders { imegha_audience: &upper, ..headers.as_received() },
        ReceivedHeaders { imegha_audience: "", ..headers.as_received() },
        ReceivedHeaders { content_digest: &unpadded, ..headers.as_received() },
        ReceivedHeaders { content_digest: &both, ..headers.as_received() },
        ReceivedHeaders { content_digest: "", ..headers.as_received() },
        ReceivedHeaders { signature: &short, ..headers.as_received() },
        ReceivedHeaders { signature: "", ..headers.as_received() },
        ReceivedHeaders { signature: digest, ..headers.as_received() },
    ] {
        assert_eq!(Received::parse(&received), Err(Error::Malformed), "{received:?}");
    }
    // Values that would break a line of what is signed, or be trimmed on their way.
    for value in ["", " ", "a b", "a\nb", "a\r\nrange: x", "\u{e9}", &"x".repeat(1_025)] {
        let changed = RequestParts { range: Some(value), ..parts };
        assert_eq!(sign(&owner, &changed, &owner.fingerprint(), 1, [0; 16]), Err(Error::Malformed), "{value:?}");
        let received = Received::parse(&headers.as_received()).unwrap();
        assert_eq!(received.verify(&changed, owner.public(), &owner.fingerprint()), Err(Error::Signature));
    }
}

/// Somebody with the file's keys and with storage writes a revision. Turns red without `verify_revision`: everything
/// else about the forged revision opens.
#[test]
fn a63_revision_without_the_owners_signature() {
    let [owner, reader] = [(); 2].map(|()| Identity::generate().unwrap());
    let (cloud, node) = (Id::generate().unwrap(), Id::generate().unwrap());
    let node_key = NodeKey::generate().unwrap();
    let metadata = node_key.derive_metadata_key(&node, 1);
    let write = |revision| {
        let record = metadata.seal_revision(&node, revision, 1, br#"{"size":1}"#).unwrap();
        let key = imegha_crypto::FileKey::generate().unwrap().wrap(&node_key, &node, revision, 1).unwrap();
        (record, key)
    };
    let (record, key) = write(5);
    let signature = owner.sign_revision(&cloud, &node, 5, 1, &record, &key);
    let verify = |cloud, node, revision, epoch, record: &Sealed, key: &Sealed, signature: &Signature| {
        owner.public().verify_revision(cloud, node, revision, epoch, record, key, signature)
    };
    assert_eq!(verify(&cloud, &node, 5, 1, &record, &key, &signature), Ok(()), "control");

    let (forged_record, forged_key) = write(6);
    assert!(metadata.open_revision(&forged_record, &node, 6, 1).is_ok(), "what holds the key opens");
    let by_reader = reader.sign_revision(&cloud, &node, 6, 1, &forged_record, &forged_key);
    for (revision, record, key, signature) in [
        (6, &forged_record, &forged_key, &by_reader),
        (6, &forged_record, &forged_key, &signature),
        (6, &record, &key, &signature),
        (5, &forged_record, &key, &signature),
        (5, &record, &forged_key, &signature),
    ] {
        assert_eq!(verify(&cloud, &node, revision, 1, record, key, signature), Err(Error::Signature), "{revision}");
    }
    assert_eq!(verify(&node, &node, 5, 1, &record, &key, &signature), Err(Error::Signature), "another cloud");
    assert_eq!(verify(&cloud, &cloud, 5, 1, &record, &key, &signature), Err(Error::Signature), "another node");
    assert_eq!(verify(&cloud, &node, 5, 2, &record, &key, &signature), Err(Error::Signature), "another epoch");
}

/// Alice's keys under Mallory's tag, and keys of small order. Turns red without `verify_binding`, and without the
/// checks of `VerifyKey::parse`.
#[test]
fn a67_identity_under_another_tag() {
    let alice = Identity::generate().unwrap();
    let (account, mallorys) = (Id::generate().unwrap(), Id::generate().unwrap());
    let binding = alice.sign_binding(&account, "alice");
    assert_eq!(alice.public().verify_binding(&account, "alice", &binding), Ok(()), "control");
    assert_eq!(alice.public().verify_binding(&mallorys, "mallory", &binding), Err(Error::Signature));
    assert_eq!(alice.public().verify_binding(&account, "mallory", &binding), Err(Error::Signature));
    assert_eq!(alice.public().verify_binding(&mallorys, "alice", &binding), Err(Error::Signature));
    let number = |tag| safety_number("bob", &alice.fingerprint(), tag, &alice.fingerprint());
    assert_ne!(number("alice"), number("mallory"), "the tag is part of what people compare");

    for key in small_order_keys() {
        assert_eq!(PublicIdentity::parse(alice.public().spki(), &key), Err(Error::Key), "{}", hex::encode(key));
        assert_eq!(GatewayPublicKey::parse(&key), Err(Error::Key), "{}", hex::encode(key));
        assert_eq!(RecoveryPublicKey::parse(&key), Err(Error::Key), "{}", hex::encode(key));
    }
    assert!(GatewayPublicKey::parse(alice.public().ed25519()).is_ok(), "control");
    assert!(RecoveryPublicKey::parse(alice.public().ed25519()).is_ok(), "control");
    // A y of p or more: the library takes such a point for the one of y - p, so one key would have two fingerprints.
    let twice_encoded = twice_encoded_keys();
    assert!(twice_encoded.len() >= 4, "the library takes them, or the comparison may go");
    for key in twice_encoded {
        assert_eq!(PublicIdentity::parse(alice.public().spki(), &key), Err(Error::Key), "{}", hex::encode(key));
    }
    // A signature with R = the neutral element and s = 0 is one by every key of small order, and by no other.
    let mut neutral = [0; 64];
    neutral[0] = 1;
    let forged = Signature::from_bytes(neutral);
    assert_eq!(alice.public().verify_binding(&account, "alice", &forged), Err(Error::Signature));
    // A signer's own trick: R of small order, which lenient verifiers take, so that others disagree about what is signed.
    let (lenient, public, forged) = signature_with_small_r(alice.public().spki(), &account, "alice");
    assert!(lenient, "control: a lenient verifier takes it");
    assert_eq!(public.verify_binding(&account, "alice", &forged), Err(Error::Signature));
    // Malleable: s + L, for the same message.
    let mut malleable = *binding.as_bytes();
    add_order(&mut malleable[32..]);
    let forged = Signature::from_bytes(malleable);
    assert_eq!(alice.public().verify_binding(&account, "alice", &forged), Err(Error::Signature));
}

/// The private half that is served is not the pair of the public (26, the part of this crate). Turns red without the
/// comparison of fingerprints in `Identity::unwrap`.
#[test]
fn a26_a_pair_that_does_not_fit() {
    let [alice, other] = [(); 2].map(|()| Identity::generate().unwrap());
    let (dek, account) = (Dek::generate().unwrap(), Id::generate().unwrap());
    let wrap = alice.wrap(&dek, &account, 1).unwrap();
    let open =
        |wrap: &Sealed, fingerprint: Fingerprint| Identity::unwrap(wrap, &dek, &account, 1, &fingerprint).map(|_| ());
    let (alices, others) = (alice.fingerprint(), other.fingerprint());
    assert_eq!(open(&wrap, alices), Ok(()), "control");
    assert_eq!(open(&wrap, others), Err(Error::CannotOpen));
    // Sealed by who has the DEK, for a fingerprint that the keys inside do not have.
    let raw = imegha_crypto::hazmat::RawKey::raw(&dek);
    let context = |fingerprint: &Fingerprint| {
        let parts = [account.as_bytes() as &[u8], &1_u32.to_be_bytes(), fingerprint.as_bytes()];
        imegha_crypto::hazmat::label("wrap/identity", &parts)
    };
    let payload = imegha_crypto::hazmat::open(raw, &context(&alices), wrap.as_bytes()).unwrap();
    let sealed_for = |fingerprint: &Fingerprint, payload: &[u8]| {
        let sealed = imegha_crypto::hazmat::seal_with_salt(raw, &context(fingerprint), payload, [1; 24]).unwrap();
        Sealed::from_received(sealed).unwrap()
    };
    assert_eq!(open(&sealed_for(&alices, &payload), alices), Ok(()), "control");
    assert_eq!(open(&sealed_for(&others, &payload), others), Err(Error::CannotOpen));
    for changed in [
        [&payload[..], &[0]].concat(),
        payload[..payload.len() - 1].to_vec(),
        payload[..20].to_vec(),
        vec![0xff; 8],
        Vec::new(),
    ] {
        assert_eq!(open(&sealed_for(&alices, &changed), alices), Err(Error::CannotOpen));
    }
}

/// A private key whose CRT values are not its own: some libraries compute with them, and give away a prime. Turns red
/// without the comparison in `rsa::public_of`.
#[test]
fn a26_a_private_key_of_another_form() {
    let pkcs8 = imegha_crypto::hazmat::rsa_generate().unwrap();
    assert!(imegha_crypto::hazmat::rsa_public_of(&pkcs8).is_ok(), "control");
    // The coefficient is the last number.
    let mut changed = pkcs8.to_vec();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert_eq!(imegha_crypto::hazmat::rsa_public_of(&changed), Err(Error::Key));
    for len in [0, 1, 26, pkcs8.len() - 1] {
        assert_eq!(imegha_crypto::hazmat::rsa_public_of(&pkcs8[..len]), Err(Error::Key), "{len}");
    }
}

/// All encodings of the eight points of small order, also those that are not canonical.
fn small_order_keys() -> Vec<[u8; 32]> {
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ]
    .map(|key| hex::decode(key).unwrap().try_into().unwrap())
    .to_vec()
}

/// Encodings that are not canonical, of points that are not of small order, that the library takes.
fn twice_encoded_keys() -> Vec<[u8; 32]> {
    let candidates = (0xed..=0xff_u8).flat_map(|low| [0x7f, 0xff].map(|high| (low, high)));
    let keys = candidates.map(|(low, high)| {
        let mut key = [0xff; 32];
        (key[0], key[31]) = (low, high);
        key
    });
    let taken = |key: &[u8; 32]| ed25519_dalek::VerifyingKey::from_bytes(key).is_ok_and(|key| !key.is_weak());
    keys.filter(taken).collect()
}

/// A binding with R = the neutral element and s = h·a; whether a lenient verifier takes it; and whose it is.
fn signature_with_small_r(spki: &[u8], account: &Id, tag: &str) -> (bool, PublicIdentity, Signature) {
    use ed25519_dalek::Verifier as _;
    use sha2::Digest as _;

    let signer = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let public = signer.verifying_key();
    let parts = [account.as_bytes() as &[u8], tag.as_bytes(), spki, public.as_bytes()];
    let message = imegha_crypto::hazmat::label("identity-binding", &parts);
    let mut signature = [0; 64];
    signature[0] = 1;
    let hash = sha2::Sha512::digest([&signature[..32], public.as_bytes(), &message].concat());
    // h·a by doubling and adding, h from its highest bit; the hash is little-endian.
    let a = signer.to_scalar();
    let mut product = a - signer.to_scalar();
    for bit in hash.iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        product += product;
        if bit == 1 {
            product += a;
        }
    }
    signature[32..].copy_from_slice(product.as_bytes());
    let lenient = public.verify(&message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok();
    (lenient, PublicIdentity::parse(spki, public.as_bytes()).unwrap(), Signature::from_bytes(signature))
}

/// Adds the order of the group to a scalar, little-endian.
fn add_order(scalar: &mut [u8]) {
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0;
    for (byte, add) in scalar.iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
}

/// A modulus of that many bytes: odd, its first bit set.
fn modulus(len: usize) -> Vec<u8> {
    let mut modulus = vec![0xa5; len];
    modulus[len - 1] |= 1;
    modulus
}

/// A SubjectPublicKeyInfo in DER of any modulus and exponent.
fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let key = tlv(0x30, &[tlv(0x02, &[&[0], modulus].concat()), tlv(0x02, exponent)].concat());
    tlv(0x30, &[&algorithm[..], &tlv(0x03, &[&[0], &key[..]].concat())].concat())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let len = match value.len() {
        len @ 0..=127 => vec![len as u8],
        len @ 128..=255 => vec![0x81, len as u8],
        len => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [&[tag], &len[..], value].concat()
}
