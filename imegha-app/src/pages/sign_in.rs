//! Signing in: also after every reload, unless this device keeps the keys.

use imegha_worker::protocol::{Failure, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::bridge::{Client, page};
use crate::components::{BusyButton, Check, FailureNotice, Field, Notice, Tone};
use crate::words::{Doing, Way};

/// The page to sign in on.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let client = Client::expect();
    let query = use_query_map();
    let next = move || query.with_untracked(|query| safe_next(query.get("next").as_deref(), client.start_page()));
    let came_from_files = move || query.with(|query| query.get("next").is_some());

    let stay = RwSignal::new(false);
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (email_problem, password_problem) = (RwSignal::new(""), RwSignal::new(""));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));

    let navigate = use_navigate();
    Effect::new({
        move |_| {
            // Who is in has no business here: by the password, or by keys that this device keeps.
            if client.session.with(Option::is_some) {
                navigate(&next(), NavigateOptions { replace: true, ..Default::default() });
            }
        }
    });
    let enter = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        let lacks = |text: RwSignal<String>| text.with_untracked(|text| text.trim().is_empty());
        email_problem.set(if lacks(email) { "Enter the email address of your account." } else { "" });
        password_problem.set(if password.with_untracked(String::is_empty) { "Enter your password." } else { "" });
        if lacks(email) || password.with_untracked(String::is_empty) {
            page::focus(if lacks(email) { "sign-in-email" } else { "sign-in-password" });
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let request = Request::SignIn {
                email: email.get_untracked(),
                password: password.get_untracked(),
                stay: stay.get_untracked(),
            };
            match client.enter(request).await {
                Ok(()) => _ = password.try_set(String::new()),
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
            busy.try_set(false);
        });
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { enter.run(()) };
    let take_up = move |way: Way| if way == Way::Reload { page::reload() } else { client.take_up() };

    Effect::new(move |_| client.wake());
    view! {
        <Title text="Sign in · iMegha"/>
        <section class="narrow">
            <h1>"Sign in"</h1>
            <Show when=move || client.ended.get()>
                <Notice tone=Tone::Care>
                    <p>"Your session has ended, and the keys were wiped from this page. What was stored is safe."</p>
                </Notice>
            </Show>
            <Show when=move || client.taking_up.get()>
                <p class="taking-up" role="status" data-testid="taking-up">
                    <span class="spinner" aria-hidden="true"></span>
                    "Opening the keys that this device keeps…"
                </p>
            </Show>
            <FailureNotice failure=client.trouble doing=Doing::TakingUp go=take_up/>
            <Show when=move || came_from_files() && !client.ended.get() && !client.taking_up.get() && client.trouble.with(Option::is_none)>
                <Notice tone=Tone::Plain>
                    <p data-testid="keys-note">
                        "Your keys live only in the memory of the open page, unless you choose to stay signed in. Reloading or closing it \
                         wipes them, so sign in again to see your files."
                    </p>
                </Notice>
            </Show>
            <form
                class="form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    enter.run(());
                }
            >
                <Field id="sign-in-email" label="Email address" value=email kind="email" autocomplete="username" inputmode="email" problem=as_text(email_problem)/>
                <Field
                    id="sign-in-password"
                    label="Password"
                    value=password
                    kind="password"
                    autocomplete="current-password"
                    problem=as_text(password_problem)
                />
                <Check id="sign-in-stay" ticked=stay problem="">
                    "Stay signed in on this device. "
                    <span class="fine">
                        "Your keys are then kept in this browser, sealed under a key that no page can read. Whoever can use this browser can \
                         open your files, until you lock or sign out: tick it only on a device of your own."
                    </span>
                </Check>
                <FailureNotice failure doing=Doing::SigningIn go/>
                <BusyButton label="Sign in" busy_label="Opening your keys…" busy testid="sign-in"/>
            </form>
            <p class="fine">
                "The password is turned into keys on this device and never sent. No account yet? " <A href="/sign-up">"Sign up"</A> "."
            </p>
            <p class="fine">
                "Forgotten the password? " <A href="/recover" attr:data-testid="to-recover">"Recover your account"</A> " with your 24 words."
            </p>
        </section>
    }
}

fn as_text(problem: RwSignal<&'static str>) -> Signal<String> {
    Signal::derive(move || problem.get().to_owned())
}

/// Where to go after signing in: to a page of the app, whatever else an address that somebody sent says.
fn safe_next(next: Option<&str>, start: &str) -> String {
    if let Some(page) = next.and_then(|next| PAGES.iter().find(|page| **page == next)) {
        return (*page).to_owned();
    }
    let of = |prefix: &&str| {
        let id = next?.strip_prefix(*prefix)?;
        (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| format!("{prefix}{id}"))
    };
    ["/files/", "/photos/albums/", "/settings/activity/"].iter().find_map(of).unwrap_or_else(|| start.to_owned())
}

/// The pages that one is sent back to, beside the folders.
const PAGES: &[&str] = &[
    "/trash",
    "/photos",
    "/photos/albums",
    "/settings",
    "/settings/account",
    "/settings/account/password",
    "/settings/account/phrase",
    "/settings/account/email",
    "/settings/account/strength",
    "/settings/account/sessions",
    "/settings/account/delete",
    "/settings/profile",
    "/settings/cloud",
    "/settings/storage",
    "/settings/check",
    "/settings/activity",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_send_people_elsewhere() {
        assert_eq!(safe_next(Some("/files/00ff"), "/files"), "/files/00ff");
        assert_eq!(safe_next(Some("/photos/albums/00ff"), "/files"), "/photos/albums/00ff");
        assert_eq!(safe_next(Some("/settings/activity/00ff"), "/files"), "/settings/activity/00ff");
        for page in PAGES {
            assert_eq!(safe_next(Some(page), "/files"), *page);
        }
        for next in [
            None,
            Some(""),
            Some("/files"),
            Some("//evil.example"),
            Some("/trash/x"),
            Some("/settings/"),
            Some("/settings//evil.example"),
            Some("/files/../x"),
            Some("/files/00/1"),
            Some("https://x"),
        ] {
            assert_eq!(safe_next(next, "/files"), "/files", "{next:?}");
            assert_eq!(safe_next(next, "/settings/cloud"), "/settings/cloud", "{next:?}");
        }
    }
}
