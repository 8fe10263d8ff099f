//! The announcement that the privacy policy has changed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::deed::Deed;
use super::settings::DeleteForm;
use crate::bridge::{Client, PolicyInForce, page};
use crate::components::{FailureNotice, Icon, Notice, Shape, Tone};
use crate::words::{Doing, Way};

/// What stands in place of every page of who accepted an older policy than the one in force, until they decide.
#[component]
pub(crate) fn PolicyChange() -> impl IntoView {
    let client = Client::expect();
    let PolicyInForce { change, version: of_page } = PolicyInForce::now();
    // What is shown is what is accepted: a version that came since is asked about apart.
    let version =
        client.session.with_untracked(|session| session.as_ref().map(|session| session.policy)).unwrap_or_default();
    let before = client.session.with_untracked(|session| session.as_ref().map(|session| session.accepted_policy));
    let (accepting, deleting) = (Deed::new(), RwSignal::new(false));
    // A page that was loaded before the change does not know what it is, and nobody accepts what was not shown.
    let is_old = of_page != version;
    let change = change.filter(|_| !is_old);
    let accept = Callback::new(move |()| {
        if is_old {
            return page::reload();
        }
        // Accepted, this page is no more when the answer is here.
        accepting.run(client.accept_policy(version), |()| {});
    });
    let navigate = use_navigate();
    let leave = move |_| {
        let navigate = navigate.clone();
        spawn_local(async move {
            client.leave().await;
            navigate("/", NavigateOptions { replace: true, ..Default::default() });
        });
    };
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { accept.run(()) };
    view! {
        <Title text="The privacy policy has changed · iMegha"/>
        <section class="narrow" data-testid="policy-change">
            <h1>"The privacy policy has changed"</h1>
            <p>
                "You accepted version " {before} ". Version " {version} " is in force now. It counts for you once you accept it; until then nothing \
                 of yours is shown."
            </p>
            {change.map(|change| view! {
                <Notice tone=Tone::Plain>
                    <p><strong>"What changed"</strong></p>
                    <p data-testid="policy-what">{change}</p>
                </Notice>
            })}
            <p><A href="/privacy" attr:target="_blank" attr:data-testid="policy-read">"Read the whole policy"</A> " (opens in a new tab)."</p>
            <FailureNotice failure=accepting.failure doing=Doing::AcceptingPolicy go/>
            <button type="button" class="button wide" data-testid="policy-accept" disabled=accepting.busy on:click=move |_| accept.run(())>
                {move || if is_old { "Show me what changed" } else if accepting.busy.get() { "Accepting…" } else { "I accept it" }}
            </button>
            <h2>"If you do not"</h2>
            <p>"What you stored stays yours. Take it along, sign out and come back later, or delete your account."</p>
            <div class="below">
                <button type="button" class="button quiet" data-testid="policy-export" on:click=move |_| client.export_shown.set(true)>
                    <Icon shape=Shape::Download/>
                    "Export everything…"
                </button>
                <button type="button" class="button quiet" data-testid="policy-leave" on:click=leave><Icon shape=Shape::SignOut/>"Sign out"</button>
                <button
                    type="button"
                    class="button quiet"
                    data-testid="policy-delete"
                    aria-expanded=move || if deleting.get() { "true" } else { "false" }
                    on:click=move |_| deleting.update(|deleting| *deleting = !*deleting)
                >
                    <Icon shape=Shape::Trash/>
                    "Delete my account…"
                </button>
            </div>
            <Show when=move || deleting.get()><DeleteForm/></Show>
        </section>
    }
}
