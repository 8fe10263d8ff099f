//! The first page: what iMegha is, what it protects against, and what not.

use leptos::prelude::*;
use leptos_meta::Title;

/// The first page.
#[component]
pub(crate) fn Landing() -> impl IntoView {
    view! {
        <Title text="iMegha: a cloud that is yours"/>
        <h1>"A cloud that only you can read"</h1>
    }
}
