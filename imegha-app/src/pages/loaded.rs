//! What a page asks for before it can show it.

use imegha_worker::protocol::{ErrorCode, Failure};
use leptos::prelude::*;
use leptos::task::spawn_local;

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

    /// Takes what was read. What is on the screen stays when it could not be read anew, unless it is gone.
    pub(super) fn take(&mut self, read: Result<T, Failure>) {
        let is_gone = matches!(read, Err(Failure { code: ErrorCode::NotFound, .. }));
        if read.is_ok() || is_gone || self.shown().is_none() {
            *self = read.into();
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

/// What reads something into a page, and whether it does so now. It is read once at a time; asked for meanwhile, it is read once more.
pub(super) fn reader<T, F>(
    into: RwSignal<Loaded<T>>,
    ask: impl Fn() -> F + Copy + Send + Sync + 'static,
) -> (RwSignal<bool>, impl Fn() + Copy + Send + Sync + 'static)
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    let (busy, again) = (RwSignal::new(false), StoredValue::new(false));
    let read = move || {
        if busy.get_untracked() {
            return again.set_value(true);
        }
        busy.set(true);
        spawn_local(async move {
            loop {
                let read = ask().await;
                _ = into.try_update(|into| into.take(read));
                // Nobody asks any more once the page is gone.
                if again.try_update_value(std::mem::take) != Some(true) {
                    break;
                }
            }
            _ = busy.try_set(false);
        });
    };
    (busy, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_screen_stays_until_it_is_gone() {
        let failed = |code| Err(Failure { code, ms: None });
        let mut page = Loaded::Loading;
        page.take(Ok(1));
        page.take(failed(ErrorCode::Network));
        assert_eq!(page, Loaded::Shown(1));
        page.take(failed(ErrorCode::NotFound));
        assert_eq!(page.failure().map(|failure| failure.code), Some(ErrorCode::NotFound));
        page.take(failed(ErrorCode::Network));
        assert_eq!(page.failure().map(|failure| failure.code), Some(ErrorCode::Network));
        page.take(Ok(2));
        assert_eq!(page, Loaded::Shown(2));
    }
}
