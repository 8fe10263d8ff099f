//! What is typed to sign up, and what can be said about it before it is sent.

use leptos::prelude::*;

use crate::bridge::meter::Strength;

/// What was typed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) email: RwSignal<String>,
    pub(super) tag: RwSignal<String>,
    pub(super) password: RwSignal<String>,
    pub(super) over_13: RwSignal<bool>,
    pub(super) policy: RwSignal<bool>,
}

impl Form {
    /// Nothing typed yet.
    pub(super) fn new() -> Self {
        Self {
            email: RwSignal::new(String::new()),
            tag: RwSignal::new(String::new()),
            password: RwSignal::new(String::new()),
            over_13: RwSignal::new(false),
            policy: RwSignal::new(false),
        }
    }
}

/// What is wrong with an address; empty when it may be one. The platform judges, and the mail proves.
pub(super) fn email_problem(email: &str) -> &'static str {
    let email = email.trim();
    let Some((name, host)) = email.rsplit_once('@') else {
        return if email.is_empty() { "Enter your email address." } else { "An email address has an @ in it." };
    };
    if name.is_empty()
        || host.is_empty()
        || host.starts_with('.')
        || host.ends_with('.')
        || email.contains(char::is_whitespace)
    {
        return "This is not yet an email address.";
    }
    ""
}

/// What is wrong with an iMTag; empty when it is of its form. The platform says whether it is free.
pub(super) fn tag_problem(tag: &str) -> &'static str {
    let tag = tag.trim();
    let tag = tag.strip_prefix('@').unwrap_or(tag).to_ascii_lowercase();
    if tag.is_empty() {
        return "Choose an iMTag.";
    }
    if !tag.starts_with(|first: char| first.is_ascii_lowercase()) {
        return "Begin with a letter from a to z.";
    }
    if !tag.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.')) {
        return "Only the letters a to z, digits, dots and underscores.";
    }
    match tag.len() {
        0..3 => "At least 3 characters.",
        3..=30 => "",
        _ => "At most 30 characters.",
    }
}

/// What is wrong with a password; empty when it is strong enough. Without a strength it was not measured yet.
pub(super) fn password_problem(password: &str, strength: Option<&Strength>) -> &'static str {
    match strength {
        _ if password.is_empty() => "Choose a password.",
        None => "The password has not been measured yet.",
        Some(strength) if !strength.is_enough() => {
            "This password is too easily guessed. Make it longer: four or five unrelated words do well."
        }
        Some(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["ann@example.org", " ann@example.org ", "a+b@localhost", "müller@bücher.example"] {
            assert_eq!(email_problem(good), "", "{good}");
        }
        for bad in ["", "ann", "@example.org", "ann@", "a b@example.org", "ann@.org", "ann@example."] {
            assert_ne!(email_problem(bad), "", "{bad}");
        }
    }

    #[test]
    fn tags() {
        for good in ["ann", "@Ann", " ann ", "a.b_c9", &"a".repeat(30)] {
            assert_eq!(tag_problem(good), "", "{good}");
        }
        for bad in ["", "@", "an", "9ann", "_ann", "an n", "änn", "ann!", &"a".repeat(31)] {
            assert_ne!(tag_problem(bad), "", "{bad}");
        }
    }

    #[test]
    fn passwords() {
        let of = |score| Some(Strength { score, advice: vec![] });
        assert_ne!(password_problem("", of(4).as_ref()), "");
        assert_ne!(password_problem("x", None), "");
        assert_ne!(password_problem("x", of(2).as_ref()), "");
        assert_eq!(password_problem("x", of(3).as_ref()), "");
    }
}
