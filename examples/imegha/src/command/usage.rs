//! How much there is, and what it costs.

use imegha_cloud::{Amount, Cloud, PriceList, Requests};
use serde_json::{Value, json};

use crate::arguments::AsJson;
use crate::failure::Result;
use crate::output::{bytes, print, print_json};

/// Counts what the cloud holds, and estimates what a month of it costs.
pub(super) async fn usage(cloud: Cloud, output: AsJson) -> Result<()> {
    let usage = cloud.usage().await?;
    // Requests are not known here: what is stored is what is estimated.
    let estimate = usage.estimate(&PriceList::AWS_2025, &Requests::default());
    let kinds = [
        ("files", "newest", usage.newest),
        ("older revisions", "older", usage.older),
        ("trash", "trash", usage.trash),
        ("thumbnails", "thumbnails", usage.thumbnails),
        ("checkpoint", "checkpoint", usage.checkpoint),
        ("not needed (gc)", "orphaned", usage.orphaned),
        ("records", "records", usage.records),
    ];
    if output.json {
        let mut json: serde_json::Map<String, Value> = kinds
            .iter()
            .map(|(_, name, Amount { count, bytes })| ((*name).to_owned(), json!({"count": count, "bytes": bytes})))
            .collect();
        json.insert("missing".to_owned(), usage.missing.into());
        json.insert("unfinished".to_owned(), usage.unfinished.into());
        json.insert("unreadable".to_owned(), usage.unreadable.into());
        let estimate = json!({
            "listed": estimate.listed,
            "objects_micro_dollars": estimate.objects.0,
            "records_micro_dollars": estimate.records.0,
            "total_micro_dollars": estimate.total().0,
        });
        json.insert("estimate".to_owned(), estimate);
        return print_json(&Value::Object(json));
    }
    for (name, _, amount) in kinds {
        print(&format!("{name:<18} {:>8} {:>12}", amount.count, bytes(amount.bytes)))?;
    }
    for (name, count) in [
        ("unfinished uploads", usage.unfinished),
        ("missing objects", usage.missing),
        ("unreadable records", usage.unreadable),
    ] {
        if count > 0 {
            print(&format!("{name:<18} {count:>8}"))?;
        }
    }
    print(&format!("about {} a month for storage in AWS (list prices of {})", estimate.total(), estimate.listed))
}
