//! One change.

use imegha_worker::protocol::{AuditEntry, AuditNode};
use leptos::prelude::*;
use leptos_router::components::A;

use super::words::words;
use crate::bridge::page;
use crate::components::FileName;

/// A change, with what it was done to.
#[component]
pub(super) fn Line(entry: AuditEntry) -> impl IntoView {
    let AuditEntry { seq, time_ms, action, nodes, count } = entry;
    let others = count.saturating_sub(nodes.len() as u64);
    let what = words(&action);
    view! {
        <li data-testid="activity-entry" data-action=action data-seq=seq.to_string()>
            <p class="log-what"><strong>{what}</strong> <time class="fine">{page::moment(time_ms)}</time></p>
            <ul class="log-nodes">
                {nodes.into_iter().map(|node| view! { <li><Node node/></li> }).collect_view()}
                {(others > 0).then(|| view! { <li class="fine">{format!("and {others} more")}</li> })}
            </ul>
        </li>
    }
}

#[component]
fn Node(node: AuditNode) -> impl IntoView {
    let AuditNode { id, path } = node;
    let Some(path) = path else {
        return view! { <span class="fine">"Something that is gone: " <code class="number">{id}</code></span> }
            .into_any();
    };
    let (name, above) = match path.split_last() {
        Some((name, above)) if !name.is_empty() => (name.clone(), above.join(" / ")),
        // The root and the trash have no names.
        _ => return view! { <span class="fine">"The cloud itself"</span> }.into_any(),
    };
    view! {
        <A href=format!("/settings/activity/{id}") attr:class="log-node" attr:title="Only this"><FileName name/></A>
        {(!above.is_empty()).then(|| view! { <span class="fine">"in "<bdi>{crate::components::shown_name(&above)}</bdi></span> })}
    }
    .into_any()
}
