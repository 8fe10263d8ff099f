//! Locking when nobody is there.

/// After how long to lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patience {
    /// After five minutes.
    Short,
    /// After a quarter of an hour.
    #[default]
    Usual,
    /// After an hour.
    Long,
    /// Never.
    Endless,
}

/// How it stands with who was last seen at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
    /// Somebody is there.
    No,
    /// It locks in so many seconds.
    Soon(u64),
    /// It is time to lock.
    Over,
}

impl Patience {
    /// All of them, the shortest first.
    pub(crate) const ALL: [Self; 4] = [Self::Short, Self::Usual, Self::Long, Self::Endless];

    /// As it is kept in the browser.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Short => "5",
            Self::Usual => "15",
            Self::Long => "60",
            Self::Endless => "never",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Short => "5 minutes",
            Self::Usual => "15 minutes",
            Self::Long => "an hour",
            Self::Endless => "never",
        }
    }

    /// The one of this name; the usual one for anything else.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|patience| patience.name() == name).unwrap_or_default()
    }

    /// How it stands now with who was last seen at `seen_ms`.
    pub(crate) fn at(self, now_ms: u64, seen_ms: u64) -> Idle {
        let Some(limit_ms) = self.ms() else { return Idle::No };
        // A clock that was set back makes nobody wait longer than the limit.
        let idle_ms = now_ms.saturating_sub(seen_ms.min(now_ms));
        match limit_ms.saturating_sub(idle_ms) {
            0 => Idle::Over,
            left if left <= NOTICE_MS => Idle::Soon(left.div_ceil(1000)),
            _ => Idle::No,
        }
    }

    fn ms(self) -> Option<u64> {
        let minutes = match self {
            Self::Short => 5,
            Self::Usual => 15,
            Self::Long => 60,
            Self::Endless => return None,
        };
        Some(minutes * 60_000)
    }
}

/// How long before locking it is said.
const NOTICE_MS: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_before_it_locks() {
        let at = |ms: u64| Patience::Short.at(1_000_000 + ms, 1_000_000);
        assert_eq!(at(0), Idle::No);
        assert_eq!(at(269_999), Idle::No);
        assert_eq!(at(270_000), Idle::Soon(30));
        assert_eq!(at(299_001), Idle::Soon(1));
        assert_eq!(at(300_000), Idle::Over);
        assert_eq!(at(9_000_000), Idle::Over, "a device that slept");
    }

    #[test]
    fn never_is_never_and_a_clock_that_was_set_back_is_not_long_ago() {
        assert_eq!(Patience::Endless.at(u64::MAX, 0), Idle::No);
        assert_eq!(Patience::Short.at(5, 10), Idle::No);
    }

    #[test]
    fn a_choice_survives_the_browser() {
        for patience in Patience::ALL {
            assert_eq!(Patience::named(patience.name()), patience);
        }
        assert_eq!(Patience::named("nonsense"), Patience::Usual);
    }
}
