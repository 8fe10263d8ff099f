//! The trash.

use imegha_cloud::{Cloud, Entry, Purged};
use imegha_crypto::Id;

use crate::arguments::{ForAll, Sure, Trash};
use crate::cloud_path::CloudPath;
use crate::failure::{Code, Failure, Result};
use crate::output::{bytes, counted, entry_json, print, print_json, say};
use crate::question::says_yes;
use crate::shown::shown;
use crate::time::shown_time;

/// Lists, restores, purges.
pub(super) async fn trash(cloud: Cloud, command: Trash, all: ForAll) -> Result<()> {
    match command {
        Trash::List(output) => {
            for entry in cloud.list_trash().await? {
                match output.json {
                    true => {
                        let mut json = entry_json(&CloudPath::default().join(&entry.shown_name), &entry);
                        // Where it lies says nothing; when it came there does.
                        json["path"] = serde_json::Value::Null;
                        json["trashed"] = entry.trashed_ms.into();
                        print_json(&json)?;
                    }
                    false => {
                        let when = shown_time(entry.trashed_ms.unwrap_or(0));
                        print(&format!("{} {when} {}", entry.id, shown(&entry.shown_name)))?;
                    }
                }
            }
            Ok(())
        }
        Trash::Restore { items } => {
            let nodes = named(&cloud, &items).await?;
            for entry in cloud.restore(&nodes).await? {
                say(all.quiet, &format!("restored {}", CloudPath::of(&cloud, &entry.id).await?))?;
            }
            Ok(())
        }
        Trash::Purge { items, sure } => {
            let nodes = named(&cloud, &items).await?;
            ask(sure, &counted(nodes.len() as u64, "item"))?;
            told(cloud.purge(&nodes).await?, all)
        }
        Trash::Empty { sure } => {
            ask(sure, "everything in the trash")?;
            told(cloud.empty_trash().await?, all)
        }
    }
}

/// The items of the trash that are named, by name or id.
async fn named(cloud: &Cloud, items: &[String]) -> Result<Vec<Id>> {
    let trash = cloud.list_trash().await?;
    items.iter().map(|item| one_named(&trash, item)).collect()
}

fn one_named(trash: &[Entry], item: &str) -> Result<Id> {
    let by_name = trash.iter().filter(|entry| entry.damaged.is_none() && entry.name == item);
    let by_id = trash.iter().filter(|entry| entry.id.to_string() == item);
    let mut found: Vec<Id> = by_name.chain(by_id).map(|entry| entry.id).collect();
    found.dedup();
    match found[..] {
        [id] => Ok(id),
        [] => Err(Failure::new(Code::NotFound, "this is not in the trash; `imegha trash list` shows it").about(item)),
        _ => Err(Failure::new(Code::Conflict, "several in the trash have this name: use the id").about(item)),
    }
}

/// Asks whether it is to be removed for good, unless that was said already.
pub(super) fn ask(sure: Sure, what: &str) -> Result<()> {
    if sure.yes {
        return Ok(());
    }
    let question = format!("Remove {what} for good? This cannot be undone.");
    match says_yes(&question, "removing for good needs --yes where nobody can be asked")? {
        true => Ok(()),
        false => Err(Failure::new(Code::Failed, "nothing was removed")),
    }
}

fn told(purged: Purged, all: ForAll) -> Result<()> {
    say(all.quiet, &format!("removed {} with {}", counted(purged.nodes, "item"), bytes(purged.bytes)))
}
