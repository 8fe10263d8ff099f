//! The app: what every page stands in, and which address shows which page.

use leptos::prelude::*;
use leptos_meta::{Link, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::bridge::{Client, page};
use crate::components::{Banners, Footer, Header, Toaster, Toasts};
use crate::pages::{
    Account, Activity, Album, Albums, ChangeEmail, ChangePassword, ChangePhrase, Check, DeleteAccount, EditProfile,
    Files, Landing, Lock, NotFound, OnePerson, People, Photos, PolicyChange, Privacy, Recover, RenewKeys, Sessions,
    Settings, SignIn, SignUp, SignedIn, Storage, Strengthen, Trash, YourCloud,
};

/// The whole app, for the server to render and for the browser to bring to life.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let client = Client::provide();
    Toaster::provide();
    Effect::new(move |_| client.begin());
    let locked = move || client.locked.with(Option::is_some);
    view! {
        <Link rel="apple-touch-icon" href="/pkg/icons/icon-180.png"/>
        <Router>
            <Header/>
            <Banners/>
            <main id="main" tabindex="-1">
                // What is locked is not hidden behind the lock: no page is in the document, and its address stays.
                <Show when=move || !locked() fallback=Lock>
                <Accepted>
                    <Routes fallback=NotFound>
                        <Route path=path!("/") view=Landing/>
                        <Route path=path!("/sign-up") view=SignUp/>
                        <Route path=path!("/sign-in") view=SignIn/>
                        <Route path=path!("/recover") view=Recover/>
                        <Route path=path!("/files/:folder?") view=Files/>
                        <Route path=path!("/photos") view=Photos/>
                        <Route path=path!("/photos/albums") view=Albums/>
                        <Route path=path!("/photos/albums/:album") view=Album/>
                        <Route path=path!("/people") view=People/>
                        <Route path=path!("/people/:person") view=OnePerson/>
                        <Route path=path!("/trash") view=Trash/>
                        <Route path=path!("/settings") view=Settings/>
                        <Route path=path!("/settings/account") view=Account/>
                        <Route path=path!("/settings/account/password") view=ChangePassword/>
                        <Route path=path!("/settings/account/phrase") view=ChangePhrase/>
                        <Route path=path!("/settings/account/renew") view=RenewKeys/>
                        <Route path=path!("/settings/account/email") view=ChangeEmail/>
                        <Route path=path!("/settings/account/strength") view=Strengthen/>
                        <Route path=path!("/settings/account/sessions") view=Sessions/>
                        <Route path=path!("/settings/account/delete") view=DeleteAccount/>
                        <Route path=path!("/settings/profile") view=EditProfile/>
                        <Route path=path!("/settings/cloud") view=YourCloud/>
                        <Route path=path!("/settings/storage") view=Storage/>
                        <Route path=path!("/settings/check") view=Check/>
                        <Route path=path!("/settings/activity/:node?") view=Activity/>
                        <Route path=path!("/privacy") view=Privacy/>
                    </Routes>
                </Accepted>
                </Show>
            </main>
            <Toasts/>
            <Footer/>
            <SignedIn/>
            <Follow/>
        </Router>
    }
}

/// The pages, as long as who is in has accepted the policy in force; else the announcement that it has changed, and the policy itself.
#[component]
fn Accepted(children: ChildrenFn) -> impl IntoView {
    let client = Client::expect();
    let path = use_location().pathname;
    let is_behind = Memo::new(move |_| {
        client.session.with(|session| session.as_ref().is_some_and(|session| session.accepted_policy < session.policy))
            && path.with(|path| path != "/privacy")
    });
    view! {
        <Show when=move || !is_behind.get() fallback=PolicyChange>{children()}</Show>
    }
}

/// Gives the keyboard to the new page after each change of address, as loading a page would.
#[component]
fn Follow() -> impl IntoView {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            page::focus("main");
        }
        now
    });
}
