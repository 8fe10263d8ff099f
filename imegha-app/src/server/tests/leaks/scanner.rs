//! Looks for secrets in bytes: as they are, in hex, base64, percent-encoded, and in UTF-16.

use std::collections::BTreeSet;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use memchr::memmem;

/// The secrets, and what is looked for: windows of each, in every form.
pub(super) struct Scanner {
    secrets: Vec<Secret>,
    forms: Vec<(String, Vec<u8>)>,
}

struct Secret {
    what: String,
    bytes: Vec<u8>,
    is_text: bool,
}

/// A window of fewer distinct bytes may be anywhere by chance.
const DISTINCT: usize = 16;

impl Scanner {
    pub(super) fn new() -> Self {
        Self { secrets: Vec::new(), forms: Vec::new() }
    }

    /// A secret that is bytes.
    pub(super) fn bytes(&mut self, what: &str, secret: &[u8]) {
        self.add(what, secret, false);
    }

    /// A secret that is text, which is also looked for in UTF-16, and as JSON and addresses write it.
    pub(super) fn text(&mut self, what: &str, text: &str) {
        self.add(what, text.as_bytes(), true);
    }

    fn add(&mut self, what: &str, secret: &[u8], is_text: bool) {
        let windows = windows(secret, if is_text { 32 } else { 24 });
        assert!(!windows.is_empty(), "{what} is too even to be looked for");
        for window in windows {
            self.add_window(what, window);
            if is_text {
                // Characters that the window cuts are left out.
                self.add_text(what, String::from_utf8_lossy(window).trim_matches(char::REPLACEMENT_CHARACTER));
            }
        }
        self.secrets.push(Secret { what: what.to_owned(), bytes: secret.to_vec(), is_text });
    }

    fn add_window(&mut self, what: &str, window: &[u8]) {
        let mut form = |form: String| self.forms.push((what.to_owned(), form.into_bytes()));
        form(hex(window, ""));
        form(hex(window, "").to_uppercase());
        form(hex(window, "%"));
        form(hex(window, "%").to_uppercase());
        // Where base64 begins in threes is not known: each of the three, without the digits that neighbours share.
        for skip in 0..3 {
            let whole = &window[skip..skip + (window.len() - skip) / 3 * 3];
            form(Base64Unpadded::encode_string(whole));
            form(Base64UrlUnpadded::encode_string(whole));
        }
        self.forms.push((what.to_owned(), window.to_vec()));
    }

    fn add_text(&mut self, what: &str, text: &str) {
        let mut form = |form: Vec<u8>| self.forms.push((what.to_owned(), form));
        form(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        form(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        form(ascii_json(text).into_bytes());
        form(form_encoded(text).into_bytes());
        form(form_encoded(text).replace('+', "%20").into_bytes());
    }

    /// What is found, each once.
    pub(super) fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let found = self.forms.iter().filter(|(_, form)| memmem::find(bytes, form).is_some());
        found.map(|(what, _)| what.as_str()).collect()
    }

    /// Plants each secret, whole and encoded by whoever leaks it, in a copy of `bytes`, and looks for it.
    pub(super) fn finds_what_is_planted_in(&self, bytes: &[u8]) {
        for Secret { what, bytes: secret, is_text } in &self.secrets {
            let mut leaks = vec![
                secret.clone(),
                hex(secret, "").into_bytes(),
                hex(secret, "").to_uppercase().into_bytes(),
                hex(secret, "%").to_uppercase().into_bytes(),
            ];
            for before in 0..3 {
                let inside = [&b"xyz"[..before], secret, b"behind"].concat();
                leaks.push(Base64Unpadded::encode_string(&inside).into_bytes());
                leaks.push(Base64UrlUnpadded::encode_string(&inside).into_bytes());
            }
            if *is_text {
                let text = std::str::from_utf8(secret).expect("it is text");
                leaks.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
                leaks.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
                leaks.push(serde_json::json!({ "leak": text }).to_string().into_bytes());
                leaks.push(
                    url::Url::parse_with_params("https://x.example", [("leak", text)])
                        .expect("an address")
                        .as_str()
                        .into(),
                );
            }
            for (number, leak) in leaks.into_iter().enumerate() {
                let (before, after) = bytes.split_at(bytes.len() / 2);
                let planted = [before, &leak, after].concat();
                assert!(self.found_in(&planted).contains(what.as_str()), "{what}, leak {number}, is not found");
            }
        }
    }
}

/// The windows of a secret that have enough distinct bytes, from its beginning to its end.
fn windows(secret: &[u8], len: usize) -> Vec<&[u8]> {
    let len = secret.len().min(len);
    let last = secret.len() - len;
    let starts: BTreeSet<usize> = (0..last).step_by(8).chain([last]).collect();
    let windows = starts.into_iter().map(|start| &secret[start..start + len]);
    windows.filter(|window| window.iter().collect::<BTreeSet<_>>().len() >= DISTINCT).collect()
}

fn hex(bytes: &[u8], before_each: &str) -> String {
    bytes.iter().map(|byte| format!("{before_each}{byte:02x}")).collect()
}

/// As `application/x-www-form-urlencoded` writes it.
fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// As JSON is written by whoever keeps it to ASCII.
fn ascii_json(text: &str) -> String {
    let escaped = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    text.chars().map(escaped).collect()
}
