//! Whether everything is there and opens.

use imegha_worker::protocol::{Failure, Fault, Problem, Report};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::frame::Frame;
use super::underway::Underway;
use crate::bridge::Client;
use crate::components::{FailureNotice, FileName, Icon, Notice, Shape, Tone, file_size, percent};
use crate::pages::gate::{gate, way_on};
use crate::words::Doing;

/// The page of the check. Who leaves it stops it.
#[component]
pub(crate) fn Check() -> impl IntoView {
    let client = Client::expect();
    let running = RwSignal::new(None::<bool>);
    let (report, failure) = (RwSignal::new(None::<Report>), RwSignal::new(None::<Failure>));
    let last = RwSignal::new(false);
    gate(Memo::new(|_| "/settings/check".to_owned()), || {});
    let begin = move |deep: bool| {
        if running.get_untracked().is_some() {
            return;
        }
        running.set(Some(deep));
        last.set(deep);
        report.set(None);
        failure.set(None);
        spawn_local(async move {
            match client.check(deep).await {
                Ok(seen) => _ = report.try_set(Some(seen)),
                Err(failed) => _ = failure.try_set(Some(failed)),
            }
            _ = running.try_set(None);
        });
    };
    on_cleanup(move || {
        if running.try_get_untracked().flatten().is_some() && client.session.with_untracked(Option::is_some) {
            client.stop_check();
        }
    });
    let go = way_on(move || begin(last.get_untracked()));
    let idle = move || running.with(Option::is_none);
    view! {
        <Frame title="Check">
            <p class="lead">"Looks whether your cloud still holds what you put there. It changes nothing, and damage does not stop it."</p>
            <div class="choices">
                <div class="choice">
                    <h2>"Quick"</h2>
                    <p>"Opens every record and every name, compares every signature, and asks of each file whether it is there and as long as it should be."</p>
                    <button type="button" class="button" data-testid="check-quick" disabled=move || !idle() on:click=move |_| begin(false)>
                        <Icon shape=Shape::Shield/>
                        "Check quickly"
                    </button>
                </div>
                <div class="choice">
                    <h2>"Everything"</h2>
                    <p>"Also fetches and opens every byte of every file, older versions too. It takes as long as downloading all of it."</p>
                    <button type="button" class="button quiet" data-testid="check-deep" disabled=move || !idle() on:click=move |_| begin(true)>
                        <Icon shape=Shape::Shield/>
                        "Check everything"
                    </button>
                </div>
            </div>
            <Show when=move || !idle()>
                <Running deep=running.get_untracked().unwrap_or_default()/>
            </Show>
            <FailureNotice failure doing=Doing::Checking go/>
            <div role="status">{move || report.get().map(|report| view! { <Seen report/> })}</div>
        </Frame>
    }
}

#[component]
fn Running(deep: bool) -> impl IntoView {
    let client = Client::expect();
    let stopping = RwSignal::new(false);
    let part = Signal::derive(move || {
        client.checked.get().map(|[objects, bytes]| {
            let (done, total) = if deep { bytes } else { objects };
            percent(done, total)
        })
    });
    let words = Signal::derive(move || match client.checked.get() {
        None => "The records are being read…".to_owned(),
        Some([(objects, of_objects), (bytes, of_bytes)]) if deep => {
            format!("{objects} of {of_objects} files and versions, {} of {}", file_size(bytes), file_size(of_bytes))
        }
        Some([(objects, of_objects), _]) => format!("{objects} of {of_objects} files and versions"),
    });
    let stop = Callback::new(move |()| client.stop_check());
    view! {
        <Underway testids=["check-progress", "check-stop"] label="How far the check is" part words stopping stop>
            <Icon shape=Shape::Close/>
            "Stop"
        </Underway>
    }
}

#[component]
fn Seen(report: Report) -> impl IntoView {
    let Report { deep, records, nodes, objects, bytes, problems, count } = report;
    let counted =
        format!("{records} records, {nodes} files and folders, {objects} stored contents with {}.", file_size(bytes));
    if count == 0 {
        let read = if deep {
            "Every byte was read and opened. "
        } else {
            "Contents were not read; “Everything” does that. "
        };
        return view! {
            <Notice tone=Tone::Plain>
                <div data-testid="check-sound">
                    <p><strong>"Everything is there."</strong></p>
                    <p>{read} {counted}</p>
                </div>
            </Notice>
        }
        .into_any();
    }
    let unnamed = count.saturating_sub(problems.len() as u64);
    let line = |problem: Problem| {
        let Problem { node, path, what } = problem;
        let name = match (path.as_ref().and_then(|path| path.last()), node) {
            (Some(name), _) => view! { <FileName name=name.clone()/> }.into_any(),
            (None, Some(node)) => view! { <code class="number">{node}</code> }.into_any(),
            (None, None) => view! { <span>"The cloud"</span> }.into_any(),
        };
        view! {
            <li data-testid="check-problem" data-fault=fault_name(what)>
                <strong>{name}</strong>
                <span class="fine">{fault_words(what)}</span>
            </li>
        }
    };
    view! {
        <Notice tone=Tone::Bad>
            <div data-testid="check-problems">
                <p><strong>{if count == 1 { "One thing is not as it should be.".to_owned() } else { format!("{count} things are not as they should be.") }}</strong></p>
                <p>
                    "Nothing else was touched by it, and nothing was changed by looking. A copy of the storage may still have what is missing; \
                     whoever runs this server needs the numbers. Sound: " {counted}
                </p>
                <ul class="problems">{problems.into_iter().map(line).collect_view()}</ul>
                <p class="fine" hidden=unnamed == 0>{format!("And {unnamed} more.")}</p>
            </div>
        </Notice>
    }
    .into_any()
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Log => "log",
        Fault::Withheld => "withheld",
        Fault::CannotOpen => "cannot-open",
        Fault::Unreachable => "unreachable",
        Fault::Missing => "missing",
        Fault::Damaged => "damaged",
        Fault::Thumbnail => "thumbnail",
        _ => "other",
    }
}

fn fault_words(fault: Fault) -> &'static str {
    match fault {
        Fault::Log => "The log of changes is not whole, or says something else than this device knows.",
        Fault::Withheld => "The storage shows an older record of it, or none.",
        Fault::CannotOpen => "It cannot be opened: damaged, or not yours.",
        Fault::Unreachable => "No folder leads to it any more.",
        Fault::Missing => "Its content is not there.",
        Fault::Damaged => "Its content is damaged.",
        Fault::Thumbnail => {
            "Its small picture is missing or damaged. The file itself is not touched by that; saved anew it has another."
        }
        _ => "It is not as it should be, in a way that this page has no word for.",
    }
}
