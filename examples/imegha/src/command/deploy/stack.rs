//! The stack: what would change, doing it, and why it was not done.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::types::{
    Capability, ChangeAction, ChangeSetStatus, ChangeSetType, Parameter, Replacement, ResourceChange,
    Stack as Description, StackEvent, StackStatus,
};
use imegha_crypto::Id;

use super::aws::{Account, said};
use crate::failure::{Code, Failure, Result};
use crate::shown::shown;

/// A stack, made or not.
pub(super) struct Stack<'a> {
    client: Client,
    region: &'a str,
    name: &'a str,
}

/// What a change set comes to.
pub(super) enum Ready {
    /// Nothing would change.
    Unchanged,
    /// This would.
    ToBeDone(Changes),
}

/// What would change.
pub(super) struct Changes {
    set: String,
    changes: Vec<ResourceChange>,
}

impl Changes {
    /// A line for each resource.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.changes.iter().map(|change| {
            let sign = match change.action() {
                Some(ChangeAction::Add) => "+",
                Some(ChangeAction::Remove) => "-",
                _ => "~",
            };
            let replaced = match change.replacement() {
                Some(Replacement::True) => " (replaced)",
                Some(Replacement::Conditional) => " (replaced, if it must be)",
                _ => "",
            };
            let (name, kind) = (change.logical_resource_id().unwrap_or("?"), change.resource_type().unwrap_or("?"));
            format!("{sign} {} {}{replaced}", shown(name), shown(kind))
        })
    }

    /// What holds the cloud and would not stay as it is. The template never has that; an AWS that reads it otherwise would.
    pub(super) fn endangered(&self) -> Option<String> {
        let holds = |change: &&ResourceChange| matches!(change.logical_resource_id(), Some("Bucket" | "Table"));
        let goes = |change: &&ResourceChange| {
            change.action() == Some(&ChangeAction::Remove) || change.replacement() == Some(&Replacement::True)
        };
        let found = self.changes.iter().filter(holds).find(goes)?;
        found.logical_resource_id().map(|name| format!("the resource {name}"))
    }
}

impl<'a> Stack<'a> {
    pub(super) fn new(account: &'a Account, name: &'a str) -> Self {
        Self { client: Client::new(&account.sdk), region: &account.region, name }
    }

    /// Whether there is no such stack yet.
    ///
    /// # Errors
    /// Also when it is in a state in which nothing can be done with it.
    pub(super) async fn is_new(&self) -> Result<bool> {
        let Some(stack) = self.describe().await? else { return Ok(true) };
        let words = |what: &str| Err(Failure::new(Code::Conflict, format!("the stack {} {what}", self.name)));
        match stack.stack_status() {
            Some(StackStatus::ReviewInProgress) => Ok(true),
            Some(StackStatus::RollbackComplete | StackStatus::RollbackFailed | StackStatus::CreateFailed) => {
                words("was never made to its end: delete it in the console (what holds data stays), and try again")
            }
            Some(StackStatus::UpdateRollbackFailed | StackStatus::DeleteFailed) => {
                words("did not come back from a failed change: the AWS console says why, and goes on with it")
            }
            Some(status) if status.as_str().ends_with("_IN_PROGRESS") => {
                words("is being changed by somebody else: try again when that is done")
            }
            _ => Ok(false),
        }
    }

    /// Asks AWS what would change. Of parameters that are not given, a stack that is there keeps its own.
    pub(super) async fn prepare(&self, is_new: bool, parameters: &[(&str, Option<String>)]) -> Result<Ready> {
        let set = format!("imegha-{}", Id::generate().map_err(imegha_cloud::Error::from)?);
        let parameters = parameters.iter().filter(|(_, value)| !is_new || value.is_some()).map(|(name, value)| {
            let parameter = Parameter::builder().parameter_key(*name);
            match value {
                Some(value) => parameter.parameter_value(value).build(),
                None => parameter.use_previous_value(true).build(),
            }
        });
        let kind = if is_new { ChangeSetType::Create } else { ChangeSetType::Update };
        let create = self.client.create_change_set().stack_name(self.name).change_set_name(&set).change_set_type(kind);
        let create = create
            .template_body(imegha_cloud::deploy::TEMPLATE)
            .capabilities(Capability::CapabilityIam)
            .set_parameters(Some(parameters.collect()));
        create.send().await.map_err(|error| said("asking what would change", self.region, &error))?;
        let mut changes = Changes { set, changes: Vec::new() };
        for _ in 0..MOST_LOOKS {
            let described = self.client.describe_change_set().stack_name(self.name).change_set_name(&changes.set);
            let described = described.send().await;
            let described = described.map_err(|error| said("asking what would change", self.region, &error))?;
            match described.status() {
                Some(ChangeSetStatus::CreateComplete) => {
                    // The template has less than a page of them.
                    let all = described.changes().iter().filter_map(|change| change.resource_change().cloned());
                    changes.changes = all.collect();
                    if changes.changes.is_empty() {
                        self.drop_change_set(&changes, is_new).await?;
                        return Ok(Ready::Unchanged);
                    }
                    return Ok(Ready::ToBeDone(changes));
                }
                Some(ChangeSetStatus::Failed) => {
                    let reason = described.status_reason().unwrap_or_default().to_owned();
                    self.drop_change_set(&changes, is_new).await?;
                    if ["didn't contain changes", "No updates are to be performed"].iter().any(|no| reason.contains(no))
                    {
                        return Ok(Ready::Unchanged);
                    }
                    return Err(Failure::new(Code::Failed, format!("AWS cannot do this: {}", shown(&reason))));
                }
                _ => tokio::time::sleep(LOOK).await,
            }
        }
        self.drop_change_set(&changes, is_new).await?;
        Err(Failure::new(Code::Unreachable, "AWS does not come to say what would change"))
    }

    /// Drops a change set that is not executed, and the empty stack that was made for it.
    pub(super) async fn drop_change_set(&self, changes: &Changes, is_new: bool) -> Result<()> {
        let dropped = self.client.delete_change_set().stack_name(self.name).change_set_name(&changes.set).send().await;
        dropped.map_err(|error| said("dropping the change set", self.region, &error))?;
        let empty = |stack: Description| stack.stack_status() == Some(&StackStatus::ReviewInProgress);
        if is_new && self.describe().await?.is_some_and(empty) {
            let deleted = self.client.delete_stack().stack_name(self.name).send().await;
            deleted.map_err(|error| said("dropping the empty stack", self.region, &error))?;
        }
        Ok(())
    }

    /// Does it, and tells of each resource.
    ///
    /// # Errors
    /// When AWS has taken everything back, with the reasons that it gave.
    pub(super) async fn execute(
        &self,
        changes: &Changes,
        is_new: bool,
        mut tell: impl FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        let mut seen: HashSet<String> =
            if is_new { HashSet::new() } else { self.events().await?.iter().map(id).collect() };
        let executed =
            self.client.execute_change_set().stack_name(self.name).change_set_name(&changes.set).send().await;
        executed.map_err(|error| said("changing the stack", self.region, &error))?;
        let mut reasons = Vec::new();
        for _ in 0..MOST_LOOKS {
            tokio::time::sleep(LOOK).await;
            let mut events = self.events().await?;
            events.retain(|event| seen.insert(id(event)));
            for event in events.iter().rev() {
                let status = event.resource_status().map_or("", |status| status.as_str());
                let (name, reason) = (event.logical_resource_id().unwrap_or("?"), event.resource_status_reason());
                tell(&format!("{} {}", shown(name), status.to_ascii_lowercase().replace('_', " ")))?;
                // Those that were only stopped because another failed say nothing.
                let reason = reason.filter(|reason| status.ends_with("FAILED") && !reason.contains("cancelled"));
                reasons.extend(reason.map(|reason| format!("{}: {}", shown(name), shown(reason))));
            }
            let status = self.describe().await?.and_then(|stack| stack.stack_status);
            match status {
                Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) => return Ok(()),
                // What an update leaves behind is removed; the update itself is done.
                Some(StackStatus::UpdateCompleteCleanupInProgress) => {}
                Some(status) if status.as_str().ends_with("_IN_PROGRESS") => {}
                _ => {
                    let reasons = if reasons.is_empty() { "no reason is given".to_owned() } else { reasons.join("; ") };
                    return Err(Failure::new(Code::Failed, format!("AWS took the change back: {reasons}")));
                }
            }
        }
        Err(Failure::new(Code::Unreachable, "the stack is still being changed: the AWS console shows how far it is"))
    }

    /// What the stack says of itself.
    pub(super) async fn outputs(&self) -> Result<Vec<(String, String)>> {
        let stack = self.describe().await?;
        let stack = stack.ok_or_else(|| Failure::new(Code::NotFound, "the stack is not there any more"))?;
        let outputs = stack.outputs().iter().map(|output| {
            let text = |text: Option<&str>| shown(text.unwrap_or_default()).to_string();
            (text(output.output_key()), text(output.output_value()))
        });
        Ok(outputs.collect())
    }

    async fn describe(&self) -> Result<Option<Description>> {
        match self.client.describe_stacks().stack_name(self.name).send().await {
            Ok(described) => Ok(described.stacks().first().cloned()),
            // There is no code of its own for it.
            Err(error) if error.message().is_some_and(|message| message.contains("does not exist")) => Ok(None),
            Err(error) => Err(said("looking for the stack", self.region, &error)),
        }
    }

    async fn events(&self) -> Result<Vec<StackEvent>> {
        let events = self.client.describe_stack_events().stack_name(self.name).send().await;
        Ok(events.map_err(|error| said("asking how far it is", self.region, &error))?.stack_events().to_vec())
    }
}

fn id(event: &StackEvent) -> String {
    event.event_id().unwrap_or_default().to_owned()
}

/// How often AWS is asked how far it is.
const LOOK: Duration = Duration::from_secs(2);
/// Half an hour.
const MOST_LOOKS: u32 = 900;

#[cfg(test)]
mod tests {
    use super::*;

    fn change(name: &str, action: ChangeAction, replacement: Option<Replacement>) -> ResourceChange {
        ResourceChange::builder()
            .logical_resource_id(name)
            .resource_type("AWS::Some::Thing")
            .action(action)
            .set_replacement(replacement)
            .build()
    }

    #[test]
    fn what_holds_the_cloud_is_never_replaced() {
        let endangered = |change: ResourceChange| Changes { set: String::new(), changes: vec![change] }.endangered();
        for name in ["Bucket", "Table"] {
            assert_eq!(endangered(change(name, ChangeAction::Add, None)), None);
            assert_eq!(endangered(change(name, ChangeAction::Modify, Some(Replacement::False))), None);
            assert!(endangered(change(name, ChangeAction::Modify, Some(Replacement::True))).is_some());
            assert!(endangered(change(name, ChangeAction::Remove, None)).is_some());
        }
        assert_eq!(endangered(change("Gateway", ChangeAction::Modify, Some(Replacement::True))), None);
    }

    #[test]
    fn a_change_is_a_line() {
        let changes = vec![
            change("Bucket", ChangeAction::Add, None),
            change("Gate\u{1b}way", ChangeAction::Modify, Some(Replacement::True)),
            change("Old", ChangeAction::Remove, None),
        ];
        let lines: Vec<_> = Changes { set: String::new(), changes }.lines().collect();
        assert_eq!(lines[0], "+ Bucket AWS::Some::Thing");
        assert!(lines[1].starts_with("~ Gate") && lines[1].ends_with("(replaced)") && !lines[1].contains('\u{1b}'));
        assert_eq!(lines[2], "- Old AWS::Some::Thing");
    }
}
