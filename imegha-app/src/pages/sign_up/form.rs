//! What is typed to sign up, and what can be said about it before it is sent.

use leptos::prelude::*;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        for good in ["ann", "@Ann", " ann ", "a.b_c9", &"a".repeat(30)] {
            assert_eq!(tag_problem(good), "", "{good}");
        }
        for bad in ["", "@", "an", "9ann", "_ann", "an n", "änn", "ann!", &"a".repeat(31)] {
            assert_ne!(tag_problem(bad), "", "{bad}");
        }
    }
}
