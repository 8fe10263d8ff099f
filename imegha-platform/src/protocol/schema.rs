//! How values stand in JSON, as the description of the API says it: each form has a name there. The forms are those of
//! [`encoding`](super::encoding).

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A form of text, with the pattern that its values have.
macro_rules! form {
    ($($(#[doc = $doc:literal])+ $name:ident = $pattern:expr;)+) => {
        $($(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let about = [$($doc),+].concat();
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(about.trim()))
                    .pattern(Some($pattern))
                    .into()
            }
        }

        impl ToSchema for $name {})+
    };
}

form! {
    /// 16 bytes, base64url without padding: an id, drawn by a client.
    Bytes16 = "^[A-Za-z0-9_-]{21}[AQgw]$";
    /// 32 bytes, base64url without padding: a hash, a fingerprint, a public key, a challenge.
    Bytes32 = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$";
    /// 64 bytes, base64url without padding: an Ed25519 signature.
    Bytes64 = "^[A-Za-z0-9_-]{85}[AQgw]$";
    /// Bytes of any number, base64url without padding.
    Bytes = "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";
    /// A number below 2^64 in decimal, without sign and without zeros before it.
    Decimal = "^(0|[1-9][0-9]{0,19})$";
    /// `auth_string` of FORMAT 3: what the platform sees instead of the password.
    AuthStringForm = "^iM1![A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$";
    /// An account's id as it stands in a path: 16 bytes in hexadecimal.
    Hex16 = "^[0-9a-f]{32}$";
    /// The name of a session or a device as it stands in a path: 32 bytes in hexadecimal.
    Hex32 = "^[0-9a-f]{64}$";
}
