//! Looking after a cloud.

use imegha_cloud::{Cloud, Depth, Fault, Problem};
use serde_json::json;

use crate::arguments::{ForAll, Gc, Verify};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};
use crate::output::{bytes, counted, print, print_json, say};

/// Looks at everything. It fails when something is not as it should be.
pub(super) async fn verify(cloud: Cloud, verify: Verify) -> Result<()> {
    let report = cloud.verify(if verify.deep { Depth::Deep } else { Depth::Quick }).await?;
    for problem in &report.problems {
        let place = match problem.node {
            Some(node) => CloudPath::of(&cloud, &node).await.ok(),
            None => None,
        };
        let (name, words) = fault(problem);
        let node = problem.node.map(|node| node.to_string());
        if verify.output.json {
            print_json(&json!({ "problem": name, "id": node, "path": place.map(|place| place.exact()) }))?;
        } else {
            let place = place.map(|place| place.to_string()).or(node).unwrap_or_else(|| "the cloud".to_owned());
            print(&format!("{place}: {words}"))?;
        }
    }
    if verify.output.json {
        print_json(&json!({
            "records": report.records,
            "nodes": report.nodes,
            "objects": report.objects,
            "bytes": report.bytes,
            "problems": report.problems.len(),
        }))?;
    } else {
        let objects = counted(report.objects, "object");
        let looked = if verify.deep { "read" } else { "looked at" };
        print(&format!("{} and {objects} with {} {looked}", counted(report.nodes, "node"), bytes(report.bytes)))?;
    }
    match report.problems.len() {
        0 => Ok(()),
        count => {
            let message = format!("{}; what is not named above is as it should be", counted(count as u64, "problem"));
            Err(Failure::new(Code::CannotOpen, message))
        }
    }
}

/// Collects what no file needs.
pub(super) async fn gc(cloud: Cloud, Gc { dry_run, output }: Gc, all: ForAll) -> Result<()> {
    let collected = if dry_run { cloud.collectable().await? } else { cloud.gc().await? };
    if output.json {
        let (objects, bytes, uploads) = (collected.objects, collected.bytes, collected.uploads);
        return print_json(&json!({ "objects": objects, "bytes": bytes, "uploads": uploads }));
    }
    let (objects, uploads) = (counted(collected.objects, "object"), counted(collected.uploads, "unfinished upload"));
    let done = if dry_run { "would remove" } else { "removed" };
    say(all.quiet && !dry_run, &format!("{done} {objects} with {} and {uploads}", bytes(collected.bytes)))
}

fn fault(problem: &Problem) -> (&'static str, &'static str) {
    match problem.what {
        Fault::Log => ("log", "the log is not whole, or says something else than this device knows"),
        Fault::Withheld => ("withheld", "storage shows an older state of it, or nothing"),
        Fault::CannotOpen => ("cannot-open", "it cannot be opened"),
        Fault::Unreachable => ("unreachable", "no folder leads to it"),
        Fault::ObjectMissing => ("object-missing", "its content is not there"),
        Fault::ObjectDamaged => ("object-damaged", "its content is damaged"),
        Fault::Thumbnail => ("thumbnail", "its thumbnail is not there, or damaged; the file is not"),
        _ => ("other", "it is not as it should be"),
    }
}
