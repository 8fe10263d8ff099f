//! Progress on standard error, when a person sees it.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::shown::shown;

/// A bar for one file: bytes of how many, how fast, and how long it will take. Nothing is drawn where standard error is no terminal.
pub(crate) fn bar(name: &str, quiet: bool) -> ProgressBar {
    draw(name, quiet, "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// A count for what nobody knows the end of.
pub(crate) fn count(name: &str, quiet: bool) -> ProgressBar {
    draw(name, quiet, "{spinner} {msg} {pos} files")
}

fn draw(name: &str, quiet: bool, template: &str) -> ProgressBar {
    let hidden = quiet || !std::io::stderr().is_terminal();
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, target).with_style(style).with_message(shown(name))
}

/// Shows that `done` of `total` is there; a total of 0 is one that nobody knows.
pub(crate) fn tell(bar: &ProgressBar, done: u64, total: u64) {
    if total > 0 {
        bar.set_length(total);
    }
    bar.set_position(done);
}
