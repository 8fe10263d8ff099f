//! A personal cloud in the AWS account of whoever runs this: a stack of the template, with the gateway as a function.

mod aws;
mod code;
mod stack;

use imegha_cloud::protocol::OwnerText;
use imegha_crypto::Hash;

use super::connect;
use crate::arguments::{Deploy, ForAll};
use crate::failure::{Code, Failure, Result};
use crate::folder::Folder;
use crate::open_cloud::open_account;
use crate::output::{print, say};
use crate::question::says_yes;
use crate::session::{Session, signed_out};
use aws::Account;
use code::CodeBucket;
use stack::{Ready, Stack};

/// Makes the stack, or brings it up to date. What would change is shown first, and done only with a yes.
pub(super) async fn deploy(folder: &Folder, deploy: Deploy, all: ForAll) -> Result<()> {
    let zip = code::read(&deploy.zip)?;
    let origin = match &deploy.app_origin {
        Some(origin) => origin.clone(),
        None => Session::load(folder)?.ok_or_else(signed_out)?.server,
    };
    if origin.scheme() != "https" {
        let words = "the bucket takes requests of pages at https addresses alone: say with --app-origin where the app is served from";
        return Err(Failure::usage(words));
    }
    let opened = open_account(folder, all.password_stdin).await?;
    let owner = OwnerText::from(opened.account.history.first());

    let account = Account::open(deploy.region.clone()).await?;
    say(all.quiet, &format!("account {} in {}", account.id, account.region))?;
    let stack = Stack::new(&account, &deploy.stack);
    let is_new = stack.is_new().await?;
    let bucket = CodeBucket::of(&account, deploy.code_bucket.as_deref());
    let key = format!("gateway-{}.zip", &Hash::of(&zip).to_string()[..16]);
    let parameters = [
        ("Owner", Some(owner.to_string())),
        ("AppOrigin", Some(origin.origin().ascii_serialization())),
        ("GatewayCodeBucket", Some(bucket.name.clone())),
        ("GatewayCodeKey", Some(key.clone())),
        ("GatewayAddress", deploy.gateway_address.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned())),
        ("AlarmEmail", deploy.alarm_email.clone()),
    ];
    match stack.prepare(is_new, &parameters).await? {
        Ready::Unchanged => say(all.quiet, "the stack is as it should be")?,
        Ready::ToBeDone(changes) => {
            for line in changes.lines() {
                print(&line)?;
            }
            if let Some(resource) = changes.endangered() {
                stack.drop_change_set(&changes, is_new).await?;
                let words =
                    format!("AWS would replace or remove {resource}, which holds the cloud: nothing was changed");
                return Err(Failure::new(Code::Failed, words));
            }
            let agreed = if deploy.dry_run { Ok(false) } else { agreed(deploy.yes) };
            // What the change set names must be there only when it is executed: whoever says no has nothing of it.
            let sent = match agreed {
                Ok(true) => bucket.send(&key, zip).await.map(|()| true),
                other => other,
            };
            if !matches!(sent, Ok(true)) {
                stack.drop_change_set(&changes, is_new).await?;
                return sent.and_then(|_| say(all.quiet, "nothing was changed"));
            }
            stack.execute(&changes, is_new, |line| say(all.quiet, line)).await?;
        }
    }
    if deploy.dry_run {
        return Ok(());
    }
    let outputs = stack.outputs().await?;
    for (name, value) in &outputs {
        print(&format!("{name} {value}"))?;
    }
    say(all.quiet, KEPT)?;
    let gateway = outputs.iter().find(|(name, _)| name == "GatewayUrl").and_then(|(_, value)| value.parse().ok());
    let gateway = gateway.ok_or_else(|| Failure::new(Code::Failed, "the stack does not say where its gateway is"))?;
    match deploy.connect {
        true => connect::take(&opened, folder, gateway, all).await,
        false => say(all.quiet, &format!("next: `imegha connect-cloud {gateway}`, or `imegha migrate --to {gateway}`")),
    }
}

fn agreed(yes: bool) -> Result<bool> {
    let nobody = "changing an AWS account needs --yes where nobody can be asked; --dry-run shows what would change";
    if yes { Ok(true) } else { says_yes("Do this in your AWS account?", nobody) }
}

/// What it costs, and what stays.
const KEPT: &str = "\
nothing of this costs by the hour: AWS bills what is stored and what is asked for (`imegha usage` estimates it). Deleting the stack \
leaves bucket and table as they are, and the bucket of the program";
