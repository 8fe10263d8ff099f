//! FORMAT 12.

use imegha_crypto::hazmat::RawKey as _;
use imegha_crypto::{AuthSecret, Error, KeysStatement, RecoveryPublicKey, RecoveryStatement, Sealed};

use super::Outcome;
use super::case::Case;
use super::people::People;

pub(crate) fn run(case: &Case<'_>, people: &People) -> Outcome {
    let (verified, made) = match case.known("what", &["recovery", "account-keys"]) {
        "recovery" => {
            let statement = RecoveryStatement {
                account: case.id("account"),
                origin: case.text("origin"),
                challenge: &case.array("challenge"),
                new_auth: AuthSecret::from_raw(&case.array("new_auth")).hash(),
                new_wrap: wrap(&case.hex("new_wrap")).hash(),
            };
            let key = case.opened(RecoveryPublicKey::parse(&case.hex("recovery_public")));
            (statement.verify(&key, &case.signature("signature")), None)
        }
        _ => {
            let wraps = case.value("wraps").as_array().unwrap_or_else(|| panic!("{}: no wraps", case.place()));
            let statement = KeysStatement {
                account: case.id("account"),
                version: case.u64("version"),
                dek_epoch: case.u32("dek_epoch"),
                recovery_public: case.array("recovery_public"),
                wraps: wraps.iter().map(|bytes| wrap(&hex::decode(bytes.as_str().unwrap()).unwrap()).hash()).collect(),
            };
            let signer = people.of_name(case, "signer");
            (statement.verify(signer.public(), &case.signature("signature")), Some(statement.sign(signer)))
        }
    };
    match case.result(&["ok", "refused"]) {
        "ok" => {
            case.opened(verified);
            if let Some(made) = made {
                case.same("signature", made, case.signature("signature"));
            }
            Outcome::Opened
        }
        _ => case.refused(verified, Error::Signature),
    }
}

fn wrap(bytes: &[u8]) -> Sealed {
    Sealed::from_received(bytes.to_vec()).unwrap()
}
