//! A password that is chosen: a field, and how hard it is to guess.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Field;
use crate::bridge::meter::{self, Strength};

/// A password as it is typed, and what was measured of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChosenPassword {
    /// As typed.
    pub(crate) password: RwSignal<String>,
    /// What it must not be made of.
    email: Signal<String>,
    tag: Signal<String>,
    strength: RwSignal<Measured>,
}

impl ChosenPassword {
    /// A password in that signal, measured against address and iMTag.
    pub(crate) fn new(password: RwSignal<String>, email: Signal<String>, tag: Signal<String>) -> Self {
        Self { password, email, tag, strength: RwSignal::new(Measured::default()) }
    }

    /// What is wrong with it; empty when it may be used.
    pub(crate) fn problem(self) -> &'static str {
        let typed = self.password.get();
        password_problem(&typed, self.strength.with(|measured| measured.of(&typed)).as_ref())
    }
}

/// The field of a new password, and its meter.
#[component]
pub(crate) fn PasswordToBe(
    /// The id of the field.
    id: &'static str,
    /// What to type.
    #[prop(default = "Password")]
    label: &'static str,
    /// What was typed.
    chosen: ChosenPassword,
    /// What helps to get it right.
    #[prop(into)]
    hint: String,
    /// What is wrong with it; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    view! {
        <Field id label value=chosen.password kind="password" autocomplete="new-password" hint problem/>
        <Meter chosen/>
    }
}

/// Shows how strong the password is, as it is typed.
#[component]
fn Meter(chosen: ChosenPassword) -> impl IntoView {
    let ChosenPassword { password: typed, email, tag, strength } = chosen;
    let measure = move |password: String| {
        spawn_local(async move {
            let (email, tag) = (email.get_untracked(), tag.get_untracked());
            let outcome = meter::measure(&password, &email, &tag).await;
            strength.try_update(|measured| measured.take(password, outcome));
        });
    };
    let mut later = debounce(PAUSE, move |password: String| {
        // The person may have gone on meanwhile.
        if typed.try_get_untracked().is_some_and(|now| now == password) {
            measure(password);
        }
    });
    Effect::new(move |_| {
        let password = typed.get();
        // What a password is measured against changes with email and tag.
        email.track();
        tag.track();
        match password.is_empty() {
            // What was measured is not kept longer than it is typed.
            true => strength.set(Measured::default()),
            false => later(password),
        }
    });
    let measured = move || strength.with(|measured| measured.of(&typed.get()));
    let empty = move || typed.with(String::is_empty);
    let failed = move || strength.with(|measured| measured.failed);
    let score = move || measured().map(|strength| strength.score.to_string());
    let words = move || match measured() {
        _ if empty() => "",
        Some(strength) => strength.words(),
        None if failed() => "",
        None => "Measuring…",
    };
    let advice = move || measured().filter(|strength| !strength.is_enough()).map(|strength| strength.advice.join(" "));
    view! {
        <div class="strength" data-testid="strength" data-score=score hidden=empty>
            <span class="strength-bar" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
            <p aria-live="polite"><strong>{words}</strong> " " {advice}</p>
            <Show when=move || failed() && measured().is_none()>
                <p class="strength-failed">
                    "The part that measures passwords could not be loaded, and without it no password is accepted. "
                    <button type="button" class="button small" on:click=move |_| measure(typed.get_untracked())>
                        "Load it again"
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// What was last measured. It counts only for the password that it was measured for.
#[derive(Clone, Debug, Default)]
struct Measured {
    password: String,
    strength: Option<Strength>,
    failed: bool,
}

impl Measured {
    fn take(&mut self, password: String, outcome: Option<Strength>) {
        *self = Self { password, failed: outcome.is_none(), strength: outcome };
    }

    fn of(&self, password: &str) -> Option<Strength> {
        self.strength.clone().filter(|_| self.password == password)
    }
}

/// How long the keys must rest before the password is measured.
const PAUSE: Duration = Duration::from_millis(150);

/// What is wrong with a password; empty when it is strong enough. Without a strength it was not measured yet.
fn password_problem(password: &str, strength: Option<&Strength>) -> &'static str {
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
    fn a_strength_counts_for_its_password_only() {
        let mut measured = Measured::default();
        measured.take("long one".to_owned(), Some(Strength { score: 4, advice: vec![] }));
        assert!(measured.of("long one").is_some());
        assert!(measured.of("long on").is_none());
        measured.take("long one".to_owned(), None);
        assert!(measured.of("long one").is_none() && measured.failed);
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
