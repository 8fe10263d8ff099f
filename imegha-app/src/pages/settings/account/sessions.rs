//! Where the account is open.

use imegha_worker::protocol::OpenSession;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::UP;
use crate::bridge::{Client, page};
use crate::components::{Dialog, FailureNotice, Toaster};
use crate::pages::deed::Deed;
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, way_on};
use crate::pages::loaded::{Loaded, reader};
use crate::pages::settings::frame::Frame;
use crate::words::{Doing, Way};

/// The page of the sessions.
#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let (client, toaster) = (Client::expect(), Toaster::expect());
    let sessions = RwSignal::new(Loaded::<Vec<OpenSession>>::Loading);
    let (_, read) = reader(sessions, move || client.sessions());
    gate(Memo::new(|_| "/settings/account/sessions".to_owned()), read);
    let (ending, asking) = (Deed::new(), RwSignal::new(false));
    let end = Callback::new(move |id: String| {
        ending.run(client.end_session(id), move |()| {
            read();
            toaster.did("Session ended", &[], None);
        });
    });
    let again = way_on(move || {
        sessions.set(Loaded::Loading);
        read();
    });
    let reread = way_on(read);
    let row = move |session: OpenSession| {
        let OpenSession { id, began_ms, ends_ms, current } = session;
        let began = page::moment(began_ms);
        let label = format!("End the session of {began}");
        view! {
            <li class="session" data-testid="session" data-current=if current { "true" } else { "false" }>
                <span class="setting-words">
                    <strong>{if current { "This browser" } else { "Another browser or program" }}</strong>
                    <span class="fine">"Since " {began} ", until " {page::day(ends_ms)} " at most"</span>
                </span>
                {(!current).then(|| view! {
                    <button
                        type="button"
                        class="button quiet small"
                        data-testid="session-end"
                        aria-label=label
                        disabled=ending.busy
                        on:click=move |_| end.run(id.clone())
                    >
                        "End"
                    </button>
                })}
            </li>
        }
    };
    let rows = move || {
        sessions.with(|sessions| sessions.shown().cloned()).map(|sessions| {
            let count = sessions.len().to_string();
        view! { <ul class="sessions" data-testid="sessions" data-count=count>{sessions.into_iter().map(row).collect_view()}</ul> }
    })
    };
    view! {
        <Frame title="Sessions" up=UP>
            <p class="lead">
                "Each is a browser or a program in which somebody has signed in to your account. What it is and where is not kept: they are told apart \
                 by when they began."
            </p>
            <Show when=move || sessions.with(Loaded::is_loading)><Skeleton words="Your sessions are being read."/></Show>
            <FailureNotice failure=Signal::derive(move || sessions.with(Loaded::failure)) doing=Doing::Reading go=again/>
            {rows}
            <FailureNotice failure=ending.failure doing=Doing::EndingSessions go=reread/>
            <button type="button" class="button quiet" data-testid="leave-everywhere" on:click=move |_| asking.set(true)>"Sign out everywhere…"</button>
            <p class="fine">"A page whose session was ended wipes its keys within a minute while it is in sight, or when one comes back to it; one that is offline when it is online again."</p>
            <LeaveEverywhere asking/>
        </Frame>
    }
}

/// Asks before all sessions end.
#[component]
fn LeaveEverywhere(asking: RwSignal<bool>) -> impl IntoView {
    let client = Client::expect();
    let leaving = Deed::new();
    let navigate = use_navigate();
    let leave = Callback::new(move |()| {
        let navigate = navigate.clone();
        // What was asked may be done when this page is gone: nobody is in then.
        leaving.run(
            async move {
                client.leave_everywhere().await?;
                navigate("/", NavigateOptions::default());
                Ok(())
            },
            |()| {},
        );
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { leave.run(()) };
    view! {
        <Dialog id="leave-everywhere-title" title="Sign out everywhere?" open=asking busy=leaving.busy>
            <p>"Every browser and program is signed out of your account, this one too. With your password you get in again."</p>
            <FailureNotice failure=leaving.failure doing=Doing::EndingSessions go/>
            <div class="dialog-buttons">
                <button type="button" class="button quiet" disabled=leaving.busy on:click=move |_| asking.set(false)>"Stay"</button>
                <button type="button" class="button" data-testid="leave-everywhere-confirm" disabled=leaving.busy on:click=move |_| leave.run(())>
                    {move || if leaving.busy.get() { "Signing out…" } else { "Sign out everywhere" }}
                </button>
            </div>
        </Dialog>
    }
}
