//! From a password to keys (FORMAT 3).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::id::Hash;
use crate::label::Label;
use crate::primitives::{kdf, random};
use crate::secret::{Secret, secret_keys};

/// An email address in the form that is stored, compared and mailed: trimmed, NFKC, lower case.
///
/// What was typed is not kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Normalises an address that was typed.
    ///
    /// # Errors
    /// [`Error::Email`] for anything but `local@domain` without white space, control characters and the characters
    /// that mail headers give a meaning, for more than 254 bytes, and for the rare address that would have another form
    /// when it is normalised again: the form that is stored must be one that can be typed.
    pub fn parse(text: &str) -> Result<Self> {
        let email = normalise(text);
        let (local, domain) = email.split_once('@').ok_or(Error::Email)?;
        let refused = |c: char| c == '@' || c.is_whitespace() || SPECIAL.contains(&c) || is_refused(c);
        let ill_formed = local.is_empty()
            || domain.is_empty()
            || email.len() > MAX_EMAIL_LEN
            || email.chars().filter(|&c| c == '@').count() != 1
            || local.chars().chain(domain.chars()).any(refused);
        if ill_formed || normalise(&email) != email {
            return Err(Error::Email);
        }
        Ok(Self(email))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email([redacted])")
    }
}

/// A password in the form that keys are derived from: NFKC, not trimmed. Zeroized when dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Normalises a password that was typed. How strong it is, is not looked at.
    ///
    /// # Errors
    /// [`Error::Password`] when it has control characters, private, unassigned ones or surrogates (Unicode categories
    /// Cc, Co, Cn, Cs): they may be another character, or none, on the next device.
    pub fn parse(text: &str) -> Result<Self> {
        // NFKC makes one character of up to 18; with room for all of them nothing is left behind by growing.
        let mut password = Zeroizing::new(String::with_capacity(text.len().saturating_mul(18)));
        password.extend(text.nfkc());
        if password.chars().any(is_refused) {
            return Err(Error::Password);
        }
        Ok(Self(password))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// How a password becomes keys: the function, how often, and a salt. Not secret; the platform serves them.
///
/// A value of this type is one that may be derived from: what is too weak or too dear is refused when it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct KdfParams {
    iterations: u32,
    salt: [u8; 32],
}

impl KdfParams {
    /// PBKDF2 with HMAC-SHA256: the one function there is.
    pub const PBKDF2_HMAC_SHA256: u8 = 1;
    /// Of a new account; also the least that is accepted.
    pub const NEW_ITERATIONS: u32 = 100_000;
    /// The most that is accepted: more would be a way to keep a device busy.
    pub const MAX_ITERATIONS: u32 = 10_000_000;

    /// The parameters of a new account: 100,000 iterations, a random salt.
    ///
    /// # Errors
    /// [`Error::Platform`] without randomness.
    pub fn generate() -> Result<Self> {
        Ok(Self { iterations: Self::NEW_ITERATIONS, salt: random()? })
    }

    /// The parameters that a server names.
    ///
    /// # Errors
    /// [`Error::Params`] for an unknown function, fewer than 100,000 or more than 10,000,000 iterations, or a salt that
    /// is not 32 bytes.
    pub fn new(kdf_id: u8, iterations: u32, salt: &[u8]) -> Result<Self> {
        let salt = salt.try_into().map_err(|_| Error::Params)?;
        if kdf_id != Self::PBKDF2_HMAC_SHA256 || !Self::accepts(iterations) {
            return Err(Error::Params);
        }
        Ok(Self { iterations, salt })
    }

    /// Whether that many iterations are neither too few nor too dear.
    pub(crate) fn accepts(iterations: u32) -> bool {
        (Self::NEW_ITERATIONS..=Self::MAX_ITERATIONS).contains(&iterations)
    }

    /// Which function: 1 is PBKDF2 with HMAC-SHA256.
    pub fn kdf_id(&self) -> u8 {
        Self::PBKDF2_HMAC_SHA256
    }

    /// How many iterations.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The salt.
    pub fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// Refuses parameters weaker than a device saw last for the account: a server that asks for fewer iterations wants
    /// to guess.
    ///
    /// # Errors
    /// [`Error::Params`] for fewer iterations.
    pub fn check_not_weaker(&self, last_seen: &Self) -> Result<()> {
        if self.iterations < last_seen.iterations { Err(Error::Params) } else { Ok(()) }
    }
}

impl fmt::Debug for KdfParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KdfParams")
            .field("kdf_id", &self.kdf_id())
            .field("iterations", &self.iterations)
            .field("salt", &hex::encode(self.salt))
            .finish()
    }
}

/// What a password gives: one secret for the platform, one key that never leaves the device.
#[derive(Debug)]
pub struct PasswordKeys {
    /// What the platform sees instead of the password.
    pub auth: AuthSecret,
    /// What wraps the DEK.
    pub kek: PasswordKek,
}

impl PasswordKeys {
    /// Derives both: about 20 ms of one core with 100,000 iterations. In a browser use
    /// [`device::derive_password_keys`](crate::device::derive_password_keys).
    ///
    /// The address goes into the salt, so a platform that serves one salt for two accounts gets different keys.
    ///
    /// # Errors
    /// [`Error::Platform`] when the provider fails.
    pub fn derive(password: &Password, email: &Email, params: &KdfParams) -> Result<Self> {
        let salt = Self::salt(email, params);
        let master = kdf::pbkdf2(password.as_bytes(), salt.as_bytes(), params.iterations)?;
        Ok(Self::from_master(&master))
    }

    pub(crate) fn salt(email: &Email, params: &KdfParams) -> Hash {
        Label::new("password-salt")
            .part(email.as_str())
            .u8(params.kdf_id())
            .u32(params.iterations)
            .part(params.salt)
            .sha256()
    }

    pub(crate) fn from_master(master: &Secret) -> Self {
        Self {
            auth: AuthSecret(kdf::expand(master.expose(), &Label::new("password-auth"))),
            kek: PasswordKek(kdf::expand(master.expose(), &Label::new("password-kek"))),
        }
    }
}

secret_keys! {
    /// What signs in: the platform sees it instead of the password, and cannot open anything with it.
    AuthSecret;
    /// The key that wraps the DEK under the password. It never leaves the device.
    PasswordKek;
}

impl AuthSecret {
    /// `iM1!` and 43 characters: a string that the password policy of an identity provider takes.
    pub fn to_auth_string(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(AUTH_STRING_LEN));
        let mut encoded = Zeroizing::new([0; AUTH_STRING_LEN - AUTH_PREFIX.len()]);
        text.push_str(AUTH_PREFIX);
        text.push_str(
            Base64UrlUnpadded::encode(self.0.expose(), &mut encoded[..]).expect("32 bytes are 43 characters of base64"),
        );
        text
    }

    /// Reads such a string, and nothing else that looks like one.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length, prefix, character, or bits that no encoder writes.
    pub fn parse_auth_string(text: &str) -> Result<Self> {
        let encoded = text.strip_prefix(AUTH_PREFIX).ok_or(Error::Malformed)?;
        let secret = Secret::filled_by(|bytes| match Base64UrlUnpadded::decode(encoded, bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(()),
            _ => Err(Error::Malformed),
        })?;
        let secret = Self(secret);
        if secret.to_auth_string().as_str() != text {
            return Err(Error::Malformed);
        }
        Ok(secret)
    }

    /// `H(auth)`: what is kept beside a wrap, to serve it only to who signed in with this secret.
    pub fn hash(&self) -> Hash {
        Hash::of(self.0.expose())
    }
}

fn normalise(email: &str) -> String {
    email.trim_matches(is_trimmed).nfkc().collect::<String>().to_lowercase()
}

/// What FORMAT 1 trims: U+0009 to U+000D and U+0020, nothing else.
fn is_trimmed(c: char) -> bool {
    matches!(c, '\u{9}'..='\u{d}' | ' ')
}

/// Categories Cc, Cn, Co, Cs.
fn is_refused(c: char) -> bool {
    matches!(
        get_general_category(c),
        GeneralCategory::Control
            | GeneralCategory::Unassigned
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
    )
}

const AUTH_PREFIX: &str = "iM1!";
const AUTH_STRING_LEN: usize = 47;
/// RFC 5321 has paths of 256 bytes, with their angle brackets.
const MAX_EMAIL_LEN: usize = 254;
/// What RFC 5322 gives a meaning in an address, but the dot and the at sign.
const SPECIAL: [char; 11] = ['(', ')', '<', '>', '[', ']', '\\', ',', ';', ':', '"'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        for typed in ["Alice@Example.com", " alice@example.com\n", "\u{ff41}lice\u{ff20}example.com"] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), "alice@example.com", "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for typed in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a\r\nBcc: x@c", "a@b>", "\u{a0}a@b", "a@b\0", &long] {
            assert_eq!(Email::parse(typed), Err(Error::Email), "{typed:?}");
        }
        let of_len = |len: usize| format!("{}@example.com", "a".repeat(len - "@example.com".len()));
        assert_eq!(Email::parse(&of_len(254)).map(|email| email.as_str().len()), Ok(254));
        assert_eq!(Email::parse(&of_len(255)), Err(Error::Email));
    }

    #[test]
    fn a_password_is_not_trimmed() {
        assert_eq!(Password::parse(" a ").unwrap().as_bytes(), b" a ");
        assert_eq!(Password::parse("\u{fb01}").unwrap().as_bytes(), b"fi");
    }

    #[test]
    fn characters_that_may_change_are_refused() {
        for text in ["a\0", "\t", "\u{7f}", "\u{85}", "\u{e000}", "\u{10ffff}", "\u{378}"] {
            assert_eq!(Password::parse(text).unwrap_err(), Error::Password, "{text:?}");
        }
    }

    /// A character that the normalisation knows and the categories do not is refused; one that the categories knew alone would
    /// be taken, and have another form with the next table.
    #[test]
    fn the_table_of_normalisation_is_not_the_older_one() {
        let (major, minor, _) = unicode_normalization::UNICODE_VERSION;
        let (known_major, known_minor, _) = unicode_general_category::UNICODE_VERSION;
        assert!((u64::from(major), u64::from(minor)) >= (known_major, known_minor));
    }

    #[test]
    fn an_auth_string_has_one_form() {
        let secret = AuthSecret(Secret::from_slice(&[7; 32]).unwrap());
        let text = secret.to_auth_string();
        assert_eq!(text.len(), AUTH_STRING_LEN);
        assert_eq!(AuthSecret::parse_auth_string(&text).unwrap(), secret);
        let last_bits = format!("{}d", &text[..46]);
        for other in ["", "iM1!", &text[4..], &format!("{}=", *text), &format!(" {}", *text), &last_bits] {
            assert_eq!(AuthSecret::parse_auth_string(other).unwrap_err(), Error::Malformed, "{other:?}");
        }
    }

    #[test]
    fn fewer_iterations_than_last_seen_are_refused() {
        let seen = KdfParams::new(1, 200_000, &[0; 32]).unwrap();
        let weaker = KdfParams::new(1, 199_999, &[0; 32]).unwrap();
        assert_eq!(weaker.check_not_weaker(&seen), Err(Error::Params));
        assert_eq!(seen.check_not_weaker(&weaker), Ok(()));
        assert_eq!(seen.check_not_weaker(&seen), Ok(()));
    }
}
