//! The few things that the page asks of the browser. On the server they have harmless answers or are not called.

use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Array, Date, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, EventTarget, FocusOptions, HtmlAnchorElement, HtmlElement, HtmlInputElement, Url,
};

/// The cookies that script may read: in the browser those of the document, on the server those of the request.
pub(crate) fn cookies() -> String {
    let cookies = if IN_BROWSER { html_document().and_then(|document| document.cookie().ok()) } else { sent_cookies() };
    cookies.unwrap_or_default()
}

/// Sets one cookie.
pub(crate) fn set_cookie(cookie: &str) {
    if let Some(document) = html_document() {
        // A browser that keeps no cookies forgets the choice; nothing else depends on it.
        _ = document.set_cookie(cookie);
    }
}

/// What this browser remembers under a name, for every tab. Nothing secret stands there.
pub(crate) fn recall(name: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Has this browser remember a value, or forget it.
pub(crate) fn remember(name: &str, value: Option<&str>) {
    // A browser that keeps nothing forgets the choice; nothing else depends on it.
    if let Ok(Some(storage)) = window().local_storage() {
        _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// What a `<meta>` of the document says.
pub(crate) fn meta(name: &str) -> Option<String> {
    document().query_selector(&format!("meta[name={name}]")).ok().flatten()?.get_attribute("content")
}

/// `https://host[:port]`.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Whether the browser gives this page its cryptography: it does so only on https and on loopback.
pub(crate) fn has_webcrypto() -> bool {
    let of = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok().filter(|value| value.is_truthy());
    of(&window(), "crypto").and_then(|crypto| of(&crypto, "subtle")).is_some()
}

/// Whether the device has a network.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Whether the person can see the page.
pub(crate) fn is_visible() -> bool {
    !document().hidden()
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    Date::now() as u64
}

/// Waits so long.
pub(crate) async fn sleep(long: Duration) {
    let (over, is_over) = oneshot::channel::<()>();
    // What it sends when it is over is that it is dropped.
    set_timeout(move || drop(over), long);
    _ = is_over.await;
}

/// Reloads the page.
pub(crate) fn reload() {
    // A page that cannot be reloaded stays as it is.
    _ = window().location().reload();
}

/// Opens the browser's print dialog.
pub(crate) fn print() {
    _ = window().print();
}

/// Puts a text on the clipboard, and says whether that went.
pub(crate) async fn copy(text: &str) -> bool {
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Gives a file to the person as a download. It is never shown on this origin, whatever its type says.
pub(crate) fn save(blob: &Blob, name: &str) -> bool {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return false };
    let anchor = document().create_element("a").ok().and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(anchor) = &anchor {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
    }
    // The browser reads the address after this turn; nothing says when it has.
    set_timeout(move || _ = Url::revoke_object_url(&address), Duration::from_secs(60));
    anchor.is_some()
}

/// An address that nobody can guess: 122 random bits.
pub(crate) fn random_address() -> String {
    window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}

/// A frame that nobody sees, which goes to an address: what is answered to be saved is saved, and the page stays.
pub(crate) fn hidden_frame(address: &str) -> Option<HtmlElement> {
    let frame = document().create_element("iframe").ok()?.dyn_into::<HtmlElement>().ok()?;
    frame.set_hidden(true);
    frame.set_attribute("aria-hidden", "true").ok()?;
    frame.set_attribute("src", address).ok()?;
    document().body()?.append_child(&frame).ok()?;
    Some(frame)
}

/// An address of a blob in this page, until [`revoke`] takes it back.
pub(crate) fn address(blob: &Blob) -> Option<String> {
    Url::create_object_url_with_blob(blob).ok()
}

/// Takes back an address of [`address`].
pub(crate) fn revoke(address: &str) {
    _ = Url::revoke_object_url(address);
}

/// Whether arrow keys move what is in an element to the side.
pub(crate) fn scrolls_sideways(element: &EventTarget) -> bool {
    element.dyn_ref::<HtmlElement>().is_some_and(|element| element.scroll_width() > element.client_width())
}

/// Whether arrow keys go forward and back in what an element plays.
pub(crate) fn plays(element: &EventTarget) -> bool {
    element.dyn_ref::<HtmlElement>().is_some_and(|element| matches!(element.tag_name().as_str(), "VIDEO" | "AUDIO"))
}

/// A text as a file.
pub(crate) fn text_file(text: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()
}

/// Gives the keyboard to the element of this id.
pub(crate) fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        _ = element.focus();
    }
}

/// Gives the keyboard to the element of this id, and leaves the page where it is scrolled to.
pub(crate) fn focus_in_place(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        focus_element(&element);
    }
}

/// Gives the keyboard to an element, and leaves the page where it is scrolled to.
pub(crate) fn focus_element(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    _ = element.focus_with_options(&options);
}

/// What has the keyboard.
pub(crate) fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Whether nothing has it: what had it may have gone, or stands in a dialog that has just closed, where browsers leave it until they
/// draw.
pub(crate) fn focus_is_nowhere() -> bool {
    let has_gone = |element: &HtmlElement| element.closest("dialog:not([open])").ok().flatten().is_some();
    focused().is_none_or(|element| element.tag_name() == "BODY" || has_gone(&element))
}

/// Whether the page as a whole has it, and no control.
pub(crate) fn focus_is_on_page() -> bool {
    focused().is_none_or(|element| matches!(element.tag_name().as_str(), "BODY" | "MAIN"))
}

/// Whether keys belong to something else than the page: a field in which one types, a dialog, a menu.
pub(crate) fn keys_are_taken() -> bool {
    let open = document().query_selector("dialog[open], [role=menu]").ok().flatten().is_some();
    open || focused().is_some_and(|element| {
        element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]").unwrap_or_default()
    })
}

/// The size of the window, in pixels.
pub(crate) fn screen() -> (f64, f64) {
    let of = |size: Result<JsValue, JsValue>| size.ok().and_then(|size| size.as_f64()).unwrap_or_default();
    (of(window().inner_width()), of(window().inner_height()))
}

/// How far down the page is scrolled, in pixels.
pub(crate) fn scrolled() -> f64 {
    window().scroll_y().unwrap_or_default()
}

/// Scrolls the page down by so many pixels, or up.
pub(crate) fn scroll_by(pixels: f64) {
    window().scroll_by_with_x_and_y(0.0, pixels);
}

/// Chooses the first letters of what stands in a field, and gives it the keyboard.
pub(crate) fn select_start(id: &str, letters: u32) {
    focus(id);
    let input = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input {
        _ = input.set_selection_range(0, letters);
    }
}

/// A number from 0 to 1, 1 excluded. Nothing secret hangs on it.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// A day, as the person's language writes it.
pub(crate) fn day(ms: u64) -> String {
    written(ms, &[("year", "numeric"), ("month", "short"), ("day", "numeric")])
}

/// The same in UTC: a camera that does not say its time zone is taken at its word.
pub(crate) fn day_in_utc(ms: u64) -> String {
    written(ms, &[("year", "numeric"), ("month", "short"), ("day", "numeric"), ("timeZone", "UTC")])
}

/// A month, as the person's language writes it; in UTC.
pub(crate) fn month(ms: u64) -> String {
    written(ms, &[("year", "numeric"), ("month", "long"), ("timeZone", "UTC")])
}

fn written(ms: u64, of: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in of {
        _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    date(ms).to_locale_date_string(&language(), &options).into()
}

/// Today, in UTC, as a part of a file's name: the same in every language, and in the order of time.
pub(crate) fn day_of_now() -> String {
    let now: String = Date::new_0().to_iso_string().into();
    now.chars().take(10).collect()
}

/// A day and its time, as the person's language writes them.
pub(crate) fn moment(ms: u64) -> String {
    date(ms).to_locale_string(&language(), &JsValue::UNDEFINED).into()
}

/// The first moment of a day that a field for dates names (HTML, 2.3.5.2), or of the one so many days later, in milliseconds since 1970;
/// nothing while it names none.
pub(crate) fn first_moment(day: &str, later: i32) -> Option<u64> {
    let (year, rest) = day.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (year, month, day) = (year.parse().ok()?, month.parse::<u32>().ok()?, day.parse::<i32>().ok()?);
    // In the person's own time; days beyond the month's last count on in the next.
    let date = Date::new_with_year_month_day(year, i32::try_from(month.checked_sub(1)?).ok()?, day.checked_add(later)?);
    let ms = date.get_time();
    (ms >= 0.0).then_some(ms as u64)
}

/// A time of the day, as the person's language writes it.
pub(crate) fn time_of_day(ms: u64) -> String {
    let options = Object::new();
    for (name, value) in [("hour", "2-digit"), ("minute", "2-digit")] {
        _ = Reflect::set(&options, &name.into(), &value.into());
    }
    date(ms).to_locale_time_string_with_options(&language(), &options).into()
}

/// Whether this code runs in a browser.
const IN_BROWSER: bool = cfg!(target_arch = "wasm32");

fn date(ms: u64) -> Date {
    Date::new(&(ms as f64).into())
}

fn language() -> String {
    window().navigator().language().unwrap_or_else(|| "en".to_owned())
}

fn html_document() -> Option<web_sys::HtmlDocument> {
    document().dyn_into().ok()
}

#[cfg(feature = "ssr")]
fn sent_cookies() -> Option<String> {
    let parts = use_context::<axum::http::request::Parts>()?;
    parts.headers.get(axum::http::header::COOKIE)?.to_str().ok().map(str::to_owned)
}

#[cfg(not(feature = "ssr"))]
fn sent_cookies() -> Option<String> {
    None
}
