//! Rows or tiles, and the order, for where the columns' heads are not shown.

use leptos::prelude::*;
use web_sys::HtmlElement;

use super::desk::Desk;
use super::list::turn;
use crate::bridge::{By, Layout};
use crate::components::{Choice, Icon, Menu, Shape, Spot};

/// The two buttons.
#[component]
pub(crate) fn LookTools() -> impl IntoView {
    let desk = Desk::expect();
    let at = RwSignal::new(None::<Spot>);
    let choices =
        Signal::derive(move || ORDERS.iter().map(|(by, label, testid)| line(desk, *by, label, testid)).collect());
    let order = move || {
        desk.look.with(|look| format!("Sort: by {}{}", words(look.by), if look.down { ", reversed" } else { "" }))
    };
    let tiles = move || desk.look.with(|look| look.layout == Layout::Tiles);
    let layout = move || if tiles() { "Show as a list" } else { "Show as tiles" };
    view! {
        <button
            type="button"
            class="icon-button"
            data-testid="sort"
            aria-haspopup="menu"
            aria-label=order
            title=order
            on:click=move |event| at.set(Some(Spot::under(&event_target::<HtmlElement>(&event))))
        >
            <Icon shape=Shape::Order/>
        </button>
        <button
            type="button"
            class="icon-button"
            data-testid="layout"
            aria-label=layout
            title=layout
            on:click=move |_| {
                desk.look.update(|look| look.layout = if look.layout == Layout::Tiles { Layout::Rows } else { Layout::Tiles });
                desk.look.get_untracked().save();
            }
        >
            {move || view! { <Icon shape=if tiles() { Shape::Rows } else { Shape::Tiles }/> }}
        </button>
        <Menu label="Sort" at choices take=Callback::new(move |by| turn(desk, by))/>
    }
}

fn line(desk: Desk, by: By, label: &'static str, testid: &'static str) -> Choice<By> {
    let look = desk.look.get();
    let chosen = look.by == by;
    let keys = match (chosen, look.down) {
        (true, false) => "↑",
        (true, true) => "↓",
        (false, _) => "",
    };
    Choice { value: by, label, shape: None, testid, keys, danger: false, chosen }
}

fn words(by: By) -> &'static str {
    ORDERS.iter().find(|(order, ..)| *order == by).map_or("", |(_, label, _)| label)
}

const ORDERS: &[(By, &str, &str)] = &[
    (By::Name, "Name", "sort-by-name"),
    (By::Kind, "Kind", "sort-by-kind"),
    (By::Size, "Size", "sort-by-size"),
    (By::Modified, "Modified", "sort-by-modified"),
];
