//! Another device changed the same.

use imegha_worker::protocol::Profile;
use leptos::prelude::*;

use crate::components::{Notice, Tone, shown_name};

/// What the other device wrote, and which of the two is to stay.
#[component]
pub(super) fn Clash(
    /// What is there now; nothing while there is no clash.
    theirs: RwSignal<Option<Profile>>,
    /// Writes what is in the fields.
    keep_mine: Callback<()>,
    /// Puts into the fields what is there.
    take_theirs: Callback<()>,
) -> impl IntoView {
    let line = |label: &'static str, text: String| {
        let text = if text.is_empty() { "nothing".to_owned() } else { shown_name(&text) };
        view! { <div><dt>{label}</dt><dd><bdi>{text}</bdi></dd></div> }
    };
    let shown = move || {
        theirs.get().map(|theirs| {
            let picture = if theirs.picture.is_some() { "a picture" } else { "" };
            view! {
                <Notice tone=Tone::Care>
                    <div data-testid="profile-clash">
                        <p><strong>"Another device has changed your profile meanwhile"</strong></p>
                        <p>"Nothing was saved yet. This is what it wrote; what you typed is still in the fields."</p>
                        <dl class="theirs">
                            {line("Name", theirs.name)}
                            {line("About you", theirs.bio)}
                            {line("Phone", theirs.phone)}
                            {line("Picture", picture.to_owned())}
                        </dl>
                        <div class="dialog-buttons">
                            <button type="button" class="button quiet" data-testid="clash-take-theirs" on:click=move |_| take_theirs.run(())>"Take that"</button>
                            <button type="button" class="button" data-testid="clash-keep-mine" on:click=move |_| keep_mine.run(())>"Save mine"</button>
                        </div>
                    </div>
                </Notice>
            }
        })
    };
    view! { <div role="alert">{shown}</div> }
}
