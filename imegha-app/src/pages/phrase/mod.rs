//! A recovery phrase: shown once, and three of its words asked back.

mod recall;
mod show;

pub(super) use recall::RecallPhrase;
pub(super) use show::ShowPhrase;
