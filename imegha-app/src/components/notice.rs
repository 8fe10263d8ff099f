//! A few words in a box: what went wrong, or what to know.

use imegha_worker::protocol::Failure;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::words::{Doing, Way, Words};

/// How a notice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something to know.
    Plain,
    /// Something to take care of.
    Care,
    /// Something that went wrong.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "notice",
            Self::Care => "notice care",
            Self::Bad => "notice bad",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Plain => Shape::Info,
            Self::Care | Self::Bad => Shape::Warning,
        }
    }
}

/// A box with a few words.
#[component]
pub(crate) fn Notice(
    /// How it looks.
    tone: Tone,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=tone.class()>
            <Icon shape=tone.shape()/>
            <div class="notice-body">{children()}</div>
        </div>
    }
}

/// What failed, in words, with the way on.
#[component]
pub(crate) fn FailureNotice(
    /// What failed; nothing is shown while nothing did.
    #[prop(into)]
    failure: Signal<Option<Failure>>,
    /// What the person was doing.
    doing: Doing,
    /// Goes the way that the button names.
    #[prop(into)]
    go: Callback<Way>,
) -> impl IntoView {
    let shown = move || {
        failure.get().map(|failure| {
            let Words { title, text, way } = Words::of(&failure, doing);
            // That there is no cloud yet is nothing that went wrong.
            let tone = if way == Way::Connect { Tone::Care } else { Tone::Bad };
            view! {
                <Notice tone>
                    <p><strong>{title}</strong></p>
                    <p>{text}</p>
                    {way.label().map(|label| view! {
                        <button type="button" class="button small" data-testid="way-on" on:click=move |_| go.run(way)>{label}</button>
                    })}
                </Notice>
            }
        })
    };
    view! { <div role="alert" data-testid="failure">{shown}</div> }
}
