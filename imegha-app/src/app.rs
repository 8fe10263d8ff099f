//! The app: its routes and what stands round every page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// The app.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="iMegha"/>
        <Router>
            <Routes fallback=|| view! { <h1>"There is nothing here"</h1> }>
                <Route path=path!("/") view=|| view! { <h1>"iMegha"</h1> }/>
            </Routes>
        </Router>
    }
}
