//! The code of a mail: where it is, the field for it, and having another one sent.

use std::time::Duration;

use imegha_worker::protocol::{ErrorCode, Failure};
use leptos::prelude::*;

use crate::components::Field;

/// Where the code is.
#[component]
pub(super) fn CodeWhere(
    /// The address that it was sent to.
    email: Signal<String>,
    /// Whether the server prints its mail on its terminal.
    on_terminal: Signal<bool>,
    /// What else is to be known of it.
    children: Children,
) -> impl IntoView {
    view! {
        <div data-testid="code-where">
            <Show
                when=move || on_terminal.get()
                fallback=move || view! {
                    <p>
                        "We sent a mail with six digits to " <strong><bdi>{email}</bdi></strong>
                        ". If it does not come in a minute or two, look among the unwanted mail."
                    </p>
                }
            >
                <p>
                    "This server has no mail set up. The mail for " <strong><bdi>{email}</bdi></strong>
                    ", with its code of six digits, is printed on the terminal where the server runs."
                </p>
            </Show>
            <p class="fine">{children()}</p>
        </div>
    }
}

/// The field for it.
#[component]
pub(super) fn CodeField(
    /// The id of the field.
    id: &'static str,
    /// What was typed.
    code: RwSignal<String>,
    /// What is wrong with it; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    view! {
        <Field id label="Code of six digits" value=code autocomplete="one-time-code" inputmode="numeric" maxlength=12 problem/>
    }
}

/// The button that has another one sent, once that may be.
#[component]
pub(super) fn SendAgain(
    /// In how many seconds: [`count_down`].
    rest: RwSignal<u32>,
    /// Has it sent.
    resend: Callback<()>,
) -> impl IntoView {
    let label = move || match rest.get() {
        0 => "Send the code again".to_owned(),
        seconds => format!("Send the code again (in {seconds} s)"),
    };
    view! {
        <button type="button" class="button quiet" data-testid="resend" disabled=move || rest.get() != 0 on:click=move |_| resend.run(())>
            {label}
        </button>
    }
}

/// In how many seconds to ask again after that failed.
pub(super) fn rest_after(failed: &Failure) -> u32 {
    let ms = failed.ms.filter(|_| failed.code == ErrorCode::TooManyTries).unwrap_or_default();
    u32::try_from(ms.div_ceil(1000)).unwrap_or(REST)
}

/// Counts down to 0, a second at a time, as long as the step is on the screen.
pub(super) fn count_down(rest: RwSignal<u32>) {
    let second = move || {
        if rest.try_get_untracked().is_some_and(|left| left > 0) {
            rest.update(|rest| *rest -= 1);
        }
    };
    if let Ok(running) = set_interval_with_handle(second, Duration::from_secs(1)) {
        on_cleanup(move || running.clear());
    }
}

/// The six digits, without the spaces that a mail may show them with.
pub(super) fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// How many seconds lie between two codes at least, as on the server.
pub(super) const REST: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!(digits(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(digits("123-456").as_deref(), Some("123456"));
        for typed in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }
}
