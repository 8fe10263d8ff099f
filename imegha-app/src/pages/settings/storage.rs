//! What the cloud holds, by kind, and what that would cost.

use imegha_worker::protocol::{Amount, Estimate, Usage};
use leptos::prelude::*;
use leptos_router::components::A;

use super::frame::Frame;
use crate::bridge::Client;
use crate::components::{FailureNotice, Icon, Notice, Shape, Tone, file_size, percent};
use crate::pages::files::Skeleton;
use crate::pages::gate::{gate, reread_when_changed, way_on};
use crate::pages::loaded::{Loaded, reader};
use crate::words::Doing;

/// The page of the storage.
#[component]
pub(crate) fn Storage() -> impl IntoView {
    let client = Client::expect();
    let usage = RwSignal::new(Loaded::<Usage>::Loading);
    let (busy, read) = reader(usage, move || client.usage());
    gate(Memo::new(|_| "/settings/storage".to_owned()), read);
    reread_when_changed(Callback::new(move |()| read()));
    let go = way_on(move || {
        usage.set(Loaded::Loading);
        read();
    });
    let failure = Signal::derive(move || usage.with(Loaded::failure));
    let shown = move || usage.with(|usage| usage.shown().cloned()).map(|usage| view! { <Shown usage/> });
    view! {
        <Frame title="Storage">
            <p class="lead">"Everything in your cloud is counted as it is stored: sealed, which takes a little more room than your files have."</p>
            <FailureNotice failure doing=Doing::Reading go/>
            <Show when=move || usage.with(Loaded::is_loading)><Skeleton words="Your cloud is being counted."/></Show>
            {shown}
            <button type="button" class="button quiet" data-testid="storage-again" disabled=busy on:click=move |_| read()>
                <Icon shape=Shape::Retry/>
                {move || if busy.get() { "Counting…" } else { "Count again" }}
            </button>
        </Frame>
    }
}

#[component]
fn Shown(usage: Usage) -> impl IntoView {
    let row = |(kind, words, amount): (&'static str, &'static str, Amount)| {
        view! {
            <tr data-testid="amount" data-kind=kind data-count=amount.count.to_string() data-bytes=amount.bytes.to_string()>
                <th scope="row">{words}</th>
                <td class="of-number">{amount.count.to_string()}</td>
                <td class="of-number">{file_size(amount.bytes)}</td>
            </tr>
        }
    };
    let troubled = usage.troubled;
    view! {
        <div data-testid="storage">
            {usage.quota.map(|quota| view! { <Quota used=usage.objects.bytes quota/> })}
            <Show when=move || { troubled > 0 }>
                <Notice tone=Tone::Bad>
                    <p>"Some of what should be there is missing or cannot be read. " <A href="/settings/check">"Check"</A> " which."</p>
                </Notice>
            </Show>
            <table class="facts">
                <caption class="unseen">"What the cloud holds, by kind"</caption>
                <thead>
                    <tr><th scope="col">"Kind"</th><th scope="col" class="of-number">"Count"</th><th scope="col" class="of-number">"Room"</th></tr>
                </thead>
                <tbody>{kinds(&usage).into_iter().map(row).collect_view()}</tbody>
            </table>
            <Cost estimate=usage.estimate/>
        </div>
    }
}

#[component]
fn Quota(used: u64, quota: u64) -> impl IntoView {
    let words = format!("{} of {} used", file_size(used), file_size(quota));
    let parts = percent(used, quota).to_string();
    view! {
        <div class="quota" data-testid="quota">
            <progress max="100" value=parts aria-label="Of the room that this server gives your cloud"></progress>
            <p>{words}</p>
        </div>
    }
}

#[component]
fn Cost(estimate: Estimate) -> impl IntoView {
    let total = dollars(estimate.objects.saturating_add(estimate.records));
    view! {
        <h2>"What it would cost"</h2>
        <p data-testid="estimate">
            "In an AWS account of your own: " <strong>{total}</strong> " a month for keeping it, "
            {dollars(estimate.objects)} " for the files and " {dollars(estimate.records)} " for the records about them."
        </p>
        <p class="fine">
            "Reckoned by the list prices of " {estimate.listed} ". It is an estimate, not a bill: requests, what is sent over the internet and taxes \
             are not in it, and other regions ask more."
        </p>
    }
}

/// The rows, without those of kinds that there is nothing of.
fn kinds(usage: &Usage) -> Vec<(&'static str, &'static str, Amount)> {
    let unfinished = Amount { count: usage.unfinished, bytes: 0 };
    [
        ("newest", "Files", usage.newest, true),
        ("older", "Older versions", usage.older, false),
        ("trash", "In the trash", usage.trash, false),
        ("thumbnails", "Small pictures", usage.thumbnails, false),
        ("checkpoint", "Summary for new devices", usage.checkpoint, false),
        ("orphaned", "Left over by uploads", usage.orphaned, false),
        ("unfinished", "Uploads not finished", unfinished, false),
        ("records", "Records: names, folders, the log", usage.records, true),
    ]
    .into_iter()
    .filter_map(|(kind, words, amount, always)| (always || amount.count > 0).then_some((kind, words, amount)))
    .collect()
}

/// Millionths of a dollar in cents, rounded up.
fn dollars(millionths: u64) -> String {
    match millionths {
        0 => "nothing".to_owned(),
        1..10_000 => "less than $0.01".to_owned(),
        _ => {
            let cents = millionths.div_ceil(10_000);
            format!("${}.{:02}", cents / 100, cents % 100)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_money_are_rounded_up() {
        for (millionths, expected) in [
            (0, "nothing"),
            (1, "less than $0.01"),
            (9_999, "less than $0.01"),
            (10_000, "$0.01"),
            (10_001, "$0.02"),
            (2_300_000, "$2.30"),
            (u64::MAX, "$18446744073709.56"),
        ] {
            assert_eq!(dollars(millionths), expected, "{millionths}");
        }
    }

    #[test]
    fn kinds_that_there_is_nothing_of_are_left_out() {
        let none = Amount { count: 0, bytes: 0 };
        let mut usage = Usage {
            newest: none,
            older: none,
            trash: none,
            thumbnails: none,
            checkpoint: none,
            orphaned: none,
            records: none,
            objects: none,
            unfinished: 0,
            troubled: 0,
            quota: None,
            estimate: Estimate { objects: 0, records: 0, listed: String::new() },
        };
        let names = |usage: &Usage| kinds(usage).into_iter().map(|(kind, ..)| kind).collect::<Vec<_>>();
        assert_eq!(names(&usage), ["newest", "records"]);
        usage.trash = Amount { count: 1, bytes: 2 };
        usage.unfinished = 1;
        assert_eq!(names(&usage), ["newest", "trash", "unfinished", "records"]);
    }
}
