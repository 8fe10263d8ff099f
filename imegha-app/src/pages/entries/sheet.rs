//! What the keys do, to be read.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

use super::desk::Desk;
use super::keys::SHEET;
use crate::components::Dialog;

/// The sheet, while it is open.
#[component]
pub(crate) fn KeySheet(open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::expect();
    let line = |(keys, words): &(&'static [&'static str], &'static str)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{*words}</dd></div> }
    };
    view! {
        <Dialog id="keys-title" title="Keys" open>
            <dl class="keys" data-testid="keys">{SHEET.iter().map(line).collect_view()}</dl>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="letters"
                    prop:checked=move || desk.look.with(|look| look.letters)
                    on:change=move |event| {
                        let letters = event_target::<HtmlInputElement>(&event).checked();
                        desk.look.update(|look| look.letters = letters);
                        desk.look.get_untracked().save();
                    }
                />
                <span>"Single letters do something while nothing is typed"</span>
            </label>
            <div class="dialog-buttons">
                <button type="button" class="button" data-testid="keys-close" on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </Dialog>
    }
}
