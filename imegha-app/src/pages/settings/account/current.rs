//! The password that the account has, asked for before what opens it is changed.

use leptos::prelude::*;

use crate::bridge::page;
use crate::components::Field;

/// The password as it is typed.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct CurrentPassword {
    typed: RwSignal<String>,
    missing: RwSignal<bool>,
}

impl CurrentPassword {
    pub(in crate::pages) fn new() -> Self {
        Self { typed: RwSignal::new(String::new()), missing: RwSignal::new(false) }
    }

    /// What was typed. Where nothing was, that is said, and the field has the keyboard.
    pub(super) fn take(self) -> Option<String> {
        let typed = self.typed.get_untracked();
        self.missing.set(typed.is_empty());
        if typed.is_empty() {
            page::focus(ID);
            return None;
        }
        Some(typed)
    }

    /// Forgets it.
    pub(super) fn clear(self) {
        self.typed.set(String::new());
    }
}

/// The field for it.
#[component]
pub(super) fn CurrentField(current: CurrentPassword) -> impl IntoView {
    let problem = Signal::derive(move || {
        if current.missing.get() && current.typed.with(String::is_empty) {
            "Enter the password that you have now.".to_owned()
        } else {
            String::new()
        }
    });
    view! {
        <Field id=ID label="Your password" value=current.typed kind="password" autocomplete="current-password" problem/>
    }
}

const ID: &str = "password-now";
