//! What was done to the cloud.

use std::collections::HashMap;

use imegha_cloud::{AuditFilter, Cloud};
use imegha_crypto::Id;

use crate::arguments::Audit;
use crate::cloud_path::CloudPath;
use crate::failure::Result;
use crate::output::print;
use crate::shown::shown;
use crate::time::shown_time;

/// Prints the entries, the newest first: as lines of JSON with ids, or for people with where the nodes are now.
pub(super) async fn audit(cloud: Cloud, audit: Audit) -> Result<()> {
    let mut filter = AuditFilter::new();
    if let Some(ms) = audit.since {
        filter = filter.since_ms(ms);
    }
    if let Some(ms) = audit.before {
        filter = filter.before_ms(ms);
    }
    for action in audit.action {
        filter = filter.action(action);
    }
    if let Some(path) = audit.path {
        filter = filter.node(&path.find(&cloud).await?.id);
    }
    let mut places = HashMap::new();
    let mut pages = cloud.audit(filter).await?;
    while let Some(entries) = pages.next_page().await? {
        for entry in entries {
            if audit.output.json {
                print(&entry.to_json_line())?;
                continue;
            }
            let mut line = format!("{:>6} {} {:<13}", entry.seq, shown_time(entry.time_ms), shown(entry.action.name()));
            for node in &entry.nodes {
                if !places.contains_key(node) {
                    places.insert(*node, place(&cloud, node).await);
                }
                line.push(' ');
                line.push_str(&places[node]);
            }
            print(&line)?;
        }
    }
    Ok(())
}

/// Where a node is now; its id when it is nowhere any more.
async fn place(cloud: &Cloud, node: &Id) -> String {
    match CloudPath::of(cloud, node).await {
        Ok(path) if !path.names().is_empty() || *node == cloud.root() => path.to_string(),
        _ => node.to_string(),
    }
}
