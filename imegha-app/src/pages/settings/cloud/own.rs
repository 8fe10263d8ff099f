//! How to make a cloud in an AWS account of one's own.

use imegha_worker::protocol::Place;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bridge::page;
use crate::components::{Icon, Shape};

/// The ways there, with what each of them asks for.
#[component]
pub(super) fn Own(
    /// Whose cloud it is to be, and the link if there is one.
    place: Place,
) -> impl IntoView {
    let Place { owner, quick_create, cloud, .. } = place;
    let has_cloud = cloud.is_some();
    let origin = page::origin();
    let is_secure = origin.starts_with("https://");
    let by_link = quick_create.map(|link| {
        view! {
            <div class="choice">
                <h3>"In the AWS console"</h3>
                <p>"Everything is filled in. AWS shows what would be made, and asks before it makes it."</p>
                <a class="button" data-testid="quick-create" href=link target="_blank" rel="external noopener noreferrer">
                    <Icon shape=Shape::Open/>
                    "Open the AWS console"
                </a>
            </div>
        }
    });
    view! {
        <h2 class="cloud-part">"Make one in your AWS account"</h2>
        <p>
            "It is a bucket and a table that hold nothing but what is sealed, and a small program before them. What it costs depends on what \
             you store: the page Storage says how much. When it is made, its output " <strong>"GatewayUrl"</strong> " is the address to connect."
        </p>
        <div class="choices ways">
            {by_link}
            <div class="choice">
                <h3>"In a terminal"</h3>
                <p>
                    {if has_cloud { "Shows what would be made and asks. " } else { "Shows what would be made and asks, then connects it. " }}
                    "The zip is the gateway's program; the README of iMegha says how it is built."
                </p>
                <Line id="deploy-line" what="command" text=deploy(has_cloud)/>
                {has_cloud.then(|| view! {
                    <p>"Then move your cloud there, to the address that it prints:"</p>
                    <Line id="deploy-move-line" what="second command" text="imegha migrate --to ADDRESS".to_owned()/>
                })}
            </div>
            <div class="choice">
                <h3>"By hand"</h3>
                <p>"Make a stack of this template in CloudFormation. It asks for the owner and for the address of this app:"</p>
                <a class="button quiet" data-testid="template" href="/personal-cloud.yaml" download="personal-cloud.yaml" rel="external">
                    <Icon shape=Shape::Download/>
                    "Save the template"
                </a>
                <Line id="app-origin" what="address" label="AppOrigin" text=origin/>
                {(!is_secure).then(|| view! {
                    <p class="fine" data-testid="not-secure">
                        "AWS lets in pages that come by https. Yours does not: give this server an https address first."
                    </p>
                })}
                <Line id="owner" what="owner" label="Owner" text=owner/>
                <p class="fine">"Owner is your public key. It is no secret, and the gateway answers to nobody else."</p>
            </div>
        </div>
    }
}

/// The command that makes one. It connects only who has no cloud yet: what is elsewhere has to move.
fn deploy(has_cloud: bool) -> String {
    let connect = if has_cloud { "" } else { " --connect" };
    format!("imegha deploy --zip imegha-gateway-lambda.zip{connect}")
}

/// A text to take along, with a button that copies it.
#[component]
pub(super) fn Line(
    /// For tests, and its button's (`…-copy`).
    id: &'static str,
    /// What it is, for who does not see it.
    what: &'static str,
    /// What it is called.
    #[prop(optional)]
    label: &'static str,
    /// The text.
    text: String,
) -> impl IntoView {
    let said = RwSignal::new("");
    let copied = text.clone();
    let copy = move |_| {
        let text = copied.clone();
        spawn_local(async move {
            let went = page::copy(&text).await;
            said.try_set(if went { "Copied." } else { "The browser did not let it be copied." });
        });
    };
    view! {
        {(!label.is_empty()).then(|| view! { <p class="line-label">{label}</p> })}
        <div class="line-to-copy">
            <code translate="no" data-testid=id>{text}</code>
            <button type="button" class="icon-button" data-testid=format!("{id}-copy") aria-label=format!("Copy the {what}") on:click=copy>
                <Icon shape=Shape::Copy/>
            </button>
        </div>
        <p class="fine" aria-live="polite">{said}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_cloud_is_not_told_to_connect_an_empty_one() {
        assert!(deploy(false).ends_with(" --connect"));
        assert!(!deploy(true).contains("--connect"));
    }
}
