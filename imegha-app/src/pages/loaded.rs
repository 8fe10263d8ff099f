//! What a page asks for before it can show it.

use imegha_worker::protocol::Failure;

/// How that stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Loaded<T> {
    /// It is on its way.
    Loading,
    /// It is there.
    Shown(T),
    /// It could not be had.
    Failed(Failure),
}

impl<T> Loaded<T> {
    /// It, when it is there.
    pub(super) fn shown(&self) -> Option<&T> {
        match self {
            Self::Shown(shown) => Some(shown),
            Self::Loading | Self::Failed(_) => None,
        }
    }

    /// Why it could not be had.
    pub(super) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Failed(failure) => Some(failure.clone()),
            Self::Loading | Self::Shown(_) => None,
        }
    }

    /// Whether it is on its way.
    pub(super) fn is_loading(&self) -> bool {
        matches!(self, Self::Loading)
    }
}

impl<T> From<Result<T, Failure>> for Loaded<T> {
    fn from(answer: Result<T, Failure>) -> Self {
        match answer {
            Ok(shown) => Self::Shown(shown),
            Err(failure) => Self::Failed(failure),
        }
    }
}
