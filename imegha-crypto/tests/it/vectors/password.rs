//! FORMAT 3.

use imegha_crypto::hazmat::RawKey as _;
use imegha_crypto::{AuthSecret, Email, Error, KdfParams, Password, PasswordKeys, Result};

use super::Outcome;
use super::case::Case;
use super::people::People;

pub(crate) fn run(case: &Case<'_>, _: &People) -> Outcome {
    match case.result(&["ok", "params"]) {
        "ok" => {
            let keys = case.opened(derive(case));
            case.same("auth", *keys.auth.raw(), case.array("auth"));
            case.same("kek", *keys.kek.raw(), case.array("kek"));
            case.same("auth_string", keys.auth.to_auth_string().as_str(), case.text("auth_string"));
            let parsed = case.opened(AuthSecret::parse_auth_string(case.text("auth_string")));
            assert!(parsed == keys.auth, "{}: another secret is read", case.place());
            Outcome::Opened
        }
        _ => {
            // Refused when the values are made, so there is nothing that could be derived or sent.
            let values = inputs(case);
            let error = *values.as_ref().err().unwrap_or_else(|| panic!("{}: nothing was refused", case.place()));
            assert!(matches!(error, Error::Params | Error::Password), "{}: refused as {error:?}", case.place());
            case.refused(values, error)
        }
    }
}

fn inputs(case: &Case<'_>) -> Result<(Password, Email, KdfParams)> {
    let kdf_id = u8::try_from(case.u64("kdf_id")).map_err(|_| Error::Params)?;
    let iterations = u32::try_from(case.u64("iterations")).map_err(|_| Error::Params)?;
    let params = KdfParams::new(kdf_id, iterations, &case.hex("salt"))?;
    Ok((Password::parse(case.text("password"))?, case.opened(Email::parse(case.text("email"))), params))
}

fn derive(case: &Case<'_>) -> Result<PasswordKeys> {
    let (password, email, params) = inputs(case)?;
    PasswordKeys::derive(&password, &email, &params)
}

/// What must give these keys, for a test of another way to derive them.
#[cfg(target_arch = "wasm32")]
pub(crate) struct PasswordCase {
    pub(crate) password: Password,
    pub(crate) email: Email,
    pub(crate) params: KdfParams,
    pub(crate) auth: [u8; 32],
    pub(crate) kek: [u8; 32],
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn password_cases(folder: &super::Folder) -> Vec<PasswordCase> {
    let (name, text) = folder.iter().find(|(name, _)| name == "password.json").expect("the folder has password.json");
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let cases = json["cases"].as_array().unwrap().iter().enumerate();
    let cases = cases.map(|(index, case)| Case::new(name, index, case)).filter(|case| case.text("result") == "ok");
    cases
        .map(|case| {
            let (password, email, params) = inputs(&case).unwrap();
            PasswordCase { password, email, params, auth: case.array("auth"), kek: case.array("kek") }
        })
        .collect()
}
