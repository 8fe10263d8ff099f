//! A menu: at the pointer on a desk, at the lower edge of a phone.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent, Node};

use super::{Icon, Shape};
use crate::bridge::page;

/// Where a menu opens, in pixels of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spot {
    x: f64,
    y: f64,
}

/// One line of a menu.
#[derive(Clone, Debug)]
pub(crate) struct Choice<T> {
    /// What is chosen by it.
    pub(crate) value: T,
    /// Its words.
    pub(crate) label: &'static str,
    /// Its icon; a line without one is one of several of which one is chosen.
    pub(crate) shape: Option<Shape>,
    /// For tests.
    pub(crate) testid: &'static str,
    /// The keys that do the same.
    pub(crate) keys: &'static str,
    /// Whether it takes something away.
    pub(crate) danger: bool,
    /// Whether it is the chosen one.
    pub(crate) chosen: bool,
}

impl Spot {
    /// Where the pointer is; below the element when a key asked.
    pub(crate) fn of(event: &MouseEvent) -> Self {
        Self { x: f64::from(event.client_x()), y: f64::from(event.client_y()) }
    }

    /// Below an element.
    pub(crate) fn under(element: &Element) -> Self {
        let place = element.get_bounding_client_rect();
        Self { x: place.left(), y: place.bottom() + 4.0 }
    }

    /// Moved so far that a box of this size is on the screen.
    fn inside(self, size: (f64, f64), screen: (f64, f64)) -> Self {
        let fit = |at: f64, size: f64, screen: f64| at.min(screen - size - EDGE).max(EDGE);
        Self { x: fit(self.x, size.0, screen.0), y: fit(self.y, size.1, screen.1) }
    }
}

/// A menu, while there is a spot for it. What can be chosen stays the same while it is open.
#[component]
pub(crate) fn Menu<T>(
    /// What it is a menu of.
    label: &'static str,
    /// Where it is open.
    at: RwSignal<Option<Spot>>,
    /// What can be chosen.
    choices: Signal<Vec<Choice<T>>>,
    /// Takes what was chosen.
    take: Callback<T>,
) -> impl IntoView
where
    T: Copy + Send + Sync + 'static,
{
    move || at.get().map(|spot| view! { <Sheet label at spot choices=choices.get_untracked() take/> })
}

#[component]
fn Sheet<T>(
    label: &'static str,
    at: RwSignal<Option<Spot>>,
    spot: Spot,
    choices: Vec<Choice<T>>,
    take: Callback<T>,
) -> impl IntoView
where
    T: Copy + Send + Sync + 'static,
{
    let menu = NodeRef::<html::Div>::new();
    let before = StoredValue::new_local(page::focused());
    let place = RwSignal::new(spot);
    // With the keyboard back to where it was, unless the person has put it elsewhere.
    let close = move |back: bool| {
        let before = before.try_get_value().flatten();
        at.set(None);
        if let Some(before) = before.filter(|_| back) {
            page::focus_element(&before);
        }
    };
    Effect::new(move |_| {
        let Some(menu) = menu.get() else { return };
        let size = (f64::from(menu.offset_width()), f64::from(menu.offset_height()));
        place.set(spot.inside(size, page::screen()));
        if let Some(first) = lines(&menu).first() {
            page::focus_element(first);
        }
    });
    let outside = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        menu.get_untracked().is_some_and(|menu| !menu.contains(target.as_ref()))
    };
    let listeners = [
        window_event_listener(ev::pointerdown, move |event| {
            if outside(event.target()) {
                close(false);
            }
        }),
        window_event_listener(ev::resize, move |_| close(true)),
        // The keyboard may have been taken out of it: by a dialog that closes late, and gives it back to where it was.
        window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" && outside(event.target()) {
                close(true);
            }
        }),
    ];
    // What it is a menu of has gone from under it. A page that comes to rest is no such thing.
    let from = page::scrolled();
    let scrolled = window_event_listener(ev::scroll, move |_| {
        if (page::scrolled() - from).abs() > AWAY {
            close(true);
        }
    });
    on_cleanup(move || {
        listeners.into_iter().for_each(|listener| listener.remove());
        scrolled.remove();
    });
    let key = move |event: KeyboardEvent| {
        event.stop_propagation();
        let Some(menu) = menu.get_untracked() else { return };
        let lines = lines(&menu);
        let now = page::focused().and_then(|focused| lines.iter().position(|line| *line == focused));
        let to = match event.key().as_str() {
            "Escape" | "Tab" => {
                event.prevent_default();
                close(true);
                return;
            }
            "ArrowDown" => now.map_or(0, |now| now + 1) % lines.len().max(1),
            "ArrowUp" => now.unwrap_or_default().checked_sub(1).unwrap_or(lines.len().saturating_sub(1)),
            "Home" => 0,
            "End" => lines.len().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        if let Some(line) = lines.get(to) {
            page::focus_element(line);
        }
    };
    let line = move |choice: Choice<T>| {
        let Choice { value, label, shape, testid, keys, danger, chosen } = choice;
        let (role, icon) = match shape {
            Some(shape) => ("menuitem", view! { <Icon shape/> }.into_any()),
            None => (
                "menuitemradio",
                view! { <span class="menu-check">{chosen.then(|| view! { <Icon shape=Shape::Check/> })}</span> }
                    .into_any(),
            ),
        };
        view! {
            <button
                type="button"
                class="menu-line"
                class:danger=danger
                role=role
                tabindex="-1"
                aria-checked=shape.is_none().then_some(if chosen { "true" } else { "false" })
                data-testid=testid
                on:click=move |_| {
                    close(true);
                    take.run(value);
                }
            >
                {icon}
                <span class="menu-label">{label}</span>
                <kbd class="menu-keys" aria-hidden="true">{keys}</kbd>
            </button>
        }
    };
    view! {
        <div class="menu-shade" aria-hidden="true"></div>
        <div
            node_ref=menu
            class="menu"
            role="menu"
            aria-label=label
            data-testid="menu"
            style:left=move || format!("{}px", place.get().x)
            style:top=move || format!("{}px", place.get().y)
            on:keydown=key
            on:contextmenu=move |event| event.prevent_default()
        >
            {choices.into_iter().map(line).collect_view()}
        </div>
    }
}

fn lines(menu: &Element) -> Vec<HtmlElement> {
    let children = menu.children();
    (0..children.length()).filter_map(|index| children.item(index)?.dyn_into().ok()).collect()
}

/// How far from the edges of the screen a menu stays.
const EDGE: f64 = 8.0;

/// How far the page may be scrolled while a menu is open.
const AWAY: f64 = 40.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_stays_on_the_screen() {
        let screen = (390.0, 844.0);
        for (x, y, expected) in [(10.0, 20.0, (10.0, 20.0)), (380.0, 840.0, (182.0, 536.0)), (-5.0, 0.0, (8.0, 8.0))] {
            let Spot { x, y } = Spot { x, y }.inside((200.0, 300.0), screen);
            assert_eq!((x, y), expected);
        }
        // Larger than the screen: its beginning is in sight.
        assert_eq!(Spot::default().inside((500.0, 900.0), screen), Spot { x: 8.0, y: 8.0 });
    }
}
