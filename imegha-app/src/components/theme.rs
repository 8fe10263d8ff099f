//! Light, dark, or what the system says.
//!
//! The choice lives in a cookie, so that the server renders the page in the right colours at once: a script that repaints
//! would come too late, and an inline one is against the page's policy.

use leptos::prelude::*;
use leptos_meta::Html;

use super::{Icon, Shape};
use crate::bridge::page;

/// The colours that a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The choice in a `Cookie` header or in `document.cookie`.
    pub(crate) fn from_cookies(cookies: &str) -> Self {
        let chosen =
            cookies.split(';').filter_map(|cookie| cookie.trim().split_once('=')).find(|(name, _)| *name == COOKIE);
        match chosen {
            Some((_, "light")) => Self::Light,
            Some((_, "dark")) => Self::Dark,
            _ => Self::System,
        }
    }

    /// What to set `document.cookie` to. The system's choice needs no cookie, so it drops the one that is there.
    pub(crate) fn to_cookie(self) -> String {
        let (value, age) = match self {
            Self::System => ("", 0),
            Self::Light => ("light", A_YEAR),
            Self::Dark => ("dark", A_YEAR),
        };
        format!("{COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Strict")
    }

    /// The one after this in the toggle's round.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// For `data-theme` of the document; none lets the style sheet ask the system.
    pub(crate) fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::System => "as the system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::System => Shape::Screen,
            Self::Light => Shape::Sun,
            Self::Dark => Shape::Moon,
        }
    }
}

/// Sets the document's colours, and goes through the choices.
#[component]
pub(crate) fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new(Theme::from_cookies(&page::cookies()));
    let turn = move |_| {
        theme.update(|theme| *theme = theme.next());
        page::set_cookie(&theme.get_untracked().to_cookie());
    };
    let label = move || format!("Colours: {}. Change to {}.", theme.get().words(), theme.get().next().words());
    view! {
        <Html {..} data-theme=move || theme.get().attribute()/>
        <button type="button" class="icon-button" data-testid="theme-toggle" aria-label=label title=label on:click=turn>
            {move || view! { <Icon shape=theme.get().shape()/> }}
        </button>
    }
}

const COOKIE: &str = "imegha-theme";
const A_YEAR: u32 = 31_536_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_found_among_other_cookies() {
        assert_eq!(Theme::from_cookies("a=b; imegha-theme=dark; c=d"), Theme::Dark);
        assert_eq!(Theme::from_cookies("imegha-theme=light"), Theme::Light);
        for cookies in ["", "theme=dark", "imegha-theme=", "imegha-theme=\"><script>"] {
            assert_eq!(Theme::from_cookies(cookies), Theme::System, "{cookies}");
        }
    }

    #[test]
    fn a_choice_survives_the_cookie() {
        for theme in [Theme::Light, Theme::Dark] {
            let cookie = theme.to_cookie();
            let pair = cookie.split(';').next().expect("a pair");
            assert_eq!(Theme::from_cookies(pair), theme);
        }
        assert!(Theme::System.to_cookie().contains("Max-Age=0"));
    }

    #[test]
    fn the_toggle_goes_round_through_all() {
        let round = [Theme::System, Theme::System.next(), Theme::System.next().next()];
        assert_eq!(round, [Theme::System, Theme::Light, Theme::Dark]);
        assert_eq!(Theme::Dark.next(), Theme::System);
    }
}
